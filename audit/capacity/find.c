#include "audit/capacity/find.h"

#include <stdlib.h>
#include <string.h>

#include "audit/capacity/access.h"
#include "audit/capacity/judge.h"
#include "audit/capacity/tell.h"
#include "base/cli.h"
#include "base/error.h"

enum {
	STEP_ASSUMED_S = 600,
	STEP_LEAST_MS = 20000,  /* shorter: two starts that overlap */
	STEP_MOST_MS = 7200000, /* longer: it was not upgraded, but away */
	DRAIN_MOST_S = 900,
};

/* ---- which nodes ---- */

static void choose_nodes(struct looking *l, const struct capacity_options *o)
{
	for (unsigned i = 0; i < l->load.nodes; i++) {
		const struct node_load *n = &l->load.node[i];
		l->weights[i] = n->hosting;
		l->tickets[i] = MAX(MAX(o->tickets, n->demonstrated), 1u);
		l->cores_milli[i] =
		    o->cores ? o->cores * 1000 : l->tickets[i] * 2000 / 3;
		/* A Mesh node's own lines are of gRPC. */
		if (n->requests && n->mesh * 2 < n->requests)
			l->app[l->apps++] = i;
	}
}

/* ---- how long one is away ---- */

static void find_absences(struct looking *l)
{
	const struct run *before = NULL;
	const GPtrArray *runs = l->traffic.counters.runs;

	for (guint i = 0; runs && i < runs->len; i++) {
		const struct run *r = g_ptr_array_index(runs, i);
		if (before && before->node == r->node &&
		    r->first_ms - before->last_ms >= STEP_LEAST_MS &&
		    before->last_ms >= l->load.begin_s * 1000 &&
		    r->first_ms < l->load.end_s * 1000) {
			const struct absence a = {
			    r->node, before->last_ms, r->first_ms};
			g_array_append_val(l->absences, a);
		}
		before = r;
	}
}

static int by_value(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;

	return (one > two) - (one < two);
}

static void choose_step(struct looking *l, const struct capacity_options *o)
{
	g_autofree int64_t *spans = g_new0(int64_t, l->absences->len + 1);
	size_t count = 0;

	for (guint i = 0; i < l->absences->len; i++) {
		const struct absence *a =
		    &g_array_index(l->absences, struct absence, i);
		if (a->until_ms - a->from_ms <= STEP_MOST_MS)
			spans[count++] = a->until_ms - a->from_ms;
	}
	qsort(spans, count, sizeof *spans, by_value);
	l->step_s = o->step_s ? o->step_s
		    : count   ? (spans[count / 2] + 999) / 1000
			      : STEP_ASSUMED_S;
	l->step_from = o->step_s ? "told" : count ? "logs" : "assumed";
}

/* How long nineteen of twenty times the last one took. */
static void choose_drain(struct looking *l)
{
	size_t minutes = (size_t)(l->load.end_s - l->load.begin_s) / 60;

	for (unsigned i = 0; i < l->apps; i++) {
		struct node_load *n = &l->load.node[l->app[i]];
		int64_t p95 = drain_of(n, minutes, 950);
		l->drain_s = MAX(l->drain_s, MIN(p95, DRAIN_MOST_S));
	}
}

/* ---- replays ---- */

static void replay_without(struct looking *l, const struct capacity_options *o,
    unsigned node, bool pessimistic, struct replayed *out)
{
	struct absence away[NODES_MOST + 1];
	unsigned count = 0;

	for (unsigned i = 0; i < l->load.nodes; i++) {
		bool app = false;
		for (unsigned k = 0; k < l->apps; k++)
			app |= l->app[k] == i;
		if (!app || i == node)
			away[count++] =
			    (struct absence){i, G_MININT64, G_MAXINT64};
	}
	const struct replay r = {.demand = &l->traffic,
	    .nodes = l->load.nodes,
	    .tickets = l->tickets,
	    .cores_milli = pessimistic ? l->cores_milli : NULL,
	    .weights = l->weights,
	    .balance = o->balance,
	    .timeout_ms = REPLAY_TIMEOUT_MS,
	    .from_ms = l->load.begin_s * 1000,
	    .until_ms = l->load.end_s * 1000,
	    .absences = away,
	    .absent = count};
	replay_run(&r, out, NULL);
}

