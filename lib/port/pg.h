/*
 * PostgreSQL: the only door to libpq.
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

typedef struct pg pg;           /* a connection */
typedef struct pg_rows pg_rows; /* the rows of an answer */

/*
 * Connects to URL (postgresql://user@host/name or key=value words; a password
 * in it is refused: USAGE).  PASSWORD may be NULL (peer, .pgpass).
 * REMOTE: refused, unreachable, wrong password; the text says which and has a
 * hint.
 */
pg *pg_open(const char *url, const secret *password,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same inside one READ ONLY REPEATABLE READ transaction: for audits. */
pg *pg_open_readonly(const char *url, const secret *password,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pg_close(pg *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg, pg_close)

/* 150018 for 15.18. */
int pg_server_version(const pg *db);

/* The number of the server's process, as it was told at connect. */
int pg_backend(const pg *db);

/* Runs SQL that answers no rows.  REMOTE with the server's words. */
bool pg_do(pg *db, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs SQL with text parameters $1.. (PARAMETERS ends by NULL, may be NULL). */
pg_rows *pg_query(pg *db, const char *sql, const char *const *parameters,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
size_t pg_rows_length(const pg_rows *rows);
size_t pg_rows_width(const pg_rows *rows);
const char *pg_rows_name(const pg_rows *rows, size_t column);
/* Borrowed from ROWS; NULL: SQL NULL. */
const char *pg_cell(const pg_rows *rows, size_t row, size_t column);
void pg_rows_free(pg_rows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg_rows, pg_rows_free)

/* Gives NAME quoted as an identifier, TEXT quoted as a literal. */
char *pg_quote_name(const char *name);
char *pg_quote_text(const char *text);

/*
 * Streams `COPY ... TO STDOUT`: SINK gets each row's bytes and may stop it by
 * returning false with *error set.
 */
typedef bool (*pg_sink)(
    const char *bytes, size_t length, void *user, GError **error);
bool pg_copy_out(pg *db, const char *sql, pg_sink sink, void *user,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the value of a connection parameter ("host", "dbname") that URL sets
 * itself; NULL: it does not, or URL is none.
 */
char *pg_url_value(const char *url, const char *parameter);

/* Gives URL with PARAMETER set to VALUE, as key=value words.  USAGE. */
char *pg_url_with(const char *url, const char *parameter, const char *value,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * For programs like pg_dump: gives the argument for --dbname without a
 * password and the path of a new 0600 passfile to name in PGPASSFILE (NULL
 * when PASSWORD is NULL); the caller removes it.  FOLDER: where it is put.
 */
bool pg_program_login(const char *url, const secret *password,
    const char *folder, char **dbname, char **passfile,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
