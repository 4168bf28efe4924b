/*
 * The documents of a bundle that telling rests on, read together: each file is
 * read once, and what is hashed is what is parsed.
 */
#ifndef GONOGO_REPORT_DOSSIER_H
#define GONOGO_REPORT_DOSSIER_H

#include "contract/verdict.h"

struct dossier {
	char *bundle; /* folder */
	struct facts facts;
	struct findings findings;
	struct policy *policy;
	char *facts_sha256, *findings_sha256; /* of the files */
	struct verdict verdict;               /* {0} until it is read or made */
};

typedef struct dossier dossier;
void dossier_clear(struct dossier *d);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(dossier, dossier_clear)

/*
 * Fills the empty *d with facts, findings and policy: that of POLICY, else of
 * policy.conf in the bundle, else the compiled-in one.  SYSTEM: not there.
 * DATA: not what they say they are.  *d is empty again after an error.
 */
bool dossier_read(struct dossier *d, const char *bundle, const char *policy,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds verdict.json.  SYSTEM, DATA. */
bool dossier_read_verdict(
    struct dossier *d, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Makes the verdict anew: the bundle's waivers, verdict_of() and the hashes of
 * the files.  SYSTEM: what people signed could not be verified.
 */
bool dossier_decide(
    struct dossier *d, int64_t as_of, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds a line to FLAWS (strings) for each document that does not rest on the
 * others: findings on other facts, and a verdict (when there is one) on other
 * facts or findings.
 */
void dossier_check(const struct dossier *d, GPtrArray *flaws);

#endif
