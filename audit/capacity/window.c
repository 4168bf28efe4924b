#include "audit/capacity/window.h"

#include <stdlib.h>
#include <string.h>

#include "audit/capacity/stamps.h"

enum { NOT_SEEN = G_MAXUINT16, DRAWS = 200 };

struct finding {
	const struct window_plan *plan;
	struct windows *out;
	int64_t seconds;
	uint16_t *widest[NODES_MOST]; /* of use, from each second on */
	uint8_t *seen_hours;          /* of the load: did all nodes log? */
	unsigned order[NODES_MOST];   /* least loaded first */
	unsigned weeks;
	uint16_t *scores; /* weeks x minutes of the week */
	int32_t *starts;  /* second of the load; -1: none */
};

/* ---- what was seen ---- */

static void find_seen_hours(struct finding *f)
{
	const struct window_plan *p = f->plan;
	int64_t first = p->pool.load->begin_s / 3600;
	size_t hours = (size_t)(f->seconds / 3600);
	g_autofree uint16_t *nodes = g_new0(uint16_t, hours);

	f->seen_hours = g_new0(uint8_t, hours);
	for (guint i = 0; i < p->hours->len; i++) {
		const struct hour *h = &g_array_index(p->hours, struct hour, i);
		int64_t at = h->number - first;
		for (unsigned a = 0; a < p->pool.apps; a++)
			if (p->pool.app[a] == h->node && h->requests &&
			    at >= 0 && at < (int64_t)hours)
				nodes[at]++;
	}
	for (size_t i = 0; i < hours; i++)
		f->seen_hours[i] = nodes[i] == p->pool.apps;
}

static bool is_seen(const struct finding *f, int64_t from, int64_t until)
{
	if (until > f->seconds)
		return false;
	for (int64_t h = from / 3600; h * 3600 < until; h++)
		if (!f->seen_hours[h])
			return false;
	return true;
}

/* ---- every start ---- */

static unsigned score(
    const struct finding *f, const unsigned *order, int64_t start)
{
	unsigned most = 0;

	for (unsigned i = 0; i < f->plan->pool.apps; i++)
		most = MAX(most,
		    (unsigned)f->widest[order[i]][start + i * f->plan->away_s]);
	return most;
}

static int64_t length_of(const struct finding *f)
{
	return f->plan->away_s * f->plan->pool.apps;
}

static void note(
    struct finding *f, unsigned week, unsigned minute, int64_t start)
{
	size_t at = (size_t)week * WEEK_MINUTES + minute;

	if (f->starts[at] >= 0)
		return; /* the hour that comes twice: the first one */
	f->starts[at] = (int32_t)start;
	if (!is_seen(f, start, start + length_of(f)))
		return;
	f->scores[at] = (uint16_t)score(f, f->order, start);
	f->out->starts++;
}

static void score_all(struct finding *f)
{
	int64_t begin = f->plan->pool.load->begin_s, offset = 0;
	int64_t first_week;
	size_t cells;

	week_minute(begin - 86400, &first_week);
	f->weeks = (unsigned)(f->seconds / 604800 + 3);
	cells = (size_t)f->weeks * WEEK_MINUTES;
	f->scores = g_new(uint16_t, cells);
	f->starts = g_new(int32_t, cells);
	memset(f->scores, 0xff, cells * sizeof *f->scores);
	memset(f->starts, 0xff, cells * sizeof *f->starts);
	for (int64_t s = 0; s < f->seconds; s += 60) {
		if (s % 900 == 0)
			offset = stamps_offset(f->plan->zone, begin + s);
		int64_t week;
		unsigned minute = week_minute(begin + s + offset, &week);
		note(f, (unsigned)(week - first_week), minute, s);
		unsigned hour = minute / 60;
		if (!f->seen_hours[s / 3600])
			continue;
		f->out->seen[hour] = true;
		for (unsigned i = 0; i < f->plan->pool.apps; i++)
			for (int64_t k = s; k < s + 60; k++)
				f->out->heat[hour] = MAX(f->out->heat[hour],
				    (unsigned)
					f->out->use[f->plan->pool.app[i]][k]);
	}
}

