#include "tests/unit/unit.h"

#include "backup/choice.h"

static bool has(const char *pattern, const char *path)
{
	char *patterns[] = {(char *)pattern, NULL};

	return choice_has_path(patterns, path);
}

static void a_path_means_itself_and_all_below_it(void **state)
{
	(void)state;
	assert_true(has("data/attachments", "data/attachments"));
	assert_true(has("data/attachments", "data/attachments/1/x"));
	assert_true(has("data/attachments/", "data/attachments/1/x"));
	assert_false(has("data/attachments", "data/attachments.old/x"));
	assert_false(has("data/attachments", "data"));
	assert_false(has("attachments", "data/attachments"));
}

static void a_star_means_any_letters_and_slashes(void **state)
{
	(void)state;
	assert_true(has("*.properties", "bitbucket.properties"));
	assert_true(has("*.properties", "config/a.properties"));
	assert_true(has("data/*/HEAD", "data/repositories/1/HEAD"));
	assert_true(has("data/*", "data/a"));
	assert_true(has("*", "anything/at/all"));
	assert_true(has("a*b*c", "axxbyybzzc"));
	assert_false(has("data/*/HEAD", "data/repositories/1/HEAD.lock"));
	assert_false(has("a*b*c", "axxbyybzz"));
}

static void a_question_mark_is_one_letter(void **state)
{
	(void)state;
	assert_true(has("b?g", "big"));
	assert_false(has("b?g", "bg"));
	assert_false(has("b?g", "biig"));
}

static void a_long_pattern_ends_soon(void **state)
{
	g_autofree char *path = g_strnfill(100000, 'a');

	(void)state;
	assert_false(has("a*a*a*a*a*a*a*a*a*a*a*a*b", path));
}

static void one_pattern_of_many_is_enough(void **state)
{
	char *patterns[] = {(char *)"config", (char *)"*.pem", NULL};

	(void)state;
	assert_true(choice_has_path(patterns, "config/x"));
	assert_true(choice_has_path(patterns, "a/key.pem"));
	assert_false(choice_has_path(patterns, "a/key"));
}

static void a_repository_is_told_as_people_know_it(void **state)
{
	struct evidence_repository known = {.id = (char *)"42",
	    .project = (char *)"DEMO",
	    .slug = (char *)"alpha"};
	gpointer list[] = {&known};
	GPtrArray repositories = {list, 1};
	const struct evidence how = {.repositories = &repositories};
	const struct manifest_group one = {
	    .name = (char *)"repository/42", .repository = 42};
	const struct manifest_group other = {
	    .name = (char *)"repository/7", .repository = 7};
	const struct manifest_group files = {.name = (char *)"files/1"};
	g_autofree char *named = choice_title(&one, &how);
	g_autofree char *unnamed = choice_title(&other, &how);
	g_autofree char *unknown = choice_title(&one, NULL);
	g_autofree char *none = choice_title(&files, &how);

	(void)state;
	assert_string_equal(named, "repository 42 (DEMO/alpha)");
	assert_string_equal(unnamed, "repository 7");
	assert_string_equal(unknown, "repository 42");
	assert_string_equal(none, "files/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_means_itself_and_all_below_it),
	    cmocka_unit_test(a_star_means_any_letters_and_slashes),
	    cmocka_unit_test(a_question_mark_is_one_letter),
	    cmocka_unit_test(a_long_pattern_ends_soon),
	    cmocka_unit_test(one_pattern_of_many_is_enough),
	    cmocka_unit_test(a_repository_is_told_as_people_know_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
