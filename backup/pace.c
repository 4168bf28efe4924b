#include "backup/pace.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	STARTS = 3,       /* asked before anything is read: their middle */
	SLOW_LOOKS = 2,   /* in a row, then it gives way */
	CALM_LOOKS = 3,   /* in a row, then it comes back */
	PERIOD_MS = 1000, /* between looks */
};

struct watched {
	struct pace_probe probe;
	double start_s;
};

struct pace {
	throttle *throttle;
	GArray *watched; /* struct watched */
	unsigned period_ms;
	GThread *thread; /* NULL: it has ended */
	GMutex mutex;    /* for `ended` */
	GCond wake;
	bool ended;
	/* Of the thread, until it has ended: */
	unsigned slow, calm; /* looks in a row */
	bool gives_way;
	unsigned times; /* it gave way */
	double since_s, total_s;
	struct watched worst; /* the probe that took longest, and */
	double longest_s;     /* how long */
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double ask_at_start(const struct pace_probe *probe)
{
	double took[STARTS];

	for (size_t i = 0; i < STARTS; i++)
		took[i] = probe->ask(probe->user);
	qsort(took, STARTS, sizeof *took, by_size);
	return took[STARTS / 2];
}

/* Has any of them to wait? */
static bool look(struct pace *p)
{
	bool slow = false;

	for (guint i = 0; i < p->watched->len; i++) {
		const struct watched *w =
		    &g_array_index(p->watched, struct watched, i);
		double took = w->probe.ask(w->probe.user);
		if (took <= 2 * w->start_s ||
		    took <= w->start_s + w->probe.least_s)
			continue;
		slow = true;
		if (took > p->longest_s) {
			p->worst = *w;
			p->longest_s = took;
		}
	}
	return slow;
}

static void give_way(struct pace *p)
{
	throttle_lower(p->throttle);
	if (p->gives_way)
		return;
	p->gives_way = true;
	p->times++;
	p->since_s = clock_monotonic();
	log_warn("%s takes %.0f ms, %.0f ms at the start: reading slows down",
	    p->worst.probe.what, p->longest_s * 1000, p->worst.start_s * 1000);
}

static void come_back(struct pace *p)
{
	if (!p->gives_way || !throttle_raise(p->throttle))
		return;
	p->gives_way = false;
	p->total_s += clock_monotonic() - p->since_s;
}

static void judge(struct pace *p)
{
	if (look(p)) {
		p->calm = 0;
		if (++p->slow >= SLOW_LOOKS)
			give_way(p);
	} else {
		p->slow = 0;
		if (++p->calm >= CALM_LOOKS)
			come_back(p);
	}
}

/* False: it is to end. */
static bool wait_a_while(struct pace *p)
{
	gint64 until = g_get_monotonic_time() +
		       (gint64)p->period_ms * G_TIME_SPAN_MILLISECOND;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&p->mutex);

	while (!p->ended && g_cond_wait_until(&p->wake, &p->mutex, until))
		continue;
	return !p->ended;
}

static gpointer watch(gpointer data)
{
	struct pace *p = data;

	while (wait_a_while(p))
		judge(p);
	if (p->gives_way)
		p->total_s += clock_monotonic() - p->since_s;
	return NULL;
}

pace *pace_start(
    uint64_t rate, const struct pace_probe *probes, unsigned period_ms)
{
	struct pace *p = g_new0(struct pace, 1);

	p->throttle = throttle_new(rate);
	p->period_ms = period_ms ? period_ms : PERIOD_MS;
	p->watched = g_array_new(FALSE, FALSE, sizeof(struct watched));
	for (; probes->what; probes++) {
		struct watched w = {*probes, ask_at_start(probes)};
		g_array_append_val(p->watched, w);
	}
	g_mutex_init(&p->mutex);
	g_cond_init(&p->wake);
	p->thread = g_thread_new("pace", watch, p);
	return p;
}

throttle *pace_throttle(pace *p)
{
	return p->throttle;
}

char *pace_end(pace *p)
{
	if (p->thread) {
		g_mutex_lock(&p->mutex);
		p->ended = true;
		g_cond_signal(&p->wake);
		g_mutex_unlock(&p->mutex);
		g_thread_join(g_steal_pointer(&p->thread));
	}
	return p->times == 0
		   ? NULL
		   : g_strdup_printf(
			 "reading gave way %u times, for %.0f s: %s "
			 "took up to %.0f ms, %.0f ms at the start",
			 p->times, p->total_s, p->worst.probe.what,
			 p->longest_s * 1000, p->worst.start_s * 1000);
}

void pace_free(pace *p)
{
	if (!p)
		return;
	g_free(pace_end(p));
	throttle_free(p->throttle);
	g_array_unref(p->watched);
	g_mutex_clear(&p->mutex);
	g_cond_clear(&p->wake);
	g_free(p);
}
