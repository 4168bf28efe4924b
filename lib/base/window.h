/*
 * A time of the week, or of each day: "Sat 22:00-02:00", "22:00-02:00", in UTC.
 */
#ifndef GONOGO_BASE_WINDOW_H
#define GONOGO_BASE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* Is TEXT of that form? */
bool window_is_valid(const char *text);

/*
 * Seconds that are left of WINDOW at NOW; 0: it is not open.  NULL is any
 * time: INT64_MAX.  WINDOW is valid; one that
 * ends when it begins lasts a day.
 */
int64_t window_left_s(const char *window, int64_t now);

#endif
