#include "audit/logs/tally.h"

static bool is_cell(
    const struct tally *t, guint at, uint32_t node, int32_t slot)
{
	const struct tally_cell *cell = tally_at(t, at);

	return cell->node == node && cell->slot == slot;
}

static struct tally_cell *cell_of(struct tally *t, uint32_t node, int32_t slot)
{
	if (!t->cells)
		t->cells = g_array_new(FALSE, TRUE, sizeof(struct tally_cell));
	if (t->last < t->cells->len && is_cell(t, t->last, node, slot))
		return &g_array_index(t->cells, struct tally_cell, t->last);
	/* Logs go by time: what is looked for was seen lately, or never. */
	for (guint i = t->cells->len; i-- > 0;)
		if (is_cell(t, i, node, slot)) {
			t->last = i;
			return &g_array_index(t->cells, struct tally_cell, i);
		}
	const struct tally_cell fresh = {.node = node, .slot = slot};
	t->last = t->cells->len;
	g_array_append_val(t->cells, fresh);
	return &g_array_index(t->cells, struct tally_cell, t->last);
}

void tally_add(
    struct tally *t, uint32_t node, int32_t slot, unsigned which, uint64_t n)
{
	cell_of(t, node, slot)->counts[which] += n;
}

void tally_merge(struct tally *into, const struct tally *from)
{
	for (guint i = 0; i < tally_length(from); i++) {
		const struct tally_cell *cell = tally_at(from, i);
		struct tally_cell *to = cell_of(into, cell->node, cell->slot);
		for (unsigned k = 0; k < G_N_ELEMENTS(cell->counts); k++)
			to->counts[k] += cell->counts[k];
	}
}

static gint by_node_and_slot(gconstpointer a, gconstpointer b)
{
	const struct tally_cell *one = a, *two = b;

	return one->node != two->node   ? (one->node > two->node ? 1 : -1)
	       : one->slot != two->slot ? (one->slot > two->slot ? 1 : -1)
					: 0;
}

void tally_sort(struct tally *t)
{
	if (t->cells)
		g_array_sort(t->cells, by_node_and_slot);
	t->last = 0;
}

void tally_clear(struct tally *t)
{
	if (t->cells)
		g_array_unref(t->cells);
	*t = (struct tally){0};
}

uint64_t tally_sum(const struct tally *t, unsigned which)
{
	uint64_t sum = 0;

	for (guint i = 0; i < tally_length(t); i++)
		sum += tally_at(t, i)->counts[which];
	return sum;
}
