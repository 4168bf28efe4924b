#include "audit/logs/head.h"

/* ---- digits ---- */

static bool digits(const char *at, int count)
{
	for (int i = 0; i < count; i++)
		if (!g_ascii_isdigit(at[i]))
			return false;
	return true;
}

static int number(const char *at, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++)
		value = value * 10 + (at[i] - '0');
	return value;
}

int64_t head_days(int year, int month, int day)
{
	static const int before[] = {
	    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return -1;
	int64_t past = year - 1;
	int64_t leaps = past / 4 - past / 100 + past / 400 - 477;
	return (int64_t)(year - 1970) * 365 + leaps + before[month - 1] +
	       (leap && month > 2) + day - 1;
}

enum { STAMP = 23 }; /* "2026-02-03 14:05:09,118" */

/* SEPARATOR is between date and time, POINT before the milliseconds. */
static bool is_stamp(const char *at, size_t length, char separator, char point)
{
	return length >= STAMP && at[4] == '-' && at[10] == separator &&
	       at[19] == point && digits(at, 4) && digits(at + 5, 2) &&
	       at[7] == '-' && digits(at + 8, 2) && digits(at + 11, 2) &&
	       at[13] == ':' && digits(at + 14, 2) && at[16] == ':' &&
	       digits(at + 17, 2) && digits(at + 20, 3);
}

static int64_t seconds_of(const char *at)
{
	int64_t days =
	    head_days(number(at, 4), number(at + 5, 2), number(at + 8, 2));
	int hour = number(at + 11, 2), minute = number(at + 14, 2),
	    second = number(at + 17, 2);

	if (days < 0 || hour > 23 || minute > 59 || second > 60)
		return -1;
	return days * 86400 + hour * 3600 + minute * 60 + second;
}

/* ---- is it a head? ---- */

static const char *const level_words[] = {
    [LEVEL_TRACE] = "TRACE",
    [LEVEL_DEBUG] = "DEBUG",
    [LEVEL_INFO] = "INFO",
    [LEVEL_WARN] = "WARN",
    [LEVEL_ERROR] = "ERROR",
};

static bool has_word(const char *at, size_t length, const char *word)
{
	size_t n = strlen(word);

	return length >= n && memcmp(at, word, n) == 0;
}

/* Of "WARN  [..." the level. */
static enum log_level level_at(const char *at, size_t length)
{
	enum log_level level = LEVEL_NONE;

	if (length > 0)
		level = *at == 'I'   ? LEVEL_INFO
			: *at == 'W' ? LEVEL_WARN
			: *at == 'E' ? LEVEL_ERROR
			: *at == 'D' ? LEVEL_DEBUG
			: *at == 'T' ? LEVEL_TRACE
				     : LEVEL_NONE;
	return level && has_word(at, length, level_words[level]) ? level
								 : LEVEL_NONE;
}

static bool is_app(const char *line, size_t length)
{
	if (length < STAMP + 6 || line[STAMP] != ' ' ||
	    !is_stamp(line, length, ' ', ','))
		return false;
	size_t at = STAMP;
	while (at < length && line[at] == ' ')
		at++;
	return level_at(line + at, length - at) != LEVEL_NONE;
}

/* "2026-02-03 14:05:09.118 UTC [1234] FATAL:  ..." */
static bool is_pg(const char *line, size_t length)
{
	return length > STAMP && line[STAMP] == ' ' &&
	       is_stamp(line, length, ' ', '.');
}

/* "[2026-02-03T14:05:09,118][WARN ][o.o.c.Thing] ..."; of gc, a dot. */
static bool is_bracketed(const char *line, size_t length, char point)
{
	return length > STAMP + 1 && line[0] == '[' &&
	       is_stamp(line + 1, length - 1, 'T', point);
}

bool head_is(enum log_kind kind, const char *line, size_t length)
{
	switch (kind) {
	case LOG_APP:
	case LOG_MESH:
		return is_app(line, length);
	case LOG_PG:
		return is_pg(line, length);
	case LOG_SEARCH:
		return is_bracketed(line, length, ',');
	case LOG_GC:
		return is_bracketed(line, length, '.');
	default:
		return true;
	}
}

size_t head_last(enum log_kind kind, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	for (const char *line, *until = end; until > bytes; until = line) {
		line = memrchr(bytes, '\n', (size_t)(until - bytes));
		if (!line)
			return 0;
		const char *head = line + 1;
		const char *stop = memchr(head, '\n', (size_t)(end - head));
		const char *limit = stop ? stop : end;
		if (head < limit && head_is(kind, head, (size_t)(limit - head)))
			return (size_t)(head - bytes);
	}
	return 0;
}

/* ---- what asked for it ---- */

static bool is_upper36(char c)
{
	return g_ascii_isdigit(c) || g_ascii_isupper(c);
}

bool head_is_request(const char *text, size_t length)
{
	const char *at = text, *end = text + length;
	int numbers = 0;

	if (at < end && (*at == '@' || *at == '*'))
		at++;
	const char *token = at;
	while (at < end && is_upper36(*at))
		at++;
	if (at == token || at == end || *at != 'x')
		return false;
	/* Without a token the first number is the minute already. */
	if (at - token < 5 || at - token > 9) {
		numbers++;
		for (const char *c = token; c < at; c++)
			if (!g_ascii_isdigit(*c))
				return false;
	}
	while (at < end && *at == 'x') {
		const char *from = ++at;
		while (at < end && g_ascii_isdigit(*at))
			at++;
		if (at == from)
			return false;
		numbers++;
	}
	return at == end && numbers == 3;
}

static size_t word_length(const char *line, size_t at, size_t length)
{
	const char *blank = memchr(line + at, ' ', length - at);

	return blank ? (size_t)(blank - line) - at : length - at;
}

/* A name of classes: words between dots, the last one with a capital. */
static bool is_logger(const char *at, size_t length)
{
	bool dot = false, capital = false;

	if (length < 3 || !g_ascii_isalpha(at[0]))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (at[i] == '.') {
			dot = true;
			capital = false;
		} else if (g_ascii_isupper(at[i])) {
			capital = true;
		} else if (!g_ascii_isalnum(at[i]) && at[i] != '_' &&
			   at[i] != '$' && at[i] != '-') {
			return false;
		}
	}
	return dot && capital;
}

