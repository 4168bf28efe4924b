/*
 * From the local time that a line says to a moment: lines name no zone, and
 * once a year an hour comes twice.
 */
#ifndef GONOGO_AUDIT_CAPACITY_STAMPS_H
#define GONOGO_AUDIT_CAPACITY_STAMPS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { HALF_HOURS = 48, STAMP_BYTES = 23 };

struct stamp_day {
	char date[10];
	int64_t midnight_s;        /* as if local time were UTC */
	int32_t east[HALF_HOURS];  /* seconds; INT32_MIN: not looked up */
	int32_t again[HALF_HOURS]; /* how much later it comes again; 0: not */
};

struct stamps {
	GTimeZone *zone;
	struct stamp_day days[32]; /* by day of the month */
};

/* ZONE is borrowed. */
void stamps_init(struct stamps *s, GTimeZone *zone);

/*
 * The moment of the 23 bytes at STAMP in milliseconds UTC, the first of two;
 * *again is how much later the second is, 0 when there is none.  G_MININT64:
 * there is no such day or time.
 */
int64_t stamps_read(struct stamps *s, const char *stamp, int32_t *again);

/* The offset of local time from UTC at a moment, in seconds. */
int64_t stamps_offset(GTimeZone *zone, int64_t utc_s);

#endif
