/* What was found, on its way into the document. */
#ifndef GONOGO_AUDIT_CAPACITY_TELL_H
#define GONOGO_AUDIT_CAPACITY_TELL_H

#include "audit/capacity/load.h"
#include "audit/capacity/options.h"
#include "audit/capacity/window.h"
#include "audit/logs/input.h"
#include "contract/capacity.h"

struct looking {
	const struct log_inputs *inputs;
	GTimeZone *zone;
	struct traffic traffic; /* at last: the demand */
	struct load load;
	unsigned app[NODES_MOST], apps; /* nodes that hold tickets */
	unsigned tickets[NODES_MOST], cores_milli[NODES_MOST];
	uint64_t weights[NODES_MOST];
	GArray *absences; /* struct absence: found in the logs */
	int64_t step_s, drain_s;
	const char *step_from;
	uint64_t requests, waited_before;
	unsigned passed_over;
	struct replayed *optimistic, *pessimistic; /* by node that is away */
	struct windows windows;
};

/* Fills the empty *OUT with all but the judgement. */
void capacity_tell(const struct looking *l,
    const struct capacity_options *options, struct capacity *out);

/* The seconds that PERMILLE of a node's minutes do not need to drain. */
int64_t drain_of(const struct node_load *n, size_t minutes, unsigned permille);

#endif
