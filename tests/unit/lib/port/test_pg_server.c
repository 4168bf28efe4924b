/*
 * A private server answers to nobody but its user, and leaves nothing behind.
 */
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/error.h"
#include "port/fs.h"
#include "port/pg_server.h"
#include "port/process.h"

static char *folder;
static char *bindir;

static int start(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("gps-XXXXXX", NULL);
	if (!folder || chmod(folder, 0711) != 0)
		return -1;
	for (int major = 9; major < 40; major++) {
		g_autofree char *path =
		    g_strdup_printf("/usr/lib/postgresql/%d/bin", major);
		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			g_free(bindir);
			bindir = g_steal_pointer(&path);
		}
	}
	return bindir ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	bool gone = fs_remove_tree(folder, NULL);
	g_free(folder);
	g_free(bindir);
	return gone ? 0 : -1;
}

static pg_server *opened(const char *setting)
{
	const char *const settings[] = {"fsync=off", setting, NULL};
	const struct pg_server_options o = {
	    .above = folder,
	    .bindir = bindir,
	    .user = "postgres",
	    .settings = settings,
	};
	g_autoptr(GError) error = NULL;
	pg_server *s = pg_server_open(&o, &error);

	if (error)
		print_error("%s\n", error->message);
	assert_non_null(s);
	return s;
}

static bool is_empty(const char *path)
{
	bool vacant = false;

	return fs_is_vacant(path, &vacant, NULL) && vacant;
}

/* What psql as USER (NULL: us) answers; NULL: it could not connect. */
static char *answer(const pg_server *s, const char *user)
{
	g_autofree char *url = pg_server_url(s, "postgres");
	const char *const argv[] = {"psql", "-XAtw", "-d", url, "-c",
	    "SELECT current_user, current_setting('listen_addresses'),"
	    " current_setting('fsync')",
	    NULL};
	const struct process p = {.argv = argv, .user = user, .timeout_s = 30};
	g_auto(process_result) r = {0};

	assert_true(process_run(&p, &r, NULL));
	return r.code == 0 ? g_strdup(g_strstrip(r.out)) : NULL;
}

static void it_answers_its_user_and_goes_without_a_trace(void **state)
{
	(void)state;
	g_autoptr(pg_server) s = opened("work_mem=1MB");
	g_autoptr(GError) error = NULL;
	const char *user = geteuid() == 0 ? "postgres" : g_get_user_name();

	assert_true(pg_server_init(s, &error));
	assert_true(pg_server_start(s, &error));
	assert_true(pg_server_is_up(s, &error));
	g_autofree char *said = answer(s, geteuid() == 0 ? "postgres" : NULL);
	g_autofree char *wanted = g_strdup_printf("%s||off", user);
	assert_string_equal(said, wanted);
	assert_string_equal(pg_server_user(s), user);
	/* Root is not its user either. */
	if (geteuid() == 0)
		assert_null(answer(s, NULL));
	assert_false(is_empty(folder));
	g_clear_pointer(&s, pg_server_close);
	assert_true(is_empty(folder));
}

static void one_that_does_not_start_says_why(void **state)
{
	(void)state;
	g_autoptr(pg_server) s = opened("no_such_setting=1");
	g_autoptr(GError) error = NULL;

	assert_true(pg_server_init(s, &error));
	assert_false(pg_server_start(s, &error));
	assert_non_null(strstr(error->message, "no_such_setting"));
	g_clear_pointer(&s, pg_server_close);
	assert_true(is_empty(folder));
}

static void one_that_is_closed_at_once_leaves_nothing(void **state)
{
	(void)state;
	pg_server_close(opened("work_mem=1MB"));
	assert_true(is_empty(folder));
}

/* In a child, so that it can die like any process. */
static void it_goes_when_its_owner_is_killed(void **state)
{
	(void)state;
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t owner = fork();
	if (owner == 0) {
		pg_server *s = opened("work_mem=1MB");
		bool up = pg_server_init(s, NULL) && pg_server_start(s, NULL);
		ignore(write(ready[1], up ? "u" : "d", 1) < 0);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'u');
	assert_int_equal(kill(owner, SIGKILL), 0);
	assert_int_equal(waitpid(owner, NULL, 0), owner);
	for (int left = 200; left > 0 && !is_empty(folder); left--)
		g_usleep(100000);
	assert_true(is_empty(folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_answers_its_user_and_goes_without_a_trace),
	    cmocka_unit_test(one_that_does_not_start_says_why),
	    cmocka_unit_test(one_that_is_closed_at_once_leaves_nothing),
	    cmocka_unit_test(it_goes_when_its_owner_is_killed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