struct removal {
	struct looking *l;
	const struct capacity_options *o;
	unsigned first;
};

/* Each thread takes the nodes whose turn it is. */
static void *replay_some(void *data)
{
	struct removal *r = data;

	for (unsigned i = r->first; i < r->l->apps;
	     i += MAX(r->o->threads, 1u)) {
		unsigned node = r->l->app[i];
		replay_without(
		    r->l, r->o, node, false, &r->l->optimistic[node]);
		replay_without(
		    r->l, r->o, node, true, &r->l->pessimistic[node]);
	}
	return NULL;
}

static void replay_all(struct looking *l, const struct capacity_options *o)
{
	unsigned threads = MAX(o->threads, 1u);
	g_autofree struct removal *jobs = g_new0(struct removal, threads);
	g_autofree GThread **running = g_new0(GThread *, threads);

	for (unsigned i = 0; i < threads; i++) {
		jobs[i] = (struct removal){l, o, i};
		running[i] = g_thread_new("replay", replay_some, &jobs[i]);
	}
	for (unsigned i = 0; i < threads; i++)
		g_thread_join(running[i]);
}

static void find_windows(struct looking *l, const struct capacity_options *o)
{
	const struct window_plan plan = {
	    .pool = {&l->load, l->app, l->apps, l->tickets, l->weights},
	    .demand = &l->traffic,
	    .zone = l->zone,
	    .cores_milli = l->cores_milli,
	    .balance = o->balance,
	    .away_s = l->step_s + l->drain_s,
	    .wait_ms = o->wait_ms,
	    .hours = l->traffic.hours};

	windows_find(&plan, o->proposed, &l->windows);
}

/* ---- all of it ---- */

static void looking_clear(struct looking *l)
{
	traffic_clear(&l->traffic);
	load_clear(&l->load);
	windows_clear(&l->windows);
	if (l->absences)
		g_array_unref(l->absences);
	if (l->zone)
		g_time_zone_unref(l->zone);
	g_free(l->optimistic);
	g_free(l->pessimistic);
}

typedef struct looking looking;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(looking, looking_clear)

bool capacity_find(struct log_inputs *in,
    const struct capacity_options *options, struct capacity *out,
    GError **error)
{
	g_auto(looking) l = {.inputs = in,
	    .zone = options->zone ? g_time_zone_new_identifier(options->zone)
				  : g_time_zone_new_local(),
	    .absences = g_array_new(FALSE, TRUE, sizeof(struct absence))};

	if (!l.zone)
		return fail(error, GONOGO_ERROR_USAGE,
		    "'%s' is no time zone that is known here\n"
		    "hint: one like Europe/Berlin",
		    options->zone);
	l.passed_over = log_inputs_keep(in, 1u << LOG_ACCESS | 1u << LOG_OTHER);
	if (!in->list->len)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no access log there\nhint: they are called "
		    "atlassian-bitbucket-access*.log");
	if (!access_read(in, l.zone, options->threads, &l.traffic, error))
		return false;
	unsigned nodes = in->nodes->len;
	l.optimistic = g_new0(struct replayed, nodes);
	l.pessimistic = g_new0(struct replayed, nodes);
	for (guint i = 0; i < l.traffic.days->len; i++)
		l.requests +=
		    ((struct day *)g_ptr_array_index(l.traffic.days, i))
			->length;
	if (!l.requests)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no request that was answered in %u files\n"
		    "hint: access logs are called "
		    "atlassian-bitbucket-access*.log",
		    in->list->len);
	load_measure(&l.traffic, nodes, &l.load);
	choose_nodes(&l, options);
	find_absences(&l);
	choose_step(&l, options);
	choose_drain(&l);
	if (!options->counts_alone) {
		l.waited_before =
		    load_to_demand(&l.traffic, &l.load, l.tickets);
		if (l.apps > 1) {
			replay_all(&l, options);
			find_windows(&l, options);
		}
	}
	capacity_tell(&l, options, out);
	capacity_judge(&l, options, out);
	return true;
}
