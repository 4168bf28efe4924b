/*
 * How busy each node was, second by second, and whether the logs agree with
 * themselves about it.
 *
 *     traffic, settled --one sweep by time--> load
 *
 * Two checks: what each request logged of the others in progress against what
 * the sweep counts (a lone request logs 0), and Little's law in every five
 * minutes: what was in progress is what came times how long it took.
 */
#ifndef GONOGO_AUDIT_CAPACITY_LOAD_H
#define GONOGO_AUDIT_CAPACITY_LOAD_H

#include "audit/capacity/traffic.h"

enum {
	LOAD_DAYS = 63,     /* the newest; what is older is left out */
	LITTLE_MS = 300000, /* one bucket of the second check */
	RESIDUALS = 512,    /* differences beyond count as the last */
	RESIDUAL_LEAST = 2, /* requests: allowed whatever the concurrency */
};

struct node_load {
	uint64_t requests, hosting, mesh;
	unsigned peak, hosting_peak;
	/* Tickets that were in use at once, shown by who overtook whom. */
	unsigned demonstrated;
	uint64_t checked, residuals[2 * RESIDUALS + 1]; /* logged - counted */
	uint64_t far; /* of them, beyond what check one allows */
	uint64_t buckets, buckets_off;
	uint16_t *series;  /* hosting in progress, most in each second */
	uint32_t *drain_s; /* by minute: how long until those in progress end */
};

struct load {
	unsigned nodes;
	int64_t begin_s, end_s; /* UTC; whole days of it */
	uint64_t left_out;      /* requests of days before */
	struct node_load *node;
};

/* Fills the empty *OUT. */
void load_measure(const struct traffic *t, unsigned nodes, struct load *out);
typedef struct load load;
void load_clear(struct load *l);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(load, load_clear)

/* Logged less counted: the middle one. */
int node_load_median(const struct node_load *n);

/*
 * Turns T into what is replayed: hosting requests of the days of L alone, each
 * with the time that it held a ticket in took_ms.  Where all TICKETS (by node)
 * of a node were taken, who came waited first; that is taken off.  Gives how
 * many did.
 */
uint64_t load_to_demand(
    struct traffic *t, const struct load *l, const unsigned *tickets);

#endif
