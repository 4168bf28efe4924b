/*
 * One repository on its way into its group.
 *
 *     harvest     L frames   loose objects and packs, until nothing is new
 *     sweep       M frame    HEAD, config, refs, ...: loose refs, then packed
 *     again                  which refs moved meanwhile
 *     finish      F frame    git's caches, if all that they name is there;
 *                            folders
 *
 * What vanishes between a listing and the opening of it was packed or pruned:
 * the next round finds it under its new name, or the proof misses it.
 */
#ifndef GONOGO_BACKUP_HOME_REPOSITORY_H
#define GONOGO_BACKUP_HOME_REPOSITORY_H

#include "backup/home/cache.h"
#include "backup/home/site.h"
#include "backup/home/stamp.h"

typedef struct repository repository;
struct repository {
	uint64_t id;
	char *folder; /* from the home down: "data/repositories/42" */
	group *group;
	char *project, *slug, *hierarchy; /* of repository-config; or NULL */
	GPtrArray *alternates;            /* char *: ids it borrows from */
	GPtrArray *flaws;   /* char *: what of it could not be saved */
	GPtrArray *harm;    /* char *: what of it is saved, but broken */
	GPtrArray *moved;   /* char *: refs that moved during the sweep */
	GPtrArray *deleted; /* char *: refs that went after the sweep */
	bool vanished;      /* its folder went while we copied */
	bool swept;         /* its refs are in the set */
	bool stirred; /* objects came or went during the last harvest, and it is
		  not known yet whether any is missing */
	bool quiet;   /* none in its last round */
	bool only_objects; /* are in the folders of loose ones, which were all
			    * listed */
	bool repeated;     /* copied again for the proof */
	bool proved;
	stamp *stamp;    /* of the last sweep; NULL: none */
	bool stands;     /* and still true behind it */
	unsigned rounds; /* of the longest harvest */
	uint64_t refs, tips;
	/* What the set before has of it: */
	const struct evidence_repository *then; /* NULL: nothing */
	struct shelf {
		bool known;
		unsigned char digest[HASH_BYTES]; /* of its folders' times */
	} shelf;           /* its objects as the last harvest has seen them */
	bool steady;       /* all objects of then are there, as they were */
	bool same_refs;    /* swept, and all was as it was then */
	bool same_folders; /* and so were its caches and folders */
	bool recovered;    /* objects are from then, the home has lost them */
	/* backup/home/recall.h: */
	GMutex mutex;
	bool recalled_have, recalled_refs;
	guint frames;
};

struct repository *repository_new(
    const struct site *s, uint64_t id, const char *folder);
void repository_free(struct repository *r);
void repository_flaw(struct repository *r, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* What is behind the repository's folder in a path of the set. */
const char *repository_inside(const char *path);
/* Gives "42 (DEMO/alpha)". */
char *repository_title(const struct repository *r);

/* Has it all objects of the set before, and no others? */
bool repository_same_objects(const struct repository *r);

/* Each returns false only when the store can't be written. */
bool repository_harvest(struct repository *r, const struct desk *d,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* STAMPED: leaves a stamp of the moment before, for a second look. */
bool repository_sweep(struct repository *r, const struct desk *d, bool stamped,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads the refs once more and notes in `moved` which are others now. */
bool repository_sweep_again(struct repository *r, const struct desk *d,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes over caches and folders when they, its objects and its refs are what
 * they were; what was judged of its caches then stays.  False: they are not. */
bool repository_finish_same(struct repository *r, const struct desk *d);
/* HAS with USER: are all of these objects in the copy? */
bool repository_finish(struct repository *r, const struct desk *d,
    cache_has has, void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
