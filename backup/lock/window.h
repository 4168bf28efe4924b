/*
 * When Bitbucket may be locked: "Sat 22:00-02:00", "22:00-02:00", in UTC.
 */
#ifndef GONOGO_BACKUP_LOCK_WINDOW_H
#define GONOGO_BACKUP_LOCK_WINDOW_H

#include <stdint.h>

/*
 * Seconds that are left of WINDOW at NOW; 0: it is not open.  NULL is any
 * time: INT64_MAX.  WINDOW is of the form that the settings accept; one that
 * ends when it begins lasts a day.
 */
int64_t window_left_s(const char *window, int64_t now);

#endif
