/*
 * The record of one backup set: SNAPSHOT.json, written last by `backup create`,
 * so that its presence says that the set is whole.
 *
 *     STORE/snapshots/<seq>-<utc>/SNAPSHOT.json
 *
 * It says what was saved and at which point; never that it can be restored.
 */
#ifndef GONOGO_CONTRACT_SNAPSHOT_H
#define GONOGO_CONTRACT_SNAPSHOT_H

#include "contract/assertion.h"

enum snapshot_status {
	SNAPSHOT_DEGRADED, /* something is missing; `flaws` names it */
	SNAPSHOT_GOOD,
};

extern const char *const snapshot_status_names[];

/* What makes a set DEGRADED, each thing by name. */
struct flaw {
	char *kind;    /* repository, file, row, data-store, mesh, database;
			* asserted, point, encryption */
	char *subject; /* "42 (DEMO/alpha)", a path, a table */
	char *why;
	GPtrArray *sets; /* strings, in a proof: ids of all sets that use it */
	GPtrArray *touches; /* strings, in a proof: what of this set it harms */
};

/* What a set may be made of. */
#define SNAPSHOT_PART_HOME "home"
#define SNAPSHOT_PART_DATABASE "database"
#define SNAPSHOT_PART_MIRROR "mirror"  /* a mirror's home */
#define SNAPSHOT_PART_MESH "mesh-node" /* the home of a Mesh node */
/* Nothing at all: others have it, and this is the record of their word. */
#define SNAPSHOT_PART_ASSERTED "asserted"

/* The files of the whole server that the database lives on, not its rows. */
#define SNAPSHOT_FORM_PHYSICAL "physical"

struct snapshot_database {
	char *kind; /* "postgresql"; NULL: not saved */
	char *name, *server_version, *dump_version;
	char *form;        /* SNAPSHOT_FORM_PHYSICAL; NULL: its rows */
	char *method;      /* "pg_dump -Fd -Z0" */
	char *snapshot_id; /* exported snapshot */
	char *lsn;         /* at the point; decimal/hex as the server says */
	struct number tables, rows, bytes;
};

struct snapshot_home {
	char *path; /* as it was: alternates name it */
	struct number files, folders, links, bytes;
	struct number stored_bytes; /* that the set uses in the store */
	struct number new_bytes;    /* of these, added by this set */
	struct number repositories;
	struct number moved;   /* repositories whose refs moved during sweep */
	struct number deleted; /* deleted after the point: no damage */
};

struct snapshot {
	char *id; /* "<seq>-<utc>" */
	struct number sequence;
	char *made_by;
	char *mode;       /* hot, freeze, sealed, snapshot; adopt, aws-backup */
	GPtrArray *parts; /* strings: what it set out to save; NULL: all */
	int status;       /* enum snapshot_status */
	struct number started_at, point_at, swept_at, ended_at;
	struct number locked_ms; /* how long users were locked out */
	char *cluster, *url, *server_id, *version;
	char *node; /* whose home it is: of a mirror's, a Mesh node's */
	struct snapshot_home home;
	struct snapshot_database database;
	struct assertion assertion; /* provider NULL: it is no such set */
	GPtrArray *flaws;           /* struct flaw */
	GPtrArray *deleted;  /* strings: deleted after the point, no damage */
	char *parent;        /* id of the set before; NULL: the first */
	char *parent_sha256; /* of its SNAPSHOT.json: the chain */
	char *manifest_sha256, *sums_sha256, *evidence_sha256; /* files */
	char *root;          /* integrity tree's root, hex */
	GPtrArray *features; /* what a reader must understand; none now */
};

extern const struct shape snapshot_shape, flaw_shape;

typedef struct snapshot snapshot;
void snapshot_clear(struct snapshot *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(snapshot, snapshot_clear)

/* Did the set mean to save PART, and so holds it, but for its flaws? */
bool snapshot_has(const struct snapshot *s, const char *part);

/* Is its database the files of a whole server? */
bool snapshot_is_physical(const struct snapshot *s);

/* Which home it holds: home, mirror or mesh-node; NULL: none. */
const char *snapshot_home_part(const struct snapshot *s);

/* Does it hold nothing but the word of others? */
bool snapshot_is_asserted(const struct snapshot *s);

void snapshot_add_flaw(struct snapshot *s, const char *kind,
    const char *subject, const char *format, ...) G_GNUC_PRINTF(4, 5);

#endif
