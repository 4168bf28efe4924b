/*
 * The point in time that a backup's database shows: a snapshot that is
 * exported and held open until the dump has been made of it.
 *
 *     keeper: BEGIN READ ONLY; pg_export_snapshot()  --id--> pg_dump, workers
 */
#ifndef GONOGO_BACKUP_DB_POINT_H
#define GONOGO_BACKUP_DB_POINT_H

#include "backup/db/login.h"

struct db_point {
	pg *keeper;        /* NULL: none */
	char *snapshot_id; /* what pg_export_snapshot() gave */
	int64_t at;        /* T0 by the server's clock; of a standby: replay */
	char *lsn;         /* written (a standby: replayed) up to here at T0 */
	bool standby;
	char *database, *server_version; /* "bitbucket", "15.20" */
	uint64_t size_bytes;             /* pg_database_size(): with indexes */
};

typedef struct db_point db_point;
/* Ends the snapshot. */
void db_point_clear(struct db_point *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(db_point, db_point_clear)

/*
 * Takes the point into an empty *p.  REMOTE: no connection, or a pooler or
 * several servers behind the URL, between which a snapshot can't be shared.
 */
bool db_point_take(const struct db_login *l, struct db_point *p,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Is there one server, and no pooler, behind the login?  Errors as above. */
bool db_is_one_server(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a connection inside the snapshot (db_open_bitbucket()). */
pg *db_point_open(const struct db_login *l, const struct db_point *p,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lets go of the snapshot: the server may clean up again.  *p stays told. */
void db_point_end(struct db_point *p);

#endif
