/*
 * Large objects: pg_dump takes them all or fails, and reads them only as their
 * owner.  A role that may read everything (pg_read_all_data) still gets at the
 * table they lie in, so we write the SQL that makes them anew.
 */
#ifndef GONOGO_BACKUP_DB_LARGE_H
#define GONOGO_BACKUP_DB_LARGE_H

#include <stdint.h>

#include "port/pg.h"

enum large_way {
	LARGE_DUMP,   /* pg_dump takes them, or there are none */
	LARGE_SQL,    /* by large_write() */
	LARGE_CLOSED, /* this role can't read them */
};

/* How they can be saved, and how many there are, as DB's role sees it. */
bool large_way(pg *db, enum large_way *way, uint64_t *count,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the SQL for psql to the new file PATH.  DB: inside the snapshot. */
bool large_write(
    pg *db, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
