/*
 * What sets of Mesh nodes in the same store hold of the repositories that do
 * not lie in the shared home.
 */
#ifndef GONOGO_BACKUP_COVER_H
#define GONOGO_BACKUP_COVER_H

#include "backup/store/store.h"

/* A repository in the newest set of one Mesh node. */
struct covered {
	char *hierarchy; /* NULL: not known */
	char *where; /* "set 000005-... of mesh-1, 3 min before the point" */
};

/*
 * Gives id (char *) -> struct covered of what those sets proved whole.  A set
 * whose refs were read more than 15 minutes before POINT, whose evidence is not
 * as it was written, or whose last proof failed, covers nothing.  CLUSTER: of
 * another cluster's sets nothing is taken; NULL: not known.
 */
GHashTable *cover_mesh(const store *s, const char *cluster, int64_t point,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
