#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/zdu.h"

static void the_good_states_are_known_ones(void **state)
{
	(void)state;
	assert_true(zdu_is_cluster_state(zdu_go.cluster_state));
	assert_true(zdu_is_node_state(zdu_go.node_state));
	assert_int_equal(zdu_go.versions, 1);
	assert_false(zdu_go.upgrade_mode);
}

static void a_state_of_another_name_is_not_known(void **state)
{
	(void)state;
	assert_true(zdu_is_cluster_state("MIXED"));
	assert_true(zdu_is_node_state("OFFLINE"));
	assert_false(zdu_is_cluster_state("ACTIVE"));
	assert_false(zdu_is_cluster_state("stable"));
	assert_false(zdu_is_cluster_state(""));
	assert_false(zdu_is_node_state("MIXED"));
	assert_false(zdu_is_node_state("REBALANCING"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_good_states_are_known_ones),
	    cmocka_unit_test(a_state_of_another_name_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
