#include "tests/unit/unit.h"

#include "base/clock.h"
#include "base/window.h"

static int64_t left(const char *window, const char *now)
{
	int64_t at = 0;

	assert_true(clock_parse(now, &at, NULL));
	return window_left_s(window, at);
}

static void no_window_is_any_time(void **state)
{
	(void)state;
	assert_true(left(NULL, "2026-08-01T12:00:00Z") == INT64_MAX);
}

static void a_daily_window_opens_every_day(void **state)
{
	(void)state;
	const char *window = "01:30-02:00";

	assert_int_equal(left(window, "2026-08-01T01:29:59Z"), 0);
	assert_int_equal(left(window, "2026-08-01T01:30:00Z"), 1800);
	assert_int_equal(left(window, "2026-08-02T01:59:59Z"), 1);
	assert_int_equal(left(window, "2026-08-02T02:00:00Z"), 0);
}

static void a_window_may_reach_over_midnight(void **state)
{
	(void)state;
	const char *window = "Sat 22:00-02:00";

	/* 2026-08-01 is a Saturday. */
	assert_int_equal(left(window, "2026-08-01T21:59:59Z"), 0);
	assert_int_equal(left(window, "2026-08-01T22:00:00Z"), 4 * 3600);
	assert_int_equal(left(window, "2026-08-02T01:00:00Z"), 3600);
	assert_int_equal(left(window, "2026-08-02T02:00:00Z"), 0);
	assert_int_equal(left(window, "2026-08-01T01:00:00Z"), 0);
	assert_int_equal(left(window, "2026-08-02T22:30:00Z"), 0);
}

static void a_window_that_ends_when_it_begins_lasts_a_day(void **state)
{
	(void)state;
	assert_int_equal(
	    left("Sun 00:00-00:00", "2026-08-02T00:00:00Z"), 86400);
	assert_int_equal(left("Sun 00:00-00:00", "2026-08-03T00:00:00Z"), 0);
	assert_int_equal(left("12:00-12:00", "2026-08-03T11:59:00Z"), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_window_is_any_time),
	    cmocka_unit_test(a_daily_window_opens_every_day),
	    cmocka_unit_test(a_window_may_reach_over_midnight),
	    cmocka_unit_test(a_window_that_ends_when_it_begins_lasts_a_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
