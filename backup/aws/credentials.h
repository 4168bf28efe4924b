/*
 * The key that AWS knows us by.  It is looked for in this order, and the first
 * place that has one is taken:
 *
 *     [aws] credentials_file   group [profile] of a file in the form of
 *                              ~/.aws/credentials, closed to others
 *     $AWS_ACCESS_KEY_ID, $AWS_SECRET_ACCESS_KEY, $AWS_SESSION_TOKEN
 *     aws-credentials          a systemd credential, the same form
 */
#ifndef GONOGO_BACKUP_AWS_CREDENTIALS_H
#define GONOGO_BACKUP_AWS_CREDENTIALS_H

#include "base/secret.h"
#include "contract/settings.h"

typedef struct credentials credentials;
struct credentials {
	char *key_id; /* no secret: it stands in every request */
	secret *key;
	secret *token; /* of a temporary key; NULL: it is none */
};
void credentials_clear(struct credentials *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(credentials, credentials_clear)

/* USAGE: there is none, with a hint; the file is open to others.  DATA: half
 * of one.  SYSTEM. */
bool credentials_find(const struct settings *s, struct credentials *c,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
