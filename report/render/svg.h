/*
 * Small pictures as inline SVG: each says in its <title> what it shows, and
 * says it by shape as well as by colour (classes of report.css).
 */
#ifndef GONOGO_REPORT_RENDER_SVG_H
#define GONOGO_REPORT_RENDER_SVG_H

#include <stdint.h>

#include "report/render/words.h"

/*
 * Gives a row of marks, one for each of the findings (struct finding *), the
 * gravest first: a square for a blocker, a triangle for a warning, an open
 * diamond for what nobody answered, a disc for a pass.
 */
char *svg_marks(const GPtrArray *findings);

/*
 * Gives a scale from 0 to beyond both: a bar as long as AGE_S and a tick at
 * LIMIT_S, seconds.
 */
char *svg_age(int64_t age_s, int64_t limit_s);

#endif
