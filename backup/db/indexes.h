/*
 * Indexes and keys that are built as soon as their table is filled, while other
 * tables still are; all else behind the rows is left to pg_restore.
 */
#ifndef GONOGO_BACKUP_DB_INDEXES_H
#define GONOGO_BACKUP_DB_INDEXES_H

#include "backup/db/contents.h"
#include "port/pg.h"

/*
 * Gives, by the oid of a table, a GPtrArray of struct contents_entry that may
 * be built by their SQL alone; both borrow of C.  None of them has a comment or
 * something else behind it that belongs to it, or a tablespace of its own.
 */
GHashTable *indexes_by_table(const contents *c);

/* Builds them on DB, which sees names as a dump writes them.  REMOTE. */
bool indexes_build(
    pg *db, const GPtrArray *entries, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
