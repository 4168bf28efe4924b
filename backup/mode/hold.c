#include "backup/mode/hold.h"

#include "backup/db/replay.h"
#include "backup/mode/mode.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

enum {
	DRAIN_MAX_S = 300,   /* of max_lock_seconds, at most half of it */
	CATCH_UP_MAX_S = 60, /* at most a quarter */
};

static void fall_back(struct job *j, const char *why)
{
	job_note(j, "not %s, going on as a hot backup: %s", j->mode->name, why);
	j->mode = j->fallback;
}

/* Releases, if that was not done yet; gives what there is to say of it, or
 * NULL: it was held to the end. */
static const char *tell_release(struct job *j)
{
	struct lock_report report = {0};

	lock_release(j->lock, &report);
	if (!report.unlocked)
		strings_add(&j->how.notes,
		    "Bitbucket was not unlocked yet when it was asked to be");
	j->how.lock.to_end = flag_of(report.to_end);
	j->set.locked_ms = number_of((int64_t)report.locked_ms);
	return report.to_end ? NULL : report.why;
}

bool hold_let_go(struct job *j, GError **error)
{
	struct evidence_lock *told = &j->how.lock;

	(void)error;
	if (!j->held)
		return true;
	j->held = false;
	told->drain_ms =
	    number_of((int64_t)((j->still_at - j->drain_at) * 1000));
	told->still_ms =
	    number_of((int64_t)((clock_monotonic() - j->still_at) * 1000));
	const char *why = tell_release(j);
	if (why)
		fall_back(j, why);
	else
		log_say("unlocked after %.1f s",
		    (double)j->set.locked_ms.value / 1000);
	return true;
}

/* A standby that does not catch up in time keeps nobody locked out. */
static bool catch_up(struct job *j, GError **error)
{
	unsigned most_s = (unsigned)CLAMP(
	    j->settings->backup.max_lock_seconds / 4, 1, CATCH_UP_MAX_S);
	bool reached = false;

	if (j->no_database || !j->found.primary.url)
		return true;
	if (!replay_wait(
		&j->found.login, &j->found.primary, most_s, &reached, error))
		return false;
	if (reached) {
		log_say("the standby has replayed all that was written");
		return true;
	}
	j->how.lock.to_end = flag_of(false);
	ignore(hold_let_go(j, NULL));
	if (j->mode != j->fallback) {
		g_autofree char *why = g_strdup_printf(
		    "the standby did not catch up within %u s", most_s);
		fall_back(j, why);
	}
	return true;
}

bool hold_take(struct job *j, GError **error)
{
	g_autofree char *why = NULL;
	unsigned drain_s = (unsigned)CLAMP(
	    j->settings->backup.max_lock_seconds / 2, 1, DRAIN_MAX_S);

	if (j->held)
		return true;
	/* A dump gave way, behind a lock that was given back already. */
	if (j->drain_at > 0) {
		fall_back(j, "users are not locked out a second time");
		return true;
	}
	j->drain_at = clock_monotonic();
	if (!lock_acquire(j->lock, j->found.url, drain_s, &why, error))
		return false;
	if (why) {
		tell_release(j);
		fall_back(j, why);
		return true;
	}
	j->held = true;
	j->still_at = clock_monotonic();
	log_say("drained: nothing writes");
	return catch_up(j, error);
}

void hold_progress(struct job *j, unsigned percentage)
{
	if (j->held)
		lock_progress(j->lock, percentage);
}
