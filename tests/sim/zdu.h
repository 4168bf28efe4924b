/*
 * Rolling-upgrade mode ("ZDU").  The state is computed, never kept:
 *
 *     mode off                              STABLE, or UPGRADE_TASKS_FAILED
 *     a node in ERROR, or several versions  MIXED
 *     all of the original version           READY_TO_UPGRADE
 *     all of another                        READY_TO_RUN_UPGRADE_TASKS
 *     finalising                            RUNNING_UPGRADE_TASKS
 *
 * Members of an earlier life stay listed as OFFLINE while the mode is on.
 */
#ifndef GONOGO_SIM_ZDU_H
#define GONOGO_SIM_ZDU_H

#include "tests/sim/route.h"

extern const struct route zdu_routes[];

const char *zdu_state(const cluster *c);
/* NODE's life ends: upgrade mode remembers it. */
void zdu_node_left(cluster *c, const struct node *node);
/* May NODE, with its version, become a member? */
bool zdu_may_join(const cluster *c, const struct node *node);
void zdu_settle(cluster *c);
/* Merges the settings of WISH (README.md). */
void zdu_set(cluster *c, const json *wish);
json *zdu_json(const cluster *c);

#endif
