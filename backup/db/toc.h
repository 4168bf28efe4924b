/*
 * What a dump says of itself, by `pg_restore --list`: which data file is which
 * table's, and where the sequences stand.
 */
#ifndef GONOGO_BACKUP_DB_TOC_H
#define GONOGO_BACKUP_DB_TOC_H

#include "backup/db/tables.h"

/* Gives what the dump's snapshot, which DB is inside of, calls its tables. */
pg_rows *toc_catalogue(pg *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Fills the empty *t from the directory dump in FOLDER: counts and hashes each
 * table's data file.  DATA: a table that CATALOGUE does not know or that has no
 * file, a file that is cut short.
 */
bool toc_tables(const char *pg_restore, const char *folder,
    const pg_rows *catalogue, struct tables *t,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