/* ---- over the weeks ---- */

static int by_value(const void *a, const void *b)
{
	return *(const unsigned *)a < *(const unsigned *)b
		   ? -1
		   : *(const unsigned *)a > *(const unsigned *)b;
}

/* What nine of ten do not exceed. */
static unsigned ninth(unsigned *values, unsigned count)
{
	qsort(values, count, sizeof *values, by_value);
	return values[(count * 9 + 9) / 10 - 1];
}

static unsigned seen_weeks(
    const struct finding *f, unsigned minute, unsigned *scores)
{
	unsigned count = 0;

	for (unsigned w = 0; w < f->weeks; w++) {
		size_t at = (size_t)w * WEEK_MINUTES + minute;
		if (f->scores[at] != NOT_SEEN)
			scores[count++] = f->scores[at];
	}
	return count;
}

/* Weeks drawn with replacement, always the same draw. */
static void draw(
    const unsigned *scores, unsigned count, unsigned *low, unsigned *high)
{
	unsigned results[DRAWS], sample[LOAD_DAYS] = {0};
	uint64_t state = 0x2545f4914f6cdd1du;

	for (int d = 0; d < DRAWS; d++) {
		for (unsigned i = 0; i < count; i++) {
			state =
			    state * 6364136223846793005u + 1442695040888963407u;
			sample[i] = scores[(state >> 33) % count];
		}
		results[d] = ninth(sample, count);
	}
	qsort(results, DRAWS, sizeof *results, by_value);
	*low = results[DRAWS / 20];
	*high = results[DRAWS - 1 - DRAWS / 20];
}

static bool weigh(const struct finding *f, unsigned minute, struct window *w)
{
	unsigned scores[LOAD_DAYS];
	uint64_t sum = 0;

	*w = (struct window){.minute = minute};
	w->weeks = seen_weeks(f, minute, scores);
	if (!w->weeks)
		return false;
	for (unsigned i = 0; i < w->weeks; i++)
		sum += scores[i];
	w->average = (unsigned)(sum / w->weeks);
	w->permille = ninth(scores, w->weeks);
	memcpy(w->order, f->order, f->plan->pool.apps * sizeof *w->order);
	return true;
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
	const struct window *one = a, *two = b;

	if (one->permille != two->permille)
		return one->permille < two->permille ? -1 : 1;
	if (one->average != two->average)
		return one->average < two->average ? -1 : 1;
	/* On the quarter of an hour: people make appointments. */
	if ((one->minute % 15 == 0) != (two->minute % 15 == 0))
		return one->minute % 15 == 0 ? -1 : 1;
	return (one->minute > two->minute) - (one->minute < two->minute);
}

static bool is_apart(
    const GArray *chosen, const struct window *w, unsigned least)
{
	for (guint i = 0; i < chosen->len; i++) {
		const struct window *c =
		    &g_array_index(chosen, struct window, i);
		unsigned off =
		    MAX(c->minute, w->minute) - MIN(c->minute, w->minute);
		if (MIN(off, WEEK_MINUTES - off) < least)
			return false;
	}
	return true;
}

static void choose(struct finding *f)
{
	g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(struct window));
	unsigned least = (unsigned)MAX(length_of(f) / 60, (int64_t)60);

	for (unsigned m = 0; m < WEEK_MINUTES; m += 5) {
		struct window w;
		if (weigh(f, m, &w))
			g_array_append_val(all, w);
	}
	g_array_sort(all, by_rank);
	for (guint i = 0; i < all->len && f->out->list->len < WINDOWS_BEST;
	     i++) {
		const struct window *w = &g_array_index(all, struct window, i);
		if (is_apart(f->out->list, w, least))
			g_array_append_val(f->out->list, *w);
	}
}

/* ---- the order ---- */

