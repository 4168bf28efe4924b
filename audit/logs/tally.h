/*
 * Counts by node and time: a list of cells, a few of which are busy at a time.
 */
#ifndef GONOGO_AUDIT_LOGS_TALLY_H
#define GONOGO_AUDIT_LOGS_TALLY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct tally_cell {
	uint32_t node;
	int32_t slot;       /* hour, minute or day since 1970; -1: no stamp */
	uint64_t counts[3]; /* what they count is the owner's */
};

struct tally {
	GArray *cells; /* struct tally_cell; NULL: none */
	guint last;    /* where the last one was found */
};

/* Adds N to count WHICH of the cell. */
void tally_add(
    struct tally *t, uint32_t node, int32_t slot, unsigned which, uint64_t n);
void tally_merge(struct tally *into, const struct tally *from);
/* By node, then time. */
void tally_sort(struct tally *t);
void tally_clear(struct tally *t);
/* Sum of count WHICH. */
uint64_t tally_sum(const struct tally *t, unsigned which);

static inline guint tally_length(const struct tally *t)
{
	return t->cells ? t->cells->len : 0;
}

static inline const struct tally_cell *tally_at(const struct tally *t, guint i)
{
	return &g_array_index(t->cells, struct tally_cell, i);
}

#endif
