/*
 * The watchdog against a Bitbucket that misbehaves as it is told: replies that
 * get lost, refusals, locks that come late or go away.
 */
#include "tests/unit/lib/raw_server.h"
#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "backup/lock/lock.h"
#include "backup/lock/record.h"
#include "base/clock.h"
#include "base/file.h"
#include "port/fs.h"

/*
 * What the next requests meet, in memory shared with the server: it is a
 * process of its own, since a program with threads should not fork.
 */
static struct {
	bool ready;
	char url[64];
	int locks, reports, unlocks; /* requests that came */
	/* Counters that count down to 0: */
	bool locked, drained, task;
	const char *owner;
	int lose_lock_reply; /* it is locked, but the reply is cut */
	int refuse_lock, refuse_start, refuse_progress, refuse_unlock;
	int late_looks; /* GETs until a lock shows */
	bool foreign;   /* another's lock: our token is refused */
} * told;

static void say(int fd, int status, const char *body)
{
	g_autofree char *reply = g_strdup_printf(
	    "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    status, strlen(body), body);

	raw_say(fd, reply);
}

static bool take(int *count)
{
	return *count > 0 && (*count)--;
}

static bool answer_lock(int fd)
{
	told->locks++;
	if (take(&told->refuse_lock)) {
		say(fd, 401, "{}");
		return true;
	}
	told->locked = told->task = true;
	if (take(&told->lose_lock_reply)) {
		raw_say(fd, "HTTP/1.1 202 X\r\nContent-Length: 99\r\n\r\n{");
		return false;
	}
	say(fd, 202,
	    "{\"unlockToken\":\"t0k3n\",\"owner\":{\"name\":\"svc\"}}");
	return true;
}

static void answer_unlock(int fd)
{
	told->unlocks++;
	if (told->foreign) {
		say(fd, 409, "{}");
	} else if (take(&told->refuse_unlock)) {
		say(fd, 500, "{}");
	} else {
		told->locked = false;
		say(fd, 200, "{}");
	}
}

static void answer_progress(int fd, const char *request)
{
	if (strstr(request, "percentage=100"))
		told->reports++;
	say(fd, take(&told->refuse_progress) ? 500 : 202, "{}");
}

static void answer_owner(int fd)
{
	g_autofree char *owner = g_strdup_printf(
	    "{\"owner\":{\"name\":\"%s\"}}", told->owner ? told->owner : "svc");
	bool shows = told->locked && !take(&told->late_looks);

	say(fd, shows ? 200 : 404, shows ? owner : "{}");
}

static void answer_state(int fd)
{
	g_autofree char *body =
	    g_strdup_printf("{%s\"db-state\":\"%s\",\"scm-state\":\"%s\"}",
		told->task ? "\"task\":{\"state\":\"RUNNING\"}," : "",
		told->drained ? "DRAINED" : "DRAINING",
		told->drained ? "DRAINED" : "LATCHED");

	say(fd, told->locked ? 200 : 404, told->locked ? body : "{}");
}

static bool answer(int fd, const char *request)
{
	if (g_str_has_prefix(request, "POST /mvc/maintenance/lock"))
		return answer_lock(fd);
	if (g_str_has_prefix(request, "DELETE /mvc/maintenance/lock"))
		answer_unlock(fd);
	else if (g_str_has_prefix(request, "GET /mvc/maintenance/lock"))
		answer_owner(fd);
	else if (g_str_has_prefix(request, "POST /mvc/admin/backups/progress"))
		answer_progress(fd, request);
	else if (g_str_has_prefix(request, "POST /mvc/admin/backups?"))
		say(fd, take(&told->refuse_start) ? 500 : 202,
		    "{\"cancelToken\":\"c\"}");
	else
		answer_state(fd);
	return true;
}

/* ---- a state folder for each test ---- */

static char *state_dir;
static secret *password;

static pid_t server_pid;

static void serve(void)
{
	static struct raw_server server;

	ignore(prctl(PR_SET_PDEATHSIG, SIGKILL));
	if (!raw_start(&server, answer))
		_exit(70);
	g_strlcpy(told->url, server.url, sizeof told->url);
	told->ready = true;
	for (;;)
		pause();
}

static int start_server(void **state)
{
	(void)state;
	int memory = memfd_create("told", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memory, sizeof *told), 0);
	told = mmap(
	    NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	close(memory);
	server_pid = fork();
	if (server_pid == 0)
		serve();
	for (int i = 0; i < 500 && !told->ready; i++)
		g_usleep(10 * 1000);
	password = secret_new("pass-w0rd");
	return told->ready ? 0 : -1;
}

static int stop_server(void **state)
{
	(void)state;
	secret_free(password);
	kill(server_pid, SIGKILL);
	return waitpid(server_pid, NULL, 0) == server_pid ? 0 : -1;
}

static int before(void **state)
{
	g_autofree char *url = g_strdup(told->url);

	(void)state;
	memset(told, 0, sizeof *told);
	g_strlcpy(told->url, url, sizeof told->url);
	told->drained = true;
	state_dir = g_dir_make_tmp("gonogo-lock-XXXXXX", NULL);
	return state_dir ? 0 : -1;
}

static int after(void **state)
{
	(void)state;
	bool removed = fs_remove_tree(state_dir, NULL);

	g_clear_pointer(&state_dir, g_free);
	return removed ? 0 : -1;
}

static lock *start(unsigned max_lock_s)
{
	const struct lock_options options = {.user = "svc",
	    .password = password,
	    .state_dir = state_dir,
	    .max_lock_s = max_lock_s};
	g_autoptr(GError) error = NULL;
	lock *l = lock_start(&options, &error);

	if (error)
		print_error("%s\n", error->message);
	assert_non_null(l);
	return l;
}

static void acquire(lock *l)
{
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;

	bool acquired = lock_acquire(l, told->url, 5, &why, &error);
	if (error)
		print_error("%s\n", error->message);
	assert_true(acquired);
	assert_null(why);
}

static bool has_record(struct lock_record *r)
{
	g_autofree char *folder = lock_folder(state_dir);
	g_auto(lock_record) read = {0};
	bool found = false;

	assert_true(lock_record_load(folder, r ? r : &read, &found, NULL));
	return found;
}

static void wait_unlocked(double seconds)
{
	double until = clock_monotonic() + seconds;

	while (told->locked && clock_monotonic() < until)
		g_usleep(20 * 1000);
	assert_false(told->locked);
	while (has_record(NULL) && clock_monotonic() < until)
		g_usleep(20 * 1000);
	assert_false(has_record(NULL));
}

/* ---- the tests ---- */

static void a_lock_is_taken_drained_and_given_back(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	struct lock_report report = {0};
	g_auto(lock_record) r = {0};
	const char *why = NULL;

	acquire(l);
	assert_true(told->locked);
	assert_true(lock_still_held(l, &why));
	assert_true(has_record(&r));
	assert_string_equal(r.unlock_token, "t0k3n");
	assert_string_equal(r.cancel_token, "c");
	assert_int_equal(r.pid.value, getpid());
	lock_release(l, &report);
	assert_true(report.to_end);
	assert_true(report.unlocked);
	assert_false(told->locked);
	assert_false(has_record(NULL));
	assert_int_equal(told->reports, 1);
}

static void the_token_lies_closed_on_disk(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *folder = lock_folder(state_dir);
	g_autofree char *path = g_build_filename(folder, "lock.json", NULL);
	struct stat status;

	acquire(l);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	g_autofree char *text = file_read(path, 10000, NULL, NULL);
	assert_null(strstr(text, "pass-w0rd"));
}

static void a_refused_lock_leaves_nothing(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;

	told->refuse_lock = 1;
	assert_false(lock_acquire(l, told->url, 5, &why, &error));
	assert_int_equal(error->code, GONOGO_ERROR_REMOTE);
	assert_non_null(strstr(error->message, "system administrator"));
	assert_false(has_record(NULL));
}

static void another_s_lock_is_left_alone(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;

	told->locked = told->foreign = true;
	told->owner = "somebody-else";
	assert_false(lock_acquire(l, told->url, 5, &why, &error));
	assert_int_equal(error->code, GONOGO_ERROR_BUSY);
	assert_non_null(strstr(error->message, "by somebody-else"));
	assert_int_equal(told->locks, 0);
	assert_false(has_record(NULL));
}

static void a_lost_token_leaves_the_intent_and_says_so(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(lock_record) r = {0};

	told->lose_lock_reply = 1;
	assert_false(lock_acquire(l, told->url, 5, &why, &error));
	assert_non_null(strstr(error->message, "is not known"));
	assert_non_null(strstr(error->message, "gonogo backup unlock"));
	assert_true(has_record(&r));
	assert_null(r.unlock_token);
	assert_string_equal(r.user, "svc");
}

static void a_backup_that_cannot_start_unlocks(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;

	told->refuse_start = 1;
	assert_false(lock_acquire(l, told->url, 5, &why, &error));
	assert_false(told->locked);
	assert_false(has_record(NULL));
}

static void a_lock_may_come_late(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);

	told->late_looks = 3;
	acquire(l);
}

