#include "audit/capacity/access.h"

#include <string.h>

#include "audit/logs/guess.h"
#include "audit/logs/read.h"
#include "base/error.h"

enum {
	BUFFER = 256 << 10, /* stays in the processor's cache */
	LINE_MOST = 64 << 10,
	PAIRS = 4096, /* requests in progress that went is held against */
	APART_MS = 50,
	SLOW_MS = 10000,
	BACK_MS = 1800000,
	HOUR_MS = 3600000,
};

/* When a request came, until it goes. */
struct came {
	uint64_t id; /* of run and counter; 0: none */
	int64_t at_ms;
};

struct access_reader {
	struct traffic found, *out;
	struct stamps stamps;
	struct came came[PAIRS];
	char *buffer;
	size_t fill;
	uint32_t node;
	uint64_t base, from, to;
	int64_t previous_ms;
	bool begun, done, long_line, sniffed;
};

access_reader *access_new(GTimeZone *zone, struct traffic *out)
{
	access_reader *a = g_new0(access_reader, 1);

	a->out = out;
	a->buffer = g_malloc(BUFFER + LINE_SLACK);
	traffic_init(&a->found);
	stamps_init(&a->stamps, zone);
	return a;
}

void access_free(access_reader *a)
{
	if (!a)
		return;
	traffic_clear(&a->found);
	g_free(a->buffer);
	g_free(a);
}

void access_begin(
    access_reader *a, uint32_t node, uint64_t at, uint64_t from, uint64_t to)
{
	a->node = node;
	a->base = at;
	a->from = from;
	a->to = to;
	a->fill = 0;
	a->begun = from == 0;
	a->done = a->long_line = false;
	a->sniffed = true;
	a->previous_ms = G_MININT64;
	memset(a->came, 0, sizeof a->came);
}

/* ---- a line ---- */

static struct came *came_of(
    access_reader *a, const struct line *l, uint64_t *id)
{
	*id = (l->token * 31 + l->counter) | 1ull << 63;
	return &a->came[l->counter % PAIRS];
}

/* Does the moment at which it came agree with when it went, less its time? */
static void compare(access_reader *a, const struct line *l, int64_t start_ms)
{
	uint64_t id;
	struct came *c = came_of(a, l, &id);

	if (c->id != id)
		return;
	a->found.compared++;
	a->found.odd[ODD_APART] += ABS(c->at_ms - start_ms) > APART_MS;
	c->id = 0;
}

static unsigned client_of(struct text t)
{
	unsigned h = 5381;

	for (size_t i = 0; i < t.length; i++)
		h = h * 33 + (unsigned char)t.at[i];
	return (h ^ h >> 10 ^ h >> 20) % CLIENTS;
}

static void count_names(access_reader *a, const struct line *l)
{
	struct text address = l->address, slug;
	const char *comma = memchr(address.at, ',', address.length);

	if (comma)
		address.length = (size_t)(comma - address.at);
	names_add(&a->found.clients, address.at, address.length);
	if (!(l->user.length == 1 && *l->user.at == '-'))
		names_add(&a->found.users, l->user.at, l->user.length);
	if (!class_is_hosting(l->class))
		return;
	struct text key = line_repository(l->action, &slug);
	if (key.length)
		names_add(&a->found.repositories, key.at,
		    (size_t)(slug.at + slug.length - key.at));
}

static void count_hour(access_reader *a, const struct line *l, int64_t at_ms)
{
	struct hour *h = traffic_hour(&a->found, a->node, at_ms / HOUR_MS);

	h->requests++;
	h->hosting += class_is_hosting(l->class);
	h->refs += l->class == CLASS_REFS;
	h->errors += l->status >= 500;
	h->limited += l->status == 429;
	h->slow += l->took_ms > SLOW_MS;
	h->written += l->written;
	h->in_flight = MAX(h->in_flight, l->in_flight);
}

static void take_answer(
    access_reader *a, const struct line *l, int64_t at_ms, int32_t again_ms)
{
	struct traffic *f = &a->found;
	int64_t start_ms = at_ms - l->took_ms;
	struct request r = {.took_ms = (uint32_t)l->took_ms,
	    .counter = (uint32_t)l->counter,
	    .node = a->node & 255,
	    .class = (unsigned)l->class & 15,
	    .in_flight = MIN(l->in_flight, (uint32_t)IN_FLIGHT_MOST),
	    .client = client_of(l->address)};

	count_hour(a, l, at_ms);
	count_names(a, l);
	f->cache[l->cache] += class_is_hosting(l->class);
	if (l->took_ms < 0) {
		f->odd[ODD_TOOK]++;
		return;
	}
	if (l->took_ms > (int64_t)G_MAXUINT32 / 4) {
		f->odd[ODD_FAR]++;
		return;
	}
	f->took[l->class][took_step((uint64_t)l->took_ms)]++;
	compare(a, l, start_ms);
	if (again_ms) {
		const struct doubtful d = {
		    r, start_ms, again_ms, l->token, l->counter};
		g_array_append_val(f->doubtful, d);
	} else if (!traffic_add(f, start_ms, &r)) {
		f->odd[ODD_FAR]++;
	}
}

static void take_stamped(access_reader *a, const struct line *l, bool in)
{
	struct traffic *f = &a->found;
	int32_t again_ms;
	int64_t at_ms = stamps_read(&a->stamps, l->stamp, &again_ms);
	uint64_t id;

	if (at_ms == G_MININT64) {
		f->odd[ODD_TIME]++;
		return;
	}
	f->odd[ODD_BACK] += a->previous_ms > at_ms + BACK_MS;
	a->previous_ms = at_ms;
	struct run *run = counters_run(&f->counters, a->node, l->token);
	run->first_ms = MIN(run->first_ms, at_ms);
	run->last_ms = MAX(run->last_ms, at_ms);
	if (in) {
		run_came(run, l->counter);
		struct came *c = came_of(a, l, &id);
		*c = (struct came){id, at_ms};
		return;
	}
	run_went(run, l->counter);
	take_answer(a, l, at_ms, again_ms);
}

