/*
 * How the common point of a backup set was reached, and what says so:
 * EVIDENCE.json, beside its SNAPSHOT.json.
 *
 *     first harvest .. point T0 .. sweep begins .. sweep ends .. last harvest
 */
#ifndef GONOGO_CONTRACT_EVIDENCE_H
#define GONOGO_CONTRACT_EVIDENCE_H

#include "contract/shape.h"

struct evidence_mount {
	char *point, *filesystem, *source;
	char *options;        /* as the kernel lists them */
	struct number wait_s; /* waited after T0 for its caches */
};

enum repository_result {
	REPOSITORY_UNPROVED,
	REPOSITORY_PROVED,  /* every swept tip is in the copy */
	REPOSITORY_FLAWED,  /* `why` says what is missing */
	REPOSITORY_DELETED, /* it vanished while we copied */
};
extern const char *const repository_result_names[];

struct evidence_repository {
	char *id;
	char *project, *slug, *hierarchy; /* from repository-config: a hint */
	int result;                       /* enum repository_result */
	char *why;
	struct number refs, tips; /* swept names; different objects */
	struct number rounds;     /* of the longest harvest */
	GPtrArray *moved;   /* strings: refs that moved during the sweep */
	GPtrArray *deleted; /* strings: refs deleted after T0: no damage */
	GPtrArray
	    *alternates; /* strings: ids of repositories it borrows from */
};

struct evidence_part {
	struct number rows, bytes;
	char *sha256; /* over its COPY text */
};

struct evidence_table {
	char *name; /* quoted as PostgreSQL would */
	struct number rows, bytes;
	char *sha256;     /* over its COPY text; NULL: it was copied in parts */
	GPtrArray *parts; /* struct evidence_part, in the order of the rows */
	char *sum;        /* of its rows in any order (XXH3-128) */
};

struct evidence_check {
	struct number rows, folders, pulls;
	GPtrArray *rows_without_folder; /* strings "42 (DEMO/alpha)" */
	GPtrArray *folders_without_row;
	GPtrArray *deleted_after_point;
	GPtrArray *hierarchy_differs;
	GPtrArray *outside; /* on a data store or on Mesh, and nowhere saved */
	GPtrArray *elsewhere; /* on Mesh, and which set of it has them */
};

/* Of a backup that locked: how long it took until nothing wrote, and how long
 * nothing wrote. */
struct evidence_lock {
	struct number drain_ms, still_ms;
	struct number repositories, changed; /* looked at; read anew */
	struct flag to_end;                  /* held until it was given back */
};

/* Of a backup that was copied from a snapshot of the file system. */
struct evidence_snapshot {
	char *name, *place;       /* as its hooks know it; where it was read */
	struct number created_at; /* when it had been made */
	struct number taken_ms;   /* how long that took */
	struct flag destroyed;    /* taken away again */
};

/* Of a database that was copied as files: the point `lsn` lies behind
 * `last_lsn`, and recovery stops there. */
struct evidence_physical {
	char *system;               /* the server's own number */
	char *role;                 /* that copied it: it is known there */
	char *first_lsn, *last_lsn; /* the files lie between them */
	struct number timeline;
	char *checkpoint; /* fast, spread */
	struct number files, bytes, wal_bytes;
	GPtrArray *databases;   /* strings: all that came */
	GPtrArray *tablespaces; /* strings: folders on the old server */
};

struct evidence {
	char *made_by;
	struct number point_at;           /* T0 */
	char *lsn, *snapshot_id, *server; /* of the database at T0 */
	struct flag standby;
	struct number harvest_at, sweep_started_at, sweep_ended_at, saved_at;
	struct evidence_mount mount;
	struct evidence_lock lock;
	struct evidence_snapshot snapshot;
	struct evidence_physical physical;
	GPtrArray *repositories; /* struct evidence_repository, by id */
	GPtrArray *tables;       /* struct evidence_table */
	struct evidence_check check;
	GPtrArray *left_out; /* strings: sockets, devices, unreadable caches */
	GPtrArray *vanished; /* strings: other files that went while copied */
	GPtrArray *notes;    /* strings: what else a reader should know */
};

extern const struct shape evidence_shape, evidence_repository_shape,
    evidence_table_shape, evidence_part_shape;

typedef struct evidence evidence;
void evidence_clear(struct evidence *e);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(evidence, evidence_clear)

#endif
