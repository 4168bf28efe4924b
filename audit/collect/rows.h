/* Everything that is asked, in the order in which the answers are read. */
#ifndef GONOGO_AUDIT_COLLECT_ROWS_H
#define GONOGO_AUDIT_COLLECT_ROWS_H

#include "audit/collect/row.h"

/* The row behind ROW (NULL: the first); NULL: there is no more. */
const struct row *rows_next(const struct row *row);
/* NULL: none. */
const struct row *rows_find(const char *what);

/* Gives the name of WHAT asked of SUBJECT (may be NULL): "node.bb-2.status". */
char *rows_name(const char *what, const char *subject);

#endif
