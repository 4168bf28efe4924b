/* What the nodes did: how much they logged, when they were silent, how they
 * were stopped and started. */
#include "audit/logs/telling.h"

enum { GAP_HOURS = 2 };

static gint by_place(gconstpointer a, gconstpointer b)
{
	const struct milestone *one = a, *two = b;

	if (one->node != two->node)
		return one->node > two->node ? 1 : -1;
	return place_compare(&one->place, &two->place);
}

/* Did the node log anything of its own before that moment? */
static bool ran_before(const struct telling *t, const struct milestone *m)
{
	for (guint i = 0; i < t->inputs->list->len; i++) {
		const struct file_found *f = &t->found->files[i];
		const struct log_input *input =
		    g_ptr_array_index(t->inputs->list, i);
		if (f->kind == LOG_APP + 1 && f->first_s >= 0 &&
		    f->first_s < m->place.local_s - 60 &&
		    log_inputs_node(t->inputs, input) == m->node)
			return true;
	}
	return false;
}

static struct hits *hits_of_unclean(const struct telling *t)
{
	for (unsigned i = 0; i < log_search_length(t->search); i++)
		if (log_search_rule(t->search, i)->sense == SENSE_UNCLEAN_START)
			return &t->found->hits[i];
	return NULL;
}

/* A start that no stop came before: the node was killed, or lost power. */
static void weigh_starts(struct telling *t, struct logs_node *n, uint32_t node)
{
	const GArray *all = t->found->milestones;
	const struct milestone *before = NULL;
	int64_t starts = 0, stops = 0, unclean = 0;
	struct hits *hits = hits_of_unclean(t);

	for (guint i = 0; i < all->len; i++) {
		const struct milestone *m =
		    &g_array_index(all, struct milestone, i);
		if (m->node != node)
			continue;
		if (m->kind == MILESTONE_STOP) {
			stops++;
		} else {
			starts++;
			g_free(n->version);
			n->version = *m->version ? g_strdup(m->version) : NULL;
			if (before ? before->kind == MILESTONE_START
				   : ran_before(t, m)) {
				unclean++;
				if (hits)
					occurrences_add(&hits->seen, &m->place,
					    node,
					    (int32_t)(m->place.local_s / 3600));
			}
		}
		before = m;
	}
	n->starts = telling_some((uint64_t)starts);
	n->stops = telling_some((uint64_t)stops);
	n->unclean_starts = telling_some((uint64_t)unclean);
}

struct hours {
	int32_t first, last;
};

/* The first and last hour of any node; first above last: none. */
static struct hours hours_of_all(const struct found *f)
{
	struct hours all = {G_MAXINT32, -1};

	for (guint i = 0; i < tally_length(&f->entries); i++) {
		int32_t slot = tally_at(&f->entries, i)->slot;
		if (slot < 0)
			continue;
		all.first = MIN(all.first, slot);
		all.last = MAX(all.last, slot);
	}
	return all;
}

static void tell_gap(
    const struct telling *t, struct logs_node *n, int32_t from, int32_t until)
{
	if (until - from < GAP_HOURS)
		return;
	struct logs_gap *gap = shape_add(&logs_gap_shape, &n->gaps);
	gap->from = telling_utc(t, (int64_t)from * 3600);
	gap->until = telling_utc(t, (int64_t)until * 3600);
}

/* Its first and last entry, in any of its files. */
static void span_node(struct telling *t, struct logs_node *n, uint32_t node)
{
	int64_t first = -1, last = -1;

	for (guint i = 0; i < t->inputs->list->len; i++) {
		const struct file_found *f = &t->found->files[i];
		const struct log_input *input =
		    g_ptr_array_index(t->inputs->list, i);
		if (f->first_s < 0 || log_inputs_node(t->inputs, input) != node)
			continue;
		first = first < 0 ? f->first_s : MIN(first, f->first_s);
		last = MAX(last, f->last_s);
	}
	n->first = telling_utc(t, first);
	n->last = telling_utc(t, last);
}

static void tell_node(struct telling *t, uint32_t node, struct hours all)
{
	struct logs_node *n = shape_add(&logs_node_shape, &t->out->nodes);
	const struct tally *entries = &t->found->entries;
	uint64_t counts[3] = {0};
	int32_t next = all.first;

	n->name = g_strdup(telling_node(t, node));
	for (guint i = 0; i < tally_length(entries); i++) {
		const struct tally_cell *cell = tally_at(entries, i);
		if (cell->node != node)
			continue;
		for (int k = 0; k < 3; k++)
			counts[k] += cell->counts[k];
		if (cell->slot < 0)
			continue;
		struct logs_slot *slot = shape_add(&logs_slot_shape, &n->hours);
		slot->at = telling_utc(t, (int64_t)cell->slot * 3600);
		slot->count = number_of((int64_t)cell->counts[0]);
		tell_gap(t, n, next, cell->slot);
		next = cell->slot + 1;
	}
	if (counts[0] && all.last >= 0)
		tell_gap(t, n, next, all.last + 1);
	n->entries = number_of((int64_t)counts[0]);
	n->warnings = number_of((int64_t)counts[1]);
	n->errors = number_of((int64_t)counts[2]);
	span_node(t, n, node);
	weigh_starts(t, n, node);
}

void tell_all_nodes(struct telling *t)
{
	struct hours all = hours_of_all(t->found);

	tally_sort(&t->found->entries);
	g_array_sort(t->found->milestones, by_place);
	for (uint32_t node = 0; node < t->inputs->nodes->len; node++)
		tell_node(t, node, all);
	t->out->version = g_strdup(t->options->version);
	for (guint i = 0; i < t->out->nodes->len && !t->out->version; i++) {
		const struct logs_node *n = g_ptr_array_index(t->out->nodes, i);
		t->out->version = g_strdup(n->version);
	}
}
