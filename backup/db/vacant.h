/*
 * The database that a dump is to come back into: one that holds nothing, or
 * that is not there yet.
 */
#ifndef GONOGO_BACKUP_DB_VACANT_H
#define GONOGO_BACKUP_DB_VACANT_H

#include "backup/db/login.h"

/*
 * Is the database of L empty, or not there and may it be made?  To ask before
 * anything else is restored.  USAGE: it holds something, or it can't be made.
 * REMOTE: no connection, no right.
 */
bool vacant_check(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes it if it is not there.  USAGE: it holds something; REMOTE. */
bool vacant_make(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
