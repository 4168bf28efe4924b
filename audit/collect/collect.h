/*
 * A whole collection: a bundle with policy, packs, raw replies and facts.
 */
#ifndef GONOGO_AUDIT_COLLECT_COLLECT_H
#define GONOGO_AUDIT_COLLECT_COLLECT_H

#include "audit/collect/row.h"
#include "contract/settings.h"

struct collection {
	const struct settings *settings;
	enum profile profile;
	const char *bundle; /* a new or empty folder */
	const char *from;   /* a bundle or a shared home; NULL: live */
	bool answered;      /* out: a node gave a reply, or `from` did */
};

/*
 * Fills C->bundle and the empty *FACTS.  What could not be seen is among the
 * facts.  USAGE: settings that can't be used.  SYSTEM: the bundle can't be
 * written.
 */
bool collect_all(struct collection *c, struct facts *facts,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
