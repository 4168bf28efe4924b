/*
 * What the pages are filled in from: one JSON value made of the documents of a
 * bundle, the same for HTML, Markdown and report.json.  Pure; ages count from
 * the verdict's `as_of`, so that the same bundle gives the same page.
 *
 *     facts + findings + verdict + policy --model--> {answer, top, return,
 *         nodes, expiries, steps[findings], unanswered, unjudged, unseen,
 *         pre_existing, sources}
 */
#ifndef GONOGO_REPORT_RENDER_MODEL_H
#define GONOGO_REPORT_RENDER_MODEL_H

#include "contract/verdict.h"

/* Gives the model, schema gonogo.report/1. */
json *model_write(const struct facts *facts, const struct findings *findings,
    const struct verdict *verdict, const struct policy *policy);

#endif
