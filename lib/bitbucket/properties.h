/*
 * bitbucket.properties: Java's properties form.
 */
#ifndef GONOGO_BITBUCKET_PROPERTIES_H
#define GONOGO_BITBUCKET_PROPERTIES_H

#include <glib.h>
#include <stdbool.h>

/*
 * Gives key -> value (both owned), the last of a key winning as in Java;
 * continuation lines, escapes and comments as Java reads them.
 */
GHashTable *properties_parse(const char *text);

/* Is the value of KEY a secret: password, token, secret, key, licence? */
bool properties_is_secret(const char *key);

/*
 * Gives TEXT with each secret value replaced by <key>; comments and order stay.
 * URLs lose a login inside them, comments what follows a secret's name.
 */
char *properties_redact(const char *text);

#endif
