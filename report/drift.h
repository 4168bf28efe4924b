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
 * UNKNOWN, never "no difference".
 */
GPtrArray *drift_of(const struct facts *approved, const struct facts *live);

#endif
