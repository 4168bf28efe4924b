/* Errors, exits and signals: what the program ends with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <errno.h>
#include <signal.h>

#include "base/error.h"
#include "base/exits.h"
#include "base/stop.h"

static bool fail_with(GError **error, int code)
{
	return fail(error, (enum gonogo_error)code, "%d went wrong", code);
}

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static void a_kind_of_error_has_its_exit(void **state)
{
	(void)state;
	static const struct {
		enum gonogo_error kind;
		int code;
	} rows[] = {
	    {GONOGO_ERROR_USAGE, 64},
	    {GONOGO_ERROR_DATA, 65},
	    {GONOGO_ERROR_REMOTE, 69},
	    {GONOGO_ERROR_INTERNAL, 70},
	    {GONOGO_ERROR_SYSTEM, 74},
	    {GONOGO_ERROR_BUSY, 75},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(fail_with(&error, (int)rows[i].kind));
		assert_int_equal(exits_of(error), rows[i].code);
	}
	g_autoptr(GError) option =
	    g_error_new(G_OPTION_ERROR, 0, "no such option");
	assert_int_equal(exits_of(option), 64);
	/* An error that nobody wants is no crash. */
	assert_false(fail_with(NULL, GONOGO_ERROR_DATA));
}

static void an_errno_is_told_in_words(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	errno = ENOENT;
	assert_false(fail_errno(&error, "file %d", 7));
	assert_string_equal(
	    error->message, "file 7: No such file or directory");
}

static void the_worse_exit_outranks(void **state)
{
	(void)state;
	static const int order[] = {40, 50, 20, 30, 60, 10, 0};

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		for (size_t k = i; k < G_N_ELEMENTS(order); k++) {
			assert_int_equal(
			    exits_worse(order[i], order[k]), order[i]);
			assert_int_equal(
			    exits_worse(order[k], order[i]), order[i]);
		}
}

static void a_signal_sets_a_flag_that_unwinds_like_an_error(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	stop_listen();
	assert_false(stop_requested(&error));
	assert_null(error);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(stop_signal(), SIGTERM);
	assert_true(stop_requested(&error));
	assert_int_equal(exits_of(error), 128 + SIGTERM);
	assert_non_null(strstr(error->message, "stopped by signal 15"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_kind_of_error_has_its_exit),
	    cmocka_unit_test(an_errno_is_told_in_words),
	    cmocka_unit_test(the_worse_exit_outranks),
	    cmocka_unit_test(a_signal_sets_a_flag_that_unwinds_like_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
