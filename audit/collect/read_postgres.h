/* The database, by read-only questions: docs/sources.md#database */
#ifndef GONOGO_AUDIT_COLLECT_READ_POSTGRES_H
#define GONOGO_AUDIT_COLLECT_READ_POSTGRES_H

#include "audit/collect/row.h"

extern const struct row postgres_rows[]; /* ended by {0} */

/*
 * Reads the answer of "database.repositories": id (uint64_t) of each row whose
 * folder must be in the shared home itself.  Gives a sorted array.
 */
GArray *postgres_home_repositories(
    const json *rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
