/*
 * The Universal Plugin Manager: installed apps, and the update check.
 */
#ifndef GONOGO_SIM_PLUGINS_H
#define GONOGO_SIM_PLUGINS_H

#include "tests/sim/route.h"

extern const struct route plugins_routes[];

#endif
