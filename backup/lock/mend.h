/*
 * Mends what the record of an earlier run says: unlocks with its token, or
 * finds out that nothing is locked any more.
 */
#ifndef GONOGO_BACKUP_LOCK_MEND_H
#define GONOGO_BACKUP_LOCK_MEND_H

#include "backup/lock/record.h"
#include "port/http.h"

/*
 * Tries for PATIENCE_S seconds by H, a node of the cluster that R names, and
 * removes the record from FOLDER when Bitbucket is not locked by us any more.
 * BUSY: it is still locked, by whom, and what a person can do about it.
 * REMOTE: it could not be unlocked or asked; the record stays.
 */
bool lock_mend(http *h, const char *folder, const struct lock_record *r,
    unsigned patience_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What to do about a lock of OWNER whose token nobody here has: a line that
 * begins with "hint: ".  Gives.
 */
char *lock_by_hand(const char *owner);

#endif
