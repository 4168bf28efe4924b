/*
 * A set's groups: what their entries claim of stored files, and the plain bytes
 * of their small files.
 */
#ifndef GONOGO_BACKUP_VERIFY_GROUPS_H
#define GONOGO_BACKUP_VERIFY_GROUPS_H

#include "backup/verify/case.h"
#include "backup/verify/sample.h"

/*
 * Goes through the entries of every group, several at a time: what they claim
 * of objects and segments is in v->stored then.  Of the chosen groups the
 * small files are read back, and the objects are marked to be read.  SYSTEM,
 * STOPPED; all else is a flaw.
 */
bool groups_check(struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for the objects that the dump is made of; SAMPLE (NULL: none) says
 * which of them are to be read. */
bool groups_check_dump(struct verify *v, const struct sample *sample,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
