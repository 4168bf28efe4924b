/*
 * The home while it is copied: what backup/home/home.h hides.
 */
#ifndef GONOGO_BACKUP_HOME_STATE_H
#define GONOGO_BACKUP_HOME_STATE_H

#include "backup/home/closure.h"
#include "backup/home/notes.h"
#include "backup/store/run.h"
#include "base/progress.h"
#include "port/fs.h"

/* What was read while nothing wrote: backup/home/still.h. */
struct still {
	uint64_t looked, changed; /* repositories */
	GHashTable *done;         /* char *: files that need no saving later */
	GPtrArray *pinned;        /* big ones among them: opened, not read */
	uint64_t portions;        /* of GROUP_FILES that are used */
};

struct home {
	run *run;
	char *path, *real;
	int root;
	char **also;
	struct site site;
	GPtrArray *desks;        /* struct desk: one for each worker */
	GPtrArray *repositories; /* struct repository, by id */
	GHashTable *by_id;       /* char * -> struct repository, borrowed */
	GHashTable *closures;    /* of repositories that are asked for */
	struct notes notes;
	struct still *still; /* NULL: no sweep while nothing writes */
	struct fs_mount mount;
	struct evidence_check check; /* what the cross-check found */
	GPtrArray *flaws;            /* struct flaw, of it */
	char *note; /* why nothing was taken over; NULL: nothing to say */
	int64_t harvest_at, sweep_started_at, sweep_ended_at, saved_at;
	struct {
		GMutex mutex;
		struct progress line;
		uint64_t done;
	} progress;
};

/* Does WORK for every repository, by all workers. */
typedef bool (*state_work)(
    struct home *h, struct repository *r, const struct desk *d, GError **error);
bool state_each(struct home *h, const char *what, state_work work,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds what is new in data/repositories. */
bool state_find(struct home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * A file system has another number after a reboot, or as a snapshot.  Where the
 * home's own folder is the same inode as in the set before, so are those of its
 * files.
 */
void state_renumber(struct home *h);

/* Is R part of the set: swept, and its folder still there? */
bool state_is_kept(const struct repository *r);

/* Has neither R nor any that it borrows from lost an object since the set
 * before?  And was R proved whole then? */
bool state_is_steady(const struct home *h, const struct repository *r);

/* Saves its caches and folders; for state_each(). */
bool state_finish(struct home *h, struct repository *r, const struct desk *d,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