/* Behind a quoted action at AT, and the counters of Mesh "(>5 <5)". */
static size_t behind_action(const char *line, size_t at, size_t length)
{
	for (size_t i = at + 1; i + 1 < length; i++) {
		if (line[i] != '"' || line[i + 1] != ' ')
			continue;
		size_t next = i + 2;
		if (next < length && line[next] == '(') {
			const char *close =
			    memchr(line + next, ')', length - next);
			if (close && close + 1 < line + length)
				next = (size_t)(close - line) + 2;
		}
		if (next < length &&
		    is_logger(line + next, word_length(line, next, length)))
			return next;
	}
	return length;
}

/* Where the logger begins; LENGTH: nowhere. */
static size_t find_logger(
    const char *line, size_t at, size_t length, struct head *h)
{
	while (at < length) {
		size_t word = word_length(line, at, length);
		if (word == 0) {
			at++;
			continue;
		}
		if (line[at] == '"')
			return behind_action(line, at, length);
		if (head_is_request(line + at, word)) {
			if (!h->request_length) {
				h->request = at;
				h->request_length = word;
			}
		} else if (is_logger(line + at, word)) {
			/* A user may be called like a class: then the id of
			 * the request comes behind it. */
			size_t next = at + word + 1;
			if (h->request_length || next >= length ||
			    !head_is_request(
				line + next, word_length(line, next, length)))
				return at;
		}
		at += word + 1;
	}
	return length;
}

