/*
 * A set on its way back to disk, group by group.
 *
 *     frames (small files) -> objects (big files) -> links -> folders
 *
 * Nothing leaves the target: each name is opened below it without following a
 * link.  Each file's bytes are held against the manifest while they are
 * written; owners are set by root only, setuid bits when asked.
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
	bool keep_setuid;
};

struct rebuild_counts {
	uint64_t files, bytes, left_out; /* left_out: stale lock files */
};

typedef struct rebuild rebuild;
rebuild *rebuild_open(const struct rebuild_options *options,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* DATA: bytes that are not the manifest's; SYSTEM; USAGE: a name is taken. */
bool rebuild_group(rebuild *r, const struct manifest_group *group,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
const struct rebuild_counts *rebuild_counts(const rebuild *r);
void rebuild_close(rebuild *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(rebuild, rebuild_close)

/* Writes the object of that name to FD and checks it.  DATA, SYSTEM. */
bool rebuild_object(const store *s, const char *sha256, const char *suffix,
    uint64_t bytes, int fd, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
