#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bitbucket/tickets.h"

#define HOSTING "throttle.resource.scm-hosting."

static void the_least_that_a_node_has(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned tickets;
	} cases[] = {
	    {HOSTING "adaptive.limit.min=24\n" HOSTING
		     "adaptive.limit.max=96\n",
		24},
	    {HOSTING "strategy=adaptive\n" HOSTING "adaptive.limit.min: 8", 8},
	    {HOSTING "strategy = fixed\n" HOSTING "fixed.limit = 40\n" HOSTING
		     "adaptive.limit.min=24",
		40},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
		    tickets_of_properties(cases[i].text), cases[i].tickets);
}

static void what_tells_no_number_tells_none(void **state)
{
	(void)state;
	static const char *const cases[] = {
	    "",
	    "jdbc.user=bitbucket\n",
	    HOSTING "fixed.limit=40\n", /* of a strategy not in force */
	    HOSTING "strategy=fixed\n" HOSTING "adaptive.limit.min=24\n",
	    HOSTING "adaptive.limit.min=1.5*cpu\n",
	    HOSTING "adaptive.limit.min=0\n",
	    HOSTING "adaptive.limit.min=-3\n",
	    HOSTING "adaptive.limit.min=99999999999999999999\n",
	    HOSTING "adaptive.limit.min=\n",
	    "#" HOSTING "adaptive.limit.min=24\n",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(tickets_of_properties(cases[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_least_that_a_node_has),
	    cmocka_unit_test(what_tells_no_number_tells_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
