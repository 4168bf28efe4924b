/*
 * A rule is a row: what is asked, why, and how a person mends it.
 *
 *     facts --judge--> findings     pure: no clock, no door, cannot fail
 *
 * A rule adds one finding for each thing that it looked at, or one for the
 * whole cluster.  audit/judge.c settles the rest, for all rules alike: a rule
 * that adds nothing is UNKNOWN, and so is one whose inputs are unseen or old.
 * Report, `audit rules`, waivers and the manual read the same rows.
 */
#ifndef GONOGO_AUDIT_RULES_RULE_H
#define GONOGO_AUDIT_RULES_RULE_H

#include "contract/facts.h"
#include "contract/finding.h"
#include "contract/policy.h"

struct judging;

struct rule {
	const char *id;     /* AREA-slug, for ever: waivers name it */
	const char *ask;    /* a question whose good answer is yes */
	const char *mend;   /* what a person does when it is no */
	const char *source; /* where the demand is written */
	enum severity severity;
	enum phase resolve_by;
	enum relation relation;
	bool required; /* no GO while it is not answered */
	/*
	 * Names of sources of the facts (audit/collect/normalise.h).  Each must
	 * have been seen; of "a|b" one suffices; "node.*.status" is of any
	 * node.
	 */
	const char *inputs[5];
	int64_t max_age_s; /* of the inputs; 0: the policy's */
	/* Does it concern this upgrade?  NULL: always.  *why says why not. */
	bool (*applies)(const struct facts *facts, const char **why);
	void (*judge)(const struct judging *j);
};

struct judging {
	const struct rule *rule;
	const struct facts *facts;
	const struct policy *policy;
	int64_t as_of;
	struct findings *out;
};

/* One table an area, each ended by {0}. */
extern const struct rule path_rules[], notes_rules[], cluster_rules[],
    licence_rules[], apps_rules[], freeze_rules[], config_rules[],
    platform_rules[], logs_rules[], capacity_rules[], backup_rules[],
    evidence_rules[];

/* The rule behind RULE (NULL: the first); NULL: there is no more. */
const struct rule *rules_next(const struct rule *rule);
/* NULL: none. */
const struct rule *rules_find(const char *id);

/* Does the row name WHAT as an input, or something that WHAT is a part of? */
bool rule_needs(const struct rule *rule, const char *what);

/* Does the source WHAT bear the name that an input has? */
bool rule_is_input(const char *input, const char *what);

/*
 * Adds a finding of the row, UNKNOWN, on the subject SCHEME ID (both NULL: the
 * whole cluster); the rule may change what the row says of it.
 */
struct finding *rule_add(
    const struct judging *j, const char *scheme, const char *id);

/* Leaves F UNKNOWN with the reason why WHAT, or the row it is of, is unseen. */
void rule_unseen(const struct judging *j, struct finding *f, const char *format,
    ...) G_GNUC_PRINTF(3, 4);

/* Is the upgrade to be a rolling one?  For `applies`. */
bool rule_when_rolling(const struct facts *facts, const char **why);

/* For `judge`: asks what the row asks of a person (audit/questions.h). */
void rule_ask_person(const struct judging *j);

/* The nodes that the cluster lists as live: struct node *, borrowed. */
GPtrArray *rule_live_nodes(const struct facts *facts);

#endif
