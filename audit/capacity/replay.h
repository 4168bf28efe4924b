/*
 * The real requests once more, with a node away.
 *
 *     demand --of nodes that are away: routed anew--> stations --> waits
 *
 * A station is a node: so many tickets, first come, first served; who waits
 * longer than the time-out is refused.  In service all get on at the same
 * pace: the whole of it without a bound of cores (the optimistic bound), else
 * less as soon as they ask for more cores than there are (the pessimistic
 * one).  All is counted in whole milliseconds and 65,536ths of them, so that
 * another program can be held against it.
 */
#ifndef GONOGO_AUDIT_CAPACITY_REPLAY_H
#define GONOGO_AUDIT_CAPACITY_REPLAY_H

#include "audit/capacity/traffic.h"

enum balance {
	BALANCE_SHARE,  /* by the shares that the nodes had */
	BALANCE_LEAST,  /* to who has least, in service and waiting */
	BALANCE_STICKY, /* a client stays with one node */
};

extern const char *const balance_names[];

enum {
	REPLAY_TIMEOUT_MS = 300000, /* docs/sources.md#tickets */
	CORE_MILLI_EACH = 500,      /* a core for every two */
	REPLAY_LEAD_MS = 1800000,   /* replayed before what is counted */
};

struct absence {
	unsigned node;
	int64_t from_ms, until_ms;
};

struct replay {
	const struct traffic *demand; /* load.h */
	unsigned nodes;
	const unsigned *tickets;     /* by node */
	const unsigned *cores_milli; /* by node; NULL: no bound */
	const uint64_t *weights;     /* by node: its share */
	enum balance balance;
	int64_t timeout_ms;
	int64_t from_ms, until_ms; /* who comes in this time is counted */
	const struct absence *absences;
	unsigned absent;
	unsigned temporary; /* tickets of one more node; 0: none */
};

struct replayed {
	uint64_t requests, moved, waited, refused;
	int64_t p95_ms, p99_ms, most_ms; /* of the waits of all */
	int64_t over_ms;                 /* in which somebody waited */
	unsigned peak_permille;          /* present, of a station's tickets */
	unsigned peak;                   /* present at one station */
};

/* WAITS (may be NULL) gets each request's wait, -1 for who was refused, in
 * the order in which they came: for tests. */
void replay_run(const struct replay *r, struct replayed *out, int64_t *waits);

#endif
