/*
 * Nodes go and come back, by themselves once they were told to.
 *
 *     ACTIVE -> DRAINING -> TERMINATING -> OFFLINE -> STARTING -> ACTIVE
 *                                                          \---> ERROR
 *
 * A node comes back with a new id.  One of another version than the members'
 * joins only in upgrade mode, and only with a higher bug-fix number; else it
 * ends in ERROR.
 */
#ifndef GONOGO_SIM_LIFECYCLE_H
#define GONOGO_SIM_LIFECYCLE_H

#include "tests/sim/cluster.h"

struct journey {
	const char *version; /* of the next life; NULL: as it is */
	int64_t drain_ms, stop_ms, down_ms, start_ms;
	bool stays_down;
};

/* The node drains, stops, and comes back unless it stays down. */
void lifecycle_begin(cluster *c, struct node *node, const struct journey *way);
/* A crash: nobody listens any more from this moment on. */
void lifecycle_crash(cluster *c, struct node *node);
/* A node that is OFFLINE starts. */
void lifecycle_start(
    cluster *c, struct node *node, const char *version, int64_t start_ms);
/* The steps that are due. */
void lifecycle_settle(cluster *c);

#endif
