/* The shared home on disk: docs/sources.md#home */
#ifndef GONOGO_AUDIT_COLLECT_READ_HOME_H
#define GONOGO_AUDIT_COLLECT_READ_HOME_H

#include "audit/collect/row.h"

extern const struct row home_rows[]; /* ended by {0} */

/*
 * After all readings: counts rows without a folder and folders without a row
 * out of the answers of "database.repositories" and "home.repositories", of
 * which either may be NULL.
 */
void home_cross_check(struct facts *f, const json *rows, const json *folders);

#endif
