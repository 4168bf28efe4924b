/*
 * The set before, as far as a new one may rest on it.
 *
 *     unchanged file --> its entry --> a frame of an old segment, or an object
 *
 * Nothing is taken on trust: its lists are held against its record, and every
 * segment and object against the size that it had, before it is used again.
 */
#ifndef GONOGO_BACKUP_STORE_PARENT_H
#define GONOGO_BACKUP_STORE_PARENT_H

#include "backup/store/manifest.h"
#include "backup/store/set.h"
#include "contract/evidence.h"

typedef struct parent parent;
struct parent {
	const store *store;
	set *set;
	manifest *manifest;
	struct evidence evidence;
	GHashTable *groups;       /* name -> struct manifest_group */
	GHashTable *repositories; /* id -> struct evidence_repository */
	GHashTable *segments;     /* id: there, and as long as it was */
	GMappedFile *sums;        /* its SHA256SUMS */
};

/* Which sets one rests on. */
struct parent_like {
	const char *part; /* that they hold: "home" */
	const char *path; /* of their home; NULL: any */
	const char *node; /* whose home it is; NULL: any */
};

/*
 * Opens the newest set LIKE that whose lists are sound; NULL without an error:
 * there is none, or the last proof of a set has failed, so that nobody knows
 * what else is harmed.  *WHY is given when there is something wrong with any of
 * them.
 */
parent *parent_open(const store *s, const struct parent_like *like, char **why,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void parent_close(parent *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(parent, parent_close)

/* NULL: it had none of that name. */
const struct manifest_group *parent_group(const parent *p, const char *name);
const struct evidence_repository *parent_repository(
    const parent *p, const char *id);
/* Is the frame's segment still there? */
bool parent_has_frame(const parent *p, const struct manifest_frame *f);
/* The SHA-256 of the stored bytes of PATH, a path in the store. */
bool parent_stored(
    const parent *p, const char *path, char sha256[HASH_HEX + 1]);

/*
 * Is what was read of a file with CTIME_NS by that set surely its whole truth?
 * A file that changed just before, or later, may have changed again within one
 * tick of its clock.
 */
bool parent_is_settled(const parent *p, int64_t ctime_ns);

/*
 * Passes each member of the frame to TAKE; BYTES is NULL for what has no
 * content of its own.  SYSTEM, DATA; TAKE's error.
 */
typedef bool (*parent_take)(const char *path, const void *bytes, size_t length,
    void *user, GError **error);
bool parent_read_frame(const parent *p, const struct manifest_frame *f,
    parent_take take, void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
