/*
 * What is remembered of a sweep in the run's scratch folder, beside what the
 * copy has of the repository (backup/home/have.h):
 *
 *     refs   lines "NAME VALUE", sorted
 *     tips   20 bytes for each object that a ref points to
 */
#ifndef GONOGO_BACKUP_HOME_TRACE_H
#define GONOGO_BACKUP_HOME_TRACE_H

#include "backup/home/refs.h"

/* Keeps REFS in FOLDER in place of others, and counts them.  SYSTEM. */
bool trace_keep(const char *folder, const struct refs *refs, uint64_t *names,
    uint64_t *tips, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds to MOVED the names that are new or point elsewhere in REFS than in what
 * is kept, and to DELETED those that are gone.  SYSTEM. */
bool trace_compare(const char *folder, const struct refs *refs,
    GPtrArray *moved, GPtrArray *deleted,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives struct oid of each tip in "tips", or in another file of that form.
 * SYSTEM. */
GArray *trace_tips(const char *folder, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
