/*
 * Judging: facts, policy and a moment in, findings out.  Pure: no clock, no
 * door, no locale; the same documents give the same findings, byte for byte.
 */
#ifndef GONOGO_AUDIT_JUDGE_H
#define GONOGO_AUDIT_JUDGE_H

#include "contract/facts.h"
#include "contract/finding.h"
#include "contract/policy.h"

/*
 * Fills the empty *OUT with what every rule finds, sorted, but for the AREAS
 * that are left out (ended by NULL, may be NULL; "BACKUP").  A rule whose
 * inputs are unseen, older than it allows, or of after AS_OF is UNKNOWN,
 * whatever it found.
 */
void judge_all(const struct facts *facts, const struct policy *policy,
    int64_t as_of, const char *const *areas_left_out, struct findings *out);

#endif
