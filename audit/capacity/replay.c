#include "audit/capacity/replay.h"

#include <string.h>

enum { WHOLE = 65536 };

const char *const balance_names[] = {
    "share", "least-connections", "sticky", NULL};

/* ---- a station ---- */

struct waiting {
	int64_t came_ms;
	uint32_t took_ms;
	bool counted;
	size_t number;
};

struct station {
	unsigned tickets, cores_milli;
	int64_t now_ms;
	uint64_t pace_sum; /* WHOLE for each millisecond at full pace */
	uint64_t *heap;    /* pace_sum at which each in service ends */
	size_t serving;
	struct waiting *ring; /* a power of two of them */
	size_t head, queued, room;
	int64_t queue_since_ms;
};

struct playing {
	const struct replay *replay;
	struct station *stations;
	unsigned count;      /* with the temporary node */
	uint32_t *histogram; /* of waits, by millisecond */
	int64_t *credit;
	struct replayed *out;
	int64_t *waits;
	int64_t over_ms;
};

static void heap_add(struct station *s, uint64_t at)
{
	size_t i = s->serving++;

	for (; i > 0 && s->heap[(i - 1) / 2] > at; i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = at;
}

static void heap_take(struct station *s)
{
	uint64_t last = s->heap[--s->serving];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < s->serving) {
		if (child + 1 < s->serving &&
		    s->heap[child + 1] < s->heap[child])
			child++;
		if (s->heap[child] >= last)
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
}

static uint64_t pace(const struct station *s)
{
	uint64_t asked = s->serving * CORE_MILLI_EACH;

	return s->cores_milli == 0 || asked <= s->cores_milli
		   ? WHOLE
		   : (uint64_t)s->cores_milli * WHOLE / asked;
}

/* ---- waiting ---- */

static void count_wait(
    struct playing *run, const struct waiting *w, int64_t wait_ms)
{
	if (run->waits && w->counted)
		run->waits[w->number] = wait_ms;
	if (!w->counted)
		return;
	if (wait_ms < 0) {
		run->out->refused++;
		return;
	}
	run->out->waited += wait_ms > 0;
	run->histogram[wait_ms]++;
}

static void serve(
    struct playing *run, struct station *s, const struct waiting *w)
{
	count_wait(run, w, s->now_ms - w->came_ms);
	heap_add(s, s->pace_sum + (uint64_t)w->took_ms * WHOLE);
}

static void queue_end(struct playing *run, struct station *s, int64_t at_ms)
{
	const struct replay *r = run->replay;
	int64_t from = MAX(s->queue_since_ms, r->from_ms);

	if (s->queued == 0)
		run->over_ms += MAX(MIN(at_ms, r->until_ms) - from, 0);
}

static struct waiting take_head(struct station *s)
{
	struct waiting w = s->ring[s->head];

	s->head = (s->head + 1) & (s->room - 1);
	s->queued--;
	return w;
}

/* Whoever came too long before NOW has gone. */
static void refuse_old(struct playing *run, struct station *s, int64_t now_ms)
{
	int64_t timeout = run->replay->timeout_ms;

	while (s->queued && s->ring[s->head].came_ms + timeout < now_ms) {
		struct waiting w = take_head(s);
		count_wait(run, &w, -1);
		queue_end(run, s, w.came_ms + timeout);
	}
}

static void enqueue(struct station *s, const struct waiting *w)
{
	if (s->queued == s->room) {
		size_t room = MAX(2 * s->room, (size_t)64);
		struct waiting *ring = g_new(struct waiting, room);
		for (size_t i = 0; i < s->queued; i++)
			ring[i] = s->ring[(s->head + i) & (s->room - 1)];
		g_free(s->ring);
		s->ring = ring;
		s->room = room;
		s->head = 0;
	}
	if (s->queued == 0)
		s->queue_since_ms = w->came_ms;
	s->ring[(s->head + s->queued++) & (s->room - 1)] = *w;
}

/* ---- time ---- */

static void advance(struct playing *run, struct station *s, int64_t until_ms)
{
	while (s->serving) {
		uint64_t rate = pace(s);
		uint64_t left =
		    s->heap[0] > s->pace_sum ? s->heap[0] - s->pace_sum : 0;
		int64_t ms = rate == WHOLE
				 ? (int64_t)((left + WHOLE - 1) / WHOLE)
				 : (int64_t)((left + rate - 1) / rate);
		if (s->now_ms + ms > until_ms) {
			s->pace_sum += (uint64_t)(until_ms - s->now_ms) * rate;
			break;
		}
		s->now_ms += ms;
		s->pace_sum += (uint64_t)ms * rate;
		heap_take(s);
		refuse_old(run, s, s->now_ms);
		if (s->queued) {
			struct waiting w = take_head(s);
			serve(run, s, &w);
			queue_end(run, s, s->now_ms);
		}
	}
	s->now_ms = until_ms;
	refuse_old(run, s, until_ms);
}

static void arrive(
    struct playing *run, struct station *s, const struct waiting *w)
{
	if (s->serving < s->tickets)
		serve(run, s, w);
	else
		enqueue(s, w);
	if (!w->counted)
		return;
	unsigned present = (unsigned)(s->serving + s->queued);
	run->out->peak = MAX(run->out->peak, present);
	run->out->peak_permille =
	    MAX(run->out->peak_permille, present * 1000 / s->tickets);
}

/* ---- who takes it ---- */

static bool is_away(const struct replay *r, unsigned node, int64_t now_ms)
{
	for (unsigned i = 0; i < r->absent; i++)
		if (r->absences[i].node == node &&
		    now_ms >= r->absences[i].from_ms &&
		    now_ms < r->absences[i].until_ms)
			return true;
	return false;
}

/* Of the temporary node the share is that of its tickets among all. */
static int64_t weight_of(const struct playing *run, unsigned node)
{
	const struct replay *r = run->replay;
	uint64_t tickets = 0, weights = 0;

	if (node < r->nodes)
		return (int64_t)r->weights[node];
	for (unsigned i = 0; i < r->nodes; i++) {
		tickets += r->tickets[i];
		weights += r->weights[i];
	}
	return (int64_t)(weights * r->temporary / MAX(tickets, 1u));
}

/* In turn, each as often as its weight: the one that is most behind. */
static unsigned by_share(struct playing *run, int64_t now_ms)
{
	int64_t total = 0;
	unsigned best = run->count;

	for (unsigned i = 0; i < run->count; i++) {
		if (is_away(run->replay, i, now_ms))
			continue;
		int64_t weight = MAX(weight_of(run, i), 1);
		total += weight;
		run->credit[i] += weight;
		if (best == run->count || run->credit[i] > run->credit[best])
			best = i;
	}
	if (best < run->count)
		run->credit[best] -= total;
	return best;
}

static unsigned by_least(struct playing *run, int64_t now_ms)
{
	unsigned best = run->count;
	size_t least = 0;

	for (unsigned i = 0; i < run->count; i++) {
		struct station *s = &run->stations[i];
		if (is_away(run->replay, i, now_ms))
			continue;
		advance(run, s, now_ms);
		size_t present = s->serving + s->queued;
		if (best == run->count || present < least) {
			best = i;
			least = present;
		}
	}
	return best;
}

static unsigned by_client(struct playing *run, int64_t now_ms, unsigned client)
{
	unsigned here = 0;

	for (unsigned i = 0; i < run->count; i++)
		here += !is_away(run->replay, i, now_ms);
	if (!here)
		return run->count;
	unsigned nth = client % here;
	for (unsigned i = 0; i < run->count; i++)
		if (!is_away(run->replay, i, now_ms) && nth-- == 0)
			return i;
	return run->count;
}

static unsigned route(
    struct playing *run, const struct request *q, int64_t now_ms)
{
	if (!is_away(run->replay, q->node, now_ms))
		return q->node;
	switch (run->replay->balance) {
	case BALANCE_LEAST:
		return by_least(run, now_ms);
	case BALANCE_STICKY:
		return by_client(run, now_ms, q->client);
	default:
		return by_share(run, now_ms);
	}
}

/* ---- all of it ---- */

static void take(struct playing *run, const struct request *q, int64_t now_ms)
{
	struct replayed *out = run->out;
	bool counted = now_ms >= run->replay->from_ms;
	struct waiting w = {now_ms, q->took_ms, counted, out->requests};
	unsigned node = route(run, q, now_ms);

	if (counted) {
		out->requests++;
		out->moved += node != q->node;
	}
	/* Nobody is there to take it. */
	if (node == run->count) {
		count_wait(run, &w, -1);
		return;
	}
	struct station *s = &run->stations[node];
	advance(run, s, now_ms);
	arrive(run, s, &w);
}

static size_t first_from(const struct day *d, int64_t from_ms)
{
	size_t low = 0, high = d->length;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (d->number * DAY_MS + d->list[middle].start_ms < from_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void take_all(struct playing *run)
{
	const struct replay *r = run->replay;
	int64_t from = r->from_ms - REPLAY_LEAD_MS;

	for (guint i = 0; i < r->demand->days->len; i++) {
		const struct day *d = g_ptr_array_index(r->demand->days, i);
		int64_t begin = d->number * DAY_MS;
		if (begin + DAY_MS <= from || begin >= r->until_ms)
			continue;
		for (size_t k = first_from(d, from); k < d->length; k++) {
			int64_t now = begin + d->list[k].start_ms;
			if (now >= r->until_ms)
				return;
			take(run, &d->list[k], now);
		}
	}
}

/* The wait that PERMILLE of those who were served did not exceed. */
static int64_t percentile(const struct playing *run, uint64_t permille)
{
	uint64_t served = run->out->requests - run->out->refused, seen = 0;

	for (int64_t ms = 0; ms <= run->replay->timeout_ms; ms++) {
		seen += run->histogram[ms];
		if (seen * 1000 >= served * permille)
			return ms;
	}
	return run->replay->timeout_ms;
}

static void sum_up(struct playing *run)
{
	struct replayed *out = run->out;

	out->over_ms = run->over_ms;
	out->p95_ms = percentile(run, 950);
	out->p99_ms = percentile(run, 990);
	for (int64_t ms = run->replay->timeout_ms; ms > 0; ms--)
		if (run->histogram[ms]) {
			out->most_ms = ms;
			break;
		}
}

void replay_run(const struct replay *r, struct replayed *out, int64_t *waits)
{
	unsigned count = r->nodes + (r->temporary > 0);
	g_autofree struct station *stations = g_new0(struct station, count);
	g_autofree uint32_t *histogram =
	    g_new0(uint32_t, (gsize)r->timeout_ms + 1);
	g_autofree int64_t *credit = g_new0(int64_t, count);
	struct playing run = {.replay = r,
	    .stations = stations,
	    .count = count,
	    .histogram = histogram,
	    .credit = credit,
	    .out = out,
	    .waits = waits};

	*out = (struct replayed){0};
	for (unsigned i = 0; i < count; i++) {
		struct station *s = &stations[i];
		s->tickets =
		    MAX(i < r->nodes ? r->tickets[i] : r->temporary, 1u);
		if (r->cores_milli && i < r->nodes)
			s->cores_milli = r->cores_milli[i];
		/* The temporary node has a core for two, as the others. */
		if (r->cores_milli && i == r->nodes)
			s->cores_milli = r->temporary * CORE_MILLI_EACH;
		s->heap = g_new(uint64_t, s->tickets);
		s->now_ms = r->from_ms - REPLAY_LEAD_MS;
	}
	take_all(&run);
	/* Who waits at the end is served, or has waited too long. */
	for (unsigned i = 0; i < count; i++) {
		while (stations[i].queued)
			advance(&run, &stations[i],
			    stations[i].now_ms + r->timeout_ms);
		g_free(stations[i].heap);
		g_free(stations[i].ring);
	}
	sum_up(&run);
}
