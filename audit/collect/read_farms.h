/* Mirrors and Mesh nodes beside the cluster: docs/sources.md#mirrors, #mesh */
#ifndef GONOGO_AUDIT_COLLECT_READ_FARMS_H
#define GONOGO_AUDIT_COLLECT_READ_FARMS_H

#include "audit/collect/row.h"

extern const struct row farms_rows[]; /* ended by {0} */

#endif
