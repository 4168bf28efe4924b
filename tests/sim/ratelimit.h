/*
 * Rate limiting: a token bucket per user and node, when it is switched on.
 */
#ifndef GONOGO_SIM_RATELIMIT_H
#define GONOGO_SIM_RATELIMIT_H

#include "tests/sim/route.h"

/* Spends a token of the user that asks.  False: none left, the reply is 429. */
bool ratelimit_spend(struct request *r, struct reply *reply);

extern const struct route ratelimit_routes[];

#endif
