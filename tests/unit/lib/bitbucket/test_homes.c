#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "bitbucket/homes.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

struct path {
	const char *path;
	bool folder, left_out;
};

static void hold(
    const struct home_kind *kind, const struct path *paths, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (kind->is_left_out(paths[i].path, paths[i].folder) !=
		    paths[i].left_out)
			fail_msg("%s %s", kind->name, paths[i].path);
}

static void a_mirror_keeps_all_but_what_it_makes_anew(void **state)
{
	(void)state;
	static const struct path paths[] = {
	    {"bitbucket.properties", false, false},
	    {"shared/bitbucket.properties", false, false},
	    {"shared/config/ssh-server-keys.pem", false, false},
	    {"conf/server.xml", false, false},
	    {"shared/data", true, false},
	    {"shared/data/db.mv.db", false, false},
	    {"data/db.mv.db", false, false},
	    {"shared/data/repositories", true, true},
	    {"data/repositories", true, true},
	    {"data/git-lfs", true, true},
	    {"caches", true, true},
	    {"shared/log", true, true},
	    {"log", false, false},
	    {"plugins", true, false},
	    {"plugins/.osgi-plugins", true, true},
	    {"shared/plugins/installed-plugins", true, false},
	    {".lock", false, true},
	    {"shared/.lock", false, true},
	};

	hold(&home_mirror, paths, G_N_ELEMENTS(paths));
}

static void a_mesh_node_keeps_its_keys_and_repositories(void **state)
{
	(void)state;
	static const struct path paths[] = {
	    {"config", true, false},
	    {"config/control-plane.pem", false, false},
	    {"mesh.properties", false, false},
	    {"store/data/005e", true, false},
	    {"store/log", true, false},
	    {"log", true, true},
	    {"tmp", true, true},
	    {".lock", false, true},
	};

	hold(&home_mesh, paths, G_N_ELEMENTS(paths));
}

static void refuses(const struct home_kind *kind, const char *path)
{
	g_autoptr(GError) error = NULL;

	assert_false(kind->check(path, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
}

static void what_is_no_such_home_is_refused(void **state)
{
	(void)state;
	static const struct home_kind *const kinds[] = {
	    &home_shared, &home_mirror, &home_mesh};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		refuses(kinds[i], "/nowhere");
		refuses(kinds[i], "/dev/null");
		refuses(kinds[i], "docs");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mirror_keeps_all_but_what_it_makes_anew),
	    cmocka_unit_test(a_mesh_node_keeps_its_keys_and_repositories),
	    cmocka_unit_test(what_is_no_such_home_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
