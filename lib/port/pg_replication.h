/*
 * PostgreSQL's replication protocol: a whole server as files, for a role that
 * need not be more than REPLICATION.
 */
#ifndef GONOGO_PORT_PG_REPLICATION_H
#define GONOGO_PORT_PG_REPLICATION_H

#include "base/secret.h"
#include "port/pg_base.h"
#include "port/pg_wal.h"

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
	uint64_t bytes; /* of the archives, as the server estimates them */
};

/* Before the first file comes; all but last_lsn is known. */
typedef bool (*pg_base_begun)(
    const struct pg_base_result *so_far, void *user, GError **error);

/*
 * Has all files of the server's data folder and tablespaces sent to TAKERS, as
 * archives, with a manifest of SHA-256 sums.  Links to tablespaces are in
 * base.tar, the WAL that the files rest on is not: see below.  BEGUN may be
 * NULL.  Afterwards the connection is of no more use where it failed.  REMOTE:
 * also pages whose checksum is wrong; STOPPED; a taker's error.
 */
bool pg_replication_base(pg_replication *r, const struct pg_base_order *order,
    const struct pg_base_takers *takers, pg_base_begun begun, void *user,
    struct pg_base_result *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- WAL ---- */

/* From now on the server keeps its WAL, until this connection ends or says what
 * it has: by a temporary slot called NAME.  REMOTE. */
bool pg_replication_hold(pg_replication *r, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct pg_wal_order {
	const char *slot; /* of pg_replication_hold() */
	uint64_t from;
	unsigned timeline;
	bool forget; /* the server need not keep what was taken */
};
struct pg_wal_takers {
	/* WAL from AT on, without a gap. */
	bool (*bytes)(uint64_t at, const void *bytes, size_t length, void *user,
	    GError **error);
	/* Is that enough?  Asked several times a second. */
	bool (*enough)(void *user);
};

/* Takes WAL as it is written, until it is enough; the connection is of no more
 * use then.  REMOTE, STOPPED, a taker's error. */
bool pg_replication_wal(pg_replication *r, const struct pg_wal_order *order,
    const struct pg_wal_takers *takers, void *user,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the file that tells where TIMELINE comes from.  REMOTE. */
GBytes *pg_replication_history(pg_replication *r, unsigned timeline,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a setting of the server ("wal_segment_size": "16MB").  REMOTE. */
char *pg_replication_setting(pg_replication *r, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the number that initdb gave the server, as text.  REMOTE. */
char *pg_replication_system(
    pg_replication *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
