/*
 * The simulator: the cluster, the faults that lie in wait for its answers, a
 * second instance to answer in its place, and the journal; one lock for all.
 */
#ifndef GONOGO_SIM_SIM_H
#define GONOGO_SIM_SIM_H

#include "tests/sim/faults.h"
#include "tests/sim/journal.h"

typedef struct sim sim;
struct sim {
	GMutex lock;
	cluster *cluster;
	cluster *stranger; /* another instance, for FAULT_OTHER_HOST */
	struct faults *faults;
	struct journal journal;
	guint turn; /* the balancer's */
};

/* Takes CLUSTER and STRANGER. */
sim *sim_new(cluster *c, cluster *stranger);
void sim_free(sim *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sim, sim_free)

/* What happened by itself: nodes that come and go, tasks that end.  The
 * caller holds the lock. */
void sim_settle(sim *s);

/* Is the port of NODE open?  The caller holds the lock. */
bool sim_listens(const sim *s, const char *node);

#endif
