/*
 * What people took upon themselves, and what the verdict would be without.
 */
#ifndef GONOGO_REPORT_RENDER_WAIVED_H
#define GONOGO_REPORT_RENDER_WAIVED_H

#include "contract/verdict.h"

/* Sets `waivers`: {without, list}; nothing where no waiver was handed in. */
void waived_set(json *model, const struct verdict *v);

#endif
