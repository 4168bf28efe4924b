/*
 * A set on its way back to disk, group by group.
 *
 *     rebuild_group     small files, big files, hard links
 *     rebuild_links     symbolic links, when all files are there
 *     rebuild_folders   owners, modes and times of folders, at last
 *
 * Each file's bytes are held against the manifest while they are written.
 * Several may work on one target at the same time, each on groups of its own.
 */
#ifndef GONOGO_BACKUP_REBUILD_H
#define GONOGO_BACKUP_REBUILD_H

#include "backup/store/manifest.h"
#include "backup/store/store.h"

struct rebuild_options { /* borrowed as long as the rebuild lives */
	const store *store;
	const struct manifest *manifest;
	const char *target;   /* an existing folder */
	const char *new_home; /* where alternates name it; NULL: as they are */
	char **paths;         /* these alone (choice.h); NULL: all */
	bool allow_setuid;
	bool link_objects; /* objects that lie as they are become links into
			      the store: for a scratch folder */
};

struct rebuild_counts {
	uint64_t files, bytes, left_out; /* left_out: stale lock files */
};

typedef struct rebuild rebuild;
rebuild *rebuild_open(const struct rebuild_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* DATA: bytes that are not the manifest's, two entries of one name; SYSTEM. */
bool rebuild_group(rebuild *r, const struct manifest_group *group,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Was it the target that made the last call fail, not the set: no room, a disk
 * that is broken? */
bool rebuild_was_refused(const rebuild *r);
/* Of the groups so far; where several work, these wait for all of them. */
bool rebuild_links(rebuild *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool rebuild_folders(rebuild *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

const struct rebuild_counts *rebuild_counts(const rebuild *r);
void rebuild_close(rebuild *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(rebuild, rebuild_close)

#endif
