#include "backup/lock/watchdog.h"

#include <fcntl.h>
#include <signal.h>

#include "backup/lock/mend.h"
#include "backup/lock/release.h"
#include "backup/lock/title.h"
#include "backup/lock/wire.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "bitbucket/maintenance.h"

enum {
	BRISK_MS = 4000, /* a look or an unlock may take as long */
	TICK_MS = 1000,  /* at least so often it looks whether we live */
	SETTLE_S = 15,   /* a 202 is a promise; so long it has to come true */
	RELEASE_S = 20,  /* the backup waits so long for its unlock */
	RETRY_MAX_S = 60,
	DRAINING_LOOK_MS = 500,
	DRAINED_LOOK_MS = 2000,
};

struct watchdog {
	const struct watchdog_options *o;
	int socket;
	pid_t parent;
	bool orphan; /* the backup is gone */
	http *node;
	struct lock_record record;
	enum wire_phase phase;
	bool locked; /* not confirmed to be unlocked; `record` is on disk */
	bool wanted; /* and the backup still needs it */
	bool to_end;
	bool reported; /* the end of the backup, to Bitbucket */
	char *why;     /* it is not wanted any more */
	double asked_at, unlocked_at, task_at, look_at, retry_at, retry_s;
};

static void end_want(struct watchdog *w, enum wire_phase phase, const char *why)
{
	w->phase = phase;
	w->wanted = false;
	g_free(w->why);
	w->why = g_strdup(why);
	w->retry_at = clock_monotonic();
	w->retry_s = 0.25;
}

/* ---- giving the lock back ---- */

static void forget_lock(struct watchdog *w)
{
	g_autoptr(GError) error = NULL;

	w->locked = false;
	w->unlocked_at = clock_monotonic();
	if (!lock_record_remove(w->o->folder, &error))
		log_warn("%s", error->message);
	lock_record_clear(&w->record);
}

static void give_back(struct watchdog *w)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *owner = NULL;

	switch (release_try(
	    w->node, w->record.unlock_token, &w->reported, &owner, &error)) {
	case RELEASE_DONE:
		if (w->orphan)
			log_say("the backup is gone; Bitbucket is unlocked");
		/* A lock that somebody ended took its task with it. */
		if (!w->reported && w->phase != WIRE_LOST)
			log_warn("%s", release_left_task);
		forget_lock(w);
		break;
	case RELEASE_FOREIGN:
		w->phase = WIRE_LOST;
		w->to_end = false;
		g_free(w->why);
		w->why = g_strdup_printf(
		    "our lock is gone; %s holds one of their own", owner);
		forget_lock(w);
		break;
	case RELEASE_AGAIN:
		log_warn("%s; trying again", error->message);
		w->retry_at = clock_monotonic() + w->retry_s;
		w->retry_s = MIN(w->retry_s * 2, RETRY_MAX_S);
		break;
	}
}

static void give_back_within(struct watchdog *w, double seconds)
{
	double until = clock_monotonic() + seconds;

	give_back(w);
	while (w->locked && w->retry_at < until) {
		double pause_s = w->retry_at - clock_monotonic();
		if (pause_s > 0)
			g_usleep((gulong)(pause_s * G_USEC_PER_SEC));
		give_back(w);
	}
}

/* ---- taking it ---- */

static http *open_node(
    struct watchdog *w, const char *url, unsigned timeout_ms, GError **error)
{
	const struct http_options options = {
	    .url = url,
	    .user = w->o->user,
	    .password = w->o->password,
	    .ca_file = w->o->ca_file,
	    .proxy = w->o->proxy,
	    .timeout_ms = timeout_ms,
	    .attempts = 1, /* it has a clock of its own */
	};

	return http_open(&options, error);
}

static bool save_intent(struct watchdog *w, const char *url, GError **error)
{
	struct lock_record *r = &w->record;

	lock_record_clear(r);
	r->url = g_strdup(url);
	r->user = g_strdup(w->o->user);
	r->host = g_strdup(g_get_host_name());
	r->pid = number_of(w->parent);
	r->at = number_of(clock_now());
	r->until = number_of(clock_now() + w->o->max_lock_s);
	return lock_record_save(w->o->folder, r, error);
}

/*
 * The POST failed: a refusal, or only its reply was lost.  A late lock shows
 * within a moment, so two looks have to agree that there is none.
 */
static bool is_locked_all_the_same(struct watchdog *w, char **owner)
{
	for (int look = 0; look < 2; look++) {
		if (look > 0)
			g_usleep(2 * G_USEC_PER_SEC);
		if (!maintenance_owner(w->node, owner, NULL) || *owner)
			return true;
	}
	return false;
}

