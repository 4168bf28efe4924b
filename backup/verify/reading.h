/*
 * The reading back of a set.
 *
 *     groups        side by side with
 *     objects       that lie there as they are: the ones need the processors,
 *                   the others the disk
 *     segments      once more as they are stored, out of the cache
 *     the dump, and all that only the lists tell how to read
 */
#ifndef GONOGO_BACKUP_VERIFY_READING_H
#define GONOGO_BACKUP_VERIFY_READING_H

#include "backup/verify/case.h"
#include "backup/verify/sample.h"

/* DUMP says which of the dump's files are read, too (groups_check_dump).
 * SYSTEM, STOPPED; all else is a flaw. */
bool reading_check(struct verify *v, const struct sample *dump,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
