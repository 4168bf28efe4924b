/*
 * Who may work in a store at the same time.
 *
 *     lock/write   held by the one that adds a set
 *     lock/use     shared by all; held alone by what removes things
 *
 * Held by the open file (OFD locks): given back by the kernel when a process
 * ends, however it ends.
 */
#ifndef GONOGO_BACKUP_STORE_CLAIM_H
#define GONOGO_BACKUP_STORE_CLAIM_H

#include <glib.h>
#include <stdbool.h>

/*
 * Holds the file PATH alone and writes into it who we are; *fd is then held
 * until it is closed.  BUSY: who holds it, and since when.
 */
bool claim_alone(
    const char *path, int *fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Holds the file PATH together with others; waits a while for one that holds
 * it alone, which is never for long.  BUSY: it still does.  STOPPED.  A store
 * that can't be written to has nobody to hold it against: *fd is -1.
 */
bool claim_shared(
    const char *path, int *fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Holds alone what FD, of PATH, holds together with others; BUSY: others do.
 * And back to together. */
bool claim_raise(
    const char *path, int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool claim_lower(
    const char *path, int fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
