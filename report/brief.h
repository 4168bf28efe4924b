/*
 * The verdict for a terminal: at most 15 lines of 80 columns, but for paths,
 * which stay whole.
 */
#ifndef GONOGO_REPORT_BRIEF_H
#define GONOGO_REPORT_BRIEF_H

#include "contract/verdict.h"

/* Gives the text; BUNDLE is named in it.  COLOUR: the answer is coloured. */
char *brief_write(const struct verdict *v, const char *bundle, bool colour);

#endif
