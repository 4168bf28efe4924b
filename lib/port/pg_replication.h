/*
 * PostgreSQL's replication protocol: a whole server as files, for a role that
 * need not be more than REPLICATION.
 */
#ifndef GONOGO_PORT_PG_REPLICATION_H
#define GONOGO_PORT_PG_REPLICATION_H

#include "base/secret.h"
#include "port/pg_base.h"

typedef struct pg_replication pg_replication; /* a connection of that kind */

/*
 * Connects to the server of URL, as pg_open() does.  REMOTE: refused, with what
 * the server wants; a server before 15, which sends another form.
 */
pg_replication *pg_replication_open(const char *url, const secret *password,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pg_replication_close(pg_replication *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg_replication, pg_replication_close)

struct pg_base_order {
	const char *label;
	bool fast;         /* do not wait for the server's own checkpoint */
	uint64_t rate_kib; /* a second; 32 to 1048576, 0: no limit */
};

struct pg_base_result {
	uint64_t first_lsn, last_lsn; /* the WAL that the files rest on */
	unsigned timeline;
};

/*
 * Has all files of the server's data folder and tablespaces sent to TAKERS, as
 * archives, with a manifest of SHA-256 sums.  Afterwards the connection is of
 * no more use where it failed.  REMOTE, STOPPED, a taker's error.
 */
bool pg_replication_base(pg_replication *r, const struct pg_base_order *order,
    const struct pg_base_takers *takers, void *user,
    struct pg_base_result *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads "0/16B3748".  DATA. */
bool pg_lsn_read(
    const char *text, uint64_t *lsn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