/* ---- taking it apart ---- */

static void read_app(const char *line, size_t length, struct head *h)
{
	size_t at = STAMP;

	h->local_s = seconds_of(line);
	while (at < length && line[at] == ' ')
		at++;
	h->level = level_at(line + at, length - at);
	const char *open = memchr(line + at, '[', length - at);
	const char *close =
	    open ? memchr(open, ']', length - (size_t)(open - line)) : NULL;
	if (!close) {
		h->message = MIN(at, length);
		return;
	}
	h->thread = (size_t)(open - line) + 1;
	h->thread_length = (size_t)(close - open) - 1;
	size_t behind = MIN((size_t)(close - line) + 2, length);
	h->logger = find_logger(line, behind, length, h);
	if (h->logger < length) {
		h->logger_length = word_length(line, h->logger, length);
		h->message = MIN(h->logger + h->logger_length + 1, length);
	} else {
		h->logger = h->message = behind;
	}
}

static void read_pg(const char *line, size_t length, struct head *h)
{
	static const struct {
		const char *word;
		enum log_level level;
	} words[] = {{"FATAL:", LEVEL_ERROR}, {"PANIC:", LEVEL_ERROR},
	    {"ERROR:", LEVEL_ERROR}, {"WARNING:", LEVEL_WARN}};
	size_t prefix = MIN(length, (size_t)160);

	h->local_s = seconds_of(line);
	h->level = LEVEL_INFO;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *found =
		    memmem(line, prefix, words[i].word, strlen(words[i].word));
		if (found) {
			h->level = words[i].level;
			h->message = (size_t)(found - line);
			return;
		}
	}
}

static void read_bracketed(const char *line, size_t length, struct head *h)
{
	const char *close = memchr(line, ']', length);

	h->local_s = seconds_of(line + 1);
	if (close && close + 2 < line + length && close[1] == '[')
		h->level =
		    level_at(close + 2, length - (size_t)(close + 2 - line));
}

size_t head_stamp_at(enum log_kind kind, const char *line, size_t length)
{
	const char *at = line, *end = line + length;

	switch (kind) {
	case LOG_APP:
	case LOG_MESH:
	case LOG_PG:
		return 0;
	case LOG_SEARCH:
	case LOG_GC:
		return length > STAMP ? 1 : length;
	case LOG_ACCESS:
		break;
	default:
		return length;
	}
	/* The fifth field; none of the four before it has bars. */
	for (int bar = 0; at && bar < 4; bar++) {
		at = memchr(at, '|', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	return at && at < end &&
		       is_stamp(at + 1, (size_t)(end - at) - 1, ' ', ',')
		   ? (size_t)(at + 1 - line)
		   : length;
}

int64_t head_stamp(enum log_kind kind, const char *line, size_t length)
{
	size_t at = head_stamp_at(kind, line, length);

	return at < length ? seconds_of(line + at) : -1;
}

enum log_level head_level(enum log_kind kind, const char *line, size_t length)
{
	struct head h;

	if (kind == LOG_APP || kind == LOG_MESH) {
		size_t at = STAMP + 1;
		while (at < length && line[at] == ' ')
			at++;
		return level_at(line + at, length - at);
	}
	if (kind != LOG_PG && kind != LOG_SEARCH)
		return LEVEL_NONE;
	head_read(kind, line, length, &h);
	return h.level;
}

void head_read(
    enum log_kind kind, const char *line, size_t length, struct head *h)
{
	*h = (struct head){.local_s = -1};
	switch (kind) {
	case LOG_APP:
	case LOG_MESH:
		read_app(line, length, h);
		return;
	case LOG_PG:
		read_pg(line, length, h);
		return;
	case LOG_SEARCH:
	case LOG_GC:
		read_bracketed(line, length, h);
		return;
	default:
		h->local_s = head_stamp(kind, line, length);
	}
}
