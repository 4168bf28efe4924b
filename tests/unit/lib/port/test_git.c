/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "port/git.h"

static char root[] = "/tmp/gonogo-git-XXXXXX"; /* good, broken, cut, fork */

static const char make_repositories[] =
    "set -e\n"
    "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com\n"
    "export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com\n"
    "git init -q --bare good && cd good\n"
    "blob=$(echo hello | git hash-object -w --stdin)\n"
    "tree=$(printf '100644 blob %s\\tx\\n' $blob | git mktree)\n"
    "git update-ref refs/heads/master $(git commit-tree -m one $tree)\n"
    "echo dangling | git hash-object -w --stdin >/dev/null\n"
    "cd ..\n"
    "cp -R good missing && rm missing/objects/ce/013625*\n"
    "cp -R good damaged && chmod u+w damaged/objects/ce/013625*\n"
    "printf garbage >damaged/objects/ce/$(ls damaged/objects/ce)\n"
    "mkdir none\n";

static int make(void **state)
{
	(void)state;
	const char *argv[] = {"sh", "-c", make_repositories, NULL};
	struct process p = {.argv = argv, .folder = root, .timeout_s = 30};
	g_auto(process_result) r = {0};
	g_autoptr(GError) error = NULL;

	if (mkdtemp(root) && process_run_ok(&p, &r, &error))
		return 0;
	g_printerr("%s\n", error ? error->message : "no folder");
	return -1;
}

static int clean(void **state)
{
	(void)state;
	const char *argv[] = {"rm", "-rf", root, NULL};
	struct process p = {.argv = argv};
	g_auto(process_result) r = {0};

	return process_run_ok(&p, &r, NULL) ? 0 : -1;
}

/* Gives "" for a clean repository, else its flaw. */
static char *flaw_of(const char *name, bool full)
{
	g_autofree char *path = g_build_filename(root, name, NULL);
	g_autoptr(GError) error = NULL;
	char *flaw = NULL;

	if (!git_fsck(path, full, &flaw, &error))
		fail_msg("%s", error->message);
	return flaw ? flaw : g_strdup("");
}

static void a_dangling_object_is_no_flaw(void **state)
{
	(void)state;
	g_autofree char *full = flaw_of("good", true);
	g_autofree char *quick = flaw_of("good", false);

	assert_string_equal(full, "");
	assert_string_equal(quick, "");
}

static void flaws_are_told_in_git_s_words(void **state)
{
	(void)state;
	g_autofree char *missing = flaw_of("missing", false);
	g_autofree char *damaged = flaw_of("damaged", true);
	g_autofree char *none = flaw_of("none", true);

	assert_non_null(strstr(missing, "missing blob ce013625"));
	assert_non_null(strstr(damaged, "ce013625"));
	assert_non_null(strstr(none, "not a git repository"));
}

static void arguments_and_input_reach_git(void **state)
{
	(void)state;
	g_autofree char *path = g_build_filename(root, "good", NULL);
	const char *arguments[] = {"cat-file", "--batch-check", NULL};
	g_auto(process_result) r = {0};

	assert_true(git_run(
	    path, arguments, "refs/heads/master^{tree}\nnone\n", &r, NULL));
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, " tree 29\nnone missing\n"));
}

static void the_caller_s_environment_does_not_lead_it_astray(void **state)
{
	(void)state;
	g_autofree char *path = g_build_filename(root, "good", NULL);
	const char *arguments[] = {"config", "--get", "user.name", NULL};
	g_auto(process_result) r = {0};
	g_setenv("GIT_CONFIG_COUNT", "1", TRUE);
	g_setenv("GIT_CONFIG_KEY_0", "user.name", TRUE);
	g_setenv("GIT_CONFIG_VALUE_0", "astray", TRUE);
	g_setenv("GIT_OBJECT_DIRECTORY", "/nowhere", TRUE);
	bool ran = git_run(path, arguments, NULL, &r, NULL);
	g_autofree char *flaw = flaw_of("good", true);
	g_unsetenv("GIT_CONFIG_COUNT");
	g_unsetenv("GIT_OBJECT_DIRECTORY");

	assert_true(ran);
	assert_int_equal(r.code, 1); /* not set */
	assert_string_equal(flaw, "");
}

static void its_version_is_known(void **state)
{
	(void)state;
	g_autofree char *version = git_version(NULL);

	assert_true(g_regex_match_simple(
	    "^[0-9]+\\.[0-9]+(\\.[0-9]+)?", version, 0, 0));
}

static void without_git_the_package_is_named(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_strdup(g_getenv("PATH"));

	g_setenv("PATH", "/nowhere", TRUE);
	char *version = git_version(&error);
	g_setenv("PATH", path, TRUE);
	assert_null(version);
	assert_string_equal(
	    error->message, "git: no such program\nhint: apt-get install git");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_dangling_object_is_no_flaw),
	    cmocka_unit_test(flaws_are_told_in_git_s_words),
	    cmocka_unit_test(arguments_and_input_reach_git),
	    cmocka_unit_test(the_caller_s_environment_does_not_lead_it_astray),
	    cmocka_unit_test(its_version_is_known),
	    cmocka_unit_test(without_git_the_package_is_named),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
