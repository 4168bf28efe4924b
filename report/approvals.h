/*
 * Who approved a sealed bundle: approvals/A-*.json beside the seal, each with
 * the signatures of those who gave it.
 */
#ifndef GONOGO_REPORT_APPROVALS_H
#define GONOGO_REPORT_APPROVALS_H

#include "report/dossier.h"
#include "report/people.h"

/* Gives the digest that stands for the bundle: that of its SHA256SUMS. */
char *approvals_subject(
    const char *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct approvals {
	struct people people; /* who counts */
	GPtrArray *nonces;    /* strings: of the approvals that count */
	struct number newest; /* when the last of them was given */
};
typedef struct approvals approvals;
void approvals_clear(struct approvals *a);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(approvals, approvals_clear)

/*
 * Finds who approved the bundle of D, whose verdict is read: for SUBJECT, in
 * force at NOW (0: at any time since it was given), with a nonce that is not
 * among SPENT (strings; may be NULL), and, as the policy asks, no signer of an
 * active waiver.  NOTES gets a line for each approval that does not count.
 * SYSTEM.
 */
bool approvals_find(struct approvals *a, const struct dossier *d,
    const char *subject, const struct sshsig_trust *trust, int64_t now,
    const GPtrArray *spent, GPtrArray *notes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