/* At least LINE_SLACK bytes behind the line can be read. */
static void take_line(access_reader *a, const char *text, size_t length)
{
	struct line l;
	struct traffic *f = &a->found;

	f->lines++;
	if (length == 0)
		return;
	switch (line_read(text, length, &l)) {
	case LINE_IN:
		take_stamped(a, &l, true);
		break;
	case LINE_OUT:
		take_stamped(a, &l, false);
		break;
	case LINE_CUT:
		f->odd[ODD_CUT]++;
		break;
	case LINE_ODD:
		f->odd[ODD_LINE]++;
		break;
	}
}

/* ---- bytes ---- */

static void drop(access_reader *a, size_t length)
{
	a->fill -= length;
	a->base += length;
	memmove(a->buffer, a->buffer + length, a->fill);
}

/* What is before the first line of a part is of the part before. */
static bool find_begin(access_reader *a)
{
	size_t skip = 0;

	if (a->base < a->from)
		skip = (size_t)MIN(a->from - a->base - 1, a->fill);
	const char *newline = memchr(a->buffer + skip, '\n', a->fill - skip);
	drop(a, newline ? (size_t)(newline - a->buffer) + 1 : a->fill);
	a->begun = newline != NULL;
	return a->begun;
}

/* Is it an access log at all?  Of packed files no name tells. */
static bool sniff(access_reader *a)
{
	a->sniffed = true;
	if (log_kind_of_text(a->buffer, a->fill) == LOG_ACCESS)
		return true;
	a->done = true;
	a->found.odd[ODD_LINE]++;
	return false;
}

static void take_lines(access_reader *a, bool all)
{
	const char *at = a->buffer, *end = a->buffer + a->fill;

	if (a->done || (!a->sniffed && !sniff(a)) ||
	    (!a->begun && !find_begin(a)))
		return;
	at = a->buffer;
	end = a->buffer + a->fill;
	while (at < end) {
		if (a->base + (uint64_t)(at - a->buffer) >= a->to &&
		    !a->long_line) {
			a->done = true;
			break;
		}
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline && !all)
			break;
		const char *stop = newline ? newline : end;
		if (!a->long_line)
			take_line(a, at, (size_t)(stop - at));
		a->long_line = false;
		at = newline ? newline + 1 : end;
	}
	a->found.bytes += (uint64_t)(at - a->buffer);
	drop(a, (size_t)(at - a->buffer));
	if (a->fill <= LINE_MOST || all || a->done)
		return;
	/* Nobody's request is as long as that; its rest is passed over. */
	a->found.odd[ODD_LONG] += !a->long_line;
	a->found.lines += !a->long_line;
	a->long_line = true;
	a->found.bytes += a->fill;
	drop(a, a->fill);
}

static char *room(void *taker, size_t *length)
{
	access_reader *a = taker;

	*length = BUFFER - a->fill;
	return a->buffer + a->fill;
}

static void filled(void *taker, size_t length)
{
	access_reader *a = taker;

	a->fill += length;
	if (a->fill == BUFFER || a->base + a->fill > a->to)
		take_lines(a, false);
}

void access_add(access_reader *a, const char *bytes, size_t length)
{
	while (length > 0 && !a->done) {
		size_t most;
		char *to = room(a, &most);
		most = MIN(most, length);
		memcpy(to, bytes, most);
		filled(a, most);
		bytes += most;
		length -= most;
	}
}

void access_end(access_reader *a)
{
	take_lines(a, true);
}

void access_close(access_reader *a)
{
	traffic_merge(a->out, &a->found);
}

/* ---- all of them ---- */

static void open_taker(void *taker)
{
	(void)taker;
}

static void begin(void *taker, const struct log_part *part)
{
	access_reader *a = taker;

	access_begin(a, part->node, part->at, part->from, part->to);
	a->sniffed = part->kind == LOG_ACCESS;
	a->done = part->kind != LOG_ACCESS && part->kind != LOG_OTHER;
}

static bool is_done(const void *taker)
{
	return ((const access_reader *)taker)->done;
}

static void end(void *taker)
{
	access_end(taker);
}

/* Merging costs: what a thread found stays with it until all is read. */
static void close_taker(void *taker)
{
	(void)taker;
}

bool access_read(const struct log_inputs *in, GTimeZone *zone, unsigned threads,
    struct traffic *out, GError **error)
{
	static const struct log_taker taker = {
	    open_taker, begin, room, filled, is_done, end, close_taker};
	g_autofree void **takers = g_new0(void *, threads);
	const struct log_reading reading = {
	    .taker = &taker, .takers = takers, .threads = threads};

	if (in->nodes->len > NODES_MOST)
		return fail(error, GONOGO_ERROR_USAGE,
		    "logs of %u nodes; no more than %d are told apart",
		    in->nodes->len, NODES_MOST);
	traffic_init(out);
	for (unsigned i = 0; i < threads; i++)
		takers[i] = access_new(zone, out);
	bool good = log_read(&reading, in, error);
	for (unsigned i = 0; i < threads; i++) {
		if (good)
			access_close(takers[i]);
		access_free(takers[i]);
	}
	if (good)
		traffic_settle(out);
	else
		traffic_clear(out);
	return good;
}
