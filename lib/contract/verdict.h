/*
 * May we go?  Only verdict_of() says GO.  It is pure: findings, policy and a
 * time in, a verdict out.
 */
#ifndef GONOGO_CONTRACT_VERDICT_H
#define GONOGO_CONTRACT_VERDICT_H

#include "contract/facts.h"
#include "contract/finding.h"
#include "contract/policy.h"
#include "contract/waiver.h"

enum answer { ANSWER_UNKNOWN, ANSWER_NO_GO, ANSWER_CONDITIONAL, ANSWER_GO };

extern const char *const answer_names[]; /* as in JSON: NO_GO */
const char *answer_text(enum answer a);  /* for people: NO-GO */
int answer_exit(enum answer a);          /* 0 10 20 30 */

/* Why, in the order to show: blockers, unknowns, warnings, what is waived. */
struct reason {
	char *key; /* of the finding */
	int severity, outcome;
	char *title, *message, *remedy;
	char *waived_by; /* id of a waiver; NULL: nobody's */
};

struct tally {
	struct number pass, fail, unknown, manual, not_applicable;
	struct number blocker, high, medium, low, info; /* of the fails */
};

struct verdict {
	char *made_by;
	int answer;                 /* enum answer */
	int answer_without_waivers; /* enum answer */
	char *cluster, *current, *target, *procedure;
	struct number as_of, valid_until;
	char *facts_sha256, *findings_sha256, *policy_sha256, *policy_name;
	char *backup_set; /* id of the set that answers "can we come back" */
	/* Strings: documents in the bundle that --recompute takes as they are,
	 * as what they were made of is not in it. */
	GPtrArray *taken_as_is;
	GPtrArray *waivers; /* struct waiver: all that were handed in */
	struct tally tally;
	GPtrArray *reasons;      /* struct reason */
	GPtrArray *pre_existing; /* struct reason: shown apart */
	GPtrArray *not_checked;  /* struct reason: unknown or manual, all */
};

extern const struct shape verdict_shape, reason_shape;

typedef struct verdict verdict;
void verdict_clear(struct verdict *v);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(verdict, verdict_clear)

/*
 * Fills *v, all but findings_sha256; it is empty but for `waivers`, whose
 * states it sets.  In this order:
 *
 *     NO_GO        a failed finding, blocker or high, that is not pre-existing
 *     UNKNOWN      a required finding that nobody answered; an area without
 *                  any finding; findings by another policy, or too old
 *     CONDITIONAL  a failed finding, medium, that is not pre-existing; what a
 *                  waiver covers; a waiver that nobody vouches for
 *     GO           every required finding passed or does not apply
 *
 * A finding is required unless it says no, or the policy names it optional.
 */
void verdict_of(struct verdict *v, const struct facts *facts,
    const struct findings *findings, const struct policy *policy,
    int64_t as_of);

#endif
