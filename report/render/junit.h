/*
 * The verdict as a JUnit report, for what reads those: one suite an area, one
 * test case a finding.
 *
 *     failure   a failed finding that makes the verdict NO-GO or CONDITIONAL
 *     error     what nobody answered, or a person still has to attest
 *     skipped   does not apply, or the policy does without it
 *     passed    all others; what is worth knowing stands in its properties
 *
 * The first suite, `verdict`, has one case of its own: it fails unless the
 * answer is GO, so that no reader sees a green run without one.
 */
#ifndef GONOGO_REPORT_RENDER_JUNIT_H
#define GONOGO_REPORT_RENDER_JUNIT_H

#include "contract/verdict.h"

/* Gives XML; pure: the same documents, the same text. */
char *junit_write(
    const struct findings *findings, const struct verdict *verdict);

#endif
