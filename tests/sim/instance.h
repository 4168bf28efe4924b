/*
 * What the instance says of itself: status, version, members, licence.
 */
#ifndef GONOGO_SIM_INSTANCE_H
#define GONOGO_SIM_INSTANCE_H

#include "tests/sim/route.h"

extern const struct route instance_routes[];

#endif
