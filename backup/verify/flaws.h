/*
 * What a verification has found wrong, by any of its threads.
 *
 *     flaw { kind, subject, why }       "file", a path in the store
 *                                       "record", a record of the set
 *                                       "repository", "group", "database", ...
 */
#ifndef GONOGO_BACKUP_VERIFY_FLAWS_H
#define GONOGO_BACKUP_VERIFY_FLAWS_H

#include "contract/snapshot.h"

/* A stored file's flaws; all else has kinds of its own. */
#define FLAW_FILE "file"

typedef struct flaws flaws;
struct flaws {
	GMutex mutex;
	GPtrArray *all; /* struct flaw; read it when no thread works */
};

/* Any thread. */
void flaws_add(struct flaws *f, const char *kind, const char *subject,
    const char *format, ...) G_GNUC_PRINTF(4, 5);

/* Takes WHY as a flaw, and gives true; false with *error: it was a signal that
 * asks us to stop, which is no flaw of the set.  Any thread. */
bool flaws_take(struct flaws *f, const char *kind, const char *subject,
    GError *why, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Was one found of this kind and subject?  Any thread. */
bool flaws_has(struct flaws *f, const char *kind, const char *subject);

#endif
