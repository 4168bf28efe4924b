/*
 * From a request on a node's port to its handler: what is up, who asks, how
 * often, and whether the cluster is locked, in this order.
 */
#ifndef GONOGO_SIM_ROUTES_H
#define GONOGO_SIM_ROUTES_H

#include "tests/sim/route.h"

/* A request to a node. */
void routes_serve(struct request *r, struct reply *reply);

#endif
