/*
 * Which reasons to show first: four checks that fail for one cause, mended by
 * one command, are one thing to a reader.
 */
#ifndef GONOGO_REPORT_RENDER_LEADS_H
#define GONOGO_REPORT_RENDER_LEADS_H

#include "contract/verdict.h"

/*
 * Gives up to MOST of REASONS (struct reason *, borrowed; may be NULL), in
 * their order, no two with the same message and remedy.
 */
GPtrArray *leads_of(const GPtrArray *reasons, guint most);

#endif
