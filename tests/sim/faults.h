/*
 * Harm on command: a fault waits for requests below a path prefix, on one node
 * or on all, and spoils as many as it was told to.
 *
 *     fault --> instead   no handler runs: status, html, timeout, refuse
 *           --> bend      the true answer is spoiled: empty, wrong-type, ...
 *           --> delivery  the true answer does not get through: reset, drip
 */
#ifndef GONOGO_SIM_FAULTS_H
#define GONOGO_SIM_FAULTS_H

#include "tests/sim/message.h"

enum fault_kind {
	FAULT_REFUSE,      /* nobody listens; below a path: reset, no answer */
	FAULT_RESET,       /* reset in the middle of the body */
	FAULT_CUT,         /* closed before the length that was announced */
	FAULT_TIMEOUT,     /* never answers */
	FAULT_LOST,        /* does it, but never answers */
	FAULT_DRIP,        /* answers, `bytes` every `ms` */
	FAULT_STATUS,      /* `status` with an error body */
	FAULT_EMPTY,       /* 200 and no body */
	FAULT_TRUNCATED,   /* half a body that claims to be whole */
	FAULT_WRONG_TYPE,  /* numbers and booleans become strings, and back */
	FAULT_WRONG_SHAPE, /* an object becomes an array, and back */
	FAULT_HTML,        /* 200 and a login page */
	FAULT_EMPTY_LISTS, /* every list in the answer is empty */
	FAULT_OTHER_HOST,  /* the answer of another instance */
	FAULT_SKEW,        /* the node's clock is off by skew_s */
	FAULT_KINDS
};
extern const char *const fault_names[FAULT_KINDS];

struct fault {
	uint64_t id;
	char *path, *node; /* node NULL: on every node */
	char *method;      /* NULL: any */
	bool exact;        /* this path only, nothing below it */
	enum fault_kind kind;
	unsigned status;
	int64_t skip; /* requests that still go well before the first */
	int64_t left; /* requests still to spoil; <0: all */
	int64_t ms, bytes, skew_s, retry_after_s;
	uint64_t hits;
};

struct faults {
	GPtrArray *list; /* struct fault, oldest first */
	uint64_t last_id;
};

struct faults *faults_new(void);
void faults_free(struct faults *f);

/* Adds what WISH describes (README.md); its id, or 0 with *error set: DATA. */
uint64_t faults_add(struct faults *f, const json *wish, GError **error);
/* Removes fault ID, or all for 0; how many. */
unsigned faults_clear(struct faults *f, uint64_t id);

/* The oldest fault that waits for this request, counted down.  May be NULL;
 * borrowed until the next call of a fault function. */
struct fault *faults_take(
    struct faults *f, const char *node, const char *method, const char *path);
/* Is the port of NODE closed by a fault? */
bool faults_refuse(const struct faults *f, const char *node);

/* True when no handler is to run: the reply, if any, is filled. */
bool fault_instead(const struct fault *fault, struct reply *reply);
void fault_bend(const struct fault *fault, struct reply *reply);

json *faults_json(const struct faults *f);

#endif
