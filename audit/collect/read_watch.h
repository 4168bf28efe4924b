/*
 * What the product itself watches: health checks, the audit log, its own look
 * at the upgrade, rate limits.  docs/sources.md#health, #audit-log
 */
#ifndef GONOGO_AUDIT_COLLECT_READ_WATCH_H
#define GONOGO_AUDIT_COLLECT_READ_WATCH_H

#include "audit/collect/row.h"

extern const struct row watch_rows[]; /* ended by {0} */

#endif
