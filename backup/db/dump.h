/*
 * The database at its point: rows as objects of the store, all else as files
 * in scratch space.
 *
 *     SCRATCH/dump/toc.dat        pg_dump -Fd -Z0, told of our rows
 *     SCRATCH/dump/<id>.dat       rows that we leave to pg_dump
 *     SCRATCH/large-objects.sql   only where pg_dump may not read them
 *     SCRATCH/globals.sql         and passwords.sql: globals.h
 */
#ifndef GONOGO_BACKUP_DB_DUMP_H
#define GONOGO_BACKUP_DB_DUMP_H

#include "backup/db/globals.h"
#include "backup/db/point.h"
#include "backup/db/portions.h"
#include "backup/db/tables.h"

struct dump {
	char *folder; /* SCRATCH/dump */
	char *large;  /* path; NULL: not made */
	struct globals globals;
	char *version;        /* of pg_dump */
	pg_rows *catalogue;   /* of the point: toc.h */
	struct tables tables; /* once measured */
	portions
	    *portions;    /* rows that are objects; NULL: pg_dump dumped all */
	GPtrArray *flaws; /* char *: what is missing; NULL: nothing */
	GPtrArray *notes; /* char *: what people should know; NULL: nothing */
};

typedef struct dump dump;
void dump_clear(struct dump *d);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(dump, dump_clear)

struct dump_programs {
	char *pg_dump, *pg_restore, *pg_dumpall; /* paths */
	char *version;                           /* of pg_dump */
};
typedef struct dump_programs dump_programs;
void dump_programs_clear(struct dump_programs *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(dump_programs, dump_programs_clear)

/* SYSTEM: one is missing or too old for the server, with what to install. */
bool dump_programs_find(const struct db_login *l, int server_version,
    struct dump_programs *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What keeps the role from dumping the database: tables it may not read, row
 * security, a schema change under way.  One line each (char *, owned) is added
 * to PROBLEMS; none: it can.  DB: of db_open_bitbucket().
 */
bool dump_problems(
    pg *db, GPtrArray *problems, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Dumps into the empty folder SCRATCH, and into objects of O, all that needs
 * the point.  BUSY: somebody waited for us too long and we gave way, or the
 * other way about, or the snapshot was lost; a new point is needed to try
 * again.  REMOTE; SYSTEM: no space; pg_dump failed.
 */
bool dump_make(const struct db_login *l, struct db_point *point,
    const struct dump_programs *programs, const char *scratch, objects *o,
    struct dump *d, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What can be done without point and lock: lists the roles, counts and hashes
 * what pg_dump wrote, tells its list of our rows.  DATA: it is not whole.
 */
bool dump_finish(const struct db_login *l, const struct db_point *point,
    const struct dump_programs *programs, const char *scratch, struct dump *d,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
