/*
 * All that comes before the first byte is copied: the watchdog, what an
 * earlier run may have left, the preflight, store and home.
 */
#ifndef GONOGO_BACKUP_PREPARE_H
#define GONOGO_BACKUP_PREPARE_H

#include "backup/job.h"

/*
 * LOCK_S: a lock may last so long.  Must come before the first thread: it
 * forks.  Errors are of the kinds that `create` tells in its help.
 */
bool prepare(
    struct job *j, int64_t lock_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