static unsigned score_of_weeks(
    const struct finding *f, const struct window *w, const unsigned *order)
{
	unsigned scores[LOAD_DAYS], count = 0;

	for (unsigned i = 0; i < f->weeks; i++) {
		size_t at = (size_t)i * WEEK_MINUTES + w->minute;
		if (f->scores[at] != NOT_SEEN)
			scores[count++] = score(f, order, f->starts[at]);
	}
	return count ? ninth(scores, count) : NOT_SEEN;
}

static bool next_order(unsigned *order, unsigned count)
{
	unsigned i = count, j = count;

	if (count < 2)
		return false;
	for (i = count - 1; i > 0 && order[i - 1] >= order[i];)
		i--;
	if (i == 0)
		return false;
	for (j = count - 1; order[j] <= order[i - 1];)
		j--;
	unsigned held = order[i - 1];
	order[i - 1] = order[j];
	order[j] = held;
	for (j = count - 1; i < j; i++, j--) {
		held = order[i];
		order[i] = order[j];
		order[j] = held;
	}
	return true;
}

/* The least loaded first, unless another order is better. */
static void find_order(const struct finding *f, struct window *w)
{
	unsigned order[NODES_MOST], count = f->plan->pool.apps;
	unsigned best = w->permille;

	if (count > ORDERED_MOST)
		return;
	memcpy(order, f->order, count * sizeof *order);
	qsort(order, count, sizeof *order, by_value);
	do {
		unsigned now = score_of_weeks(f, w, order);
		if (now < best) {
			best = now;
			memcpy(w->order, order, count * sizeof *order);
		}
	} while (next_order(order, count));
	w->permille = best;
}

static void order_by_load(struct finding *f)
{
	const struct window_plan *p = f->plan;

	for (unsigned i = 0; i < p->pool.apps; i++) {
		unsigned at = i;
		for (; at > 0 && p->pool.load->node[f->order[at - 1]].hosting >
				     p->pool.load->node[p->pool.app[i]].hosting;
		     at--)
			f->order[at] = f->order[at - 1];
		f->order[at] = p->pool.app[i];
	}
}

/* ---- replayed ---- */

static void worse(struct replayed *worst, const struct replayed *r)
{
	worst->requests += r->requests;
	worst->moved += r->moved;
	worst->waited += r->waited;
	worst->refused += r->refused;
	worst->p95_ms = MAX(worst->p95_ms, r->p95_ms);
	worst->p99_ms = MAX(worst->p99_ms, r->p99_ms);
	worst->most_ms = MAX(worst->most_ms, r->most_ms);
	worst->over_ms = MAX(worst->over_ms, r->over_ms);
	worst->peak_permille = MAX(worst->peak_permille, r->peak_permille);
	worst->peak = MAX(worst->peak, r->peak);
}

static void replay_weeks(const struct finding *f, const struct window *w,
    bool pessimistic, unsigned temporary, struct replayed *worst)
{
	const struct window_plan *p = f->plan;
	struct absence absences[2 * NODES_MOST];

	*worst = (struct replayed){0};
	for (unsigned week = 0; week < f->weeks; week++) {
		size_t at = (size_t)week * WEEK_MINUTES + w->minute;
		struct replayed r;
		unsigned count = 0;
		if (f->scores[at] == NOT_SEEN)
			continue;
		int64_t start = (p->pool.load->begin_s + f->starts[at]) * 1000;
		for (unsigned i = 0; i < p->pool.apps; i++)
			absences[count++] = (struct absence){w->order[i],
			    start + i * p->away_s * 1000,
			    start + (i + 1) * p->away_s * 1000};
		/* Nodes of another kind take nothing. */
		for (unsigned n = 0; n < p->pool.load->nodes; n++) {
			bool app = false;
			for (unsigned i = 0; i < p->pool.apps; i++)
				app |= p->pool.app[i] == n;
			if (!app)
				absences[count++] =
				    (struct absence){n, G_MININT64, G_MAXINT64};
		}
		const struct replay replay = {.demand = p->demand,
		    .nodes = p->pool.load->nodes,
		    .tickets = p->pool.tickets,
		    .cores_milli = pessimistic ? p->cores_milli : NULL,
		    .weights = p->pool.weights,
		    .balance = p->balance,
		    .timeout_ms = REPLAY_TIMEOUT_MS,
		    .from_ms = start,
		    .until_ms = start + length_of(f) * 1000,
		    .absences = absences,
		    .absent = count,
		    .temporary = temporary};
		replay_run(&replay, &r, NULL);
		worse(worst, &r);
	}
}

