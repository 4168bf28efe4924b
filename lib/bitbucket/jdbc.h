/*
 * Where Bitbucket's database is: the JDBC URL of its properties, as a URL that
 * port/pg.h takes.  docs/sources.md#properties
 */
#ifndef GONOGO_BITBUCKET_JDBC_H
#define GONOGO_BITBUCKET_JDBC_H

#include <glib.h>

/*
 * Gives the postgresql:// URL of a JDBC one (jdbc:postgresql://host:port/name,
 * also of several hosts), with USER when it is not NULL, but never with a
 * login that stands in JDBC_URL.  Host, port, name, schema and TLS are taken
 * over, other parameters are the driver's own.  DATA: another kind of
 * database, which is named, or no JDBC URL.
 */
char *jdbc_pg_url(const char *jdbc_url, const char *user,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