static bool lock_failed(struct watchdog *w, GError **error)
{
	g_autofree char *owner = NULL;

	if (!is_locked_all_the_same(w, &owner)) {
		ignore(lock_record_remove(w->o->folder, NULL));
		return false;
	}
	/* The intent stays on disk: it is what `unlock` starts from. */
	g_prefix_error(error,
	    "whether %s is locked now is not known (its owner: %s); `gonogo "
	    "backup unlock` looks again: ",
	    w->record.url, owner ? owner : "could not be asked");
	return false;
}

static bool post_lock(struct watchdog *w, GError **error)
{
	/* Its reply brings the token: it is worth waiting for. */
	g_autoptr(http) patient =
	    open_node(w, w->record.url, LIMIT_REPLY_MS, error);

	if (!patient)
		return false;
	w->asked_at = clock_monotonic();
	if (!maintenance_lock(patient, &w->record.unlock_token, error))
		return lock_failed(w, error);
	w->locked = true;
	w->wanted = true;
	return lock_record_save(w->o->folder, &w->record, error);
}

/* The lock's 202 has to come true before a backup can be started in it. */
static bool start_backup(struct watchdog *w, GError **error)
{
	double until = clock_monotonic() + SETTLE_S;
	g_autofree char *owner = NULL;

	for (;;) {
		if (!maintenance_owner(w->node, &owner, error))
			return false;
		if (owner)
			break;
		if (clock_monotonic() > until)
			return fail(error, GONOGO_ERROR_REMOTE,
			    "%s: the lock was accepted but never came",
			    w->record.url);
		g_usleep(DRAINING_LOOK_MS * 1000);
	}
	if (!maintenance_start_backup(w->node, w->record.unlock_token,
		&w->record.cancel_token, error))
		return false;
	w->task_at = clock_monotonic();
	return lock_record_save(w->o->folder, &w->record, error);
}

static bool is_free(struct watchdog *w, const char *url, GError **error)
{
	g_autofree char *owner = NULL;

	if (!maintenance_owner(w->node, &owner, error))
		return false;
	if (!owner)
		return true;
	g_autofree char *hint = lock_by_hand(owner);
	return fail(error, GONOGO_ERROR_BUSY, "%s is locked already, by %s\n%s",
	    url, owner, hint);
}

static bool take_lock(struct watchdog *w, const char *url, GError **error)
{
	if (w->locked)
		return fail(error, GONOGO_ERROR_BUSY, "locked already");
	g_clear_pointer(&w->node, http_close);
	w->node = open_node(w, url, BRISK_MS, error);
	if (!w->node || !is_free(w, url, error))
		return false;
	w->to_end = w->reported = false;
	if (getppid() != w->parent)
		return fail(error, GONOGO_ERROR_STOPPED, "the backup is gone");
	if (!save_intent(w, url, error))
		return false;
	if (post_lock(w, error) && start_backup(w, error)) {
		w->phase = WIRE_DRAINING;
		w->look_at = clock_monotonic();
		return true;
	}
	if (w->locked) {
		end_want(w, WIRE_RELEASED, NULL);
		give_back_within(w, RELEASE_S);
	}
	return false;
}

/* ---- looking after it ---- */

/* What ended the drain; NULL: nothing did.  Static. */
static const char *drain_ended(
    const struct watchdog *w, const struct maintenance_state *state)
{
	if (!state->locked)
		return "Bitbucket is not locked any more: somebody unlocked or "
		       "restarted it";
	if (!state->task_running) {
		/* The task's 202 is a promise, too. */
		bool settling = w->phase == WIRE_DRAINING &&
				!state->task_state[0] &&
				clock_monotonic() < w->task_at + SETTLE_S;
		return settling ? NULL
				: "Bitbucket's backup task has ended or failed";
	}
	if (w->phase == WIRE_DRAINED &&
	    !(state->db_drained && state->scm_drained))
		return "Bitbucket went back to work while it was locked";
	return NULL;
}

/* False: Bitbucket could not be asked. */
static bool look(struct watchdog *w)
{
	g_autoptr(GError) error = NULL;
	struct maintenance_state state = {0};

	w->look_at =
	    clock_monotonic() +
	    (w->phase == WIRE_DRAINED ? DRAINED_LOOK_MS : DRAINING_LOOK_MS) /
		1000.0;
	if (!maintenance_poll(
		w->node, w->record.unlock_token, &state, &error)) {
		log_warn("looking at the lock: %s", error->message);
		return false;
	}
	const char *ended = drain_ended(w, &state);
	if (ended)
		end_want(w, WIRE_LOST, ended);
	else if (state.db_drained && state.scm_drained && state.task_running)
		w->phase = WIRE_DRAINED;
	return true;
}

static void release(struct watchdog *w)
{
	if (!w->locked)
		return;
	if (w->wanted) {
		bool seen = look(w) || look(w);
		w->to_end = seen && w->phase == WIRE_DRAINED;
	}
	if (w->wanted)
		end_want(w, WIRE_RELEASED,
		    w->to_end ? NULL
			      : "Bitbucket could not be asked at the end "
				"whether it was still locked");
	give_back_within(w, RELEASE_S);
}

