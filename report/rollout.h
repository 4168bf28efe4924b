/*
 * May this step of a rolling upgrade be taken, on the cluster as it stands?
 * Pure: what was approved, what is there now, and which steps were let through.
 *
 *     waiting: ACTIVE on the old version     gone on: ACTIVE on the target
 *
 * A node's name is its identity: ids do not survive a restart.  Members that
 * are live are held against the plan; an earlier life that stays listed as
 * OFFLINE is nobody.
 */
#ifndef GONOGO_REPORT_ROLLOUT_H
#define GONOGO_REPORT_ROLLOUT_H

#include "contract/facts.h"
#include "report/ledger.h"

struct rollout {
	const struct facts *approved, *live;
	const struct ledger *ledger;
	struct step phase; /* any but open */
};

/* Adds to LIST (struct drift) what nodes and cluster have against it. */
void rollout_judge(GPtrArray *list, const struct rollout *r);

#endif
