#include "audit/capacity/load.h"

#include <stdlib.h>
#include <string.h>

#include "audit/capacity/ends.h"

enum { MINUTE_MS = 60000, SHOWN_TIMES = 3 };

/* ---- which days ---- */

/* The newest day that is worth it: one line of a wrong year is none. */
static void choose_days(const struct traffic *t, struct load *l)
{
	size_t most = 0;
	int64_t first = G_MAXINT64, last = G_MININT64;

	for (guint i = 0; i < t->days->len; i++) {
		const struct day *d = g_ptr_array_index(t->days, i);
		most = MAX(most, d->length);
	}
	for (guint i = 0; i < t->days->len; i++) {
		const struct day *d = g_ptr_array_index(t->days, i);
		if (d->length * 1000 >= most && d->length) {
			first = MIN(first, d->number);
			last = MAX(last, d->number);
		}
	}
	if (first > last)
		return;
	first = MAX(first, last - LOAD_DAYS + 1);
	l->begin_s = first * 86400;
	l->end_s = (last + 1) * 86400;
}

static bool is_of(const struct load *l, const struct day *d)
{
	return d->number * 86400 >= l->begin_s && d->number * 86400 < l->end_s;
}

/* ---- hosting in progress, in the order in which they came ---- */

struct holding {
	int64_t *ends;
	size_t length, room;
	unsigned shown[SHOWN_TIMES]; /* the greatest, falling */
};

/*
 * Who ends while others that came before are still there was no later in the
 * queue than they: all of them held a ticket at that moment.  Three times, as
 * stamps are rounded.
 */
static void show(struct holding *h, unsigned count)
{
	for (int i = 0; i < SHOWN_TIMES; i++)
		if (count > h->shown[i]) {
			memmove(h->shown + i + 1, h->shown + i,
			    (size_t)(SHOWN_TIMES - 1 - i) * sizeof *h->shown);
			h->shown[i] = count;
			return;
		}
}

static void hold(struct holding *h, int64_t end)
{
	if (h->length == h->room) {
		h->room = MAX(2 * h->room, (size_t)64);
		h->ends = g_renew(int64_t, h->ends, h->room);
	}
	h->ends[h->length++] = end;
}

/* Lets go of who ends at END, the earliest. */
static void let_go(struct holding *h, int64_t end)
{
	size_t at = 0;

	while (h->ends[at] != end)
		at++;
	show(h, (unsigned)at + 1);
	h->length--;
	memmove(
	    h->ends + at, h->ends + at + 1, (h->length - at) * sizeof *h->ends);
}

/* ---- one node's sweep ---- */

struct sweep {
	struct node_load *out;
	struct ends all, hosting;
	struct holding holding;
	int64_t begin_ms, end_ms; /* of the load */
	int64_t all_ms;           /* up to where the buckets are filled */
	int64_t second;           /* up to where the series is filled */
	int64_t last_end_ms;      /* of all hosting so far */
	int64_t minute;           /* up to where the drain is told */
	uint64_t *counted, *came; /* by bucket: request-milliseconds */
	size_t buckets;
};

/* Adds COUNT requests in progress from FROM to TO to the buckets. */
static void fill(const struct sweep *s, uint64_t *buckets, int64_t from,
    int64_t to, uint64_t count)
{
	from = MAX(from, s->begin_ms);
	to = MIN(to, s->end_ms);
	while (from < to) {
		int64_t at = (from - s->begin_ms) / LITTLE_MS;
		int64_t stop = MIN(to, s->begin_ms + (at + 1) * LITTLE_MS);
		buckets[at] += (uint64_t)(stop - from) * count;
		from = stop;
	}
}

static void let_all_go(struct sweep *s, int64_t now_ms)
{
	while (s->all.length && s->all.heap[0] <= now_ms) {
		size_t count = s->all.length;
		int64_t end = ends_take(&s->all);
		fill(s, s->counted, s->all_ms, end, count);
		s->all_ms = end;
	}
	fill(s, s->counted, s->all_ms, now_ms, s->all.length);
	s->all_ms = now_ms;
}

