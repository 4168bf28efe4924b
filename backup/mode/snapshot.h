/*
 * The home is copied from a snapshot of its file system, which the site's
 * hooks make right after the point of the database; nobody is locked out.
 *
 *     STATE/snapshots/<name>/   $GONOGO_MOUNT; there as long as the snapshot
 *                               may be, so that the next run takes away what a
 *                               crash left
 */
#ifndef GONOGO_BACKUP_MODE_SNAPSHOT_H
#define GONOGO_BACKUP_MODE_SNAPSHOT_H

#include "backup/job.h"

/* Takes away what earlier runs left, and runs `pre`. */
bool snapshot_first(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the snapshot, once, and reads the refs in it. */
bool snapshot_sweep(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
