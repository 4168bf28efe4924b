#include "backup/lock/lock.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "backup/lock/mend.h"
#include "backup/lock/record.h"
#include "backup/lock/watchdog.h"
#include "backup/lock/wire.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

enum {
	MEND_S = 20,
	HOLD_MS = 15000, /* the watchdog of a run that died needs a moment */
	LOOK_MS = 250,
	ANSWER_MS = 240000, /* more than all time-outs of a question */
};

struct lock {
	int socket;
	pid_t watchdog;
	bool gone; /* the watchdog, before its time */
	struct lock_options options;
	struct wire_answer last;
	double asked_at;
};

/* ---- starting ---- */

/* A signal must find either us or a child that ignores it already. */
static pid_t fork_deaf(void)
{
	sigset_t all, before;

	fflush(NULL);
	sigfillset(&all);
	ignore(sigprocmask(SIG_SETMASK, &all, &before));
	pid_t child = fork();
	if (child == 0)
		stop_ignore();
	ignore(sigprocmask(SIG_SETMASK, &before, NULL));
	return child;
}

static bool fork_watchdog(struct lock *l, int hold,
    const struct watchdog_options *options, GError **error)
{
	int ends[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail_errno(error, "socketpair");
	pid_t child = fork_deaf();
	if (child == 0) {
		ignore(close(ends[0]));
		watchdog_run(ends[1], hold, parent, options);
	}
	ignore(close(ends[1]));
	if (child < 0) {
		ignore(close(ends[0]));
		return fail_errno(error, "fork of the lock's watchdog");
	}
	l->socket = ends[0];
	l->watchdog = child;
	return true;
}

/* A child of a program with threads may hang for ever in what they held. */
static bool is_alone(GError **error)
{
	g_autoptr(GDir) threads = g_dir_open("/proc/self/task", 0, NULL);
	bool one = threads && g_dir_read_name(threads);

	/* Without /proc nobody can tell. */
	if (!one || !g_dir_read_name(threads))
		return true;
	return fail(error, GONOGO_ERROR_INTERNAL,
	    "the lock's watchdog must be started before the first thread");
}

lock *lock_start(const struct lock_options *options, GError **error)
{
	g_autofree char *folder = lock_folder(options->state_dir);
	struct lock *l = NULL;
	int hold = -1;

	if (!is_alone(error) ||
	    !lock_folder_hold(folder, HOLD_MS, &hold, error))
		return NULL;
	const struct watchdog_options watchdog = {
	    .user = options->user,
	    .password = options->password,
	    .ca_file = options->ca_file,
	    .proxy = options->proxy,
	    .folder = folder,
	    .max_lock_s = options->max_lock_s,
	};
	l = g_new0(struct lock, 1);
	l->options = *options;
	if (!fork_watchdog(l, hold, &watchdog, error))
		g_clear_pointer(&l, g_free);
	/* The child's copy holds the folder on. */
	ignore(close(hold));
	return l;
}

/* ---- asking ---- */

static bool ask(
    struct lock *l, const struct wire_question *question, GError **error)
{
	struct wire_answer a = {0};

	if (l->gone || !wire_send(l->socket, question, sizeof(*question)) ||
	    wire_receive(l->socket, &a, sizeof(a), ANSWER_MS) != WIRE_MESSAGE) {
		l->gone = true;
		return fail(error, GONOGO_ERROR_INTERNAL,
		    "the watchdog of Bitbucket's lock is gone\n"
		    "hint: `gonogo backup unlock` unlocks Bitbucket");
	}
	a.text[WIRE_TEXT - 1] = '\0';
	l->last = a;
	l->asked_at = clock_monotonic();
	if (a.error)
		return fail(
		    error, (enum gonogo_error)(a.error - 1), "%s", a.text);
	return true;
}

static bool ask_simply(struct lock *l, enum wire_ask what, GError **error)
{
	const struct wire_question question = {
	    .version = WIRE_VERSION, .ask = what};

	return ask(l, &question, error);
}

static bool wait_drained(
    struct lock *l, unsigned drain_s, char **why, GError **error)
{
	double until = clock_monotonic() + drain_s;

	for (;;) {
		if (stop_requested(error) || !ask_simply(l, WIRE_LOOK, error))
			return false;
		if (l->last.phase == WIRE_DRAINED)
			return true;
		if (l->last.phase != WIRE_DRAINING) {
			*why = g_strdup(l->last.text);
			return true;
		}
		if (clock_monotonic() >= until) {
			*why = g_strdup_printf(
			    "Bitbucket was not drained within %u s: a long "
			    "push or clone held it up",
			    drain_s);
			return true;
		}
		g_usleep(LOOK_MS * 1000);
	}
}

bool lock_acquire(
    lock *l, const char *url, unsigned drain_s, char **why, GError **error)
{
	struct wire_question question = {
	    .version = WIRE_VERSION, .ask = WIRE_LOCK};
	struct lock_report report = {0};

	if (g_strlcpy(question.url, url, WIRE_URL) >= WIRE_URL)
		return fail(error, GONOGO_ERROR_USAGE, "%s: too long", url);
	if (!ask(l, &question, error))
		return false;
	log_say("locked %s; waiting until it is drained", url);
	*why = NULL;
	bool waited = wait_drained(l, drain_s, why, error);
	if (!waited || *why)
		lock_release(l, &report);
	return waited;
}

bool lock_still_held(lock *l, const char **why)
{
	if (clock_monotonic() - l->asked_at >= 1)
		ignore(ask_simply(l, WIRE_LOOK, NULL));
	if (!l->gone && l->last.phase == WIRE_DRAINED)
		return true;
	*why = l->gone ? "the lock's watchdog is gone" : l->last.text;
	return false;
}

void lock_progress(lock *l, unsigned percentage)
{
	const struct wire_question question = {.version = WIRE_VERSION,
	    .ask = WIRE_PROGRESS,
	    .percentage = percentage};

	ignore(ask(l, &question, NULL));
}

/* Somebody killed the watchdog: what it left on disk says what to do. */
static bool mend_alone(struct lock *l, GError **error)
{
	g_autofree char *folder = lock_folder(l->options.state_dir);
	g_auto(lock_record) r = {0};
	bool found = false;

	if (!lock_record_load(folder, &r, &found, error))
		return false;
	if (!found)
		return true;
	const struct http_options options = {
	    .url = r.url,
	    .user = l->options.user,
	    .password = l->options.password,
	    .ca_file = l->options.ca_file,
	    .proxy = l->options.proxy,
	};
	g_autoptr(http) node = http_open(&options, error);
	return node && lock_mend(node, folder, &r, MEND_S, error);
}

void lock_release(lock *l, struct lock_report *report)
{
	g_autoptr(GError) error = NULL;
	bool asked = ask_simply(l, WIRE_RELEASE, &error);

	*report = (struct lock_report){
	    .to_end = asked && l->last.to_end,
	    .unlocked = asked && !l->last.locked,
	    .locked_ms = l->last.locked_ms,
	    .why = asked ? l->last.text : "the lock's watchdog is gone",
	};
	if (l->gone) {
		g_clear_error(&error);
		report->unlocked = mend_alone(l, &error);
	}
	if (!report->unlocked)
		log_warn("Bitbucket is not unlocked yet: %s",
		    error ? error->message : l->last.text);
}

void lock_end(lock *l)
{
	struct lock_report report = {0};

	if (!l)
		return;
	lock_release(l, &report);
	if (!report.unlocked && !l->gone)
		log_warn(
		    "process %d goes on trying to unlock it", (int)l->watchdog);
	const struct wire_question end = {
	    .version = WIRE_VERSION, .ask = WIRE_END};
	ignore(wire_send(l->socket, &end, sizeof(end)));
	ignore(close(l->socket));
	if (report.unlocked || l->gone)
		while (waitpid(l->watchdog, NULL, 0) < 0 && errno == EINTR)
			continue;
	g_free(l);
}