static void a_failed_progress_does_not_hold_up_the_unlock(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	struct lock_report report = {0};

	acquire(l);
	told->refuse_progress = 1000;
	lock_release(l, &report);
	assert_true(report.unlocked);
	assert_true(report.to_end);
}

static void a_refused_unlock_is_tried_again(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	struct lock_report report = {0};

	acquire(l);
	told->refuse_unlock = 3;
	lock_release(l, &report);
	assert_true(report.unlocked);
	assert_false(has_record(NULL));
	assert_int_equal(told->unlocks, 4);
}

static void a_spent_budget_unlocks_at_once(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(1);
	struct lock_report report = {0};
	const char *why = NULL;

	acquire(l);
	wait_unlocked(4);
	g_usleep(1100 * 1000); /* it is asked once a second */
	assert_false(lock_still_held(l, &why));
	assert_non_null(strstr(why, "max_lock_seconds is spent"));
	lock_release(l, &report);
	assert_false(report.to_end);
	assert_in_range(report.locked_ms, 900, 3000);
}

static void a_lock_that_somebody_ended_is_noticed(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	struct lock_report report = {0};

	acquire(l);
	told->locked = false;
	lock_release(l, &report);
	assert_false(report.to_end);
	assert_true(report.unlocked);
	assert_non_null(strstr(report.why, "not locked any more"));
}

