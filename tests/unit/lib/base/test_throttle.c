#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/throttle.h"

#include <cmocka.h>

enum { MIB = 1 << 20 };

static double take(throttle *t, unsigned mib)
{
	double begun = clock_monotonic();

	for (unsigned i = 0; i < mib; i++)
		assert_true(throttle_take(t, MIB, NULL));
	return clock_monotonic() - begun;
}

static void no_more_goes_through_than_is_allowed(void **state)
{
	(void)state;
	g_autoptr(throttle) t = throttle_new(40 * MIB);

	assert_true(take(t, 12) >= 0.25);
}

static gpointer take_some(gpointer t)
{
	take(t, 4);
	return NULL;
}

static void threads_share_one_limit(void **state)
{
	(void)state;
	g_autoptr(throttle) t = throttle_new(40 * MIB);
	double begun = clock_monotonic();
	GThread *threads[3];

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("taker", take_some, t);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	assert_true(clock_monotonic() - begun >= 0.25);
}

static void it_gives_way_and_comes_back(void **state)
{
	(void)state;
	g_autoptr(throttle) t = throttle_new(0);
	unsigned raised = 0;

	take(t, 64);
	throttle_lower(t);
	uint64_t first = throttle_allowed(t);
	assert_true(first >= MIB);
	/* Nothing flows: it falls as far as it may. */
	throttle_lower(t);
	assert_int_equal(throttle_allowed(t), MIB);
	while (!throttle_raise(t)) {
		assert_true(throttle_allowed(t) <= 2 * first);
		assert_true(++raised < 64);
	}
	assert_int_equal(throttle_allowed(t), 0);
}

static void a_limit_that_was_asked_for_stays(void **state)
{
	(void)state;
	g_autoptr(throttle) t = throttle_new(8 * MIB);

	/* It was not lowered, so there is nothing to raise. */
	assert_true(throttle_raise(t));
	assert_int_equal(throttle_allowed(t), 8 * MIB);
	throttle_lower(t);
	assert_int_equal(throttle_allowed(t), MIB);
	while (!throttle_raise(t))
		assert_true(throttle_allowed(t) < 8 * MIB);
	assert_int_equal(throttle_allowed(t), 8 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_more_goes_through_than_is_allowed),
	    cmocka_unit_test(threads_share_one_limit),
	    cmocka_unit_test(it_gives_way_and_comes_back),
	    cmocka_unit_test(a_limit_that_was_asked_for_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
