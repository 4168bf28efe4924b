/*
 * Is the cluster still what was approved, and may a rolling upgrade begin on
 * it now?  Pure: the approved facts and the live ones in, differences out.
 */
#ifndef GONOGO_REPORT_DRIFT_H
#define GONOGO_REPORT_DRIFT_H

#include "contract/facts.h"

struct drift {
	int code;   /* EXITS_DRIFT, EXITS_UNKNOWN (not seen), EXITS_HOLD */
	char *text; /* names the thing, what it was and what it is */
};
void drift_free(gpointer drift);

/*
 * Gives a list of struct drift *; empty: nothing differs.  Compared are nodes
 * (by name: version, state), ZDU state, upgrade mode, lock, apps (key, version,
 * enabled) and licence.  What the approval rests on and the live facts lack is
 * UNKNOWN, never "no difference".  BEGUN: upgrade mode may be on already.
 */
GPtrArray *drift_of(
    const struct facts *approved, const struct facts *live, bool begun);

/*
 * The same of what must not change while nodes are upgraded one by one: apps
 * (but for Bitbucket's own) and licence.  Nodes and states: rollout.h.
 */
GPtrArray *drift_while_rolling(
    const struct facts *approved, const struct facts *live);

/* Adds a difference to LIST. */
void drift_add(GPtrArray *list, int code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* WHAT was not seen; SOURCE is where it would have come from. */
void drift_unseen(GPtrArray *list, const struct facts *live, const char *what,
    const char *source);

/* Does the node's STATE pass by itself? */
bool drift_passes(const char *state);

#endif
