/*
 * A look over all repository folders of a shared home: which are there, whose
 * alternates lead nowhere, where a lock was left behind.
 */
#ifndef GONOGO_AUDIT_COLLECT_REPOSITORIES_H
#define GONOGO_AUDIT_COLLECT_REPOSITORIES_H

#include "base/json.h"

/*
 * Gives {ids, broken_alternates {count, some}, stale_locks {count, some},
 * complete}; complete is false when the time for it (a minute) was not enough.
 * A lock is stale after an hour.  SYSTEM: cannot read the folder.
 */
json *repositories_look(
    const char *home, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
