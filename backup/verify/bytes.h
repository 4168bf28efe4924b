/*
 * The bytes of stored files, read back: what lies there, and what it is when
 * plain.
 */
#ifndef GONOGO_BACKUP_VERIFY_BYTES_H
#define GONOGO_BACKUP_VERIFY_BYTES_H

#include "backup/verify/case.h"

/* Gives struct stored * (borrowed) of what may be read before the lists are:
 * of what is marked, the objects that lie there as they are; as on the disk. */
GPtrArray *bytes_early(struct verify *v);

/* What the cache remembers of the segments that are marked goes, before they
 * are read: it says nothing of what lies on the disk. */
void bytes_forget_segments(const struct verify *v);

/* Between verify_begin() and verify_end(): reads that one; the segments that
 * are marked, which the groups have just brought into the cache. */
void bytes_push(struct verify *v, struct stored *one);
void bytes_push_segments(struct verify *v);

/* Reads what is a record, and all else that is marked and was not read yet,
 * and tells what of all that was read is harmed.  No page stays in the cache,
 * where those of a live Bitbucket are worth more.  SYSTEM, STOPPED; all else
 * is a flaw. */
bool bytes_check(struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
