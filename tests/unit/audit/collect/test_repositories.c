#include <utime.h>

#include "audit/collect/repositories.h"
#include "base/clock.h"
#include "base/file.h"
#include "tests/unit/audit/collect/scratch.h"

/* Puts TEXT below data/repositories, AGE_S old. */
static void put(
    const char *home, const char *name, const char *text, int64_t age_s)
{
	g_autofree char *path =
	    g_build_filename(home, "data/repositories", name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);
	const struct utimbuf times = {clock_now() - age_s, clock_now() - age_s};

	assert_true(fs_make_folders(parent, 0755, NULL));
	assert_true(file_write(path, 0644, text, strlen(text), NULL));
	assert_int_equal(utime(path, &times), 0);
}

static int64_t number(const json *value, const char *path)
{
	int64_t n = -1;

	assert_true(json_i64(value, path, &n, NULL));
	return n;
}

static void ids_come_in_numeric_order_and_other_things_are_none(void **state)
{
	put(*state, "10/HEAD", "x", 0);
	put(*state, "9/HEAD", "x", 0);
	put(*state, "x7/HEAD", "x", 0);
	put(*state, "11", "a file", 0);
	g_autofree char *link =
	    g_build_filename(*state, "data/repositories/12", NULL);
	assert_int_equal(symlink("9", link), 0);
	g_autoptr(json) value = repositories_look(*state, NULL);

	assert_int_equal(json_length(json_find(value, "ids")), 2);
	assert_int_equal(number(value, "ids.0"), 9);
	assert_int_equal(number(value, "ids.1"), 10);
}

static void alternates_that_lead_nowhere_are_broken(void **state)
{
	g_autofree char *real =
	    g_build_filename(*state, "data/repositories/1/objects\n", NULL);

	put(*state, "1/objects/info/packs", "", 0);
	put(*state, "2/objects/info/alternates", real, 0);
	/* As the nodes mount it; and as git writes it by itself. */
	put(*state, "3/objects/info/alternates",
	    "/var/bitbucket/shared/data/repositories/1/objects\n", 0);
	put(*state, "4/objects/info/alternates", "../../1/objects\n", 0);
	put(*state, "5/objects/info/alternates",
	    "/var/bitbucket/shared/data/repositories/6/objects\n", 0);
	put(*state, "7/objects/info/alternates", "/nowhere\n", 0);
	g_autoptr(json) value = repositories_look(*state, NULL);

	assert_int_equal(number(value, "broken_alternates.count"), 2);
	assert_string_equal(json_text(value, "broken_alternates.some.0"), "5");
	assert_string_equal(json_text(value, "broken_alternates.some.1"), "7");
}

static void a_lock_is_stale_after_an_hour(void **state)
{
	put(*state, "1/HEAD.lock", "", 7200);
	put(*state, "1/config.lock", "", 60);
	put(*state, "1/refs/heads/main.lock", "", 7200);
	put(*state, "1/stash-refs/pull-requests/1/from.lock", "", 7200);
	put(*state, "1/refs/heads/main", "", 7200);
	g_autoptr(json) value = repositories_look(*state, NULL);

	assert_int_equal(number(value, "stale_locks.count"), 3);
}

static void a_home_without_repositories_can_not_be_looked_at(void **state)
{
	g_autoptr(GError) error = NULL;
	json *value = repositories_look(*state, &error);

	assert_null(value);
	assert_non_null(strstr(error->message, "data/repositories"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCRATCH(ids_come_in_numeric_order_and_other_things_are_none),
	    IN_SCRATCH(alternates_that_lead_nowhere_are_broken),
	    IN_SCRATCH(a_lock_is_stale_after_an_hour),
	    IN_SCRATCH(a_home_without_repositories_can_not_be_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
