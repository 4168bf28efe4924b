/*
 * The maintenance lock and the backup task behind it.
 *
 *     unlocked --lock--> locked --start--> RUNNING: draining, drained
 *         ^                 ^                 |-- progress 100 --> SUCCESSFUL
 *         |                 +-----------------+-- cancel ----> CANCELED
 *         +-- unlock -------+                 +-- on command -> FAILED
 *
 * The drain is latched when the task starts; Git operations end one by one,
 * and the database lets go.  An unlock while the task is RUNNING leaves the
 * task behind: it stays until it is told 100 or cancelled.
 */
#ifndef GONOGO_SIM_MAINTENANCE_H
#define GONOGO_SIM_MAINTENANCE_H

#include "tests/sim/route.h"

extern const struct route maintenance_routes[];

bool maintenance_is_locked(const cluster *c);
/* What happened by itself since the last call. */
void maintenance_settle(cluster *c);
/* The backup task fails now.  False: none is running. */
bool maintenance_fail_task(cluster *c);
/* An administrator at the console gives the lock back, without a token. */
void maintenance_break(cluster *c);
/* Merges the settings of WISH (README.md). */
void maintenance_set(cluster *c, const json *wish);

json *maintenance_json(const cluster *c);

#endif
