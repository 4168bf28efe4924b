/*
 * Rows on their way from the server into objects of the store, by several
 * connections inside one snapshot.
 *
 *     largest part first -> COPY TO STDOUT -> sums -> object
 *
 * A connection that is lost begins its part anew.
 */
#ifndef GONOGO_BACKUP_DB_COPY_H
#define GONOGO_BACKUP_DB_COPY_H

#include "backup/db/keepers.h"
#include "backup/db/portions.h"

/* What ends a data file of a dump, behind its rows. */
#define COPY_END "\\.\n\n\n"

/*
 * Copies all parts of P.  L says how many connections and bytes a second at
 * most.  BUSY: a table was changed while we had let go of it, a standby
 * cancelled us, the snapshot is lost; REMOTE; SYSTEM; STOPPED.
 */
bool copy_all(const struct db_login *l, keepers *k, objects *o, portions *p,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
