/*
 * The first screen: may we go, why not, can we come back, what was not
 * checked, what expires next, and the cluster as it stands.
 */
#ifndef GONOGO_REPORT_RENDER_SUMMARY_H
#define GONOGO_REPORT_RENDER_SUMMARY_H

#include "contract/verdict.h"

/* What the pages are made of; borrowed. */
struct summary {
	const struct facts *facts;
	const struct findings *findings;
	const struct verdict *verdict;
	const struct policy *policy;
};

/* Each sets its own members of the page's model. */
void summary_set_answer(json *model, const struct summary *s);
void summary_set_reasons(json *model, const struct summary *s);
void summary_set_return(json *model, const struct summary *s);
void summary_set_expiries(json *model, const struct summary *s);
void summary_set_nodes(json *model, const struct summary *s);

#endif
