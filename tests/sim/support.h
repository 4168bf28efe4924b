/*
 * The support tools: health checks and pre-upgrade planning.
 */
#ifndef GONOGO_SIM_SUPPORT_H
#define GONOGO_SIM_SUPPORT_H

#include "tests/sim/route.h"

extern const struct route support_routes[];

#endif
