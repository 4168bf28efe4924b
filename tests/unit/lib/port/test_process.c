/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/stop.h"
#include "port/process.h"

/* Runs SCRIPT by sh with the other members of P. */
static bool sh_with(const char *script, struct process p,
    struct process_result *r, GError **error)
{
	const char *argv[] = {"sh", "-c", script, NULL};

	p.argv = argv;
	return process_run(&p, r, error);
}

static void sh(const char *script, struct process p, struct process_result *r)
{
	g_autoptr(GError) error = NULL;

	if (!sh_with(script, p, r, &error))
		fail_msg("%s", error->message);
}

static void exit_code_and_both_outputs_are_a_result(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};

	sh("echo out; echo err >&2; exit 7", (struct process){0}, &r);
	assert_int_equal(r.code, 7);
	assert_false(r.timed_out);
	assert_string_equal(r.out, "out\n");
	assert_int_equal(r.out_length, 4);
	assert_string_equal(r.err, "err\n");
}

static void a_signal_s_number_is_added_to_128(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};

	sh("kill -9 $$", (struct process){0}, &r);
	assert_int_equal(r.code, 128 + 9);
}

static void much_on_both_outputs_is_no_deadlock(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};

	sh("head -c 3000000 /dev/zero | tr '\\0' a & "
	   "head -c 3000000 /dev/zero | tr '\\0' b >&2; wait",
	    (struct process){.timeout_s = 20}, &r);
	assert_int_equal(r.out_length, 3000000);
	assert_int_equal(r.out[2999999], 'a');
	assert_int_equal(strlen(r.err), 64 << 10); /* its end */
}

static void input_is_given_whole_and_is_empty_otherwise(void **state)
{
	(void)state;
	g_autofree char *much = g_strnfill(1000000, 'x');
	g_auto(process_result) r = {0}, none = {0}, ignored = {0};

	sh("wc -c", (struct process){.input = much, .input_length = 1000000},
	    &r);
	assert_int_equal(g_ascii_strtoll(r.out, NULL, 10), 1000000);
	sh("wc -c", (struct process){0}, &none);
	assert_int_equal(g_ascii_strtoll(none.out, NULL, 10), 0);
	sh("exit 0", (struct process){.input = much, .input_length = 1000000},
	    &ignored);
	assert_int_equal(ignored.code, 0);
}

