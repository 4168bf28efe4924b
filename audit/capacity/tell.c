#include "audit/capacity/tell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"

enum { TOP = 10 };

static struct number some(uint64_t count)
{
	return count ? number_of((int64_t)count) : (struct number){0};
}

static const char *name_of(const struct looking *l, unsigned node)
{
	return g_ptr_array_index(l->inputs->nodes, node);
}

static bool is_app(const struct looking *l, unsigned node)
{
	for (unsigned i = 0; i < l->apps; i++)
		if (l->app[i] == node)
			return true;
	return false;
}

static void tell_replay(const struct replayed *r, struct capacity_replay *out)
{
	out->requests = number_of((int64_t)r->requests);
	out->moved = number_of((int64_t)r->moved);
	out->waited = number_of((int64_t)r->waited);
	out->refused = number_of((int64_t)r->refused);
	out->wait_p95_ms = number_of(r->p95_ms);
	out->wait_p99_ms = number_of(r->p99_ms);
	out->wait_most_ms = number_of(r->most_ms);
	out->over_s = number_of((r->over_ms + 999) / 1000);
	out->peak = number_of(r->peak);
	out->peak_permille = number_of(r->peak_permille);
}

/* ---- a node ---- */

int64_t drain_of(const struct node_load *n, size_t minutes, unsigned permille)
{
	enum { MOST = 86400 };
	g_autofree uint32_t *counts = g_new0(uint32_t, MOST + 1);
	uint64_t seen = 0;

	for (size_t i = 0; i < minutes; i++)
		counts[MIN(n->drain_s[i], (uint32_t)MOST)]++;
	for (int64_t s = 0; s <= MOST; s++) {
		seen += counts[s];
		if (minutes && seen * 1000 >= minutes * permille)
			return s;
	}
	return 0;
}

static void tell_hours(
    const struct looking *l, unsigned node, struct capacity_node *out)
{
	for (guint i = 0; i < l->traffic.hours->len; i++) {
		const struct hour *h =
		    &g_array_index(l->traffic.hours, struct hour, i);
		if (h->node != node)
			continue;
		struct capacity_hour *to =
		    shape_add(&capacity_hour_shape, &out->hours);
		to->at = number_of(h->number * 3600);
		to->requests = number_of((int64_t)h->requests);
		to->hosting = some(h->hosting);
		to->refs = some(h->refs);
		to->in_flight = some(h->in_flight);
		to->errors = some(h->errors);
		to->limited = some(h->limited);
		to->slow = some(h->slow);
		to->written_bytes = some(h->written);
	}
}

static void tell_times(
    const struct looking *l, unsigned node, struct capacity_node *out)
{
	const GPtrArray *runs = l->traffic.counters.runs;

	for (guint i = 0; runs && i < runs->len; i++) {
		const struct run *r = g_ptr_array_index(runs, i);
		if (r->node != node)
			continue;
		if (!out->first.known || r->first_ms / 1000 < out->first.value)
			out->first = number_of(r->first_ms / 1000);
		if (!out->last.known || r->last_ms / 1000 > out->last.value)
			out->last = number_of(r->last_ms / 1000);
	}
}

static void tell_coverage(
    const struct looking *l, unsigned node, struct capacity_node *out)
{
	struct coverage c;

	counters_tell(&l->traffic.counters, node, &c);
	out->coverage_permille = number_of(c.permille);
	out->usual_gap_permille = number_of(c.usual_gap_permille);
	out->lost = number_of((int64_t)(c.expected - c.seen));
	out->unanswered = number_of((int64_t)c.unanswered);
	out->starts = number_of(c.runs);
}

static void tell_node(const struct looking *l,
    const struct capacity_options *options, unsigned node, uint64_t hosting,
    struct capacity_node *out)
{
	const struct node_load *n = &l->load.node[node];
	size_t minutes = (size_t)(l->load.end_s - l->load.begin_s) / 60;

