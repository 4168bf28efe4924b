/*
 * The replay against what is known of queues, and against another simulator.
 *
 *     test_replay replay <TRACE    waits of a trace, one a line, for
 *                                  tests/harness/replay.py
 *     test_replay speed COUNT      a week of COUNT requests, with each of
 *                                  four nodes away, by both bounds: for
 *                                  tests/bench/part_capacity.py
 */
#include "audit/capacity/replay.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

/* ---- a trace ---- */

static uint64_t state;

static double uniform(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static double exponential(double mean)
{
	return -mean * log(uniform());
}

static void add(
    struct traffic *t, double at, double took, unsigned node, unsigned client)
{
	const struct request r = {.took_ms = (uint32_t)lround(took),
	    .node = node & 255,
	    .class = CLASS_FETCH,
	    .client = client % CLIENTS};

	assert_true(traffic_add(t, (int64_t)at, &r));
}

/* Mean waits of twenty parts of a trace of one node. */
struct result {
	double mean, half_width;
	struct replayed told;
};

static struct result run_one(
    const struct traffic *t, unsigned tickets, int64_t until_ms, size_t count)
{
	enum { PARTS = 20 };
	const uint64_t weights[] = {1};
	const struct replay r = {.demand = t,
	    .nodes = 1,
	    .tickets = &tickets,
	    .weights = weights,
	    .timeout_ms = 20000000,
	    .until_ms = until_ms};
	g_autofree int64_t *waits = g_new0(int64_t, count);
	struct result result = {0};
	double part[PARTS] = {0}, spread = 0;

	replay_run(&r, &result.told, waits);
	assert_int_equal(result.told.requests, count);
	assert_int_equal(result.told.refused, 0);
	for (size_t i = 0; i < count; i++)
		part[i * PARTS / count] += (double)waits[i] * PARTS / count;
	for (int i = 0; i < PARTS; i++)
		result.mean += part[i] / PARTS;
	for (int i = 0; i < PARTS; i++)
		spread += pow(part[i] - result.mean, 2);
	/* Student's t, 19 degrees, 99 of 100. */
	result.half_width = 2.861 * sqrt(spread / (PARTS - 1) / PARTS);
	return result;
}

static void near(struct result got, double wanted)
{
	if (fabs(got.mean - wanted) > got.half_width)
		print_error(
		    "%f +- %f, not %f\n", got.mean, got.half_width, wanted);
	assert_true(fabs(got.mean - wanted) <= got.half_width);
	/* An interval that holds everything shows nothing. */
	assert_true(got.half_width < wanted / 5);
}

static double erlang_c_wait(unsigned c, double load, double service)
{
	double term = 1, sum = 1;

	for (unsigned k = 1; k < c; k++) {
		term *= load / k;
		sum += term;
	}
	double last = term * load / c * c / (c - load);
	return last / (sum + last) * service / (c - load);
}

static void many_servers_are_erlangs(void **unused)
{
	static const struct {
		unsigned tickets;
		double load;
	} cases[] = {{1, 0.7}, {4, 3.2}, {12, 10.2}};
	(void)unused;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		enum { COUNT = 400000 };
		double service = 1000, at = 0;
		g_auto(traffic) t = {0};
		traffic_init(&t);
		state = 7 + i;
		for (int k = 0; k < COUNT; k++) {
			at += exponential(service / cases[i].load);
			add(&t, at, exponential(service), 0, 0);
		}
		near(run_one(&t, cases[i].tickets, (int64_t)at + 1, COUNT),
		    erlang_c_wait(cases[i].tickets, cases[i].load, service));
	}
}

static void one_server_of_fixed_time_is_pollaczeks(void **unused)
{
	enum { COUNT = 400000 };
	double service = 1000, load = 0.8, at = 0;
	g_auto(traffic) t = {0};
	(void)unused;

	traffic_init(&t);
	state = 3;
	for (int k = 0; k < COUNT; k++) {
		at += exponential(service / load);
		add(&t, at, service, 0, 0);
	}
	near(run_one(&t, 1, (int64_t)at + 1, COUNT),
	    load * service / (2 * (1 - load)));
}

