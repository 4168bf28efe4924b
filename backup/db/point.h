/*
 * The point in time that a backup's database shows: a snapshot that is kept
 * (backup/db/keepers.h) until the dump has been made of it.
 */
#ifndef GONOGO_BACKUP_DB_POINT_H
#define GONOGO_BACKUP_DB_POINT_H

#include "backup/db/keepers.h"

struct db_point {
	keepers *keepers;  /* NULL: none */
	char *snapshot_id; /* what pg_export_snapshot() gave first */
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
 * Takes the point into an empty *p; L is borrowed as long as it lives.
 * REMOTE: no connection, or a pooler or several servers behind the URL, between
 * which a snapshot can't be shared.  BUSY: another session holds a lock.
 */
bool db_point_take(const struct db_login *l, struct db_point *p,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is there one server, and no pooler, behind the login?  Where its URL names
 * several hosts, or a name with several addresses, L names the one that
 * answered from now on.  Errors as above.
 */
bool db_pin_server(
    struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a connection inside the snapshot (db_open_bitbucket()). */
pg *db_point_open(
    const struct db_point *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lets go of the snapshot: the server may clean up again.  *p stays told. */
void db_point_end(struct db_point *p);

#endif
