/*
 * The control port: what a test does to the cluster, and what it asks of it.
 * README.md beside this file tells the verbs.
 */
#ifndef GONOGO_SIM_CONTROL_H
#define GONOGO_SIM_CONTROL_H

#include "tests/sim/sim.h"

/* The caller holds the lock of S. */
void control_serve(sim *s, struct request *r, struct reply *reply);

#endif
