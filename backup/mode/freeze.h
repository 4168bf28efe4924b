/*
 * Locked for the common point alone: the refs are read ahead of the lock, and
 * looked at again under it; objects and rows are copied when users are back.
 */
#ifndef GONOGO_BACKUP_MODE_FREEZE_H
#define GONOGO_BACKUP_MODE_FREEZE_H

#include "backup/job.h"

bool freeze_first(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool freeze_sweep(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A lock that did not last makes it a hot backup, with a sweep of its own. */
bool freeze_let_go(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
