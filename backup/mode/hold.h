/*
 * Nothing writes: Bitbucket is locked and drained.  When that can't be had, or
 * does not last, the backup goes on as a hot one, and says so.
 */
#ifndef GONOGO_BACKUP_MODE_HOLD_H
#define GONOGO_BACKUP_MODE_HOLD_H

#include "backup/job.h"

/* Locks and waits until it is drained; nothing to do when it is held. */
bool hold_take(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives it back.  The set's record tells how long users were locked out. */
bool hold_let_go(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For Bitbucket's maintenance page; 99 at most. */
void hold_progress(struct job *j, unsigned percentage);

#endif
