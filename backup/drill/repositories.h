/*
 * The restored repositories, held against what the backup saw.
 */
#ifndef GONOGO_BACKUP_DRILL_REPOSITORIES_H
#define GONOGO_BACKUP_DRILL_REPOSITORIES_H

#include "backup/drill/case.h"

/*
 * Each repository that the evidence tells of is there, with as many refs and as
 * many different tips as were swept; `git fsck --connectivity-only` of every
 * one, or of the sample.  What is not so is a flaw.  SYSTEM: git; STOPPED.
 */
bool repositories_check(
    struct drill *d, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
