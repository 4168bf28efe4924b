/*
 * The maintenance lock, as the backup sees it: it asks its watchdog
 * (backup/lock/watchdog.h), which alone speaks with Bitbucket about it.
 *
 *     start --acquire--> held and drained --release--> free --end-->
 *                               |
 *                               +-- spent or lost: go on as a hot backup
 */
#ifndef GONOGO_BACKUP_LOCK_LOCK_H
#define GONOGO_BACKUP_LOCK_LOCK_H

#include <stdint.h>

#include "base/secret.h"

typedef struct lock lock;

struct lock_options { /* borrowed as long as the lock lives */
	const char *user;
	const secret *password;
	const char *ca_file, *proxy;
	const char *state_dir;
	unsigned max_lock_s; /* from the request on; then it is given back */
};

/*
 * Forks the watchdog.  Must come before the first thread: INTERNAL.
 * BUSY: another backup with a lock uses the state folder.
 */
lock *lock_start(const struct lock_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Locks the Bitbucket of node URL, starts its external backup and waits up to
 * DRAIN_S seconds until nothing writes.  *WHY is NULL then; else it was locked
 * in vain, is given back, and *WHY (given) tells why: the backup can go on as
 * a hot one.  On failure it is not locked.  BUSY: somebody else has locked it.
 * REMOTE: it refuses.  STOPPED: by a signal.
 */
bool lock_acquire(lock *l, const char *url, unsigned drain_s, char **why,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is it still locked and drained?  Cheap: asked at most once a second.  Else
 * *why (borrowed from L) tells what ended it.
 */
bool lock_still_held(lock *l, const char **why);

/* Tells Bitbucket's maintenance page how far the backup is; 99 at most. */
void lock_progress(lock *l, unsigned percentage);

struct lock_report {
	bool to_end;        /* locked and drained from acquire to release */
	bool unlocked;      /* false: the watchdog goes on trying */
	uint64_t locked_ms; /* how long users were locked out */
	const char *why;    /* not to_end: what ended it.  Borrowed from L */
};

/* Gives the lock back.  None held is fine. */
void lock_release(lock *l, struct lock_report *report);

/* Releases, and ends the watchdog as soon as Bitbucket is unlocked. */
void lock_end(lock *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lock, lock_end)

#endif