/* Seconds before SECOND, in which nobody came, have what was there. */
static void fill_series(struct sweep *s, int64_t second)
{
	int64_t last = (s->end_ms - s->begin_ms) / 1000;

	if (!s->hosting.length)
		s->second = MAX(s->second, MIN(second, last));
	for (; s->second < MIN(second, last); s->second++) {
		uint16_t *at = &s->out->series[s->second];
		*at = (uint16_t)MIN(
		    MAX((size_t)*at, s->hosting.length), (size_t)G_MAXUINT16);
	}
}

static void let_hosting_go(struct sweep *s, int64_t now_ms)
{
	while (s->hosting.length && s->hosting.heap[0] <= now_ms) {
		int64_t end = s->hosting.heap[0];
		fill_series(s, (end - 1 - s->begin_ms) / 1000 + 1);
		ends_take(&s->hosting);
		let_go(&s->holding, end);
	}
	fill_series(s, (now_ms - s->begin_ms) / 1000);
}

/* Those in progress at each minute up to NOW are known; when is the last out?
 */
static void tell_drain(struct sweep *s, int64_t now_ms)
{
	int64_t last = (s->end_ms - s->begin_ms) / MINUTE_MS;

	for (; s->minute < last; s->minute++) {
		int64_t at = s->begin_ms + s->minute * MINUTE_MS;
		if (at > now_ms)
			return;
		if (s->last_end_ms > at)
			s->out->drain_s[s->minute] =
			    (uint32_t)((s->last_end_ms - at + 999) / 1000);
	}
}

static void check_in_flight(struct sweep *s, const struct request *r)
{
	if (r->in_flight == IN_FLIGHT_MOST)
		return;
	int64_t counted = (int64_t)s->all.length;
	int64_t off =
	    CLAMP((int64_t)r->in_flight - counted, -RESIDUALS, RESIDUALS);
	s->out->checked++;
	s->out->residuals[off + RESIDUALS]++;
	s->out->far += ABS(off) * 20 > MAX(counted, RESIDUAL_LEAST * 20);
}

static void take(struct sweep *s, const struct request *r, int64_t start_ms)
{
	int64_t end = start_ms + r->took_ms;
	struct node_load *n = s->out;

	n->requests++;
	n->mesh += r->class == CLASS_MESH;
	let_all_go(s, start_ms);
	check_in_flight(s, r);
	ends_add(&s->all, end);
	n->peak = MAX(n->peak, (unsigned)s->all.length);
	fill(s, s->came, start_ms, end, 1);
	if (!class_is_hosting(r->class))
		return;
	n->hosting++;
	let_hosting_go(s, start_ms);
	tell_drain(s, start_ms);
	s->last_end_ms = MAX(s->last_end_ms, end);
	ends_add(&s->hosting, end);
	hold(&s->holding, end);
	n->hosting_peak = MAX(n->hosting_peak, (unsigned)s->hosting.length);
	/* The second at hand: the most that was in it. */
	uint16_t *at = &n->series[(start_ms - s->begin_ms) / 1000];
	*at = (uint16_t)MIN(
	    MAX((size_t)*at, s->hosting.length), (size_t)G_MAXUINT16);
}

static void end(struct sweep *s)
{
	struct node_load *n = s->out;

	let_all_go(s, s->end_ms);
	let_hosting_go(s, s->end_ms);
	tell_drain(s, s->end_ms);
	n->demonstrated = s->holding.shown[SHOWN_TIMES - 1];
	for (size_t i = 0; i < s->buckets; i++) {
		uint64_t one = s->counted[i], other = s->came[i];
		uint64_t off = MAX(one, other) - MIN(one, other);
		n->buckets += one || other;
		n->buckets_off += off * 100 > MAX(one, other);
	}
	g_free(s->all.heap);
	g_free(s->hosting.heap);
	g_free(s->holding.ends);
	g_free(s->counted);
	g_free(s->came);
}

