#include "audit/capacity/traffic.h"

#include <stdlib.h>
#include <string.h>

/* How far apart a node numbers what begins at the same time. */
enum { JITTER_MS = 60000 };

const char *const oddity_names[] = {"no-access-line", "cut", "too-long",
    "no-such-time", "no-duration", "too-far", "clock-went-back",
    "duration-disagrees", NULL};

static void day_free(void *data)
{
	struct day *d = data;

	g_free(d->list);
	g_free(d);
}

void traffic_init(struct traffic *t)
{
	*t = (struct traffic){.days = g_ptr_array_new_with_free_func(day_free),
	    .doubtful = g_array_new(FALSE, FALSE, sizeof(struct doubtful)),
	    .hours = g_array_new(FALSE, TRUE, sizeof(struct hour))};
}

void traffic_clear(struct traffic *t)
{
	if (t->days)
		g_ptr_array_unref(t->days);
	if (t->doubtful)
		g_array_unref(t->doubtful);
	if (t->hours)
		g_array_unref(t->hours);
	counters_clear(&t->counters);
	names_clear(&t->users);
	names_clear(&t->repositories);
	names_clear(&t->clients);
	*t = (struct traffic){0};
}

/* ---- adding ---- */

static struct day *find_day(struct traffic *t, int64_t number)
{
	if (t->last_day && t->last_day->number == number)
		return t->last_day;
	for (guint i = t->days->len; i-- > 0;) {
		struct day *d = g_ptr_array_index(t->days, i);
		if (d->number == number)
			return t->last_day = d;
	}
	if (t->days->len == DAYS_MOST)
		return NULL;
	t->last_day = g_new0(struct day, 1);
	t->last_day->number = number;
	g_ptr_array_add(t->days, t->last_day);
	return t->last_day;
}

static void make_room(struct day *d, size_t more)
{
	if (d->length + more <= d->room)
		return;
	d->room = MAX(2 * d->room, d->length + more);
	d->room = MAX(d->room, (size_t)4096);
	d->list = g_renew(struct request, d->list, d->room);
}

bool traffic_add(
    struct traffic *t, int64_t start_ms, const struct request *request)
{
	int64_t number = start_ms / DAY_MS;
	struct day *d = start_ms >= 0 ? find_day(t, number) : NULL;

	if (!d)
		return false;
	make_room(d, 1);
	d->list[d->length] = *request;
	d->list[d->length++].start_ms = (uint32_t)(start_ms - number * DAY_MS);
	return true;
}

struct hour *traffic_hour(struct traffic *t, uint32_t node, int64_t number)
{
	const struct hour fresh = {.node = node, .number = number};

	if (t->last_hour < t->hours->len) {
		struct hour *h =
		    &g_array_index(t->hours, struct hour, t->last_hour);
		if (h->node == node && h->number == number)
			return h;
	}
	for (guint i = t->hours->len; i-- > 0;) {
		struct hour *h = &g_array_index(t->hours, struct hour, i);
		if (h->node == node && h->number == number) {
			t->last_hour = i;
			return h;
		}
	}
	t->last_hour = t->hours->len;
	g_array_append_val(t->hours, fresh);
	return &g_array_index(t->hours, struct hour, t->last_hour);
}

/* ---- merging ---- */

static void merge_hour(struct hour *into, const struct hour *from)
{
	into->requests += from->requests;
	into->hosting += from->hosting;
	into->refs += from->refs;
	into->errors += from->errors;
	into->limited += from->limited;
	into->slow += from->slow;
	into->written += from->written;
	into->in_flight = MAX(into->in_flight, from->in_flight);
}

static void merge_day(struct traffic *into, struct day *from)
{
	struct day *d = find_day(into, from->number);

	if (!d) {
		into->odd[ODD_FAR] += from->length;
		return;
	}
	if (!d->length) {
		g_free(d->list);
		d->list = g_steal_pointer(&from->list);
		d->room = from->room;
		d->length = from->length;
		return;
	}
	make_room(d, from->length);
	if (from->length)
		memcpy(d->list + d->length, from->list,
		    from->length * sizeof *from->list);
	d->length += from->length;
}

void traffic_merge(struct traffic *into, struct traffic *from)
{
	for (guint i = 0; i < from->days->len; i++)
		merge_day(into, g_ptr_array_index(from->days, i));
	g_array_append_vals(
	    into->doubtful, from->doubtful->data, from->doubtful->len);
	for (guint i = 0; i < from->hours->len; i++) {
		const struct hour *h =
		    &g_array_index(from->hours, struct hour, i);
		merge_hour(traffic_hour(into, h->node, h->number), h);
	}
	counters_merge(&into->counters, &from->counters);
	names_merge(&into->users, &from->users);
	names_merge(&into->repositories, &from->repositories);
	names_merge(&into->clients, &from->clients);
	for (int i = 0; i < ODDITIES; i++)
		into->odd[i] += from->odd[i];
	for (int i = 0; i < CACHES; i++)
		into->cache[i] += from->cache[i];
	for (int k = 0; k < CLASSES; k++)
		for (int i = 0; i < TOOK_STEPS; i++)
			into->took[k][i] += from->took[k][i];
	into->bytes += from->bytes;
	into->lines += from->lines;
	into->compared += from->compared;
	traffic_clear(from);
	traffic_init(from);
}

/* ---- settling ---- */

