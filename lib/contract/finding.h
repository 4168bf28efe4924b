/*
 * Each rule's answer with its evidence.  The list is sorted by key, so that
 * the same facts give the same bytes.
 */
#ifndef GONOGO_CONTRACT_FINDING_H
#define GONOGO_CONTRACT_FINDING_H

#include "contract/shape.h"

/* UNKNOWN is zero: what nobody answered is never a pass. */
enum outcome {
	OUTCOME_UNKNOWN,
	OUTCOME_FAIL,
	OUTCOME_PASS,
	OUTCOME_NOT_APPLICABLE,
	OUTCOME_MANUAL, /* a person has to attest it */
};

enum severity {
	SEVERITY_BLOCKER,
	SEVERITY_HIGH,
	SEVERITY_MEDIUM,
	SEVERITY_LOW,
	SEVERITY_INFO,
};

/* When it has to be settled. */
enum phase {
	PHASE_BEFORE_START,
	PHASE_BEFORE_NODE,
	PHASE_BEFORE_FINALIZE,
	PHASE_AFTER,
};

/* Does the upgrade make it worse, or could we not come back? */
enum relation {
	RELATION_BREAKS_UPGRADE,
	RELATION_BREAKS_RETURN,
	RELATION_WORSENED,
	RELATION_PRE_EXISTING, /* shown apart, never blocks */
};

extern const char *const outcome_names[],
    *const severity_names[], *const phase_names[], *const relation_names[];

struct witness {             /* of a finding */
	char *what;          /* name of a source of the facts */
	char *file, *sha256; /* the raw reply inside the bundle */
	char *observed, *expected;
};

struct reference {
	char *kind; /* doc, issue, cve, kb */
	char *id, *url;
};

struct subject {
	char *scheme; /* app node version cluster licence db home set pack */
	char *id;
};

struct finding {
	char *check; /* the rule's id: APPS-incompatible */
	char *key;   /* check/subject: for ever the same for the same thing */
	char *area;  /* lower case: apps */
	char *title, *message; /* message: what was found, with names */
	int outcome, severity, resolve_by, relation; /* the enums above */
	struct flag required;
	char *why; /* of an UNKNOWN: why nobody could answer */
	struct subject subject;
	GPtrArray *evidence;      /* struct witness: every offender */
	GPtrArray *remediation;   /* strings; the first is the one to show */
	GPtrArray *references;    /* struct reference */
	struct number data_as_of; /* of the oldest input */
	struct number data_max_age_s; /* it answers for so long */
};

struct findings {
	char *made_by;
	struct number as_of;
	char *facts_sha256, *policy_sha256;
	GPtrArray *list; /* struct finding, sorted by key */
};

extern const struct shape findings_shape, finding_shape, witness_shape,
    reference_shape;

typedef struct findings findings;
void findings_clear(struct findings *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(findings, findings_clear)

/*
 * Adds an UNKNOWN finding of CHECK on the subject SCHEME ID (both may be NULL:
 * the whole cluster), with its key and area.  Borrowed from the list.
 */
struct finding *findings_add(
    struct findings *f, const char *check, const char *scheme, const char *id);

/* Sets the outcome and the message. */
void finding_answer(struct finding *f, enum outcome outcome, const char *format,
    ...) G_GNUC_PRINTF(3, 4);
/* Leaves it UNKNOWN and says why. */
void finding_unknown(struct finding *f, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
void finding_evidence(struct finding *f, const char *what, const char *observed,
    const char *expected);
void finding_remedy(struct finding *f, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
void finding_reference(
    struct finding *f, const char *kind, const char *id, const char *url);

void findings_sort(struct findings *f);

/* NULL: none of that key. */
const struct finding *findings_find(const struct findings *f, const char *key);

#endif
