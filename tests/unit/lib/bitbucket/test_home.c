/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "bitbucket/home.h"

static void caches_logs_and_locks_are_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		bool folder;
	} cases[] = {
	    {"caches", true},
	    {"caches/any/thing", false},
	    {"log", true},
	    {"tmp", true},
	    {"tmp/x", false},
	    {".lock", false},
	    {"export", true},
	    {"export/migration.tar", false},
	    {"search/data", true},
	    {"search/data/nodes/0", true},
	    {"plugins/.osgi-cache", true},
	    {"plugins/.bundled-plugins/a.jar", false},
	    {"data/db.h2.db", false},
	    {"data/db.mv.db", false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		if (!home_is_left_out(cases[i].path, cases[i].folder))
			fail_msg("%s", cases[i].path);
}

static void everything_else_is_saved(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		bool folder;
	} cases[] = {
	    {"bitbucket.properties", false},
	    {"config", true},
	    {"config/log", true},
	    {"config/.lock", false},
	    {"data", true},
	    {"data/repositories", true},
	    {"data/repositories/1/caches", true},
	    {"data/repositories/1/packed-refs.lock", false},
	    {"data/repositories/1/refs/heads/tmp", false},
	    {"data/repositories/1/refs/heads/log", true},
	    {"data/attachments/db.x", false},
	    {"data/database", false},
	    {"plugins", true},
	    {"plugins/installed-plugins", true},
	    {"plugins/installed-plugins/.a.jar", false},
	    {"plugins/.hidden-file", false},
	    {"search", true},
	    {"search/config", true},
	    {"logs", true},
	    {"caches", false},
	    {"shared/caches", true},
	    {"lib/native", true},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		if (home_is_left_out(cases[i].path, cases[i].folder))
			fail_msg("%s", cases[i].path);
}

static void a_path_in_a_repository_has_its_number(void **state)
{
	(void)state;
	uint64_t id = 7;
	const char *rest = NULL;

	assert_true(home_in_repository(
	    "data/repositories/42/objects/pack", &id, &rest));
	assert_int_equal(id, 42);
	assert_string_equal(rest, "objects/pack");
	assert_true(home_in_repository("data/repositories/1", &id, &rest));
	assert_int_equal(id, 1);
	assert_string_equal(rest, "");
	assert_true(home_in_repository(
	    "store/data/005e/0f3a9c1b2d4e5f607182/repos/13/HEAD", &id, &rest));
	assert_int_equal(id, 13);
	assert_string_equal(rest, "HEAD");
}

static void any_other_path_is_in_no_repository(void **state)
{
	(void)state;
	static const char *const paths[] = {"data/repositories",
	    "data/repositories/", "data/repositories/x/1",
	    "data/repositories/01", "data/repositories/0",
	    "data/repositories/-1", "data/repositories/1x",
	    "data/repositories/99999999999999999999", "x/data/repositories/1",
	    "data/repositoriesx/1", "",
	    "store/data/005e/0f3a9c1b2d4e5f607182/repos",
	    "store/data/005e/0f3a9c1b2d4e5f607182/repos/x",
	    "store/data/005e/0f3a9c1b2d4e5f607182/pools/13",
	    "store/data/005e/0f3a9c1b2d4e5f60718/repos/13",
	    "store/data/05e/0f3a9c1b2d4e5f607182/repos/13",
	    "store/data/005E/0f3a9c1b2d4e5f607182/repos/13",
	    "store/data/repos/13"};

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		uint64_t id = 7;
		const char *rest = NULL;

		if (home_in_repository(paths[i], &id, &rest))
			fail_msg("%s", paths[i]);
		assert_int_equal(id, 7);
	}
}

/* Gives "" when FOLDER is a shared home, else what is said about it. */
static char *said_of(const char *folder)
{
	g_autoptr(GError) error = NULL;

	return home_check(folder, &error) ? g_strdup("")
					  : g_strdup(error->message);
}

static void what_is_no_shared_home_is_told_what_it_lacks(void **state)
{
	(void)state;
	char root[] = "/tmp/gonogo-home-XXXXXX";
	assert_non_null(mkdtemp(root));
	g_autofree char *shared = g_build_filename(root, "shared", NULL);
	g_autofree char *repositories =
	    g_build_filename(shared, HOME_REPOSITORIES, NULL);
	g_autofree char *data = g_build_filename(shared, "data", NULL);
	g_autofree char *properties =
	    g_build_filename(shared, HOME_PROPERTIES, NULL);

	g_autofree char *none = said_of("/nowhere/home");
	g_autofree char *file = said_of("/etc/hostname");
	g_autofree char *empty = said_of(root);
	assert_int_equal(g_mkdir_with_parents(repositories, 0700), 0);
	g_autofree char *bare = said_of(shared);
	g_autofree char *local = said_of(root);
	assert_true(file_write(properties, 0600, "", 0, NULL));
	g_autofree char *good = said_of(shared);
	ignore(g_unlink(properties));
	ignore(g_rmdir(repositories));
	ignore(g_rmdir(data));
	ignore(g_rmdir(shared));
	ignore(g_rmdir(root));

	assert_non_null(strstr(none, "No such file"));
	assert_non_null(strstr(none, "mounted"));
	assert_non_null(strstr(file, "not a folder"));
	assert_non_null(strstr(
	    empty, "no data/repositories and bitbucket.properties\nhint: "));
	assert_non_null(strstr(bare, "no bitbucket.properties\nhint: "));
	assert_non_null(strstr(local, "a node's local home"));
	assert_non_null(strstr(local, shared));
	assert_string_equal(good, "");
}

static void a_repository_s_own_file_names_it(void **state)
{
	(void)state;
	struct repository_config c = {0};

	repository_config_read("#>****\n# maintained\n#>****\n"
			       "[core]\n\tproject = NO\n"
			       "[bitbucket]\n"
			       "\thierarchy = 0f3a9c1b2d4e5f607182\n"
			       "\tProject = \"DE MO\" ; old\n"
			       "\t# project = NO\n"
			       "[other]\n\thierarchy = no\n",
	    &c);
	assert_string_equal(c.hierarchy, "0f3a9c1b2d4e5f607182");
	assert_string_equal(c.project, "DE MO");
	assert_null(c.slug);
	repository_config_clear(&c);
	assert_null(c.project);
	repository_config_read("", &c);
	assert_null(c.hierarchy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(caches_logs_and_locks_are_left_out),
	    cmocka_unit_test(everything_else_is_saved),
	    cmocka_unit_test(a_path_in_a_repository_has_its_number),
	    cmocka_unit_test(any_other_path_is_in_no_repository),
	    cmocka_unit_test(what_is_no_shared_home_is_told_what_it_lacks),
	    cmocka_unit_test(a_repository_s_own_file_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
