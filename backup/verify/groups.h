/*
 * A set's groups: what their entries claim of stored files, and the plain bytes
 * of their small files.
 */
#ifndef GONOGO_BACKUP_VERIFY_GROUPS_H
#define GONOGO_BACKUP_VERIFY_GROUPS_H

#include "backup/verify/case.h"
#include "backup/verify/sample.h"

/* What the manifest claims of its segments is in v->stored then. */
void groups_expect_segments(struct verify *v);

/*
 * Between verify_begin() and verify_end(): goes through the entries of that
 * group; what they claim of objects is in v->stored then.  Of a chosen group
 * the small files are read back, and the objects are marked to be read.  What
 * is wrong is a flaw.
 */
void groups_push(struct verify *v, guint number);

/* The same for the objects that the dump is made of; SAMPLE (NULL: none) says
 * which of them are to be read. */
bool groups_check_dump(struct verify *v, const struct sample *sample,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
