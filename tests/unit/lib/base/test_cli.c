#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <fcntl.h>

#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/share.h"

static bool fail_with(GError **error, const char *text)
{
	return fail(error, GONOGO_ERROR_DATA, "%s", text);
}

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static char *seen; /* what the verb was called with */

static int greet(int argc, char **argv, GError **error)
{
	g_autofree char *name = NULL;
	const GOptionEntry options[] = {
	    {"name", 'n', 0, G_OPTION_ARG_STRING, &name, "whom", "NAME"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "[FILE...]", 0, 2, NULL, error))
		return -1;
	g_autoptr(GString) text = g_string_new(name ? name : "nobody");
	for (int i = 1; i < argc; i++)
		g_string_append_printf(text, " %s", argv[i]);
	g_free(seen);
	seen = g_strdup(text->str);
	return EXITS_DONE;
}

static int break_down(int argc, char **argv, GError **error)
{
	(void)argc;
	(void)argv;
	fail_with(error, "the thing is broken");
	return -1;
}

static const struct cli_verb verbs[] = {
    {"greet", greet, "say hello"},
    {"break", break_down, "always fails"},
    {0},
};
static const struct cli_tool tool = {"gonogo-test", "A test.", verbs};

/* Runs "gonogo-test WORDS"; its talk is in *TALK, its exit is returned. */
static int run(char **talk, const char *words)
{
	g_autofree char *line = g_strconcat("gonogo-test ", words, NULL);
	g_auto(GStrv) argv = g_strsplit(g_strchomp(line), " ", -1);
	/* The parser takes words out, and they have to be freed all the same.
	 */
	g_autofree char **taken =
	    g_memdup2(argv, (g_strv_length(argv) + 1) * sizeof *argv);
	g_autofree char *path = NULL;
	int file = g_file_open_tmp("gonogo-XXXXXX", &path, NULL);
	int saved = dup(STDERR_FILENO);

	assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
	int code = cli_run((int)g_strv_length(argv), taken, &tool);
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	*talk = file_read(path, 10000, NULL, NULL);
	assert_int_equal(close(file), 0);
	assert_int_equal(close(saved), 0);
	assert_int_equal(unlink(path), 0);
	return code;
}

static void a_verb_gets_its_options_and_arguments(void **state)
{
	(void)state;
	g_autofree char *talk = NULL, *more = NULL;

	assert_int_equal(run(&talk, "greet --name Ann one"), 0);
	assert_string_equal(seen, "Ann one");
	assert_string_equal(talk, "");
	/* Behind -- nothing is an option. */
	assert_int_equal(run(&more, "greet -- --name x"), 0);
	assert_string_equal(seen, "nobody --name x");
}

static void an_error_is_one_line_with_a_hint(void **state)
{
	(void)state;
	g_autofree char *verb = NULL, *option = NULL, *many = NULL,
			*broken = NULL;

	assert_int_equal(run(&verb, "grete"), 64);
	assert_string_equal(verb, "gonogo-test: no verb 'grete'\n"
				  "hint: `gonogo-test --help` lists them\n");
	assert_int_equal(run(&option, "greet --nam"), 64);
	assert_non_null(strstr(option, "--nam"));
	assert_non_null(strstr(option, "hint: `gonogo-test greet --help`"));
	assert_int_equal(run(&many, "greet a b c"), 64);
	assert_non_null(strstr(many, "one argument too many: 'c'"));
	assert_int_equal(run(&broken, "break"), 65);
	assert_string_equal(broken, "gonogo-test break: the thing is broken\n");
}

static void nothing_to_do_is_a_usage_error(void **state)
{
	(void)state;
	g_autofree char *talk = NULL;

	assert_int_equal(run(&talk, ""), 64);
}

static void shipped_files_are_found_beside_the_program(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL, other = NULL;

	g_setenv("GONOGO_SHARE", "/srv/share", TRUE);
	g_autofree char *chosen = share_file("templates/x", NULL);
	assert_string_equal(chosen, "/srv/share/templates/x");
	g_unsetenv("GONOGO_SHARE");
	assert_null(share_file("no/such/file", &error));
	assert_non_null(strstr(error->message, "hint: GONOGO_SHARE"));

	g_setenv("GONOGO_LIBEXEC", "/bin", TRUE);
	g_autofree char *shell = share_program("sh", NULL);
	assert_string_equal(shell, "/bin/sh");
	assert_null(share_program("no-such-program", &other));
	assert_non_null(strstr(other->message, "hint: GONOGO_LIBEXEC"));
	g_unsetenv("GONOGO_LIBEXEC");
}

static int forget(void **state)
{
	(void)state;
	g_free(seen);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_verb_gets_its_options_and_arguments),
	    cmocka_unit_test(an_error_is_one_line_with_a_hint),
	    cmocka_unit_test(nothing_to_do_is_a_usage_error),
	    cmocka_unit_test(shipped_files_are_found_beside_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
