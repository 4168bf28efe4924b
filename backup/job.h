/*
 * One backup on its way, from the first look to the committed set.
 *
 *     harvest .. [lock] .. point T0, dump .. sweep .. save .. [unlock] ..
 *     prove .. cross-check .. commit
 */
#ifndef GONOGO_BACKUP_JOB_H
#define GONOGO_BACKUP_JOB_H

#include "backup/db/dump.h"
#include "backup/home/home.h"
#include "backup/lock/lock.h"
#include "backup/preflight.h"

struct job {
	const struct settings *settings; /* borrowed */
	bool sealed; /* a lock is meant, then: was held to the end */
	bool no_home, no_database; /* the set is to do without */
	secret *password;
	struct preflight found;
	store *store;
	run *run;
	home *home;
	lock *lock;
	struct db_point point;
	struct dump dump;
	GPtrArray *rows, *pulls; /* of the point */
	struct snapshot set;     /* whole once it is committed */
	struct evidence how;
};

typedef struct job job;
/* Unlocks, and abandons what was not committed. */
void job_clear(struct job *j);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(job, job_clear)

/*
 * Makes the set of an empty *j that has its settings and `sealed`; a lock may
 * last LOCK_S seconds.  Errors are of the kinds that `create` tells in its
 * help; nothing is published then, and Bitbucket is not locked.
 */
bool job_run(
    struct job *j, int64_t lock_s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
