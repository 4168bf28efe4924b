#include "tests/unit/unit.h"

#include "base/row_sum.h"

static void the_order_of_rows_does_not_count(void **state)
{
	(void)state;
	struct row_sum one = {0}, other = {0}, half = {0};
	char a[ROW_SUM_HEX + 1], b[ROW_SUM_HEX + 1];

	row_sum_add(&one, "1\n", 2);
	row_sum_add(&one, "2\n", 2);
	row_sum_add(&one, "2\n", 2);
	row_sum_add(&half, "2\n", 2);
	row_sum_add(&other, "2\n", 2);
	row_sum_add(&other, "1\n", 2);
	row_sum_join(&other, &half);
	row_sum_hex(&one, a);
	row_sum_hex(&other, b);
	assert_string_equal(a, b);
	assert_true(row_sum_is_hex(a));
}

static void a_row_more_or_twice_counts(void **state)
{
	(void)state;
	struct row_sum one = {0}, twice = {0}, none = {0};
	char a[ROW_SUM_HEX + 1], b[ROW_SUM_HEX + 1], c[ROW_SUM_HEX + 1];

	row_sum_add(&one, "\n", 1);
	row_sum_add(&twice, "\n", 1);
	row_sum_add(&twice, "\n", 1);
	row_sum_hex(&one, a);
	row_sum_hex(&twice, b);
	row_sum_hex(&none, c);
	assert_string_not_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_equal(c, "00000000000000000000000000000000");
	assert_false(row_sum_is_hex("zz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_order_of_rows_does_not_count),
	    cmocka_unit_test(a_row_more_or_twice_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
