/*
 * What a set holds: MANIFEST.zst, and two lists made of it for restore.sh.
 *
 *     MANIFEST.zst    | entries of a group, by path | ... | index | table |
 *                       a frame each, lines of JSON         a line that says
 *                                 what it is, one a segment, one a group
 *     FRAMES.tsv.zst  segment, offset, length, L M or F, group: in the order
 *                     of a restore
 *     OBJECTS.tsv.zst sha256, suffix, base, mode, uid, gid, mtime, path: big
 *                     files, which FRAMES leave empty
 *
 * The index is small and in memory; entries are read a group at a time.
 */
#ifndef GONOGO_BACKUP_STORE_MANIFEST_H
#define GONOGO_BACKUP_STORE_MANIFEST_H

#include "backup/store/entry.h"

#define MANIFEST_SCHEMA "gonogo.manifest/1" /* first line of the index */

enum frame_kind {
	FRAME_OBJECTS, /* git objects: only ever added to */
	FRAME_MUTABLE, /* refs, configuration and all other files */
	FRAME_FOLDERS, /* folders of the group, after all that is in them */
};
extern const char frame_letters[]; /* "LMF" */

struct manifest_frame {
	char *segment; /* id */
	enum frame_kind kind;
	uint64_t offset, length;
};

struct manifest_group {
	char *name;            /* "repository/42" */
	uint64_t repository;   /* its id; 0: not a repository */
	GPtrArray *frames;     /* struct manifest_frame */
	GPtrArray *alternates; /* char *: ids of repositories it borrows from */
	uint64_t entries, bytes;
	char *sha256;                   /* over its lines */
	uint64_t offset, length, plain; /* of its lines, in MANIFEST.zst */
};

struct manifest_segment {
	char *id, *sha256;
	uint64_t bytes;
};

struct manifest {
	char *path;          /* of MANIFEST.zst */
	int fd;              /* open for reading; -1 while it is written */
	GPtrArray *groups;   /* struct manifest_group, in restore order */
	GPtrArray *segments; /* struct manifest_segment */
};

typedef struct manifest manifest;
void manifest_free(struct manifest *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(manifest, manifest_free)

/* Building one (backup/store/inventory.h): what is added is borrowed. */
struct manifest *manifest_new(const char *folder);
struct manifest_group *manifest_add_group(struct manifest *m, const char *name);
struct manifest_segment *manifest_add_segment(
    struct manifest *m, const char *id, const char *sha256, uint64_t bytes);
/* Give their lines of the index. */
char *manifest_group_line(const struct manifest_group *g);
char *manifest_segment_line(const struct manifest_segment *s);

/* Reads the index of the set in FOLDER.  SYSTEM, DATA. */
struct manifest *manifest_read(
    const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives struct entry * of the group, by path, checked against its hash; each
 * path stays below the home (or is absolute, in `also` groups), each frame is
 * one of the group's.  SYSTEM, DATA.  Any thread.
 */
GPtrArray *manifest_entries(const struct manifest *m,
    const struct manifest_group *g, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the lines of the group as they lie in the file, packed. */
char *manifest_lines(const struct manifest *m, const struct manifest_group *g,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL: none of that name. */
const struct manifest_group *manifest_group(
    const struct manifest *m, const char *name);

/*
 * Gives the root of the set's integrity tree: the SHA-256 of the lines
 * "group NAME SHA256" (sorted), "database SHA256" (sums_digest() of its files),
 * "evidence SHA256" and "parent SHA256" (of its SNAPSHOT.json; "-": none).
 */
char *manifest_root(const struct manifest *m, const char *database,
    const char *evidence, const char *parent);

#endif
