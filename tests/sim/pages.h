/*
 * What everybody sees: projects, pages, the banner; refused while locked.
 */
#ifndef GONOGO_SIM_PAGES_H
#define GONOGO_SIM_PAGES_H

#include "tests/sim/route.h"

extern const struct route pages_routes[];

#endif