static void more_output_than_the_limit_is_an_error(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	g_autoptr(GError) error = NULL;

	assert_false(
	    sh_with("yes", (struct process){.limit = 1000}, &r, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	assert_string_equal(error->message, "sh: printed more than 1000 bytes");
	assert_null(r.out);
}

/* Seconds to sleep, not used by any other run of this program. */
static const char *nap(void)
{
	static char seconds[32];

	g_snprintf(seconds, sizeof seconds, "470.%d", getpid());
	return seconds;
}

/* Does a process sleep for so many SECONDS? */
static bool runs(const char *seconds)
{
	g_autofree char *script =
	    g_strdup_printf("pgrep -f 'slee[p] %s' >/dev/null", seconds);
	g_auto(process_result) r = {0};

	sh(script, (struct process){0}, &r);
	return r.code == 0;
}

static void a_time_out_ends_grandchildren_too(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	double start = clock_monotonic();

	g_autofree char *script =
	    g_strdup_printf("(sleep %s; :) & (sleep %s; :)", nap(), nap());
	sh(script, (struct process){.timeout_s = 1}, &r);
	assert_true(r.timed_out);
	assert_int_equal(r.code, 128 + SIGTERM);
	assert_true(clock_monotonic() - start < 4);
	assert_false(runs(nap()));
}

/* Takes the grace between two signals, so it runs beside the other tests. */
static struct {
	pthread_t thread;
	struct process_result result;
} stubborn;

static void *run_stubborn(void *unused)
{
	(void)unused;
	sh("trap '' TERM; while :; do sleep 0.2; done",
	    (struct process){.timeout_s = 1}, &stubborn.result);
	return NULL;
}

static int start_stubborn(void **state)
{
	(void)state;
	return pthread_create(&stubborn.thread, NULL, run_stubborn, NULL);
}

static void a_child_that_ignores_sigterm_is_killed(void **state)
{
	(void)state;
	pthread_join(stubborn.thread, NULL);
	assert_true(stubborn.result.timed_out);
	assert_int_equal(stubborn.result.code, 128 + SIGKILL);
	process_result_clear(&stubborn.result);
}

static void what_it_left_running_ends_with_it(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	double start = clock_monotonic();

	/* It holds our pipe open, too. */
	g_autofree char *script =
	    g_strdup_printf("sleep %s & echo done", nap());
	sh(script, (struct process){0}, &r);
	assert_string_equal(r.out, "done\n");
	assert_true(clock_monotonic() - start < 3);
	assert_false(runs(nap()));
}

static void no_other_descriptor_is_inherited(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	int open_one = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	assert_true(open_one > 2);
	/* 3 is the folder that ls reads. */
	sh("ls /proc/self/fd | tr '\\n' ' '", (struct process){0}, &r);
	assert_string_equal(r.out, "0 1 2 3 ");
	ignore(close(open_one));
}

static void signals_are_as_usual_in_a_child(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	sigset_t blocked, before;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	sh("sed -n 's/^Sig\\(Blk\\|Ign\\):\\s*//p' /proc/self/status",
	    (struct process){0}, &r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	g_auto(GStrv) lines = g_strsplit(r.out, "\n", -1);
	for (int i = 0; i < 2; i++) {
		/* Of 32 and 33 the C library lets nobody change anything. */
		guint64 own = G_GUINT64_CONSTANT(3) << 31;
		assert_int_equal(
		    g_ascii_strtoull(lines[i], NULL, 16) & ~own, 0);
	}
}

static void output_can_go_to_a_file(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	char path[] = "/tmp/gonogo-process-XXXXXX";
	int fd = mkstemp(path);

	sh("echo there", (struct process){.out_fd = fd}, &r);
	ignore(close(fd));
	g_autofree char *text = file_read(path, 100, NULL, NULL);
	ignore(unlink(path));
	assert_string_equal(text, "there\n");
	assert_string_equal(r.out, "");
}

static void folder_and_environment_are_as_asked(void **state)
{
	(void)state;
	const char *env[] = {"COLOUR=a=b", "GONOGO_GONE", NULL};
	g_auto(process_result) r = {0};

	g_setenv("GONOGO_GONE", "here", TRUE);
	sh("pwd; echo $COLOUR; echo ${PATH:+path}$GONOGO_GONE",
	    (struct process){.folder = "/usr", .env = env}, &r);
	assert_string_equal(r.out, "/usr\na=b\npath\n");
}

static void root_steps_down_to_the_user(void **state)
{
	(void)state;
	g_auto(process_result) r = {0};
	struct process p = {.user = "nobody"};

	if (geteuid() != 0)
		skip();
	sh("id -un; id -G; echo $HOME $USER", p, &r);
	assert_string_equal(r.out, "nobody\n65534\n/nonexistent nobody\n");
	g_autoptr(GError) error = NULL;
	p.user = "nobody-of-that-name";
	assert_false(sh_with("true", p, &r, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
	assert_string_equal(
	    error->message, "user nobody-of-that-name: no such user");
}

/* The text of the error that running ARGV in FOLDER ends in. */
static char *complaint(const char *const *argv, const char *folder)
{
	g_auto(process_result) r = {0};
	g_autoptr(GError) error = NULL;
	struct process p = {.argv = argv, .folder = folder, .timeout_s = 1};

	assert_false(process_run_ok(&p, &r, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM));
	assert_null(r.out);
	return g_strdup(error->message);
}

static void what_cannot_start_is_named(void **state)
{
	(void)state;
	const char *unknown[] = {"no-such-program", NULL};
	const char *away[] = {"/nowhere/pg_dump", NULL};
	const char *locked[] = {"/etc", NULL};
	const char *fine[] = {"true", NULL};
	g_autofree char *a = complaint(unknown, NULL);
	g_autofree char *b = complaint(away, NULL);
	g_autofree char *c = complaint(locked, NULL);
	g_autofree char *d = complaint(fine, "/nowhere");

	assert_string_equal(a, "no-such-program: no such program");
	assert_string_equal(b, "/nowhere/pg_dump: no such program\n"
			       "hint: apt-get install postgresql-client");
	assert_string_equal(c, "/etc: Permission denied");
	assert_string_equal(d, "true: /nowhere: No such file or directory");
}

static void a_failure_ends_in_the_child_s_last_words(void **state)
{
	(void)state;
	const char *exits[] = {"sh", "-c",
	    "echo 1 >&2; echo 2 >&2; echo '3\033[m' >&2; echo 4 >&2; exit 3",
	    NULL};
	const char *dies[] = {"sh", "-c", "kill -9 $$", NULL};
	const char *lasts[] = {"sleep", "9", NULL};
	g_autofree char *a = complaint(exits, NULL);
	g_autofree char *b = complaint(dies, NULL);
	g_autofree char *c = complaint(lasts, NULL);

	assert_string_equal(a, "sh: exit status 3: 2; 3?[m; 4");
	assert_string_equal(b, "sh: ended by signal 9 (Killed)");
	assert_string_equal(c, "sleep: not done after 1 s");
}

static void a_signal_to_us_ends_the_child(void **state)
{
	(void)state;
	const char *seconds = nap();
	pid_t pid = fork();

	if (pid == 0) {
		const char *argv[] = {"sleep", seconds, NULL};
		const char *clean[] = {"true", NULL};
		struct process p = {.argv = argv};
		struct process_result r = {0};
		GError *error = NULL;

		stop_listen();
		alarm(20);
		bool ran = process_run(&p, &r, &error);
		bool stopped = !ran && g_error_matches(error, GONOGO_ERROR,
					   GONOGO_ERROR_STOPPED);
		/* From now on only what cleans up may start. */
		bool refused = !process_run(&p, &r, NULL);
		p = (struct process){.argv = clean, .to_end = true};
		bool cleaned = process_run(&p, &r, NULL);
		_exit(stopped && refused && cleaned ? 0 : 1);
	}
	while (!runs(seconds))
		g_usleep(20000);
	int status = -1;
	ignore(kill(pid, SIGTERM));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_false(runs(seconds));
}

static void a_child_does_not_outlive_us(void **state)
{
	(void)state;
	const char *seconds = nap();
	pid_t pid = fork();

	if (pid == 0) {
		const char *argv[] = {"sleep", seconds, NULL};
		struct process p = {.argv = argv};
		struct process_result r = {0};

		ignore(process_run(&p, &r, NULL));
		_exit(0);
	}
	while (!runs(seconds))
		g_usleep(20000);
	ignore(kill(pid, SIGKILL));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < 100 && runs(seconds); i++)
		g_usleep(20000);
	assert_false(runs(seconds));
}

static void *many_runs(void *bad)
{
	const char *argv[] = {"sh", "-c", "cat", NULL};
	struct process p = {.argv = argv, .input = "mine", .input_length = 4};

	for (int i = 0; i < 25; i++) {
		g_auto(process_result) r = {0};
		g_autofree char *churn = g_strnfill(5000, 'x');

		if (!process_run(&p, &r, NULL) || !g_str_equal(r.out, "mine"))
			g_atomic_int_inc((int *)bad);
	}
	return NULL;
}

static void threads_may_run_children_at_once(void **state)
{
	(void)state;
	pthread_t threads[4];
	int bad = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, many_runs, &bad), 0);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exit_code_and_both_outputs_are_a_result),
	    cmocka_unit_test(a_signal_s_number_is_added_to_128),
	    cmocka_unit_test(much_on_both_outputs_is_no_deadlock),
	    cmocka_unit_test(input_is_given_whole_and_is_empty_otherwise),
	    cmocka_unit_test(more_output_than_the_limit_is_an_error),
	    cmocka_unit_test(a_time_out_ends_grandchildren_too),
	    cmocka_unit_test(what_it_left_running_ends_with_it),
	    cmocka_unit_test(no_other_descriptor_is_inherited),
	    cmocka_unit_test(signals_are_as_usual_in_a_child),
	    cmocka_unit_test(output_can_go_to_a_file),
	    cmocka_unit_test(folder_and_environment_are_as_asked),
	    cmocka_unit_test(root_steps_down_to_the_user),
	    cmocka_unit_test(what_cannot_start_is_named),
	    cmocka_unit_test(a_failure_ends_in_the_child_s_last_words),
	    cmocka_unit_test(a_signal_to_us_ends_the_child),
	    cmocka_unit_test(a_child_does_not_outlive_us),
	    cmocka_unit_test(threads_may_run_children_at_once),
	    cmocka_unit_test(a_child_that_ignores_sigterm_is_killed),
	};

	return cmocka_run_group_tests(tests, start_stubborn, NULL);
}
