/*
 * A waiver: a person takes one finding upon himself, for a time.  A signed INI
 * file; what it covers is named exactly, as nobody can answer for what he has
 * not seen.
 *
 *     [waiver]
 *     finding = APPS-incompatible/com.acme.merge-guard
 *     cluster = bitbucket-prod
 *     targets = 9.4.22; 9.4.23
 *     severity = high              the gravest that it may cover
 *     reason = the vendor tested it with us, ticket OPS-17
 *     not_before = 2026-08-01T00:00:00Z
 *     until = 2026-08-10T00:00:00Z
 *
 * Who signed it is found out by whoever reads it (report/people.h); whether it
 * holds is decided by verdict_of() alone.
 */
#ifndef GONOGO_CONTRACT_WAIVER_H
#define GONOGO_CONTRACT_WAIVER_H

#include "contract/facts.h"
#include "contract/finding.h"
#include "contract/policy.h"

/* INVALID is zero: what nobody vouches for covers nothing. */
enum waiver_state {
	WAIVER_INVALID,   /* no file of ours, or not signed by enough people */
	WAIVER_TOO_BROAD, /* it asks for more than the policy lets anybody */
	WAIVER_EXPIRED,
	WAIVER_NOT_YET,
	WAIVER_ELSEWHERE, /* of another cluster or target */
	WAIVER_UNUSED,    /* nothing of that name is in the way */
	WAIVER_ACTIVE,
};

extern const char *const waiver_state_names[];

struct waiver {
	char *id;      /* its file's name without .conf: "W-1" */
	char *sha256;  /* of the file */
	char *finding; /* a finding's key */
	char *cluster;
	GPtrArray *targets; /* strings: versions */
	char *reason;
	int severity; /* the gravest that it covers */
	/* It covers what nobody answered, too; else what failed alone. */
	struct flag unanswered;
	struct number not_before, until;
	GPtrArray *signers; /* strings: identities whose signature is good */
	char *flaw;         /* why it is INVALID; NULL: it is not */
	int state;          /* enum waiver_state, set by verdict_of() */
	char *why;          /* of a state that covers nothing */
};

extern const struct shape waiver_shape;

/*
 * Reads TEXT, the file that people know as NAME, into the empty *w: all but
 * id, sha256, signers and state.  USAGE with file, line, `[waiver] key`.
 */
bool waiver_parse(const char *text, const char *name, struct waiver *w,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the file of *w. */
char *waiver_text(const struct waiver *w);

/*
 * Sets the state of each of LIST (struct waiver; may be NULL): UNUSED where it
 * would hold.
 */
void waivers_weigh(GPtrArray *list, const struct facts *facts,
    const struct policy *policy, int64_t as_of);

/* The one of LIST that covers F, made ACTIVE; NULL: none does. */
const struct waiver *waivers_use(GPtrArray *list, const struct finding *f);

#endif
