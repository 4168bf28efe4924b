/*
 * What a backup on its way has, and knows so far: backup/story.h takes it from
 * the first look to the committed set.
 */
#ifndef GONOGO_BACKUP_JOB_H
#define GONOGO_BACKUP_JOB_H

#include "backup/courtesy.h"
#include "backup/db/dump.h"
#include "backup/home/home.h"
#include "backup/lock/lock.h"
#include "backup/physical/physical.h"
#include "backup/preflight.h"

struct job {
	const struct settings *settings; /* borrowed */
	/* backup/mode/mode.h: what is meant, then what it has become.  One
	 * that loses its lock goes on as a hot backup. */
	const struct mode *mode, *fallback;
	const struct home_kind *kind; /* which home it is */
	const char *node;             /* whose; NULL: the cluster's */
	bool no_home, no_database;    /* the set is to do without */
	bool paranoid;                /* read also what seems to be as it was */
	secret *password;
	struct preflight found;
	store *store;
	run *run;
	courtesy *courtesy; /* to those who wait; NULL: nothing is read */
	home *home;         /* NULL: not open, or none is meant */
	lock *lock;
	bool held;       /* Bitbucket is locked and drained, by us */
	double drain_at; /* monotonic: when the lock was asked for */
	double still_at; /* and when nothing wrote any more */
	/* What is to be undone however the job ends; NULL: nothing.  The home
	 * is closed by then. */
	void (*undo)(struct job *j);
	char *snapshot; /* its name; NULL: there is none */
	struct db_point point;
	struct dump dump; /* of the rows; or a copy of the files: */
	struct physical_order order;
	physical *physical;
	GPtrArray *rows, *pulls; /* of the point */
	struct snapshot set;     /* whole once it is committed */
	struct evidence how;
};

typedef struct job job;
/* Unlocks, and abandons what was not committed. */
void job_clear(struct job *j);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(job, job_clear)

/* Said now, as a warning, and kept in the set's evidence. */
void job_note(struct job *j, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
