/*
 * A set's physical copy of a database server, looked at by PostgreSQL.
 */
#ifndef GONOGO_BACKUP_VERIFY_START_H
#define GONOGO_BACKUP_VERIFY_START_H

#include "backup/verify/case.h"
#include "contract/settings.h"

/*
 * Lays it into a scratch folder, has pg_verifybackup check it, starts a private
 * server on it and reads every row.  What is wrong with it is a flaw; nothing
 * to do for other sets.  No thread may run.  SYSTEM: no room, no PostgreSQL of
 * that version here; STOPPED.
 */
bool start_check(struct verify *v, const struct settings *s,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