static gint by_counter(gconstpointer a, gconstpointer b)
{
	const struct doubtful *one = a, *two = b;

	if (one->request.node != two->request.node)
		return one->request.node < two->request.node ? -1 : 1;
	if (one->token != two->token)
		return one->token < two->token ? -1 : 1;
	if (one->counter != two->counter)
		return one->counter < two->counter ? -1 : 1;
	return (one->start_ms > two->start_ms) -
	       (one->start_ms < two->start_ms);
}

/*
 * The hour that comes twice: numbers grow while the clock goes back, so the
 * first that begins before its neighbour is of the second time.
 */
static void decide(struct traffic *t)
{
	const struct doubtful *before = NULL;
	int64_t last_ms = 0;

	g_array_sort(t->doubtful, by_counter);
	for (guint i = 0; i < t->doubtful->len; i++) {
		const struct doubtful *d =
		    &g_array_index(t->doubtful, struct doubtful, i);
		int64_t start = d->start_ms;
		bool fresh = !before || before->token != d->token ||
			     before->request.node != d->request.node ||
			     /* another year's */
			     ABS(start - last_ms) > 2 * 86400000ll;
		if (!fresh && start < last_ms - JITTER_MS)
			start += d->again_ms;
		last_ms = fresh ? start : MAX(last_ms, start);
		before = d;
		if (!traffic_add(t, start, &d->request))
			t->odd[ODD_FAR]++;
	}
	g_array_set_size(t->doubtful, 0);
}

static uint64_t first_half(const struct request *r)
{
	return (uint64_t)r->start_ms << 32 | r->took_ms;
}

static uint64_t second_half(const struct request *r)
{
	return (uint64_t)r->counter << 32 | (uint64_t)r->node << 24 |
	       (uint64_t)r->class << 20 | (uint64_t)r->in_flight << 10 |
	       r->client;
}

static bool is_before(const struct request *a, const struct request *b)
{
	if (first_half(a) != first_half(b))
		return first_half(a) < first_half(b);
	return second_half(a) < second_half(b);
}

static int by_all(const void *a, const void *b)
{
	return is_before(a, b) ? -1 : is_before(b, a);
}

/* A second's requests come nearly in order. */
static void sort_few(struct request *list, size_t length)
{
	enum { FEW = 128 };

	if (length > FEW) {
		qsort(list, length, sizeof *list, by_all);
		return;
	}
	for (size_t i = 1; i < length; i++) {
		struct request r = list[i];
		size_t at = i;
		for (; at > 0 && is_before(&r, &list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = r;
	}
}

/* By seconds of 1,024 ms in one pass, then within each. */
static void sort_day(struct day *d)
{
	enum { SHIFT = 10, SECONDS = (DAY_MS >> SHIFT) + 1 };
	g_autofree uint32_t *at = g_new0(uint32_t, SECONDS + 1);
	struct request *sorted = g_new(struct request, d->length);

	for (size_t i = 0; i < d->length; i++)
		at[(d->list[i].start_ms >> SHIFT) + 1]++;
	for (int s = 0; s < SECONDS; s++)
		at[s + 1] += at[s];
	for (size_t i = 0; i < d->length; i++)
		sorted[at[d->list[i].start_ms >> SHIFT]++] = d->list[i];
	g_free(d->list);
	d->list = sorted;
	d->room = d->length;
	/* By now each place is that at which its second ends. */
	for (uint32_t from = 0, s = 0; s < SECONDS; from = at[s++])
		if (at[s] - from > 1)
			sort_few(sorted + from, at[s] - from);
}

static uint64_t take_out_repeated(struct day *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->length; i++)
		if (kept == 0 ||
		    first_half(&d->list[kept - 1]) != first_half(&d->list[i]) ||
		    second_half(&d->list[kept - 1]) != second_half(&d->list[i]))
			d->list[kept++] = d->list[i];
	uint64_t out = d->length - kept;
	d->length = kept;
	return out;
}

static gint by_day(gconstpointer a, gconstpointer b)
{
	int64_t one = (*(struct day *const *)a)->number;
	int64_t two = (*(struct day *const *)b)->number;

	return (one > two) - (one < two);
}

static gint by_hour(gconstpointer a, gconstpointer b)
{
	const struct hour *one = a, *two = b;

	if (one->node != two->node)
		return one->node < two->node ? -1 : 1;
	return (one->number > two->number) - (one->number < two->number);
}

void traffic_settle(struct traffic *t)
{
	decide(t);
	g_ptr_array_sort(t->days, by_day);
	t->last_day = NULL;
	for (guint i = 0; i < t->days->len; i++) {
		struct day *d = g_ptr_array_index(t->days, i);
		sort_day(d);
		t->repeated += take_out_repeated(d);
	}
	g_array_sort(t->hours, by_hour);
	t->last_hour = 0;
	counters_sort(&t->counters);
}

/* ---- durations ---- */

unsigned took_step(uint64_t ms)
{
	if (ms == 0)
		return 0;
	unsigned power = 63 - (unsigned)__builtin_clzll(ms);
	unsigned half = power && (ms >> (power - 1) & 1);

	return MIN(1 + 2 * power + half, TOOK_STEPS - 1u);
}

uint64_t took_least(unsigned step)
{
	if (step == 0)
		return 0;
	unsigned power = (step - 1) / 2;
	uint64_t least = 1ull << power;

	return (step - 1) % 2 ? least + least / 2 : least;
}
