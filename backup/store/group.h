/*
 * Groups: what is saved, read and restored together.
 *
 *     run --< group --< frame { segment, offset, length }
 *                   --< entry { path, ..., its frame }
 *     worker: packer { a segment of its own, a spool of entries }
 *
 * A group may be filled in several sittings (first harvest, sweep, second
 * harvest), each by one worker at a time; entries wait in the packers' spools,
 * so that memory holds the names of one group at a time.
 */
#ifndef GONOGO_BACKUP_STORE_GROUP_H
#define GONOGO_BACKUP_STORE_GROUP_H

#include "backup/store/parent.h"

/* In the order of a restore: what makes a home start comes last. */
enum group_class {
	GROUP_REPOSITORY, /* number: its id */
	GROUP_FILES,      /* other files of the home, in portions */
	GROUP_ALSO,       /* files from elsewhere, absolute paths */
	GROUP_FOLDERS,    /* folders of the home, after all that is in them */
	GROUP_PROPERTIES, /* bitbucket.properties and the home folder itself */
};

struct frame {
	enum frame_kind kind;
	unsigned segment;                     /* of the run, by number; or */
	const struct manifest_frame *carried; /* of the set before, with all
					       * that is in it; else NULL */
	unsigned place;                       /* there, in its group */
	uint64_t offset, length;
	bool dropped; /* a later sitting has taken its place */
};

typedef struct group group;
struct group {
	enum group_class class;
	uint64_t number;
	GArray *frames;        /* struct frame */
	GPtrArray *alternates; /* char *: groups it borrows objects from */
	GArray *extents;       /* of its entries, in packers' spools */
	bool dropped;          /* nothing of it goes into the set */
	const struct manifest_group *before; /* of the set before; or NULL */
};

/* Gives "repository/42", "files/3", "also/1", "folders", "properties". */
char *group_name(enum group_class class, uint64_t number);

/* All groups of a run, and the segments that they lie in. */
typedef struct groups groups;
/* FOLDER: for spools and segments on their way. */
groups *groups_new(const char *folder, const char *run_id);
/* Before the first groups_get(): BEFORE (borrowed) is the set to rest on. */
void groups_rest_on(groups *g, const parent *before);
/* The home's file system has another number now, as after a reboot. */
void groups_renumber(groups *g, uint64_t then, uint64_t now);
/* The number now of what was device THEN. */
uint64_t groups_device(const groups *g, uint64_t then);
const parent *groups_parent(const groups *g);
void groups_free(groups *g);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(groups, groups_free)
/* The group of that name, made when it is new.  Any thread. */
group *groups_get(groups *g, enum group_class class, uint64_t number);

/* Drops the group's frames of KIND with their entries. */
void group_drop_frames(group *g, enum frame_kind kind);

/* Takes over frame number PLACE of the set before, with all its entries. */
void group_carry(group *g, unsigned place);
/* All of them that are of KIND. */
void group_carry_all(group *g, enum frame_kind kind);
/* Is it taken over? */
bool group_carries(const group *g, unsigned place);
/* Is all of it what it was in the set before, line by line? */
bool group_is_carried(const groups *all, const group *g);

/* What a worker writes with. */
typedef struct packer packer;
packer *packer_new(groups *g, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void packer_begin(packer *p, group *g, enum frame_kind kind);
/* Adds an entry; BYTES: the content of a small file, else NULL. */
bool packer_add(packer *p, struct entry *e, const void *bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool packer_end(packer *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends all segments; no packer is used after that. */
bool groups_finish(groups *g, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- reading, when no packer works on the group ---- */

/* Gives struct entry * of the group, first those that were taken over. */
GPtrArray *group_entries(
    groups *g, const group *one, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives struct group * (borrowed), in the order of a restore. */
GPtrArray *groups_sorted(groups *g);

struct segment_record {
	char *id;
	char *path; /* on its way */
	char sha256[HASH_HEX + 1];
	uint64_t bytes;
};
/* By number, in groups_finish()ed groups. */
const struct segment_record *groups_segment(const groups *g, unsigned number);
unsigned groups_segments(const groups *g);

#endif
