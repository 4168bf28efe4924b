/* What the figures come to: may a node be away? */
#ifndef GONOGO_AUDIT_CAPACITY_JUDGE_H
#define GONOGO_AUDIT_CAPACITY_JUDGE_H

#include "audit/capacity/tell.h"

enum {
	DAYS_LEAST = 3,   /* fewer tell nothing */
	DAYS_ENOUGH = 14, /* fewer tell less */
	COVERAGE_LEAST = 990,
	FAR_MOST = 50, /* permille of requests that check one may miss */
};

/* Sets the state and its reasons. */
void capacity_judge(const struct looking *l,
    const struct capacity_options *options, struct capacity *out);

#endif
