/*
 * When to do it: every start of a week held against all weeks that were seen.
 *
 *     load --with each node away--> use by second --widest in a window-->
 *         score of each start --best few, and those proposed--> replayed
 *
 * In a window the nodes go one after the other, each for the same time: it is
 * taken out of the balancer, drained, stopped, started, warmed up.  Use is
 * what would be in progress at the fullest node, in thousandths of its
 * tickets; above 1000 somebody waits.
 */
#ifndef GONOGO_AUDIT_CAPACITY_WINDOW_H
#define GONOGO_AUDIT_CAPACITY_WINDOW_H

#include "audit/capacity/moment.h"
#include "audit/capacity/replay.h"
#include "audit/capacity/use.h"

enum {
	WINDOWS_BEST = 5,
	ORDERED_MOST = 6, /* nodes whose every order is tried */
};

enum window_state {
	WINDOW_UNKNOWN,
	WINDOW_UNSAFE,
	WINDOW_MARGINAL, /* by the optimistic bound alone */
	WINDOW_SAFE,
};

struct window_plan {
	struct pool pool;
	const struct traffic *demand;
	GTimeZone *zone;
	const unsigned *cores_milli; /* by node of the load */
	enum balance balance;
	int64_t away_s;      /* of one node */
	int64_t wait_ms;     /* longest that one in a hundred may wait */
	const GArray *hours; /* struct hour: what was seen */
};

struct window {
	unsigned minute; /* of the week, Monday 00:00 local time is 0 */
	bool proposed;
	unsigned weeks;              /* that it was seen in */
	unsigned permille;           /* use: 9 of 10 weeks have no more */
	unsigned low, high, average; /* the same, of weeks drawn at random */
	unsigned order[NODES_MOST];  /* nodes of the load, first to last */
	struct replayed optimistic, pessimistic; /* the worst of all weeks */
	enum window_state state;
	bool helped;        /* by a temporary node */
	unsigned temporary; /* with so many tickets it is safe; 0: none is */
};

struct windows {
	GArray *list;              /* struct window: the best, then proposed */
	unsigned heat[WEEK_HOURS]; /* use, most of all weeks */
	bool seen[WEEK_HOURS];
	uint16_t *use[NODES_MOST]; /* by second, with that node away */
	unsigned starts;           /* how many were scored */
	unsigned weeks;
};

/* PROPOSED: minutes of the week. */
void windows_find(const struct window_plan *plan, const GArray *proposed,
    struct windows *out);
typedef struct windows windows;
void windows_clear(struct windows *w);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(windows, windows_clear)

#endif
