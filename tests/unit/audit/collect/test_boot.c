#include "audit/collect/boot.h"
#include "base/file.h"
#include "port/process.h"
#include "tests/unit/audit/collect/scratch.h"

#define START(at, version)                                                     \
	at ",007 INFO  [spring-startup]  "                                     \
	   "c.a.b.i.boot.log.BuildInfoLogger Starting Bitbucket " version      \
	   " (0123abc built on 2026-07-14)\n"

static char *put(const char *folder, const char *name, const char *text)
{
	char *path = g_build_filename(folder, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	assert_true(fs_make_folders(parent, 0755, NULL));
	assert_true(file_write(path, 0644, text, strlen(text), NULL));
	return path;
}

static void run_in(const char *folder, const char *const *argv)
{
	const struct process p = {.argv = argv, .folder = folder};
	g_auto(process_result) r = {0};

	assert_true(process_run_ok(&p, &r, NULL));
}

static void starts_as(const char *path, const char *version, const char *at)
{
	g_auto(boot) b = {0};
	g_autoptr(GError) error = NULL;

	if (!boot_find(path, 5, &b, &error))
		fail_msg("%s", error->message);
	assert_string_equal(b.version, version);
	assert_true(g_str_has_prefix(b.at, at));
}

static void never_starts(const char *path)
{
	g_auto(boot) b = {0};
	g_autoptr(GError) error = NULL;

	assert_false(boot_find(path, 5, &b, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
}

static void the_newest_start_counts_wherever_it_lies(void **state)
{
	g_autofree char *new = put(*state, "log/atlassian-bitbucket.log",
	    START("2026-10-01 04:00:00", "9.4.21"));
	g_autofree char *old =
	    put(*state, "log/atlassian-bitbucket-2026-10-14.0.log",
		START("2026-10-14 04:00:00", "9.4.22") "no newline at the end");

	starts_as(*state, "9.4.22", "2026-10-14");
	starts_as(new, "9.4.21", "2026-10-01");
}

static void pressed_logs_and_support_zips_are_read(void **state)
{
	g_autofree char *log =
	    put(*state, "node/atlassian-bitbucket-2026-10-14.0.log",
		START("2026-10-14 04:00:00", "9.4.22"));
	g_autofree char *zip = g_build_filename(*state, "support.zip", NULL);
	g_autofree char *node = g_build_filename(*state, "node", NULL);

	run_in(*state, (const char *const[]){"/usr/bin/python3", "-m",
			   "zipfile", "-c", "support.zip", "node", NULL});
	run_in(*state, (const char *const[]){"gzip", log, NULL});
	starts_as(node, "9.4.22", "2026-10-14");
	starts_as(zip, "9.4.22", "2026-10-14");
}

/* What starts_as() finds, and what was passed over on the way. */
static void passes_over(const char *path, const char *version, const char *what)
{
	g_auto(boot) b = {0};

	assert_true(boot_find(path, 5, &b, NULL));
	assert_string_equal(b.version, version);
	if (!what) {
		assert_null(b.passed);
		return;
	}
	assert_non_null(b.passed);
	assert_int_equal(b.passed->len, 1);
	assert_non_null(strstr(g_ptr_array_index(b.passed, 0), what));
}

static void pressed_logs_within_a_zip_are_read_or_named(void **state)
{
	static const char *const press[] = {
	    "sh", "-c", "gzip node/*.log", NULL};
	static const char *const pack[] = {"/usr/bin/python3", "-m", "zipfile",
	    "-c", "support.zip", "node", NULL};
	g_autofree char *zip = g_build_filename(*state, "support.zip", NULL);
	g_autofree char *one =
	    put(*state, "node/atlassian-bitbucket-2026-10-14.0.log",
		START("2026-10-14 04:00:00", "9.4.22"));

	run_in(*state, press);
	run_in(*state, pack);
	passes_over(zip, "9.4.22", NULL);
	static const char *const cut[] = {"sh", "-c",
	    "seq 9999 | gzip | head -c 99 "
	    ">node/atlassian-bitbucket-2026-10-15.0.log.gz",
	    NULL};
	run_in(*state, cut);
	g_autofree char *node = g_build_filename(*state, "node", NULL);
	run_in(*state, pack);
	passes_over(zip, "9.4.22", "2026-10-15.0.log.gz: ");
	passes_over(node, "9.4.22", "2026-10-15.0.log.gz: ");
}

static void what_users_write_is_no_start(void **state)
{
	static const char *const lines[] = {
	    "2026-10-14 04:00:00,007 WARN  [http-nio-7990-exec-12] jdoe "
	    "*7QK2MXx845x1203x4 \"GET /x c.a.b.i.boot.log.BuildInfoLogger "
	    "Starting Bitbucket 1.0 \" c.a.s.Other text\n",
	    "c.a.b.i.boot.log.BuildInfoLogger Starting Bitbucket 1.0\n",
	    "2026-10-14 04:00:00,007 INFO  [x]  c.a.b.i.boot.log."
	    "BuildInfoLogger Bitbucket 9.4.21 has shut down\n",
	    "2026-10-14 04:00:00,007 INFO\n", ""};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *log =
		    put(*state, "atlassian-bitbucket.log", lines[i]);
		never_starts(log);
	}
}

static void a_line_is_found_across_a_long_one(void **state)
{
	g_autofree char *noise = g_strnfill(300000, 'x');
	g_autofree char *text = g_strconcat(
	    noise, "\n", START("2026-10-14 04:00:00", "9.4.22"), NULL);
	g_autofree char *log = put(*state, "atlassian-bitbucket.log", text);

	starts_as(log, "9.4.22", "2026-10-14");
}

static void access_logs_are_not_looked_into(void **state)
{
	g_autofree char *log = put(*state, "atlassian-bitbucket-access.log",
	    START("2026-10-14 04:00:00", "9.4.22"));

	never_starts(*state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_SCRATCH(the_newest_start_counts_wherever_it_lies),
	    IN_SCRATCH(pressed_logs_and_support_zips_are_read),
	    IN_SCRATCH(pressed_logs_within_a_zip_are_read_or_named),
	    IN_SCRATCH(what_users_write_is_no_start),
	    IN_SCRATCH(a_line_is_found_across_a_long_one),
	    IN_SCRATCH(access_logs_are_not_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