	out->name = g_strdup(name_of(l, node));
	out->pool = g_strdup(is_app(l, node) || !n->requests ? "app" : "mesh");
	out->requests = number_of((int64_t)n->requests);
	out->hosting = number_of((int64_t)n->hosting);
	out->share_permille =
	    number_of(hosting ? (int64_t)(n->hosting * 1000 / hosting) : 0);
	tell_times(l, node, out);
	tell_coverage(l, node, out);
	out->checked = number_of((int64_t)n->checked);
	out->median = number_of(node_load_median(n));
	out->far_permille =
	    number_of(n->checked ? (int64_t)(n->far * 1000 / n->checked) : 0);
	out->buckets = number_of((int64_t)n->buckets);
	out->buckets_off = number_of((int64_t)n->buckets_off);
	out->peak = number_of(n->peak);
	out->hosting_peak = number_of(n->hosting_peak);
	out->demonstrated = number_of(n->demonstrated);
	out->tickets = number_of(l->tickets[node]);
	out->tickets_from =
	    g_strdup(options->tickets >= n->demonstrated && options->tickets
			 ? options->tickets_from
			 : "demonstrated");
	if (options->cores)
		out->cores = number_of(options->cores);
	out->drain_p95_s = number_of(drain_of(n, minutes, 950));
	out->drain_most_s = number_of(drain_of(n, minutes, 1000));
	tell_hours(l, node, out);
	if (!is_app(l, node) || l->apps < 2 || options->counts_alone)
		return;
	tell_replay(&l->optimistic[node], &out->optimistic);
	tell_replay(&l->pessimistic[node], &out->pessimistic);
}

/* ---- windows ---- */

static void tell_window(const struct looking *l, const struct window *w,
    int64_t after_s, struct capacity_window *out)
{
	out->at = window_text(w->minute);
	out->proposed = flag_of(w->proposed);
	out->next = number_of(window_next(l->zone, w->minute, after_s));
	out->weeks = number_of(w->weeks);
	out->state = (int)w->state;
	if (!w->weeks)
		return;
	out->use_permille = number_of(w->permille);
	out->low_permille = number_of(w->low);
	out->high_permille = number_of(w->high);
	for (unsigned i = 0; i < l->apps; i++)
		strings_add(&out->order, name_of(l, w->order[i]));
	tell_replay(&w->optimistic, &out->optimistic);
	tell_replay(&w->pessimistic, &out->pessimistic);
	if (!w->helped)
		return;
	out->helped = flag_of(true);
	out->temporary_tickets = some(w->temporary);
}

static void tell_windows(
    const struct looking *l, int64_t after_s, struct capacity *out)
{
	for (guint i = 0; l->windows.list && i < l->windows.list->len; i++)
		tell_window(l,
		    &g_array_index(l->windows.list, struct window, i), after_s,
		    shape_add(&capacity_window_shape, &out->windows));
	for (int h = 0; h < WEEK_HOURS; h++) {
		if (!l->windows.seen[h])
			continue;
		struct capacity_use *use =
		    shape_add(&capacity_use_shape, &out->heat);
		use->hour = number_of(h);
		use->permille = number_of(l->windows.heat[h]);
	}
}

/* ---- nodes that were away before ---- */

/* Most hosting requests in progress at all nodes, from FROM on. */
static unsigned cluster_peak(
    const struct looking *l, int64_t from_s, int64_t span_s)
{
	unsigned peak = 0;

	for (int64_t s = from_s; s < from_s + span_s; s++) {
		unsigned sum = 0;
		for (unsigned i = 0; i < l->apps; i++)
			sum += l->load.node[l->app[i]].series[s];
		peak = MAX(peak, sum);
	}
	return peak;
}

static int by_value(const void *a, const void *b)
{
	unsigned one = *(const unsigned *)a, two = *(const unsigned *)b;

	return (one > two) - (one < two);
}

/* What the same hour of other weeks foretold against what came. */
static void tell_absence(const struct looking *l, const struct absence *a,
    struct capacity_absence *out)
{
	enum { WEEK_S = 604800 };
	int64_t seconds = l->load.end_s - l->load.begin_s;
	int64_t from = a->from_ms / 1000 - l->load.begin_s;
	int64_t span = (a->until_ms - a->from_ms) / 1000;
	unsigned peaks[LOAD_DAYS], count = 0;

