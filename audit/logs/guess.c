#include "audit/logs/guess.h"

#include "audit/logs/head.h"

/* A line with this many bars between blanks is of an access log. */
enum { BARS = 7 };

static bool is_access(const char *line, size_t length)
{
	int bars = 0;

	for (const char *at = line;
	     (at = memmem(at, length - (size_t)(at - line), " | ", 3)); at += 3)
		bars++;
	return bars >= BARS;
}

static enum log_kind kind_of_line(const char *line, size_t length)
{
	static const enum log_kind headed[] = {
	    LOG_APP, LOG_PG, LOG_SEARCH, LOG_GC};

	for (size_t i = 0; i < G_N_ELEMENTS(headed); i++)
		if (head_is(headed[i], line, length))
			return headed[i];
	if (is_access(line, length))
		return LOG_ACCESS;
	return length > 2 && line[0] == '{' && line[1] == '"' ? LOG_AUDIT
							      : LOG_OTHER;
}

enum log_kind log_kind_of_text(const char *bytes, size_t length)
{
	size_t counts[LOG_KINDS] = {0};
	enum log_kind best = LOG_OTHER;

	for (const char *line = bytes, *end = bytes + length; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			break;
		counts[kind_of_line(line, (size_t)(stop - line))]++;
		line = stop + 1;
	}
	counts[LOG_OTHER] = 0;
	for (enum log_kind k = 0; k < LOG_KINDS; k++)
		if (counts[k] > counts[best])
			best = k;
	return best;
}