static void a_drain_that_ended_is_noticed_and_unlocked(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	struct lock_report report = {0};

	acquire(l);
	told->task = false;
	lock_release(l, &report);
	assert_false(report.to_end);
	assert_false(told->locked);
}

static void another_s_new_lock_is_no_seal(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	struct lock_report report = {0};

	acquire(l);
	told->foreign = true;
	told->owner = "somebody-else";
	lock_release(l, &report);
	assert_false(report.to_end);
	assert_true(report.unlocked);
	assert_non_null(strstr(report.why, "somebody-else"));
	assert_true(told->locked);
	assert_false(has_record(NULL));
}

static void no_drain_in_time_gives_the_lock_back(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;

	told->drained = false;
	assert_true(lock_acquire(l, told->url, 1, &why, &error));
	assert_non_null(strstr(why, "not drained within 1 s"));
	assert_false(told->locked);
}

static void two_backups_do_not_share_a_state_folder(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *folder = lock_folder(state_dir);
	g_autoptr(GError) error = NULL;
	int fd = -1;

	acquire(l);
	assert_false(lock_folder_hold(folder, 0, &fd, &error));
	assert_int_equal(error->code, GONOGO_ERROR_BUSY);
	g_autofree char *pid = g_strdup_printf("pid %d", (int)getpid());
	assert_non_null(strstr(error->message, pid));
}

static void *wait_for_word(void *word)
{
	return g_async_queue_pop(word);
}

static void a_program_with_threads_gets_no_watchdog(void **state)
{
	(void)state;
	const struct lock_options options = {
	    .state_dir = state_dir, .max_lock_s = 60};
	g_autoptr(GError) error = NULL;
	GAsyncQueue *word = g_async_queue_new();
	GThread *other = g_thread_new("other", wait_for_word, word);

	assert_null(lock_start(&options, &error));
	assert_int_equal(error->code, GONOGO_ERROR_INTERNAL);
	g_async_queue_push(word, word);
	g_thread_join(other);
	g_async_queue_unref(word);
	/* cppcheck-suppress memleak ; the join has freed it */
}

