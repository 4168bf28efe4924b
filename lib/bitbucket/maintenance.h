/*
 * The maintenance lock and the external backup.  docs/sources.md#maintenance
 *
 *     lock -> backup start -> poll until drained -> ... -> progress 100 ->
 * unlock
 *
 * Only backup/lock/watchdog.c changes anything with it.
 */
#ifndef GONOGO_BITBUCKET_MAINTENANCE_H
#define GONOGO_BITBUCKET_MAINTENANCE_H

#include "port/http.h"

/* POST lock: gives the unlock token, checked to be a non-empty string. */
bool maintenance_lock(
    http *h, char **unlock_token, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* GET lock: *owner is NULL when it is not locked (404), else given. */
bool maintenance_owner(
    http *h, char **owner, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* POST backups?external=true: gives the cancel token. */
bool maintenance_start_backup(http *h, const char *unlock_token,
    char **cancel_token, GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct maintenance_state {
	bool locked; /* false: 404, no maintenance is going on */
	bool db_drained, scm_drained;
	bool task_running;   /* a task is there and RUNNING */
	char task_state[32]; /* "" without a task */
	int percentage;
};
/* GET maintenance, falling back to /system/maintenance on a 404. */
bool maintenance_poll(http *h, const char *unlock_token,
    struct maintenance_state *state, GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool maintenance_progress(http *h, const char *unlock_token, int percentage,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * DELETE lock.  BUSY: 409, the token is not of the lock that is held now.
 * Not locked any more (404) is success.
 */
bool maintenance_unlock(http *h, const char *unlock_token,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
