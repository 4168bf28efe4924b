/*
 * PostgreSQL: the door to libpq for questions and rows (its URLs: pg_url.h,
 * whole servers: pg_replication.h).
 *
 * The password reaches libpq by a parameter array, never by a URL, an argv or
 * the environment of a child.  Time-outs are set at connect.
 */
#ifndef GONOGO_PORT_PG_H
#define GONOGO_PORT_PG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "port/pg_rows.h"
#include "port/pg_text.h"
#include "port/pg_url.h"

typedef struct pg pg; /* a connection */

/*
 * Connects to URL (postgresql://user@host/name or key=value words; a password
 * in it is refused: USAGE).  PASSWORD may be NULL (peer, .pgpass).
 * REMOTE: refused, unreachable, wrong password; the text says which and has a
 * hint.
 */
pg *pg_open(const char *url, const secret *password,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The same inside one READ ONLY REPEATABLE READ transaction: for audits.  A
 * query may take 60 s, and wait 5 s for a lock; one that fails spoils nothing
 * for the next.
 */
pg *pg_open_readonly(const char *url, const secret *password,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pg_close(pg *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg, pg_close)

/* 150018 for 15.18. */
int pg_server_version(const pg *db);

/* The number of the server's process, as it was told at connect. */
int pg_backend(const pg *db);

/* Is the connection gone?  Then nothing more can be asked on it. */
bool pg_is_lost(const pg *db);

/* Had the last error that the server told the SQLSTATE ("57014")? */
bool pg_said(const pg *db, const char *state);

/* Runs SQL that answers no rows.  REMOTE with the server's words. */
bool pg_do(pg *db, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs SQL with text parameters $1.. (PARAMETERS ends by NULL, may be NULL). */
pg_rows *pg_query(pg *db, const char *sql, const char *const *parameters,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Streams `COPY ... TO STDOUT`: SINK gets each row's bytes and may stop it by
 * returning false with *error set.
 */
typedef bool (*pg_sink)(
    const char *bytes, size_t length, void *user, GError **error);
bool pg_copy_out(pg *db, const char *sql, pg_sink sink, void *user,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The other way, `COPY ... FROM STDIN`: FEED passes the rows, in pieces of any
 * length, to pg_put(), and may give up by returning false with *error set.
 * *rows: how many the server took.
 */
typedef bool (*pg_feed)(pg *db, void *user, GError **error);
bool pg_copy_in(pg *db, const char *sql, pg_feed feed, void *user,
    uint64_t *rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool pg_put(pg *db, const char *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives URL with the one host, address and port that DB, opened by it, is
 * connected to: where it names several, the next connection goes to the same.
 */
char *pg_url_pinned(
    const pg *db, const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
