/*
 * One try at giving the lock back, the same for the watchdog and for `unlock`.
 *
 *     progress 100 -> DELETE lock -> GET lock
 *
 * A failed progress never prevents the DELETE.  Answers of 202 are promises:
 * only the GET tells that nobody is locked out any more.
 */
#ifndef GONOGO_BACKUP_LOCK_RELEASE_H
#define GONOGO_BACKUP_LOCK_RELEASE_H

#include "port/http.h"

enum release {
	RELEASE_AGAIN,   /* not confirmed; *error says why.  Try again later */
	RELEASE_DONE,    /* Bitbucket is not locked */
	RELEASE_FOREIGN, /* ours is gone, *owner holds a lock of their own */
};

/* What to say when it is DONE and was never REPORTED. */
extern const char release_left_task[];

/*
 * *REPORTED: progress 100 was accepted, now or by an earlier try; when it never
 * is, Bitbucket's backup task stays behind, and the next one is refused.
 * *OWNER (given) is who holds the lock now; NULL: nobody, or not known.
 * *ERROR is set with RELEASE_AGAIN only.
 */
enum release release_try(http *h, const char *unlock_token, bool *reported,
    char **owner, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
