/*
 * A request finds who answers it, and its answer finds the faults.
 */
#ifndef GONOGO_SIM_DISPATCH_H
#define GONOGO_SIM_DISPATCH_H

#include "tests/sim/sim.h"

enum role { ROLE_NODE, ROLE_BALANCER, ROLE_MARKETPLACE, ROLE_CONTROL };

/* How a reply goes out; FAULT_KINDS: whole and at once. */
struct delivery {
	enum fault_kind kind;
	int64_t ms, bytes;
};

/*
 * Answers R, which came to a port of ROLE, NODE's if it is a node's; fills its
 * cluster and node.  A path of NULL is one outside the context.  The reply ends
 * up as text, with its Date.
 */
void dispatch(sim *s, enum role role, const char *node, struct request *r,
    struct reply *reply, struct delivery *delivery);

#endif
