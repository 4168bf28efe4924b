/*
 * What was found in each log, kept for the next night: what has not changed
 * since is not read again, of what has grown only the rest.
 *
 *     file --same inode, size, time--> all of it is known
 *          --same inode and first 4 KiB, longer--> known up to its last entry
 *          --anything else--> it is read anew
 *
 * The last entry of a file may grow lines, so it is kept apart.  An answer that
 * rests on this is the same, byte for byte, as one that read all.
 */
#ifndef GONOGO_AUDIT_LOGS_KEPT_H
#define GONOGO_AUDIT_LOGS_KEPT_H

#include "audit/logs/found.h"
#include "audit/logs/input.h"
#include "audit/logs/read.h"

typedef struct kept kept;

/*
 * Opens the file PATH, which may not be there.  KEY names all that what is
 * found depends on: one of another key is as none.  SYSTEM: no new one can be
 * written beside it.
 */
kept *kept_open(const char *path, const char *key,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds to *OUT what is known of the inputs, and says of each where reading has
 * to begin and where it is to be cut; `anew` of one that became shorter.
 */
bool kept_recall(kept *k, struct log_inputs *inputs, struct found *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps what was found in PART.  One thread at a time. */
bool kept_add(kept *k, const struct log_part *part, const struct found *found,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Puts it in place of the old one.  Without it all stays as it was. */
bool kept_commit(kept *k, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kept_free(kept *k);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kept, kept_free)

#endif
