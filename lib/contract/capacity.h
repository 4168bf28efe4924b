/*
 * What `audit capacity` found: can the cluster carry its load while one node is
 * away, and when is that safest?
 *
 *     access logs of all nodes --> capacity
 *
 * Use is what is in progress at the fullest node, in thousandths of its
 * tickets.  Users and addresses have pseudonyms, or no names at all where the
 * state folder holds no key for them.
 */
#ifndef GONOGO_CONTRACT_CAPACITY_H
#define GONOGO_CONTRACT_CAPACITY_H

#include "contract/shape.h"

enum capacity_state {
	CAPACITY_UNKNOWN,  /* the logs do not suffice to tell */
	CAPACITY_UNSAFE,   /* people would be refused, or wait too long */
	CAPACITY_MARGINAL, /* by the optimistic bound, or assumed tickets */
	CAPACITY_SAFE,
};

struct capacity_count {
	char *what;
	struct number count;
};

/* One replay, or the worst of several. */
struct capacity_replay {
	struct number requests, moved, waited, refused;
	struct number wait_p95_ms, wait_p99_ms, wait_most_ms;
	struct number over_s; /* in which somebody waited */
	struct number peak, peak_permille;
};

struct capacity_hour {
	struct number at, requests, hosting, refs, in_flight, errors, limited,
	    slow, written_bytes;
};

struct capacity_node {
	char *name, *pool; /* "app", "mesh" */
	struct number requests, hosting, share_permille;
	struct number first, last; /* of its lines */
	/* from its numbers */
	struct number coverage_permille, usual_gap_permille, lost, unanswered,
	    starts;
	/* the two checks */
	struct number checked, median, far_permille, buckets, buckets_off;
	/* how busy */
	struct number peak, hosting_peak, demonstrated, tickets, cores;
	char *tickets_from; /* "told", "properties", "demonstrated" */
	struct number drain_p95_s, drain_most_s;
	GPtrArray *hours; /* struct capacity_hour */
	/* away for all that time */
	struct capacity_replay optimistic, pessimistic;
};

struct capacity_window {
	char *at; /* "Sat 02:00", local time */
	struct flag proposed;
	struct number next; /* after the last line that was read */
	struct number weeks, use_permille, low_permille, high_permille;
	int state;        /* enum capacity_state */
	GPtrArray *order; /* strings: nodes, the first first */
	struct capacity_replay optimistic, pessimistic;
	struct flag helped;              /* was a temporary node tried? */
	struct number temporary_tickets; /* it needs so many; absent: no number
					  * suffices */
};

struct capacity_use {
	struct number hour; /* of the week, Monday 00:00 local time is 0 */
	struct number permille;
};

struct capacity_absence {
	char *node;
	struct number from, until;
	struct number predicted, seen; /* hosting in progress, all nodes */
};

struct capacity_class {
	char *name;
	struct number requests, p50_ms, p95_ms, most_ms;
};

struct capacity {
	char *made_by, *zone, *balance;
	struct number from, until, days; /* whole days of UTC that are used */
	struct number read_at; /* when the logs were read for a bundle */
	struct number bytes, lines, requests, repeated, left_out;
	struct number compared;        /* came with went, how long it took */
	int state;                     /* enum capacity_state */
	GPtrArray *reasons;            /* strings: why no better */
	char *window;                  /* the one that is judged */
	struct number step_s, drain_s; /* of one node in a window */
	char *step_from;               /* "told", "logs", "assumed" */
	struct number waited_before;   /* requests that waited for a ticket */
	struct number busiest_hour, busiest_requests, erlang_wait_ms;
	struct number cache_hits, cache_misses;
	GPtrArray *nodes;    /* struct capacity_node */
	GPtrArray *windows;  /* struct capacity_window, the best first */
	GPtrArray *heat;     /* struct capacity_use: the worst node away */
	GPtrArray *absences; /* struct capacity_absence */
	GPtrArray *classes;  /* struct capacity_class */
	GPtrArray *users, *repositories, *clients; /* struct capacity_count */
	GPtrArray *odd;  /* struct capacity_count: lines not as expected */
	GPtrArray *lost; /* strings: what could not be read */
};

extern const char *const capacity_state_names[];
extern const struct shape capacity_shape, capacity_count_shape,
    capacity_replay_shape, capacity_hour_shape, capacity_node_shape,
    capacity_window_shape, capacity_use_shape, capacity_absence_shape,
    capacity_class_shape;

typedef struct capacity capacity;
void capacity_clear(struct capacity *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(capacity, capacity_clear)

#endif
