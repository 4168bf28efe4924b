/*
 * gate-log.ndjson: what the gate was asked and answered, one line each, in the
 * bundle but outside its sums, as it grows after the signing.
 *
 *     {"as_of":..., "phase":"open", "code":0, "prev":sha256 of the line before}
 *
 * The chain shows a line that was changed or taken out of the middle; the
 * ledger, lines that were taken off the end.  Each is signed where the gate has
 * a key: `signature` is Ed25519 over the DSSE encoding, of the type below, of
 * the line without `keyid` and `signature`.
 */
#ifndef GONOGO_REPORT_GATELOG_H
#define GONOGO_REPORT_GATELOG_H

#include "port/sign.h"
#include "report/ledger.h"

#define GATELOG_TYPE "application/vnd.gonogo.gate+json"

/*
 * Adds `prev` and, where the line before asked the same and got the same,
 * `repeat` to RECORD, signs it by KEY (may be NULL), and appends it: locked,
 * one write, fsynced.  *digest gets the digest of its line.
 * BUSY: another gate holds it for too long.  DATA: the log is broken.  SYSTEM.
 */
bool gatelog_append(const char *bundle, json *record, const sign_key *key,
    char **digest, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds a line to FLAWS when the log is there and its chain is broken, or a line
 * that says it is by TRUST is not.
 */
void gatelog_check(const char *bundle, const sign_key *trust, GPtrArray *flaws);

/* Adds a line to FLAWS for each answer of the ledger that the log lost. */
void gatelog_compare(
    const char *bundle, const struct ledger *l, GPtrArray *flaws);

/* Does the log have an answer that let anything through? */
bool gatelog_has_passed(const char *bundle);

#endif
