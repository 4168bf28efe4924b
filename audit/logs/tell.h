/*
 * From what was found to the document of it (contract/logs.h).
 */
#ifndef GONOGO_AUDIT_LOGS_TELL_H
#define GONOGO_AUDIT_LOGS_TELL_H

#include "audit/logs/found.h"
#include "audit/logs/input.h"
#include "contract/logs.h"

struct tell_options {
	const char *zone;    /* of the logs' stamps; NULL: this machine's */
	const char *version; /* that runs; NULL: what started last */
	const struct logs *baseline; /* NULL: none */
	const char *baseline_sha256;
};

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
