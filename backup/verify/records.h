/*
 * A set's records against each other, against the set before it, and against
 * what else lies in its folder.
 */
#ifndef GONOGO_BACKUP_VERIFY_RECORDS_H
#define GONOGO_BACKUP_VERIFY_RECORDS_H

#include "backup/verify/case.h"

/* SNAPSHOT.json against its checksum, and what it says of the lists. */
void records_check_own(struct verify *v);

/* Against the records of the sets before it.  SYSTEM. */
bool records_check_chain(
    struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Do the lists add up to the root that the record names? */
void records_check_root(struct verify *v);

/* Files in the set's folder that no list names.  SYSTEM. */
bool records_check_folder(
    struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
