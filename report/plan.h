/*
 * The steps of one upgrade in their order: nodes as the replayed load puts them
 * (facts.capacity), else as the cluster lists them.
 */
#ifndef GONOGO_REPORT_PLAN_H
#define GONOGO_REPORT_PLAN_H

#include "contract/facts.h"
#include "report/ledger.h"

/* Gives the names of the nodes, borrowed from FACTS, in order. */
GPtrArray *plan_nodes(const struct facts *facts);

/* Gives the phase to ask when PHASE was let through; NULL: there is none. */
char *plan_then(
    const struct facts *facts, const struct ledger *l, struct step phase);

/*
 * Gives the phase that somebody who does not know how far it came has to ask:
 * the last that was let through, where nothing shows yet that it was done.  L
 * may be NULL: open.
 */
char *plan_resume(const struct facts *facts, const struct ledger *l);

#endif