void load_measure(const struct traffic *t, unsigned nodes, struct load *out)
{
	*out = (struct load){
	    .nodes = nodes, .node = g_new0(struct node_load, nodes)};
	choose_days(t, out);
	int64_t seconds = out->end_s - out->begin_s;
	g_autofree struct sweep *sweeps = g_new0(struct sweep, nodes);

	for (unsigned i = 0; i < nodes; i++) {
		size_t buckets = (size_t)(seconds * 1000 / LITTLE_MS);
		out->node[i].series = g_new0(uint16_t, (gsize)seconds);
		out->node[i].drain_s = g_new0(uint32_t, (gsize)seconds / 60);
		sweeps[i] = (struct sweep){.out = &out->node[i],
		    .begin_ms = out->begin_s * 1000,
		    .end_ms = out->end_s * 1000,
		    .all_ms = out->begin_s * 1000,
		    .counted = g_new0(uint64_t, buckets),
		    .came = g_new0(uint64_t, buckets),
		    .buckets = buckets};
	}
	for (guint i = 0; i < t->days->len; i++) {
		const struct day *d = g_ptr_array_index(t->days, i);
		if (!is_of(out, d)) {
			out->left_out += d->length;
			continue;
		}
		for (size_t k = 0; k < d->length; k++)
			take(&sweeps[d->list[k].node], &d->list[k],
			    d->number * DAY_MS + d->list[k].start_ms);
	}
	for (unsigned i = 0; i < nodes; i++)
		end(&sweeps[i]);
}

void load_clear(struct load *l)
{
	for (unsigned i = 0; i < l->nodes; i++) {
		g_free(l->node[i].series);
		g_free(l->node[i].drain_s);
	}
	g_free(l->node);
	*l = (struct load){0};
}

int node_load_median(const struct node_load *n)
{
	uint64_t seen = 0;

	for (int i = 0; i <= 2 * RESIDUALS; i++) {
		seen += n->residuals[i];
		if (n->checked && seen * 2 >= n->checked)
			return i - RESIDUALS;
	}
	return 0;
}

/* ---- what is replayed ---- */

/* Ends of those in the system, rising. */
struct queue {
	int64_t *ends;
	size_t first, length, room;
};

static void queue_add(struct queue *q, int64_t end)
{
	if (q->first + q->length == q->room) {
		if (q->first > q->room / 2) {
			memmove(q->ends, q->ends + q->first,
			    q->length * sizeof *q->ends);
			q->first = 0;
		} else {
			q->room = MAX(2 * q->room, (size_t)64);
			q->ends = g_renew(int64_t, q->ends, q->room);
		}
	}
	int64_t *ends = q->ends + q->first;
	size_t at = q->length++;
	for (; at > 0 && ends[at - 1] > end; at--)
		ends[at] = ends[at - 1];
	ends[at] = end;
}

/* When the request got its ticket: first come, first served. */
static int64_t began(struct queue *q, int64_t start_ms, unsigned tickets)
{
	while (q->length && q->ends[q->first] <= start_ms) {
		q->first++;
		q->length--;
	}
	return q->length < tickets ? start_ms
				   : q->ends[q->first + q->length - tickets];
}

static uint64_t dequeue_day(
    struct day *d, struct queue *queues, const unsigned *tickets)
{
	size_t kept = 0;
	uint64_t waited = 0;

	for (size_t i = 0; i < d->length; i++) {
		struct request r = d->list[i];
		if (!class_is_hosting(r.class))
			continue;
		int64_t start = d->number * DAY_MS + r.start_ms;
		int64_t end = start + r.took_ms;
		int64_t begin = began(&queues[r.node], start, tickets[r.node]);
		queue_add(&queues[r.node], end);
		if (begin > start) {
			waited++;
			r.took_ms = begin < end ? (uint32_t)(end - begin) : 0;
		}
		d->list[kept++] = r;
	}
	d->length = kept;
	d->list = g_renew(struct request, d->list, kept);
	d->room = kept;
	return waited;
}

uint64_t load_to_demand(
    struct traffic *t, const struct load *l, const unsigned *tickets)
{
	g_autofree struct queue *queues = g_new0(struct queue, l->nodes);
	uint64_t waited = 0;

	for (guint i = 0; i < t->days->len; i++) {
		struct day *d = g_ptr_array_index(t->days, i);
		if (is_of(l, d))
			waited += dequeue_day(d, queues, tickets);
		else
			d->length = 0;
	}
	for (unsigned i = 0; i < l->nodes; i++)
		g_free(queues[i].ends);
	return waited;
}
