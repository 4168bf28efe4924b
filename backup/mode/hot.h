/*
 * What a hot backup does, which every other one can fall back to: it copies
 * while users work.
 */
#ifndef GONOGO_BACKUP_MODE_HOT_H
#define GONOGO_BACKUP_MODE_HOT_H

#include "backup/job.h"

/* The objects that are there now. */
bool hot_first(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The refs, once the mount shows what was there at the point. */
bool hot_sweep(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
