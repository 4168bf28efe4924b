/*
 * A password on its short way from a file to a server.  No format takes it, it
 * never stands in an argv, and its bytes are wiped when it is freed.
 */
#ifndef GONOGO_BASE_SECRET_H
#define GONOGO_BASE_SECRET_H

#include <glib.h>
#include <stdbool.h>

typedef struct secret secret;

/*
 * Reads the first line of the file PATH, which nobody but its owner may read
 * (systemd's credentials folder is trusted as it is).  USAGE: open to others,
 * with the chmod to run.  SYSTEM, DATA: unreadable, empty, too long.
 */
secret *secret_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is the open file FD, known as PATH, closed to all but its owner, or one of
 * systemd's credentials?  USAGE with the chmod to run, SYSTEM.
 */
bool secret_is_guarded(
    int fd, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Finds the secret NAME ("bitbucket-password"): from FILE when it is not NULL,
 * else $GONOGO_BITBUCKET_PASSWORD, else the systemd credential NAME.
 * *found stays NULL when there is none, which is no error.
 */
bool secret_find(const char *name, const char *file, secret **found,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A copy of TEXT as a secret. */
secret *secret_new(const char *text);

/* The plain text; valid until S is freed.  For the doors that need it only. */
const char *secret_reveal(const secret *s);

void secret_free(secret *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(secret, secret_free)

#endif
