/*
 * What a dump says of itself, by `pg_restore --list`: which data file is which
 * table's, and where the sequences stand.
 */
#ifndef GONOGO_BACKUP_DB_TOC_H
#define GONOGO_BACKUP_DB_TOC_H

#include "backup/db/tables.h"

/*
 * Fills the empty *t from the directory dump in FOLDER: counts and hashes each
 * table's data file.  DB is inside the dump's snapshot: it knows the names and
 * columns.  DATA: a table without its file, a file that is cut short.
 */
bool toc_tables(const char *pg_restore, const char *folder, pg *db,
    struct tables *t, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
