/*
 * What the set before knows of a repository, brought back when it is needed:
 * for one that nobody has touched it seldom is.
 *
 *     frames that were taken over --> indexes, names of loose objects (have.h)
 *     the frame of its refs       --> names and tips (trace.h)
 */
#ifndef GONOGO_BACKUP_HOME_RECALL_H
#define GONOGO_BACKUP_HOME_RECALL_H

#include "backup/home/repository.h"

/* Completes what the copy has of R with what was taken over.  Any thread. */
bool recall_have(const struct site *s, struct repository *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Completes the trace of a sweep that has read nothing, since all was as it
 * had been. */
bool recall_refs(const struct site *s, struct repository *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Takes over every object that the set before has of R: a tip that was swept
 * is in there.  False without an error: there is nothing more to take.
 */
bool recall_objects(const struct site *s, struct repository *r);
/* Takes that back. */
void recall_forget(struct repository *r);

#endif
