/*
 * URLs of databases, for us and for PostgreSQL's programs: key=value words of
 * libpq, in which a host that is not this one is asked for TLS.
 */
#ifndef GONOGO_PORT_PG_URL_H
#define GONOGO_PORT_PG_URL_H

#include <glib.h>
#include <stdbool.h>

#include "base/secret.h"

/*
 * Gives the words of URL, which may set its own times after which a server that
 * is silent is a lost one.  Where neither it nor environment or service file
 * says how, and the host is another one: sslmode=verify-full, with the system's
 * authorities unless ~/.postgresql/root.crt is there.  USAGE: it is none, or
 * holds a password.
 */
char *pg_url_words(const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

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