/* A backup that takes the lock, and then dies by SIGNAL. */
static void die_holding(int number)
{
	pid_t pid = fork();

	if (pid == 0) {
		acquire(start(60));
		kill(getpid(), number);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_killed_backup_is_unlocked(void **state)
{
	(void)state;
	die_holding(SIGKILL);
	wait_unlocked(5);
}

static void a_killed_backup_is_unlocked_by_and_by(void **state)
{
	(void)state;
	told->refuse_unlock = 4;
	die_holding(SIGKILL);
	wait_unlocked(10);
	assert_int_equal(told->unlocks, 5);
}

/* Gives the process that ps calls gonogo-lock and whose parent we are. */
static pid_t find_watchdog(char **arguments)
{
	g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(proc))) {
		g_autofree char *stat_path =
		    g_strdup_printf("/proc/%s/stat", name);
		g_autofree char *line_path =
		    g_strdup_printf("/proc/%s/cmdline", name);
		g_autofree char *text = file_read(stat_path, 10000, NULL, NULL);
		g_autofree char *mine = g_strdup_printf(" %d ", (int)getpid());
		size_t length = 0;

		/* Behind the name stand one letter, its state, and its parent.
		 */
		const char *at = text ? strstr(text, "(gonogo-lock) ") : NULL;
		if (!at ||
		    !g_str_has_prefix(at + strlen("(gonogo-lock) S"), mine))
			continue;
		*arguments = file_read(line_path, 10000, &length, NULL);
		return (pid_t)g_ascii_strtoll(name, NULL, 10);
	}
	return 0;
}

static void a_killed_watchdog_is_made_up_for(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *arguments = NULL;
	struct lock_report report = {0};

	acquire(l);
	pid_t watchdog = find_watchdog(&arguments);
	assert_int_not_equal(watchdog, 0);
	assert_true(g_str_has_prefix(arguments, "gonogo-lock: "));
	assert_int_equal(kill(watchdog, SIGKILL), 0);
	lock_release(l, &report);
	assert_false(report.to_end);
	assert_true(report.unlocked);
	assert_false(told->locked);
	assert_false(has_record(NULL));
}

static void signals_do_not_end_the_watchdog(void **state)
{
	(void)state;
	g_autoptr(lock) l = start(60);
	g_autofree char *arguments = NULL;
	const char *why = NULL;

	acquire(l);
	pid_t watchdog = find_watchdog(&arguments);
	assert_int_not_equal(watchdog, 0);
	kill(watchdog, SIGTERM);
	kill(watchdog, SIGINT);
	kill(watchdog, SIGHUP);
	g_usleep(1100 * 1000);
	assert_true(lock_still_held(l, &why));
}

#define LOCK_TEST(f) cmocka_unit_test_setup_teardown(f, before, after)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    LOCK_TEST(a_lock_is_taken_drained_and_given_back),
	    LOCK_TEST(the_token_lies_closed_on_disk),
	    LOCK_TEST(a_refused_lock_leaves_nothing),
	    LOCK_TEST(another_s_lock_is_left_alone),
	    LOCK_TEST(a_lost_token_leaves_the_intent_and_says_so),
	    LOCK_TEST(a_backup_that_cannot_start_unlocks),
	    LOCK_TEST(a_lock_may_come_late),
	    LOCK_TEST(a_failed_progress_does_not_hold_up_the_unlock),
	    LOCK_TEST(a_refused_unlock_is_tried_again),
	    LOCK_TEST(a_spent_budget_unlocks_at_once),
	    LOCK_TEST(a_lock_that_somebody_ended_is_noticed),
	    LOCK_TEST(a_drain_that_ended_is_noticed_and_unlocked),
	    LOCK_TEST(another_s_new_lock_is_no_seal),
	    LOCK_TEST(no_drain_in_time_gives_the_lock_back),
	    LOCK_TEST(two_backups_do_not_share_a_state_folder),
	    LOCK_TEST(a_program_with_threads_gets_no_watchdog),
	    LOCK_TEST(a_killed_backup_is_unlocked),
	    LOCK_TEST(a_killed_backup_is_unlocked_by_and_by),
	    LOCK_TEST(a_killed_watchdog_is_made_up_for),
	    LOCK_TEST(signals_do_not_end_the_watchdog),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
