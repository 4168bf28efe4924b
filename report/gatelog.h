/*
 * gate-log.ndjson: what the gate was asked and answered, one line each, in the
 * bundle but outside its sums, as it grows after the signing.
 *
 *     {"as_of":..., "phase":"open", "code":0, "prev":sha256 of the line before}
 *
 * The chain shows a line that was changed or taken out of the middle.
 */
#ifndef GONOGO_REPORT_GATELOG_H
#define GONOGO_REPORT_GATELOG_H

#include "base/json.h"

/*
 * Adds `prev` and, where the line before asked the same and got the same,
 * `repeat` to RECORD, and appends it: locked, one write, fsynced.
 * BUSY: another gate holds it for too long.  DATA: the log is broken.  SYSTEM.
 */
bool gatelog_append(
    const char *bundle, json *record, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds a line to FLAWS when the log is there and its chain is broken. */
void gatelog_check(const char *bundle, GPtrArray *flaws);

#endif
