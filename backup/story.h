/*
 * A backup from the first look to the committed set: one order for all modes.
 *
 *     prepare .. first harvest .. (files) .. [hold] .. point T0 .. sweep ..
 *     [let go] .. dump or (WAL) .. save .. [finish] .. prove .. cross-check ..
 *     commit
 *
 * A mode that copies nothing itself does something else instead.
 * What stands in round brackets is a physical copy's; what in square ones, and
 * how the rest of the words is meant, is the mode's own (backup/mode/mode.h).
 */
#ifndef GONOGO_BACKUP_STORY_H
#define GONOGO_BACKUP_STORY_H

#include "backup/job.h"

/*
 * Makes the set of a *j that has its settings, mode and fallback, and is else
 * empty; a lock may last LOCK_S seconds.  Errors are of the kinds that
 * `create` tells in its help; nothing is published then, and Bitbucket is not
 * locked.
 */
bool story(
    struct job *j, int64_t lock_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