/* ---- serving the backup ---- */

static void answer(struct watchdog *w, const GError *error)
{
	struct wire_answer a = {.version = WIRE_VERSION, .phase = w->phase};
	double until = w->locked ? clock_monotonic() : w->unlocked_at;
	const char *text = error ? error->message : w->why;

	a.locked = w->locked;
	a.to_end = w->to_end;
	if (w->phase != WIRE_IDLE && until > w->asked_at)
		a.locked_ms = (uint64_t)((until - w->asked_at) * 1000);
	if (error)
		a.error = 1 + (uint32_t)error->code;
	g_strlcpy(a.text, text ? text : "", sizeof(a.text));
	if (!wire_send(w->socket, &a, sizeof(a)))
		w->orphan = true;
}

static void serve(struct watchdog *w, struct wire_question *q)
{
	g_autoptr(GError) error = NULL;

	q->url[WIRE_URL - 1] = '\0';
	switch ((enum wire_ask)q->ask) {
	case WIRE_LOCK:
		ignore(take_lock(w, q->url, &error));
		break;
	case WIRE_LOOK:
		break;
	case WIRE_PROGRESS:
		/* 100 ends the task: that is for the release alone. */
		if (w->locked && w->wanted)
			ignore(maintenance_progress(w->node,
			    w->record.unlock_token,
			    (int)MIN(q->percentage, 99u), &error));
		break;
	case WIRE_RELEASE:
		release(w);
		break;
	case WIRE_END:
		w->orphan = true;
		return;
	default:
		fail(&error, GONOGO_ERROR_INTERNAL, "unknown question %u",
		    (unsigned)q->ask);
	}
	answer(w, error);
}

static void listen_for(struct watchdog *w, double until)
{
	double wait_s = CLAMP(until - clock_monotonic(), 0, TICK_MS / 1000.0);
	struct wire_question q = {0};

	if (w->orphan) {
		g_usleep((gulong)(wait_s * G_USEC_PER_SEC));
		return;
	}
	switch (wire_receive(
	    w->socket, &q, sizeof(q), (unsigned)(wait_s * 1000) + 1)) {
	case WIRE_MESSAGE:
		serve(w, &q);
		break;
	case WIRE_GONE:
		w->orphan = true;
		break;
	case WIRE_NOTHING:
		break;
	}
	/* A belt to the socket's braces. */
	if (getppid() != w->parent)
		w->orphan = true;
}

static void watch(struct watchdog *w)
{
	while (!w->orphan || w->locked) {
		double now = clock_monotonic();

		if (w->locked && w->wanted && w->orphan)
			end_want(w, WIRE_RELEASED, NULL);
		else if (w->locked && w->wanted &&
			 now >= w->asked_at + w->o->max_lock_s)
			end_want(w, WIRE_SPENT,
			    "max_lock_seconds is spent: Bitbucket was "
			    "unlocked at once");
		else if (w->locked && !w->wanted && now >= w->retry_at)
			give_back(w);
		else if (w->locked && w->wanted && now >= w->look_at)
			ignore(look(w));
		else if (!w->locked)
			listen_for(w, now + TICK_MS / 1000.0);
		else if (!w->wanted)
			listen_for(w, w->retry_at);
		else
			listen_for(
			    w, MIN(w->look_at, w->asked_at + w->o->max_lock_s));
	}
}

/* Nothing of the backup's stays open here, and no signal ends us. */
static void stand_alone(int *socket, int *hold)
{
	enum { SOCKET = 3, HOLD = 4 };
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	signal(SIGQUIT, SIG_IGN);
	ignore(setsid());
	ignore(chdir("/"));
	/* Whoever reads the backup's output need not wait for us. */
	ignore(dup2(nothing, STDIN_FILENO));
	ignore(dup2(nothing, STDOUT_FILENO));
	/* Above all others first, so that neither overwrites the other. */
	int high_socket = fcntl(*socket, F_DUPFD_CLOEXEC, 64);
	int high_hold = fcntl(*hold, F_DUPFD_CLOEXEC, 64);
	ignore(dup3(high_socket, SOCKET, O_CLOEXEC));
	ignore(dup3(high_hold, HOLD, O_CLOEXEC));
	ignore(close_range(HOLD + 1, ~0U, 0));
	*socket = SOCKET;
	*hold = HOLD;
}

void watchdog_run(
    int socket, int hold, pid_t parent, const struct watchdog_options *o)
{
	struct watchdog w = {.o = o, .parent = parent};
	g_autofree char *title = g_strdup_printf(
	    "gonogo-lock: unlocks Bitbucket when pid %d ends", (int)parent);

	stand_alone(&socket, &hold);
	title_set("gonogo-lock", title);
	w.socket = socket;
	watch(&w);
	lock_record_clear(&w.record);
	_exit(0);
}
