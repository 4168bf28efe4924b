/* The licence, without its text: docs/sources.md#licence */
#ifndef GONOGO_AUDIT_COLLECT_READ_LICENCE_H
#define GONOGO_AUDIT_COLLECT_READ_LICENCE_H

#include "audit/collect/row.h"

extern const struct row licence_rows[]; /* ended by {0} */

#endif
