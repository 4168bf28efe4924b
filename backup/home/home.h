/*
 * The shared home on its way into a run.
 *
 *     home_open
 *       home_harvest       objects of all repositories that are there now
 *       ... the database's point T0 ...
 *       home_sweep         after T0: refs and mutable files of repositories
 *       home_save          objects that are new, all other files, folders
 *       home_prove         every swept tip lies in the copy
 *       home_cross_check   rows and directories agree
 *       home_tell          what was found, into the records
 *
 * The order is the proof: rows(T0) name refs that the sweep sees, and refs
 * name objects that one of the harvests has, as long as it is kept.  One file
 * that fails is a flaw of the set, not the end of the run; a store that can't
 * be written is the end.
 */
#ifndef GONOGO_BACKUP_HOME_HOME_H
#define GONOGO_BACKUP_HOME_HOME_H

#include "backup/store/run.h"
#include "base/throttle.h"
#include "bitbucket/homes.h"

struct home_options {
	const struct home_kind *kind; /* NULL: home_shared */
	const char *node;        /* whose home it is; NULL: the cluster's */
	const char *path;        /* the home */
	const char *const *also; /* more files and folders, absolute; or NULL */
	unsigned jobs;           /* workers; 0: eight */
	bool paranoid;           /* read also what seems to be as it was */
	throttle *rate;          /* of reading; borrowed; NULL: no limit */
};

typedef struct home home;

/* USAGE: not a home of that kind, or an `also` that is not there. */
home *home_open(run *r, const struct home_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void home_close(home *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(home, home_close)

/* Files of the home, and bytes that its copy needs: for the preflight.  From a
 * quick walk, or, when there is a set to rest on, from that one's: a part. */
bool home_measure(home *h, uint64_t *files, uint64_t *bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * From now on the home is read at FOLDER, where a snapshot of it is shown; it
 * keeps the name of its own place, which its alternates know.  DATA: FOLDER
 * shows something else, the live home itself, or the home of a moment before
 * POINT, as far as can be told.
 */
bool home_move(home *h, const char *folder, int64_t point,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Seconds to wait between T0 and the sweep, since the mount may show older
 * names for so long (NFS attribute caches); 0 on a local disk. */
unsigned home_stale_s(const home *h);

/*
 * A sweep in two halves, of which the second is short: all refs while users
 * work, then, after T0 and while nothing writes, those that changed since and
 * the files that are small and have no history (backup/home/still.h).
 */
bool home_sweep_ahead(home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool home_sweep_still(home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

bool home_harvest(home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool home_sweep(home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool home_save(home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool home_prove(home *h, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is the repository's row in the live database now? */
typedef bool (*home_live)(
    uint64_t repository, bool *there, void *user, GError **error);

/* Where else is the repository of that hierarchy covered?  NULL: nowhere. */
typedef const char *(*home_elsewhere)(
    uint64_t repository, const char *hierarchy, void *user);

/*
 * Compares ROWS (struct repository_row *, at T0) and PULLS (struct pull_row *,
 * may be NULL) with what was copied.  A row without a directory is asked for
 * again by LIVE (NULL: nobody can be asked, then it is a flaw); one that lies
 * on Mesh by ELSEWHERE (NULL: it is covered nowhere).
 */
struct home_rows {
	const GPtrArray *rows, *pulls;
	home_live live;
	home_elsewhere elsewhere;
	void *user;
};
bool home_cross_check(home *h, const struct home_rows *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds counts, flaws and deletions to the records, once, at the end. */
void home_tell(home *h, struct snapshot *snapshot, struct evidence *evidence);

#endif
