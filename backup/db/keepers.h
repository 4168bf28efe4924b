/*
 * Who keeps the snapshot of a backup: two idle connections inside it, so that
 * the loss of one does no harm, each with a lock on every table, so that none
 * is emptied or rewritten before its rows are copied.
 *
 *     lock tables -> BEGIN's snapshot -> export --id--> second keeper, pg_dump,
 *                                                       workers
 *     first keeper lost: the second exports it again, a third one joins
 *
 * When somebody waits for one of these locks, new keepers without that lock
 * take the place of the old ones.
 */
#ifndef GONOGO_BACKUP_DB_KEEPERS_H
#define GONOGO_BACKUP_DB_KEEPERS_H

#include "backup/db/login.h"

typedef struct keepers keepers;

/*
 * Takes the snapshot, and asks POINT_SQL in it, whose first column is
 * pg_export_snapshot(): *told is its row.  L is borrowed.  BUSY: another
 * session holds a lock, or changed tables meanwhile.  REMOTE.
 */
keepers *keepers_open(const struct db_login *l, const char *point_sql,
    pg_rows **told, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Lets go of it. */
void keepers_close(keepers *k);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(keepers, keepers_close)

/* Gives the name by which others join the snapshot just now.  BUSY: it is
 * lost, a new point is needed. */
char *keepers_snapshot(keepers *k, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives a connection inside the snapshot (db_open_bitbucket()).  BUSY as
 * above; REMOTE. */
pg *keepers_join(keepers *k, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Has the watch ended us?  blocking_check() tells why. */
bool keepers_check(keepers *k, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How often we let go of the table with that number, and the file that its
 * rows lie in (borrowed; "" if the snapshot knows none). */
unsigned keepers_yields(keepers *k, const char *oid);
const char *keepers_file(const keepers *k, const char *oid);

/* Gives char * of what people should know. */
GPtrArray *keepers_notes(keepers *k);

#endif
