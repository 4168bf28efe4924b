#include "audit/logs/found.h"

static void unknown_free(void *data);

void found_init(struct found *f, unsigned rules, unsigned inputs)
{
	*f = (struct found){.rules = rules,
	    .inputs = inputs,
	    .hits = g_new0(struct hits, rules + 1),
	    .unknown = g_hash_table_new_full(
		g_int64_hash, g_int64_equal, NULL, unknown_free),
	    .files = g_new0(struct file_found, inputs + 1),
	    .milestones = g_array_new(FALSE, TRUE, sizeof(struct milestone))};
	for (unsigned i = 0; i < rules; i++)
		f->hits[i].seen.first_s = f->hits[i].seen.last_s = -1;
	for (unsigned i = 0; i < inputs; i++)
		f->files[i].first_s = f->files[i].last_s = -1;
}

/* ---- occurrences ---- */

static void occurrences_clear(struct occurrences *o)
{
	for (int i = 0; i < SAMPLES; i++)
		g_free(o->samples[i].text);
	tally_clear(&o->when);
}

int place_compare(const struct place *a, const struct place *b)
{
	/* Without a stamp it is the last to be shown. */
	uint64_t one = (uint64_t)a->local_s, two = (uint64_t)b->local_s;

	return one != two               ? (one > two ? 1 : -1)
	       : a->input != b->input   ? (a->input > b->input ? 1 : -1)
	       : a->offset != b->offset ? (a->offset > b->offset ? 1 : -1)
					: 0;
}

static void widen(int64_t *first, int64_t *last, int64_t from, int64_t to)
{
	if (from >= 0 && (*first < 0 || from < *first))
		*first = from;
	if (to > *last)
		*last = to;
}

void occurrences_add(struct occurrences *o, const struct place *place,
    uint32_t node, int32_t slot)
{
	o->entries++;
	widen(&o->first_s, &o->last_s, place->local_s, place->local_s);
	tally_add(&o->when, node, slot, 0, 1);
}

bool occurrences_wants(const struct occurrences *o, const struct place *place)
{
	const struct sample *last = &o->samples[SAMPLES - 1];

	return !last->text || place_compare(place, &last->place) < 0;
}

void occurrences_sample(
    struct occurrences *o, const struct place *place, char *text)
{
	int at = SAMPLES - 1;

	g_free(o->samples[at].text);
	for (;
	     at > 0 && (!o->samples[at - 1].text ||
			   place_compare(place, &o->samples[at - 1].place) < 0);
	     at--)
		o->samples[at] = o->samples[at - 1];
	o->samples[at] = (struct sample){*place, text};
}

static void occurrences_merge(
    struct occurrences *into, const struct occurrences *from)
{
	into->entries += from->entries;
	into->lines += from->lines;
	widen(&into->first_s, &into->last_s, from->first_s, from->last_s);
	tally_merge(&into->when, &from->when);
	for (int i = 0; i < SAMPLES && from->samples[i].text; i++)
		if (occurrences_wants(into, &from->samples[i].place))
			occurrences_sample(into, &from->samples[i].place,
			    g_strdup(from->samples[i].text));
}

/* ---- unknown errors ---- */

static void unknown_free(void *data)
{
	struct unknown *u = data;

	occurrences_clear(&u->seen);
	g_free(u);
}

struct unknown *found_unknown(struct found *f, uint64_t fine)
{
	struct unknown *u = g_hash_table_lookup(f->unknown, &fine);

	if (u)
		return u;
	u = g_new0(struct unknown, 1);
	u->fine = fine;
	u->seen.first_s = u->seen.last_s = -1;
	g_hash_table_insert(f->unknown, &u->fine, u);
	return u;
}

static gint by_fine(gconstpointer a, gconstpointer b)
{
	uint64_t one = (*(struct unknown *const *)a)->fine;
	uint64_t two = (*(struct unknown *const *)b)->fine;

	return one > two ? 1 : one < two ? -1 : 0;
}

void found_prune(struct found *f)
{
	if (g_hash_table_size(f->unknown) <= UNKNOWN_MOST)
		return;
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	GHashTableIter each;
	gpointer value;
	g_hash_table_iter_init(&each, f->unknown);
	while (g_hash_table_iter_next(&each, NULL, &value))
		g_ptr_array_add(all, value);
	g_ptr_array_sort(all, by_fine);
	for (guint i = UNKNOWN_MOST; i < all->len; i++) {
		struct unknown *u = g_ptr_array_index(all, i);
		f->unknown_dropped += u->seen.entries;
		g_hash_table_remove(f->unknown, &u->fine);
	}
}

static void merge_unknown(struct found *into, const struct found *from)
{
	GHashTableIter all;
	gpointer value;

	g_hash_table_iter_init(&all, from->unknown);
	while (g_hash_table_iter_next(&all, NULL, &value)) {
		const struct unknown *u = value;
		struct unknown *to = found_unknown(into, u->fine);
		to->coarse = u->coarse;
		to->levels |= u->levels;
		to->kinds |= u->kinds;
		to->starting += u->starting;
		occurrences_merge(&to->seen, &u->seen);
	}
	into->unknown_dropped += from->unknown_dropped;
	found_prune(into);
}

/* ---- all of it ---- */

static void merge_file(struct file_found *into, const struct file_found *from)
{
	into->bytes += from->bytes;
	into->lines += from->lines;
	into->entries += from->entries;
	into->orphans += from->orphans;
	into->long_lines += from->long_lines;
	into->cut_entries += from->cut_entries;
	into->binary += from->binary;
	into->no_stamp += from->no_stamp;
	into->backwards += from->backwards;
	into->unfinished = into->unfinished || from->unfinished;
	into->kind = MAX(into->kind, from->kind);
	widen(&into->first_s, &into->last_s, from->first_s, from->last_s);
	if (!from->spans)
		return;
	if (!into->spans)
		into->spans = g_array_new(FALSE, TRUE, sizeof(struct span));
	g_array_append_vals(into->spans, from->spans->data, from->spans->len);
}

void found_merge(struct found *into, const struct found *from)
{
	for (unsigned i = 0; i < from->rules; i++) {
		occurrences_merge(&into->hits[i].seen, &from->hits[i].seen);
		into->hits[i].undecided += from->hits[i].undecided;
		into->hits[i].starting += from->hits[i].starting;
		tally_merge(&into->hits[i].minutes, &from->hits[i].minutes);
	}
	merge_unknown(into, from);
	for (unsigned i = 0; i < from->inputs; i++)
		merge_file(&into->files[i], &from->files[i]);
	tally_merge(&into->entries, &from->entries);
	g_array_append_vals(
	    into->milestones, from->milestones->data, from->milestones->len);
}

void found_clear(struct found *f)
{
	for (unsigned i = 0; f->hits && i < f->rules; i++) {
		occurrences_clear(&f->hits[i].seen);
		tally_clear(&f->hits[i].minutes);
	}
	for (unsigned i = 0; f->files && i < f->inputs; i++)
		if (f->files[i].spans)
			g_array_unref(f->files[i].spans);
	g_free(f->hits);
	g_free(f->files);
	if (f->unknown)
		g_hash_table_unref(f->unknown);
	if (f->milestones)
		g_array_unref(f->milestones);
	tally_clear(&f->entries);
	*f = (struct found){0};
}
