/*
 * Is a bundle what somebody whom we trust signed, whole and still in force?
 *
 *     documents -> envelopes, their subjects and verdict -> SHA256SUMS,
 *         CONTENTS -> hashes -> time -> the verdict made anew
 *
 * Everything is looked at and every mismatch is named; what lies in the bundle
 * (its public key, its verify.sh) is never trusted by itself.
 */
#ifndef GONOGO_REPORT_CHECK_H
#define GONOGO_REPORT_CHECK_H

#include "port/sign.h"
#include "report/dossier.h"

/*
 * Reads the bundle into the empty *D and adds a line to FLAWS (strings) for
 * each thing that does not hold.  *D has its verdict when FLAWS stays empty.
 * SYSTEM: there is no such folder.
 */
bool check_bundle(const char *bundle, const sign_key *trust, int64_t now,
    struct dossier *d, GPtrArray *flaws,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Judges the raw replies of the bundle anew, by gonogo-audit, and compares
 * facts.json and findings.json byte by byte.  SYSTEM: it could not be run.
 */
bool check_recompute(const struct dossier *d, GPtrArray *flaws,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
