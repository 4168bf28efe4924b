#include "tests/unit/unit.h"

#include "backup/db/climb.h"

/* How fast a server is: bytes a second with so many connections, at a time. */
typedef double (*server)(unsigned connections, double now);

/* Lets C watch a server for SECONDS; gives how many it settles on. */
static unsigned watch(struct climb *c, server rate, double seconds)
{
	const double turn = 0.2;
	double bytes = 0;

	for (double now = 1; now < 1 + seconds; now += turn)
		bytes += turn * rate(climb_step(c, now, (uint64_t)bytes), now);
	return c->allowed;
}

static double four_help(unsigned connections, double now)
{
	(void)now;
	return 1e8 * MIN(connections, 4);
}

static double none_helps(unsigned connections, double now)
{
	(void)now;
	return 1e8 / connections;
}

/* Others leave the machine while we look. */
static double it_gets_faster_by_itself(unsigned connections, double now)
{
	(void)connections;
	return 1e8 * (1 + MIN(now, 10) / 4);
}

/* It takes its time to begin. */
static double begins_slowly(unsigned connections, double now)
{
	return now < 1.9 ? 1e6 : none_helps(connections, now);
}

static void goes_on_while_one_more_helps(void **state)
{
	(void)state;
	struct climb c;

	climb_start(&c, 0, false, 2, 1000);
	assert_int_equal(watch(&c, four_help, 60), 4);
	assert_true(c.measured);
}

static void stays_with_one_where_more_do_not_help(void **state)
{
	(void)state;
	static const server servers[] = {
	    none_helps, it_gets_faster_by_itself, begins_slowly};
	struct climb c;

	for (size_t i = 0; i < G_N_ELEMENTS(servers); i++) {
		climb_start(&c, 0, true, 2, 1000);
		assert_int_equal(watch(&c, servers[i], 60), 1);
		assert_true(c.measured);
	}
}

static void a_server_here_gets_no_more_than_there_are_processors(void **state)
{
	(void)state;
	struct climb c;

	climb_start(&c, 0, true, 2, 1000);
	assert_int_equal(watch(&c, four_help, 60), 2);
	climb_start(&c, 0, true, 8, 1000);
	assert_int_equal(watch(&c, four_help, 60), 4);
	climb_start(&c, 0, true, 8, 3);
	assert_int_equal(watch(&c, four_help, 60), 3);
}

static void what_was_asked_for_is_not_measured(void **state)
{
	(void)state;
	struct climb c;

	climb_start(&c, 7, true, 2, 1000);
	assert_int_equal(watch(&c, none_helps, 60), 7);
	climb_start(&c, 7, true, 2, 5);
	assert_int_equal(watch(&c, none_helps, 60), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goes_on_while_one_more_helps),
	    cmocka_unit_test(stays_with_one_where_more_do_not_help),
	    cmocka_unit_test(
		a_server_here_gets_no_more_than_there_are_processors),
	    cmocka_unit_test(what_was_asked_for_is_not_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
