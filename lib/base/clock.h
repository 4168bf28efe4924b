/*
 * Times are whole seconds since 1970 in UTC and read as RFC 3339 with `Z`.
 */
#ifndef GONOGO_BASE_CLOCK_H
#define GONOGO_BASE_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

int64_t clock_now(void);

/* Seconds on a clock that never jumps: for durations only. */
double clock_monotonic(void);

/* Gives "2026-08-01T12:00:00Z". */
char *clock_text(int64_t seconds);

/* Gives "20260801T120000Z", for names of files and folders. */
char *clock_stamp(int64_t seconds);

/* Gives "3 d 4 h", "12 min", "45 s": two units at most, for people. */
char *clock_span(int64_t seconds);

/* Reads RFC 3339 with any offset, or a bare date (midnight UTC).  DATA. */
bool clock_parse(const char *text, int64_t *seconds,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads an HTTP date ("Tue, 18 Aug 2026 09:12:44 GMT").  DATA. */
bool clock_parse_http(const char *text, int64_t *seconds,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
