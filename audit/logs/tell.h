/*
 * From what was found to the document of it (contract/logs.h).
 */
#ifndef GONOGO_AUDIT_LOGS_TELL_H
#define GONOGO_AUDIT_LOGS_TELL_H

#include "audit/logs/telling.h"

/*
 * Fills the empty *OUT.  FOUND gets what only shows when all is known (starts
 * without a stop).  USAGE: no such zone.
 */
bool logs_tell(const log_search *search, const GPtrArray *packs,
    const struct log_inputs *inputs, struct found *found,
    const struct tell_options *options, struct logs *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Prints the tables for people. */
void logs_print(const struct logs *l);

#endif
