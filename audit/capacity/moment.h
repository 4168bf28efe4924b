/*
 * Minutes of the week, in local time; Monday 00:00 is 0.
 */
#ifndef GONOGO_AUDIT_CAPACITY_MOMENT_H
#define GONOGO_AUDIT_CAPACITY_MOMENT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { WEEK_MINUTES = 7 * 1440, WEEK_HOURS = 7 * 24 };

/* Of a local time, as if it were UTC; *week counts from 1970. */
unsigned week_minute(int64_t local_s, int64_t *week);

/* The moment, UTC, at which MINUTE comes next after AFTER_S. */
int64_t window_next(GTimeZone *zone, unsigned minute, int64_t after_s);

/* Reads "Sat 02:00" or "Sat 02:00-06:00"; false: it is none. */
bool window_parse(const char *text, unsigned *minute);
/* Gives "Sat 02:00". */
char *window_text(unsigned minute);

#endif