	out->node = g_strdup(name_of(l, a->node));
	out->from = number_of(a->from_ms / 1000);
	out->until = number_of(a->until_ms / 1000);
	span = MIN(span, seconds - from);
	out->seen = number_of(cluster_peak(l, from, span));
	for (int64_t s = from % WEEK_S; s + span <= seconds; s += WEEK_S)
		if (s != from)
			peaks[count++] = cluster_peak(l, s, span);
	if (!count)
		return;
	qsort(peaks, count, sizeof *peaks, by_value);
	out->predicted = number_of(peaks[count / 2]);
}

/* ---- simple figures ---- */

static uint64_t took_percentile(const uint64_t *steps, unsigned permille)
{
	uint64_t all = 0, seen = 0;

	for (unsigned i = 0; i < TOOK_STEPS; i++)
		all += steps[i];
	for (unsigned i = 0; i < TOOK_STEPS; i++) {
		seen += steps[i];
		if (all && seen * 1000 >= all * permille)
			return took_least(i);
	}
	return 0;
}

static void tell_classes(const struct looking *l, struct capacity *out)
{
	for (int k = 0; k < CLASSES; k++) {
		const uint64_t *steps = l->traffic.took[k];
		uint64_t all = 0;
		for (unsigned i = 0; i < TOOK_STEPS; i++)
			all += steps[i];
		if (!all)
			continue;
		struct capacity_class *c =
		    shape_add(&capacity_class_shape, &out->classes);
		c->name = g_strdup(request_class_names[k]);
		c->requests = number_of((int64_t)all);
		c->p50_ms = number_of((int64_t)took_percentile(steps, 500));
		c->p95_ms = number_of((int64_t)took_percentile(steps, 950));
		c->most_ms = number_of((int64_t)took_percentile(steps, 1000));
	}
}

static void tell_names(const struct names *n, GPtrArray **out)
{
	g_autoptr(GPtrArray) top = names_top(n, TOP);

	for (guint i = 0; i < top->len; i++) {
		const struct name *name = g_ptr_array_index(top, i);
		struct capacity_count *c =
		    shape_add(&capacity_count_shape, out);
		c->what = g_utf8_make_valid(name_text(n, name), -1);
		c->count = number_of((int64_t)name->count);
	}
}

static void tell_busiest(const struct looking *l, struct capacity *out)
{
	g_autoptr(GHashTable) sums =
	    g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);

	for (guint i = 0; i < l->traffic.hours->len; i++) {
		const struct hour *h =
		    &g_array_index(l->traffic.hours, struct hour, i);
		uint64_t *sum = g_hash_table_lookup(sums, &h->number);
		if (!sum) {
			sum = g_new0(uint64_t, 1);
			g_hash_table_insert(
			    sums, g_memdup2(&h->number, sizeof h->number), sum);
		}
		*sum += h->requests;
		int64_t best = out->busiest_requests.value;
		if (!out->busiest_hour.known || (int64_t)*sum > best ||
		    ((int64_t)*sum == best &&
			h->number * 3600 < out->busiest_hour.value)) {
			out->busiest_hour = number_of(h->number * 3600);
			out->busiest_requests = number_of((int64_t)*sum);
		}
	}
}

/* Erlang's mean wait for COUNT requests an hour of MEAN_MS at C tickets. */
static double erlang_c(unsigned c, double count, double mean_ms)
{
	double load = count * mean_ms / 3600000, term = 1, sum = 1;

	if (load >= c)
		return -1;
	for (unsigned k = 1; k < c; k++) {
		term *= load / k;
		sum += term;
	}
	double last = term * load / c * c / (c - load);
	return last / (sum + last) * mean_ms / (c - load);
}

