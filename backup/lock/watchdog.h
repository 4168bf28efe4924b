/*
 * The watchdog: a process of its own that alone locks and unlocks Bitbucket.
 *
 *     create --socket pair--> watchdog --HTTP--> Bitbucket
 *       |                        |
 *       dies                     sees the end of the socket: progress 100,
 *                                DELETE lock, again and again until it is so
 *
 * It is forked before any thread exists, so that nothing the backup does can
 * hold it up, and it outlives the backup.  Signals do not end it: it ends when
 * the backup has ended and Bitbucket is not locked by us.
 */
#ifndef GONOGO_BACKUP_LOCK_WATCHDOG_H
#define GONOGO_BACKUP_LOCK_WATCHDOG_H

#include <sys/types.h>

#include "base/secret.h"

struct watchdog_options {
	const char *user;
	const secret *password;
	const char *ca_file, *proxy; /* of port/http.h */
	const char *folder;          /* of backup/lock/record.h, held */
	unsigned max_lock_s;         /* spent: unlocked at once */
};

/*
 * Serves SOCKET (the backup, pid PARENT, has its other end) and never comes
 * back.  For a fresh child that ignores signals (stop_ignore()); HOLD is the
 * descriptor that holds the folder.
 */
G_NORETURN void watchdog_run(
    int socket, int hold, pid_t parent, const struct watchdog_options *o);

#endif
