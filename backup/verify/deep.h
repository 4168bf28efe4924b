/*
 * Repositories of a set, laid into a scratch folder and looked at by git.
 */
#ifndef GONOGO_BACKUP_VERIFY_DEEP_H
#define GONOGO_BACKUP_VERIFY_DEEP_H

#include "backup/verify/case.h"

/*
 * Runs `git fsck --connectivity-only` on every chosen repository, with those
 * it borrows from beside it; a repository stays in the scratch folder only as
 * long as it is looked at.  Packs are not copied there: they are links into
 * the store.  SYSTEM: no room in $TMPDIR, with both figures; STOPPED; all else
 * is a flaw.
 */
bool deep_check(struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