/* Of the hour with most hosting, the smallest node's tickets less. */
static void tell_erlang(const struct looking *l, struct capacity *out)
{
	uint64_t most = 0, count = 0;
	double took = 0;
	unsigned tickets = 0, largest = 0;

	for (guint d = 0; d < l->traffic.days->len; d++) {
		const struct day *day = g_ptr_array_index(l->traffic.days, d);
		uint64_t hours[24] = {0};
		for (size_t i = 0; i < day->length; i++) {
			const struct request *r = &day->list[i];
			if (!class_is_hosting(r->class))
				continue;
			uint64_t *hour = &hours[r->start_ms / 3600000];
			most = MAX(most, ++*hour);
			count++;
			took += r->took_ms;
		}
	}
	for (unsigned i = 0; i < l->apps; i++) {
		tickets += l->tickets[l->app[i]];
		largest = MAX(largest, l->tickets[l->app[i]]);
	}
	if (!count || tickets <= largest)
		return;
	double wait =
	    erlang_c(tickets - largest, (double)most, took / (double)count);
	if (wait >= 0)
		out->erlang_wait_ms = number_of(llround(wait));
}

static void tell_odd(const struct looking *l, struct capacity *out)
{
	for (int i = 0; i < ODDITIES; i++) {
		if (!l->traffic.odd[i])
			continue;
		struct capacity_count *c =
		    shape_add(&capacity_count_shape, &out->odd);
		c->what = g_strdup(oddity_names[i]);
		c->count = number_of((int64_t)l->traffic.odd[i]);
	}
	for (guint i = 0; i < l->inputs->list->len; i++) {
		const struct log_input *input =
		    g_ptr_array_index(l->inputs->list, i);
		if (!input->lost)
			continue;
		g_autofree char *name = log_input_name(input);
		g_autofree char *text =
		    g_strdup_printf("%s: %s", name, input->lost);
		strings_add(&out->lost, text);
	}
	for (guint i = 0; i < l->inputs->lost->len; i++)
		strings_add(&out->lost, g_ptr_array_index(l->inputs->lost, i));
}

/* ---- all of it ---- */

static void tell_span(const struct looking *l, struct capacity *out)
{
	for (guint i = 0; i < list_length(out->nodes); i++) {
		const struct capacity_node *n =
		    g_ptr_array_index(out->nodes, i);
		if (n->first.known &&
		    (!out->from.known || n->first.value < out->from.value))
			out->from = n->first;
		if (n->last.known &&
		    (!out->until.known || n->last.value > out->until.value))
			out->until = n->last;
	}
	if (out->from.known)
		out->days = number_of(
		    MIN((out->until.value - out->from.value + 43200) / 86400,
			(l->load.end_s - l->load.begin_s) / 86400));
	else
		out->days = number_of(0);
}

void capacity_tell(const struct looking *l,
    const struct capacity_options *options, struct capacity *out)
{
	uint64_t hosting = 0;

	out->made_by = g_strdup("gonogo-audit " GONOGO_VERSION);
	out->zone = g_strdup(g_time_zone_get_identifier(l->zone));
	out->balance = g_strdup(balance_names[options->balance]);
	for (unsigned i = 0; i < l->load.nodes; i++)
		hosting += l->load.node[i].hosting;
	for (unsigned i = 0; i < l->load.nodes; i++)
		tell_node(l, options, i, hosting,
		    shape_add(&capacity_node_shape, &out->nodes));
	tell_span(l, out);
	out->bytes = number_of((int64_t)l->traffic.bytes);
	out->lines = number_of((int64_t)l->traffic.lines);
	out->requests = number_of((int64_t)l->requests);
	out->repeated = some(l->traffic.repeated);
	out->left_out = some(l->load.left_out);
	out->compared = number_of((int64_t)l->traffic.compared);
	out->step_s = number_of(l->step_s);
	out->step_from = g_strdup(l->step_from);
	out->drain_s = number_of(l->drain_s);
	out->waited_before = number_of((int64_t)l->waited_before);
	out->cache_hits = some(l->traffic.cache[CACHE_HIT]);
	out->cache_misses = some(l->traffic.cache[CACHE_MISS]);
	tell_windows(l, out->until.value, out);
	for (guint i = 0; i < l->absences->len; i++)
		tell_absence(l, &g_array_index(l->absences, struct absence, i),
		    shape_add(&capacity_absence_shape, &out->absences));
	tell_classes(l, out);
	tell_names(&l->traffic.users, &out->users);
	tell_names(&l->traffic.repositories, &out->repositories);
	tell_names(&l->traffic.clients, &out->clients);
	tell_busiest(l, out);
	tell_erlang(l, out);
	tell_odd(l, out);
}
