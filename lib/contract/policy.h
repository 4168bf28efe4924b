/*
 * What the site asks for before it says GO: an INI file for people
 * (templates/policy.conf), with compiled-in defaults equal to it.
 */
#ifndef GONOGO_CONTRACT_POLICY_H
#define GONOGO_CONTRACT_POLICY_H

#include "base/config.h"
#include "contract/finding.h"

struct policy {
	char *name;
	int64_t facts_max_age_s;        /* [evidence] facts_max_age */
	int64_t clock_skew_max_ms;      /* [cluster] clock_skew_max */
	int64_t nodes_least;            /* [cluster] nodes_least */
	int64_t backup_max_age_s;       /* [backup] max_age */
	bool capacity_required;         /* [capacity] required */
	bool backup_required;           /* [backup] required */
	bool backup_degraded;           /* [backup] accept_degraded */
	bool backup_asserted;           /* [backup] accept_asserted */
	int64_t restore_test_max_age_s; /* [backup] restore_test_max_age */
	char *backup_proof;        /* [backup] proof: quick full deep restore */
	int64_t free_permille;     /* [home] free_permille */
	int64_t licence_days;      /* [licence] days_left */
	int64_t answers_max_age_s; /* [answers] max_age */
	bool newest_bugfix;        /* [path] newest_bugfix: ask for it */
	int64_t logs_look_back_s;  /* [logs] look_back */
	int64_t logs_block_s;      /* [logs] block_within */
	char *waiver_highest;      /* [waivers] highest: a severity */
	int64_t waiver_max_time_s; /* [waivers] max_time */
	int64_t waiver_signatures; /* [waivers] signatures: of each */
	int64_t approvals;         /* [approval] signatures */
	bool approval_independent; /* [approval] independent */
	char **optional; /* [checks] optional: ids, keys, areas; NULL: none */
	char *sha256;    /* of the canonical text of all the above */
};

extern const struct config_key policy_keys[];

typedef struct policy policy;
void policy_free(struct policy *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(policy, policy_free)

/* Gives the compiled-in policy. */
struct policy *policy_default(void);

/*
 * Gives the policy of the file PATH; a key that it does not name keeps its
 * default.  USAGE with file, line, `[group] key`: unknown, twice, or no value
 * of its kind.  SYSTEM: cannot read.
 */
struct policy *policy_read(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Gives the policy of FILE; NULL: that of policy.conf in BUNDLE (may be NULL);
 * without that the compiled-in one.  Errors: policy_read().
 */
struct policy *policy_of(const char *file, const char *bundle,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * May the finding KEY of CHECK stay UNKNOWN, because the policy names its key,
 * its check or its area?
 */
bool policy_is_optional(
    const struct policy *p, const char *check, const char *key);

/* Gives it as the document gonogo.policy/1: canonical, without sha256. */
json *policy_write(const struct policy *p);

/* Gives the JSON Schema of policy_write(). */
json *policy_schema(void);

#endif