/* Jobs that a clock starts at the same moment: no mean rate shows them. */
static void bursts_wait_where_erlang_sees_none(void **unused)
{
	enum { HOURS = 24, BURSTS = 6, EACH = 40, TICKETS = 12 };
	const double service = 6000;
	g_auto(traffic) t = {0};
	size_t count = 0;
	(void)unused;

	traffic_init(&t);
	for (int b = 0; b < HOURS * BURSTS; b++)
		for (int k = 0; k < EACH; k++, count++)
			add(&t, b * 600000.0 + k * 10, service, 0, 0);
	double load = (double)count * service / (HOURS * 3600000.0);
	struct result got = run_one(&t, TICKETS, HOURS * 3600000ll, count);
	assert_true(erlang_c_wait(TICKETS, load, service) < 1);
	assert_true(got.told.p95_ms > 10000);
	assert_true(got.told.over_ms > 0);
	assert_int_equal(got.told.peak, EACH);
}

/* ---- what is routed elsewhere ---- */

static void who_is_away_gets_nothing(void **unused)
{
	const unsigned tickets[] = {1, 1, 1};
	const uint64_t weights[] = {1, 1, 3};
	struct absence away = {0, 5000, 15000};
	struct replayed out;
	int64_t waits[20];
	g_auto(traffic) t = {0};
	(void)unused;

	traffic_init(&t);
	for (int i = 0; i < 20; i++)
		add(&t, i * 1000, 900, 0, 0);
	struct replay r = {.demand = &t,
	    .nodes = 3,
	    .tickets = tickets,
	    .weights = weights,
	    .timeout_ms = REPLAY_TIMEOUT_MS,
	    .until_ms = 86400000,
	    .absences = &away,
	    .absent = 1};
	for (int b = BALANCE_SHARE; b <= BALANCE_STICKY; b++) {
		r.balance = (enum balance)b;
		replay_run(&r, &out, waits);
		assert_int_equal(out.requests, 20);
		assert_int_equal(out.moved, 10);
		assert_int_equal(out.waited, 0);
	}
	/* Nobody is left: all that come then are refused. */
	struct absence all[] = {{0, 5000, 15000}, {1, 0, 20000}, {2, 0, 20000}};
	r.absences = all;
	r.absent = 3;
	replay_run(&r, &out, waits);
	assert_int_equal(out.refused, 10);
	assert_int_equal(waits[4], 0);
	assert_int_equal(waits[5], -1);
	/* But one that is there for the time. */
	r.temporary = 1;
	replay_run(&r, &out, waits);
	assert_int_equal(out.refused, 0);
}

static void few_cores_slow_all_down(void **unused)
{
	const unsigned tickets[] = {8}, cores[] = {1000};
	const uint64_t weights[] = {1};
	struct replayed out;
	int64_t waits[12];
	g_auto(traffic) t = {0};
	(void)unused;

	traffic_init(&t);
	/* Eight at half a core each on one core take four times as long. */
	for (int i = 0; i < 12; i++)
		add(&t, 0, 1000, 0, 0);
	struct replay r = {.demand = &t,
	    .nodes = 1,
	    .tickets = tickets,
	    .cores_milli = cores,
	    .weights = weights,
	    .timeout_ms = REPLAY_TIMEOUT_MS,
	    .until_ms = 1000};
	replay_run(&r, &out, waits);
	for (int i = 0; i < 12; i++)
		assert_int_equal(waits[i], i < 8 ? 0 : 4000);
	r.timeout_ms = 3999;
	replay_run(&r, &out, waits);
	assert_int_equal(out.refused, 4);
	/* All that somebody waited, within what is counted. */
	assert_int_equal(out.over_ms, 1000);
}

/* ---- for the other simulator ---- */

