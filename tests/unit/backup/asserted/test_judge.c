#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "backup/asserted/judge.h"
#include "base/error.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

enum { NOW = 1000000 };

static const struct asserted_limits limits = {NOW, 86400, 600};

static void add(
    struct assertion *a, enum asserted_part part, int64_t at, int64_t until)
{
	struct asserted_point *p = shape_add(&asserted_point_shape, &a->points);

	p->part = (int)part;
	p->id = g_strdup("id");
	p->place = g_strdup("place");
	p->at = number_of(at);
	if (until)
		p->until = number_of(until);
}

/* Gives the kind of the flaw beyond that of being asserted; "": none. */
static char *flaw_of(const struct assertion *a)
{
	g_auto(snapshot) s = {0};

	asserted_judge(a, &limits, &s);
	assert_true(list_length(s.flaws) >= 1);
	struct flaw *first = g_ptr_array_index(s.flaws, 0);
	assert_string_equal(first->kind, SNAPSHOT_PART_ASSERTED);
	if (s.flaws->len == 1)
		return g_strdup("");
	struct flaw *second = g_ptr_array_index(s.flaws, 1);
	return g_strconcat(second->kind, ": ", second->why, NULL);
}

static void judges(int64_t database, int64_t database_until, int64_t home,
    int64_t home_until, const char *says)
{
	g_auto(assertion) a = {.provider = g_strdup("x")};

	add(&a, ASSERTED_DATABASE, database, database_until);
	add(&a, ASSERTED_HOME, home, home_until);
	g_autofree char *found = flaw_of(&a);
	if (*says)
		assert_non_null(strstr(found, says));
	else
		assert_string_equal(found, "");
}

static void the_files_come_behind_the_database(void **state)
{
	(void)state;
	judges(100, 0, 100, 0, "");
	judges(100, 0, 101, 0, "");
	judges(100, 150, 150, 500, "");
	judges(100, 0, 700, 0, "");
	judges(101, 0, 100, 0, "older than the database");
	judges(100, 150, 149, 200, "overlap");
	judges(100, 300, 50, 150, "overlap");
	judges(100, 0, 701, 0, "younger than the database");
}

static void one_volume_of_many_is_enough_to_break_the_order(void **state)
{
	(void)state;
	g_auto(assertion) a = {.provider = g_strdup("x")};

	add(&a, ASSERTED_DATABASE, 100, 0);
	add(&a, ASSERTED_HOME, 110, 0);
	add(&a, ASSERTED_DATA_STORE, 99, 0);
	g_autofree char *found = flaw_of(&a);
	assert_non_null(strstr(found, "overlap"));
}

static void a_part_that_nobody_names_is_missing(void **state)
{
	(void)state;
	g_auto(assertion) a = {.provider = g_strdup("x")};

	add(&a, ASSERTED_MESH_NODE, 100, 0);
	add(&a, ASSERTED_DATABASE, 100, 0);
	g_autofree char *found = flaw_of(&a);
	assert_non_null(strstr(found, "part: "));
}

static bool checks(int64_t at, int64_t until, const char *id)
{
	g_auto(assertion) a = {.provider = g_strdup("x")};
	g_autoptr(GError) error = NULL;

	add(&a, ASSERTED_HOME, at, until);
	struct asserted_point *p = g_ptr_array_index(a.points, 0);
	g_free(p->id);
	p->id = g_strdup(id);
	bool good = asserted_check(&a, &limits, &error);
	assert_true(
	    good || g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	return good;
}

static void times_have_to_be_possible(void **state)
{
	(void)state;
	assert_true(checks(NOW, 0, "id"));
	assert_true(checks(NOW + 300, 0, "id"));
	assert_false(checks(NOW + 301, 0, "id"));
	assert_true(checks(NOW - 86400, NOW, "id"));
	assert_false(checks(NOW - 86401, NOW, "id"));
	assert_false(checks(NOW - 100, NOW + 301, "id"));
	assert_false(checks(NOW - 100, NOW - 101, "id"));
}

static void texts_are_for_people(void **state)
{
	(void)state;
	g_autofree char *longest = g_strnfill(1024, 'x');
	g_autofree char *longer = g_strnfill(1025, 'x');

	assert_true(checks(NOW, 0, "Schnappschu\xc3\x9f"));
	assert_true(checks(NOW, 0, longest));
	assert_false(checks(NOW, 0, longer));
	assert_false(checks(NOW, 0, ""));
	assert_false(checks(NOW, 0, "a\nb"));
	assert_false(checks(NOW, 0, "\x1b[31m"));
	assert_false(checks(NOW, 0, "\xc2\x9b"));
}

static void nothing_is_no_backup(void **state)
{
	(void)state;
	g_auto(assertion) a = {.provider = g_strdup("x")};
	g_autoptr(GError) error = NULL;

	assert_false(asserted_check(&a, &limits, &error));
	assert_non_null(strstr(error->message, "points: 0"));
}

static char *strange(const char *text)
{
	g_autoptr(json) document = json_parse(text, strlen(text), "x", NULL);

	return shape_strange(&assertion_shape, document);
}

static void a_member_that_nobody_knows_is_named_with_its_place(void **state)
{
	(void)state;
	g_autofree char *none = strange("{\"schema\":\"x\",\"provider\":\"y\","
					"\"points\":[{\"id\":\"z\"}]}");
	g_autofree char *top = strange("{\"provder\":\"y\"}");
	g_autofree char *deep =
	    strange("{\"points\":[{\"id\":\"z\"},{\"tiem\":1}]}");

	assert_null(none);
	assert_string_equal(top, "provder");
	assert_string_equal(deep, "points.1.tiem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_files_come_behind_the_database),
	    cmocka_unit_test(one_volume_of_many_is_enough_to_break_the_order),
	    cmocka_unit_test(a_part_that_nobody_names_is_missing),
	    cmocka_unit_test(times_have_to_be_possible),
	    cmocka_unit_test(texts_are_for_people),
	    cmocka_unit_test(nothing_is_no_backup),
	    cmocka_unit_test(
		a_member_that_nobody_knows_is_named_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