static bool is_good(const struct finding *f, const struct replayed *r)
{
	return r->refused == 0 && r->p99_ms < f->plan->wait_ms;
}

/* The fewest tickets of one more node that make it safe. */
static unsigned find_temporary(const struct finding *f, const struct window *w)
{
	struct replayed r;
	unsigned most = 0, low = 0, high = 1;

	for (unsigned i = 0; i < f->plan->pool.apps; i++)
		most = MAX(most, f->plan->pool.tickets[f->plan->pool.app[i]]);
	for (;; high *= 2) {
		replay_weeks(f, w, true, high, &r);
		if (is_good(f, &r))
			break;
		if (high > 4 * most)
			return 0;
		low = high;
	}
	while (high - low > 1) {
		unsigned middle = (low + high) / 2;
		replay_weeks(f, w, true, middle, &r);
		if (is_good(f, &r))
			high = middle;
		else
			low = middle;
	}
	return high;
}

static void judge(const struct finding *f, struct window *w)
{
	unsigned scores[LOAD_DAYS];
	unsigned count = seen_weeks(f, w->minute, scores);

	if (!count)
		return;
	draw(scores, count, &w->low, &w->high);
	find_order(f, w);
	replay_weeks(f, w, false, 0, &w->optimistic);
	replay_weeks(f, w, true, 0, &w->pessimistic);
	w->state = is_good(f, &w->pessimistic)  ? WINDOW_SAFE
		   : is_good(f, &w->optimistic) ? WINDOW_MARGINAL
						: WINDOW_UNSAFE;
	if (w->state == WINDOW_SAFE)
		return;
	w->helped = true;
	w->temporary = find_temporary(f, w);
}

void windows_find(
    const struct window_plan *plan, const GArray *proposed, struct windows *out)
{
	struct finding f = {.plan = plan,
	    .out = out,
	    .seconds = plan->pool.load->end_s - plan->pool.load->begin_s};

	*out = (struct windows){
	    .list = g_array_new(FALSE, TRUE, sizeof(struct window))};
	if (plan->pool.apps == 0 || f.seconds == 0)
		return;
	order_by_load(&f);
	find_seen_hours(&f);
	for (unsigned i = 0; i < plan->pool.apps; i++) {
		unsigned node = plan->pool.app[i];
		out->use[node] = use_without(&plan->pool, node);
		f.widest[node] =
		    use_widest(out->use[node], f.seconds, plan->away_s);
	}
	score_all(&f);
	choose(&f);
	for (guint i = 0; proposed && i < proposed->len; i++) {
		struct window w;
		weigh(&f, g_array_index(proposed, unsigned, i), &w);
		w.proposed = true;
		g_array_append_val(out->list, w);
	}
	for (guint i = 0; i < out->list->len; i++)
		judge(&f, &g_array_index(out->list, struct window, i));
	for (unsigned i = 0; i < plan->pool.apps; i++)
		g_free(f.widest[plan->pool.app[i]]);
	out->weeks = f.weeks;
	g_free(f.seen_hours);
	g_free(f.scores);
	g_free(f.starts);
}

void windows_clear(struct windows *w)
{
	if (w->list)
		g_array_unref(w->list);
	for (unsigned i = 0; i < NODES_MOST; i++)
		g_free(w->use[i]);
	*w = (struct windows){0};
}
