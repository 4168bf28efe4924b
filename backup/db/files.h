/*
 * `db/FILES.tsv` of a set: which object of the store is which file of the dump.
 *
 *     sha256  suffix  bytes  name
 *     9f86..  .zst    181    3605.dat
 *     60ac..  -       70122  large-objects.sql
 *
 * No heading; a suffix of "-" is none; names are plain ("3605.dat", never a
 * path).  Beside it lie toc.dat, as pg_dump wrote it, TABLES.tsv, and
 * what globals.h tells.
 */
#ifndef GONOGO_BACKUP_DB_FILES_H
#define GONOGO_BACKUP_DB_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

#define DB_FILES "db/FILES.tsv"
#define DB_TABLES "db/TABLES.tsv"
#define DB_TOC "db/toc.dat"
#define DB_GLOBALS "db/globals.sql"
#define DB_PASSWORDS "db/passwords.sql"
#define DB_LARGE "large-objects.sql" /* the name in FILES.tsv */

struct db_file {
	char sha256[HASH_HEX + 1]; /* of the object */
	char *suffix;              /* "" or ".zst" */
	uint64_t bytes;            /* plain */
	char *name;
};

/* A list of struct db_file *; unreffing it frees them. */
GPtrArray *db_files_new(void);
void db_files_add(GPtrArray *files, const char *sha256, const char *suffix,
    uint64_t bytes, const char *name);

/* Puts them at PATH, by name.  SYSTEM. */
bool db_files_write(GPtrArray *files, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives the list.  SYSTEM; DATA with the line. */
GPtrArray *db_files_read(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
