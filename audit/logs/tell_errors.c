/* Errors that no rule knows, held against those of an earlier time. */
#include "audit/logs/telling.h"

enum { SURGE_LEAST = 10, SURGE_TIMES = 3 };

static gint by_f1(gconstpointer a, gconstpointer b)
{
	const struct logs_error *one = *(struct logs_error *const *)a;
	const struct logs_error *two = *(struct logs_error *const *)b;

	return strcmp(one->f1, two->f1);
}

static void tell_error(struct telling *t, struct unknown *u)
{
	struct logs_error *e = shape_add(&logs_error_shape, &t->out->errors);

	e->f1 = fingerprint_text("f1", u->fine);
	e->c1 = fingerprint_text("c1", u->coarse);
	e->level = g_strdup(
	    log_level_names[u->levels & (1u << LEVEL_ERROR) ? LEVEL_ERROR
							    : LEVEL_WARN]);
	e->entries = number_of((int64_t)u->seen.entries);
	e->starting = telling_some(u->starting);
	e->first = telling_utc(t, u->seen.first_s);
	e->last = telling_utc(t, u->seen.last_s);
	tally_sort(&u->seen.when);
	telling_nodes(t, &u->seen.when, &e->nodes);
	telling_slots(t, &u->seen.when, 86400, &e->days);
	telling_samples(t, &u->seen, &e->samples);
}

static int64_t hours_of(const struct logs *l)
{
	int64_t span = l->from.known && l->until.known
			   ? (l->until.value - l->from.value) / 3600
			   : 0;

	return MAX(span, 1);
}

static const struct logs_error *find_error(const struct logs *l, const char *f1)
{
	for (guint lo = 0, hi = list_length(l->errors); lo < hi;) {
		guint middle = lo + (hi - lo) / 2;
		const struct logs_error *e =
		    g_ptr_array_index(l->errors, middle);
		int order = strcmp(f1, e->f1);
		if (order == 0)
			return e;
		if (order < 0)
			hi = middle;
		else
			lo = middle + 1;
	}
	return NULL;
}

/* A full list ends at its largest fingerprint: beyond it nothing is told. */
static bool can_tell(const struct logs *l, const char *f1)
{
	if (!l->errors_dropped.known)
		return true;
	const struct logs_error *last =
	    g_ptr_array_index(l->errors, list_length(l->errors) - 1);
	return strcmp(f1, last->f1) <= 0;
}

/* What comes only while a node starts is held against earlier starts: it comes
 * again with each. */
static enum logs_state weigh_start(
    const struct telling *t, const struct logs_error *e)
{
	const struct logs *starts = t->options->starts;

	if (!starts || !list_length(starts->errors))
		return LOGS_UNWEIGHED;
	return find_error(starts, e->f1) ? LOGS_KNOWN : LOGS_NEW;
}

static enum logs_state weigh(const struct telling *t,
    const struct logs_error *e, const struct logs *base)
{
	const struct logs_error *before = find_error(base, e->f1);
	bool starting =
	    e->starting.known && e->starting.value >= e->entries.value;

	if (!before && starting)
		return weigh_start(t, e);
	if (!before)
		return can_tell(base, e->f1) ? LOGS_NEW : LOGS_UNWEIGHED;
	/* Rates by the hour, without fractions. */
	int64_t now = e->entries.value * hours_of(base);
	int64_t then = before->entries.value * hours_of(t->out);
	return !starting && e->entries.value >= SURGE_LEAST &&
		       now >= SURGE_TIMES * then
		   ? LOGS_SURGING
		   : LOGS_KNOWN;
}

static void compare(struct telling *t)
{
	const struct logs *base = t->options->baseline;

	t->out->baseline = g_strdup(t->options->baseline_sha256);
	for (guint i = 0; i < list_length(t->out->errors); i++) {
		struct logs_error *e = g_ptr_array_index(t->out->errors, i);
		e->state = weigh(t, e, base);
	}
	for (guint i = 0; i < list_length(base->errors); i++) {
		const struct logs_error *e = g_ptr_array_index(base->errors, i);
		if (find_error(t->out, e->f1) || !can_tell(t->out, e->f1))
			continue;
		struct logs_gone *gone =
		    shape_add(&logs_gone_shape, &t->out->gone);
		const struct logs_sample *sample =
		    list_length(e->samples) ? g_ptr_array_index(e->samples, 0)
					    : NULL;
		gone->f1 = g_strdup(e->f1);
		gone->text = sample ? g_strdup(sample->text) : NULL;
		gone->entries = e->entries;
		gone->last = e->last;
	}
}

void tell_all_errors(struct telling *t)
{
	GHashTableIter all;
	gpointer value;

	g_hash_table_iter_init(&all, t->found->unknown);
	while (g_hash_table_iter_next(&all, NULL, &value))
		tell_error(t, value);
	if (t->out->errors)
		g_ptr_array_sort(t->out->errors, by_f1);
	t->out->errors_dropped = telling_some(t->found->unknown_dropped);
	if (t->options->baseline)
		compare(t);
}
