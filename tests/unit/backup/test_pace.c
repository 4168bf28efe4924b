#include "backup/pace.h"

#include "tests/unit/unit.h"

enum { PERIOD_MS = 2 };

/* Somebody who answers at once, but for some times. */
static gint asked, slow_left;

static double ask(void *user)
{
	(void)user;
	g_atomic_int_inc(&asked);
	if (g_atomic_int_get(&slow_left) <= 0)
		return 0.001;
	g_atomic_int_add(&slow_left, -1);
	return 0.6;
}

static const struct pace_probe probes[] = {
    {.what = "somebody", .ask = ask, .least_s = 0.5}, {0}};

static pace *start(uint64_t rate)
{
	g_atomic_int_set(&slow_left, 0);
	return pace_start(rate, probes, PERIOD_MS);
}

static void await_looks(gint times)
{
	gint begun = g_atomic_int_get(&asked);

	while (g_atomic_int_get(&asked) < begun + times)
		g_usleep(1000);
}

static void it_gives_way_to_who_waits_and_says_so(void **state)
{
	(void)state;
	static const uint64_t rates[] = {0, UINT64_C(1) << 30};

	for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
		g_autoptr(pace) p = start(rates[i]);
		g_atomic_int_set(&slow_left, 3);
		await_looks(4);
		while (throttle_allowed(pace_throttle(p)) != rates[i])
			assert_true(
			    throttle_take(pace_throttle(p), 1 << 20, NULL));
		g_autofree char *said = pace_end(p);
		assert_non_null(strstr(said, "gave way"));
		assert_non_null(strstr(said, "somebody took up to"));
	}
}

static void one_slow_answer_is_no_reason(void **state)
{
	(void)state;
	g_autoptr(pace) p = start(0);

	g_atomic_int_set(&slow_left, 1);
	await_looks(5);
	assert_int_equal(g_atomic_int_get(&slow_left), 0);
	g_autofree char *said = pace_end(p);
	assert_null(said);
}

static void where_nobody_waits_nothing_is_said(void **state)
{
	(void)state;
	g_autoptr(pace) p = start(0);

	await_looks(5);
	g_autofree char *said = pace_end(p);
	assert_null(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_gives_way_to_who_waits_and_says_so),
	    cmocka_unit_test(one_slow_answer_is_no_reason),
	    cmocka_unit_test(where_nobody_waits_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
