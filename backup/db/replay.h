/*
 * A standby server shows what it has replayed: under a lock it has to catch up
 * with all that was written before.
 */
#ifndef GONOGO_BACKUP_DB_REPLAY_H
#define GONOGO_BACKUP_DB_REPLAY_H

#include "backup/db/login.h"

/* Does PRIMARY, which the settings name beside STANDBY, write, and the same
 * database?  USAGE, with what to name; REMOTE. */
bool replay_check(const struct db_login *standby,
    const struct db_login *primary, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Waits up to MOST_S seconds until STANDBY has replayed what PRIMARY has
 * written by now.  *REACHED: it has.  STOPPED, REMOTE.
 */
bool replay_wait(const struct db_login *standby, const struct db_login *primary,
    unsigned most_s, bool *reached, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
