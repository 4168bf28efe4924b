/*
 * A dump's rows straight from the store's objects into their tables, without a
 * file between them.
 *
 *     objects -> decompressed, checked, counted -> one COPY FROM STDIN
 *                                    small tables: -> indexes
 *
 * The tables are there and empty, and have no index yet.
 */
#ifndef GONOGO_BACKUP_DB_FILL_H
#define GONOGO_BACKUP_DB_FILL_H

#include "backup/db/contents.h"
#include "backup/db/files.h"
#include "backup/db/login.h"
#include "backup/db/witness.h"
#include "backup/store/store.h"

/*
 * Fills the tables that C's list has rows of, by JOBS connections; FILES
 * (struct db_file) says which object is which file.  W (may be NULL) is told
 * what passes.  BUILT gets the entries of C that are indexes and keys of small
 * tables: they are there already.  DATA: a harmed object, a file that is
 * missing; REMOTE; STOPPED.
 */
bool fill_tables(const struct db_login *l, const store *s, const contents *c,
    const GPtrArray *files, unsigned jobs, witness *w, GPtrArray *built,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
