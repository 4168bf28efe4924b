#include "tests/unit/unit.h"

#include "backup/db/witness.h"

static const char rows[] = "1\tone\n2\ttwo\\nlines\n3\t\\\\.\n";
static const char fill[] = "COPY public.x (a, b) FROM stdin;\n";

/* The sum of the three rows. */
static void sum_of_rows(char hex[ROW_SUM_HEX + 1])
{
	static const char *const each[] = {
	    "2\ttwo\\nlines\n", "3\t\\\\.\n", "1\tone\n"};
	struct row_sum sum = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(each); i++)
		row_sum_add(&sum, each[i], strlen(each[i]));
	row_sum_hex(&sum, hex);
}

static struct table *add(tables *t, const char *name, uint64_t count)
{
	struct table *one = tables_add(t, name);

	one->columns = g_strdup("a, b");
	one->rows = count;
	sum_of_rows(one->sum);
	return one;
}

static void rows_are_told_apart_however_they_come(void **state)
{
	(void)state;
	char expected[ROW_SUM_HEX + 1], found[ROW_SUM_HEX + 1];

	sum_of_rows(expected);
	for (size_t step = 1; step <= strlen(rows); step++) {
		g_auto(passing) p = {0};
		for (size_t at = 0; at < strlen(rows); at += step)
			passing_add(
			    &p, rows + at, MIN(step, strlen(rows) - at));
		row_sum_hex(&p.sum, found);
		assert_int_equal(p.rows, 3);
		assert_string_equal(found, expected);
	}
}

static void a_table_of_one_column_may_be_empty_text(void **state)
{
	(void)state;
	g_auto(passing) p = {0};

	passing_add(&p, "\n\n", 2);
	assert_int_equal(p.rows, 2);
}

/* Gives the differences when ROWS pass in PARTS files of x. */
static GPtrArray *differences_of(tables *t, unsigned parts, uint64_t taken)
{
	g_autoptr(witness) w = witness_new(t);
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

	for (unsigned i = 0; i < parts; i++) {
		g_auto(passing) p = {0};
		passing_add(&p, rows, strlen(rows));
		witness_take(w, fill, &p, taken);
	}
	witness_end(w, lines);
	return lines;
}

static void equal_rows_need_no_second_look(void **state)
{
	(void)state;
	g_auto(tables) t = {0};
	const struct table *x = add(&t, "public.x", 3);
	const struct table *other = add(&t, "public.other", 3);
	g_autoptr(GPtrArray) lines = differences_of(&t, 1, 3);

	assert_int_equal(lines->len, 0);
	assert_true(x->seen);
	assert_false(other->seen);
}

static void what_the_server_did_not_take_is_told(void **state)
{
	(void)state;
	g_auto(tables) t = {0};
	add(&t, "public.x", 3);
	g_autoptr(GPtrArray) lines = differences_of(&t, 1, 2);

	assert_int_equal(lines->len, 1);
	assert_string_equal(lines->pdata[0], "public.x: 2 rows, not 3");
}

static void a_part_too_much_is_told(void **state)
{
	(void)state;
	g_auto(tables) t = {0};
	add(&t, "public.x", 3);
	g_autoptr(GPtrArray) lines = differences_of(&t, 2, 3);

	assert_int_equal(lines->len, 1);
	assert_string_equal(lines->pdata[0], "public.x: 6 rows, not 3");
}

static void other_rows_are_told(void **state)
{
	(void)state;
	g_auto(tables) t = {0};
	struct table *x = add(&t, "public.x", 3);
	x->sum[0] ^= 1;
	g_autoptr(GPtrArray) lines = differences_of(&t, 1, 3);

	assert_int_equal(lines->len, 1);
	assert_string_equal(
	    lines->pdata[0], "public.x: its rows have another checksum");
}

static void a_table_without_a_sum_is_read_again(void **state)
{
	(void)state;
	g_auto(tables) t = {0};
	struct table *x = add(&t, "public.x", 3);
	x->sum[0] = '\0';
	g_autoptr(GPtrArray) lines = differences_of(&t, 1, 3);

	assert_int_equal(lines->len, 0);
	assert_false(x->seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_told_apart_however_they_come),
	    cmocka_unit_test(a_table_of_one_column_may_be_empty_text),
	    cmocka_unit_test(equal_rows_need_no_second_look),
	    cmocka_unit_test(what_the_server_did_not_take_is_told),
	    cmocka_unit_test(a_part_too_much_is_told),
	    cmocka_unit_test(other_rows_are_told),
	    cmocka_unit_test(a_table_without_a_sum_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
