/*
 * Texts that PostgreSQL and its programs read: quoted SQL, the password file.
 */
#ifndef GONOGO_PORT_PG_TEXT_H
#define GONOGO_PORT_PG_TEXT_H

#include <glib.h>
#include <stdbool.h>

#include "base/secret.h"

/* Gives NAME quoted as an identifier, TEXT quoted as a literal. */
char *pg_quote_name(const char *name);
char *pg_quote_text(const char *text);

/*
 * Gives the path of a new 0600 password file in FOLDER, for any login; the
 * caller removes it.  USAGE: a password of more than one line.  SYSTEM.
 */
bool pg_passfile(const char *folder, const secret *password, char **path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
