/* What a node says of itself when we run on it: docs/sources.md#node */
#ifndef GONOGO_AUDIT_COLLECT_READ_NODE_H
#define GONOGO_AUDIT_COLLECT_READ_NODE_H

#include "audit/collect/row.h"

extern const struct row node_rows[]; /* ended by {0} */

#endif
