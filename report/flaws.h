/*
 * What does not hold, line by line: everything is looked at and each mismatch
 * named, before anything is answered.
 */
#ifndef GONOGO_REPORT_FLAWS_H
#define GONOGO_REPORT_FLAWS_H

#include <glib.h>

/* Gives an empty list of strings. */
GPtrArray *flaws_new(void);

void flaws_add(GPtrArray *flaws, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Warns of each; gives EXITS_INVALID when there is one, else EXITS_DONE. */
int flaws_tell(const GPtrArray *flaws);

#endif
