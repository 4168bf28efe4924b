/*
 * The checklist: every finding, in the order of the steps of the vendor's
 * rolling-upgrade guide, docs/sources.md#guide.
 */
#ifndef GONOGO_REPORT_RENDER_CHECKLIST_H
#define GONOGO_REPORT_RENDER_CHECKLIST_H

#include "contract/finding.h"

/*
 * Gives the steps as an array: {number, title, asks, state, count, marks,
 * findings}; a step that no rule judged has no `findings`.
 */
json *checklist_write(const struct findings *findings);

/* The title of the step that the check KEY ("APPS-unknown/x") belongs to. */
const char *checklist_step(const char *key);

/* Gives the anchor of the finding KEY in the page; NULL: no such finding. */
char *checklist_anchor(const struct findings *findings, const char *key);

#endif
