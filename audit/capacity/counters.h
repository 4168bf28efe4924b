/*
 * Which numbers of its requests a node has logged: each start of it counts
 * from one, so that what is missing was lost, or is never logged.
 *
 *     node, start --< page of 65,536 numbers: came, went
 */
#ifndef GONOGO_AUDIT_CAPACITY_COUNTERS_H
#define GONOGO_AUDIT_CAPACITY_COUNTERS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	PAGE_BITS = 16,
	PAGE_WORDS = (1 << PAGE_BITS) / 64,
	BLOCK_WORDS = 16,   /* the least that a usual gap is told by: 1,024 */
	PAGES_MOST = 16384, /* of one start: a thousand million requests */
	RUNS_MOST = 4096,   /* those beyond share one */
};

struct page {
	uint64_t number; /* counter >> PAGE_BITS */
	uint64_t came[PAGE_WORDS], went[PAGE_WORDS];
};

/* One run of a node, from its start on. */
struct run {
	uint32_t node;
	uint64_t token;
	GPtrArray *pages; /* struct page, by number once counters are told */
	struct page *last;
	uint64_t repeated;         /* answers logged twice */
	uint64_t strange;          /* numbers too far apart to be kept */
	int64_t first_ms, last_ms; /* UTC, of its lines */
};

struct counters {
	GPtrArray *runs; /* struct run; NULL: none */
	struct run *last;
};

/* The run of NODE with TOKEN, found or added; borrowed. */
struct run *counters_run(struct counters *c, uint32_t node, uint64_t token);
/* Marks a number as come or gone. */
void run_came(struct run *r, uint64_t counter);
void run_went(struct run *r, uint64_t counter);
void counters_merge(struct counters *into, const struct counters *from);
void counters_clear(struct counters *c);

/* What all runs of one node tell. */
struct coverage {
	uint64_t seen, expected; /* numbers */
	uint64_t unanswered;     /* came, and never went */
	uint64_t repeated, strange;
	unsigned runs;
	/* What is missing where nothing was lost: the median over blocks. */
	unsigned usual_gap_permille;
	/* Of what is not usually missing; 1000: nothing was lost. */
	unsigned permille;
};

/* Puts the runs in the order of their time, and their pages by number. */
void counters_sort(struct counters *c);
void counters_tell(
    const struct counters *c, uint32_t node, struct coverage *out);

#endif
