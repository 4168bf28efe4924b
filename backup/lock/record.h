/*
 * What lies on disk while Bitbucket is locked by us, so that `unlock` can mend
 * what a crash of this host left behind.
 *
 *     STATE/lock/            flock'ed by the watchdog as long as it lives
 *     STATE/lock/lock.json   0600
 *
 *     nothing --POST lock is next--> intent --202--> tokens --unlocked-->
 * nothing
 *
 * An intent is a record without an unlock token: Bitbucket may be locked, and
 * nobody here has the token.
 */
#ifndef GONOGO_BACKUP_LOCK_RECORD_H
#define GONOGO_BACKUP_LOCK_RECORD_H

#include "contract/shape.h"

struct lock_record {
	char *url, *user;    /* the node that is asked, and as whom */
	char *host;          /* where the backup runs */
	struct number pid;   /* of the backup there */
	struct number at;    /* when the lock was asked for */
	struct number until; /* when it is given back at the latest */
	char *unlock_token;  /* NULL: an intent */
	char *cancel_token;  /* of the backup task; NULL: not started */
};

typedef struct lock_record lock_record;
/* Frees and wipes the tokens. */
void lock_record_clear(struct lock_record *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(lock_record, lock_record_clear)

/* Gives STATE_DIR/lock, absolute. */
char *lock_folder(const char *state_dir);

/*
 * Makes FOLDER (0700) and holds it against others by its descriptor, waiting up
 * to WAIT_MS for a watchdog whose backup is gone.  BUSY: somebody else holds
 * it, by pid where known.
 */
bool lock_folder_hold(const char *folder, unsigned wait_ms, int *fd,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts the record on disk so that it survives a power cut.  SYSTEM. */
bool lock_record_save(const char *folder, const struct lock_record *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* *FOUND is false when there is none, which is no error.  SYSTEM, DATA. */
bool lock_record_load(const char *folder, struct lock_record *r, bool *found,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes it, durably; none is fine.  SYSTEM. */
bool lock_record_remove(
    const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
