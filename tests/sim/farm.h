/*
 * What stands beside the cluster: mirrors and Mesh nodes.
 */
#ifndef GONOGO_SIM_FARM_H
#define GONOGO_SIM_FARM_H

#include "tests/sim/route.h"

extern const struct route farm_routes[];

#endif