static int replay_trace(void)
{
	unsigned nodes, balance, cored, absent, temporary;
	unsigned tickets[16], cores[16];
	uint64_t weights[16];
	struct absence away[16];
	int64_t timeout, start;
	size_t count;
	g_auto(traffic) t = {0};
	struct replayed out;

	traffic_init(&t);
	if (scanf("%u %u %u %u %u %" SCNd64 " %zu", &nodes, &balance, &cored,
		&absent, &temporary, &timeout, &count) != 7 ||
	    nodes > 16 || absent > 16)
		return 65;
	for (unsigned i = 0; i < nodes; i++)
		if (scanf("%u %u %" SCNu64, &tickets[i], &cores[i],
			&weights[i]) != 3)
			return 65;
	for (unsigned i = 0; i < absent; i++)
		if (scanf("%u %" SCNd64 " %" SCNd64, &away[i].node,
			&away[i].from_ms, &away[i].until_ms) != 3)
			return 65;
	for (size_t i = 0; i < count; i++) {
		unsigned took, node, client;
		if (scanf("%" SCNd64 " %u %u %u", &start, &took, &node,
			&client) != 4)
			return 65;
		add(&t, (double)start, took, node, client);
	}
	const struct replay r = {.demand = &t,
	    .nodes = nodes,
	    .tickets = tickets,
	    .cores_milli = cored ? cores : NULL,
	    .weights = weights,
	    .balance = (enum balance)balance,
	    .timeout_ms = timeout,
	    .until_ms = G_MAXINT64,
	    .absences = away,
	    .absent = absent,
	    .temporary = temporary};
	g_autofree int64_t *waits = g_new0(int64_t, count);
	replay_run(&r, &out, waits);
	for (size_t i = 0; i < count; i++)
		printf("%" PRId64 "\n", waits[i]);
	printf("moved %" PRIu64 " refused %" PRIu64 " p99 %" PRId64
	       " over %" PRId64 " peak %u\n",
	    out.moved, out.refused, out.p99_ms, out.over_ms, out.peak);
	return 0;
}

/* ---- for the benchmark ---- */

struct turn {
	const struct replay *replay;
	struct absence away;
	struct replayed out[2];
};

static void *replay_turn(void *data)
{
	struct turn *t = data;

	for (int bound = 0; bound < 2; bound++) {
		struct replay r = *t->replay;
		r.absences = &t->away;
		r.absent = 1;
		if (bound == 0)
			r.cores_milli = NULL;
		replay_run(&r, &t->out[bound], NULL);
	}
	return NULL;
}

static int speed(uint64_t count)
{
	enum { NODES = 4 };
	const unsigned tickets[NODES] = {48, 48, 48, 48};
	const unsigned cores[NODES] = {24000, 24000, 24000, 24000};
	const uint64_t weights[NODES] = {1, 1, 1, 1};
	const double week = 7 * 86400000.0;
	struct turn turns[NODES] = {{0}};
	GThread *threads[NODES] = {0};
	g_auto(traffic) t = {0};

	traffic_init(&t);
	state = 1;
	/* Two thirds of the tickets of the three that are left are busy. */
	double took = week / (double)count * 3 * 48 * 2 / 3;
	for (uint64_t i = 0; i < count; i++)
		add(&t, week * (double)i / (double)count, exponential(took),
		    (unsigned)(uniform() * NODES), (unsigned)i);
	const struct replay r = {.demand = &t,
	    .nodes = NODES,
	    .tickets = tickets,
	    .cores_milli = cores,
	    .weights = weights,
	    .timeout_ms = REPLAY_TIMEOUT_MS,
	    .until_ms = (int64_t)week};
	int64_t begun = g_get_monotonic_time();
	for (unsigned i = 0; i < NODES; i += 2) {
		for (unsigned k = i; k < i + 2; k++) {
			turns[k] = (struct turn){
			    &r, {k, G_MININT64, G_MAXINT64}, {{0}}};
			threads[k] =
			    g_thread_new("replay", replay_turn, &turns[k]);
		}
		for (unsigned k = i; k < i + 2; k++)
			g_thread_join(threads[k]);
	}
	printf("%.3f\n",
	    (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC);
	for (unsigned i = 0; i < NODES; i++)
		if (turns[i].out[0].requests != count)
			return 70;
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(many_servers_are_erlangs),
	    cmocka_unit_test(one_server_of_fixed_time_is_pollaczeks),
	    cmocka_unit_test(bursts_wait_where_erlang_sees_none),
	    cmocka_unit_test(who_is_away_gets_nothing),
	    cmocka_unit_test(few_cores_slow_all_down),
	};

	if (argc > 1 && strcmp(argv[1], "replay") == 0)
		return replay_trace();
	if (argc > 2 && strcmp(argv[1], "speed") == 0)
		return speed(g_ascii_strtoull(argv[2], NULL, 10));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
