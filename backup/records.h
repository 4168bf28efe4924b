/*
 * A set's own records, held against each other before they are believed:
 *
 *     SNAPSHOT.sha256 -> SNAPSHOT.json -> SHA256SUMS -> all in the folder
 *
 * What they say of files is then held against each file while it is read.
 */
#ifndef GONOGO_BACKUP_RECORDS_H
#define GONOGO_BACKUP_RECORDS_H

#include "backup/store/set.h"

/* DATA: the first one that is not as it was written, with a hint.  SYSTEM. */
bool records_check(const store *s, const struct set *set,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
