/*
 * The first line of an entry; those behind it that are none belong to it.
 *
 *     2026-02-03 14:05:09,118 WARN  [exec-12] jdoe *7QKx845x1203x4 9f3kz1
 *         192.0.2.10 "GET /x HTTP/1.1" c.a.s.i.GitExitHandler DEMO/a[42]: text
 *     stamp                   level [thread]  what asked for it ...
 *         ...                          logger                 message
 *
 * What users write (names, paths) stands before the logger: a search that does
 * not want it begins there.  docs/sources.md#logs
 */
#ifndef GONOGO_AUDIT_LOGS_HEAD_H
#define GONOGO_AUDIT_LOGS_HEAD_H

#include <stdint.h>

#include "audit/logs/kind.h"

struct head {
	int64_t local_s; /* seconds as if its clock were UTC; -1: no stamp */
	enum log_level level;
	size_t thread, thread_length;   /* offsets in the line */
	size_t logger, logger_length;   /* length 0: there is none */
	size_t message;                 /* behind the logger */
	size_t request, request_length; /* the request's id; 0: none */
};

/* Does an entry of a log of this KIND begin with LINE?  Of logs without
 * grammar each line is one. */
bool head_is(enum log_kind kind, const char *line, size_t length);

/* Takes apart what head_is() said yes to. */
void head_read(
    enum log_kind kind, const char *line, size_t length, struct head *h);

/* Does a head of KIND begin with its stamp, and which?  -1: it has none. */
int64_t head_stamp(enum log_kind kind, const char *line, size_t length);

/* Of what head_is() said yes to, the level alone. */
enum log_level head_level(enum log_kind kind, const char *line, size_t length);

/* Where the stamp's date begins in a head of KIND; LENGTH: there is none. */
size_t head_stamp_at(enum log_kind kind, const char *line, size_t length);

/* Where the last line that is a head begins in LENGTH bytes, of which the first
 * line counts for none; 0: there is none. */
size_t head_last(enum log_kind kind, const char *bytes, size_t length);

/* Days since 1970 of a date of the calendar; -1: there is no such. */
int64_t head_days(int year, int month, int day);

/* Is it a request's id ("*7QK2MXx845x1203x4")? */
bool head_is_request(const char *text, size_t length);

#endif
