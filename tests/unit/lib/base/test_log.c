/* The talk on standard error: what is said, and when it is silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/log.h"
#include "base/progress.h"

#include <cmocka.h>

static GString *heard;

static void hear(const char *text)
{
	g_string_append(heard, text);
}

static int listen(void **state)
{
	(void)state;
	heard = g_string_new(NULL);
	g_set_prgname("gonogo-test");
	g_set_printerr_handler(hear);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	g_set_printerr_handler(NULL);
	g_string_free(heard, TRUE);
	return 0;
}

static void a_line_names_the_program(void **state)
{
	(void)state;
	g_string_truncate(heard, 0);
	log_say("saved %d files", 7);
	log_warn("disk %s", "full");
	assert_string_equal(heard->str, "gonogo-test: saved 7 files\n"
					"gonogo-test: warning: disk full\n");
}

static void quiet_leaves_the_warnings(void **state)
{
	(void)state;
	g_string_truncate(heard, 0);
	log_quiet(true);
	log_say("saved");
	log_warn("full");
	log_quiet(false);
	assert_string_equal(heard->str, "gonogo-test: warning: full\n");
}

static void without_a_terminal_there_is_no_colour_and_no_progress(void **state)
{
	struct progress p;

	(void)state;
	g_string_truncate(heard, 0);
	g_setenv("NO_COLOR", "1", TRUE);
	assert_false(log_colour(STDERR_FILENO));
	progress_start(&p, "saving", "files", 10);
	/* A second's patience is over. */
	p.started -= 10;
	progress_show(&p, 5);
	progress_end(&p);
	assert_string_equal(heard->str, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_names_the_program),
	    cmocka_unit_test(quiet_leaves_the_warnings),
	    cmocka_unit_test(
		without_a_terminal_there_is_no_colour_and_no_progress),
	};

	return cmocka_run_group_tests(tests, listen, leave);
}
