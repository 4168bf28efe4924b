#include "audit/logs/kind.h"

#include "audit/logs/head.h"

/* docs/sources.md#logs */
const char *const log_kind_names[] = {"app", "access", "audit", "mesh", "gc",
    "search", "launcher", "pg", "other", NULL};
const char *const log_level_names[] = {
    "NONE", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", NULL};

static const struct {
	const char *part; /* of the name without its folders */
	enum log_kind kind;
} parts[] = {
    {"-access", LOG_ACCESS},
    {"audit", LOG_AUDIT},
    {"mesh", LOG_MESH},
    {"gc.log", LOG_GC},
    {"gc-", LOG_GC},
    {"search", LOG_SEARCH},
    {"elastic", LOG_SEARCH},
    {"launcher", LOG_LAUNCHER},
    {"catalina", LOG_LAUNCHER},
    {"hs_err", LOG_LAUNCHER},
    {"postgresql", LOG_PG},
    {"atlassian-bitbucket", LOG_APP},
    {"atlassian-stash", LOG_APP},
};

static const char *const passed_over[] = {
    "-profiler", "-mail", ".hprof", ".jfr", NULL};

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

bool log_kind_is_passed_over(const char *name)
{
	const char *base = base_of(name);

	for (size_t i = 0; passed_over[i]; i++)
		if (strstr(base, passed_over[i]))
			return true;
	return false;
}

enum log_kind log_kind_of_name(const char *name)
{
	const char *base = base_of(name);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
		if (strstr(base, parts[i].part))
			return parts[i].kind;
	return LOG_OTHER;
}

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
