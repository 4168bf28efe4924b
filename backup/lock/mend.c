#include "backup/lock/mend.h"

#include "backup/lock/release.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bitbucket/maintenance.h"

char *lock_by_hand(const char *owner)
{
	return g_strdup_printf(
	    "hint: only its token unlocks it, and it is not known here: ask %s "
	    "to finish or to unlock; when nobody has the token, restarting "
	    "all nodes is what is left",
	    owner);
}

static bool still_locked(
    const struct lock_record *r, const char *owner, GError **error)
{
	g_autofree char *hint = lock_by_hand(owner);
	g_autofree char *at = clock_text(r->at.value);

	return fail(error, GONOGO_ERROR_BUSY,
	    "%s is locked by %s; a backup (pid %" G_GINT64_FORMAT
	    " on %s) asked for a lock at %s, and its token never got here\n%s",
	    r->url, owner, r->pid.value, r->host ? r->host : "this host", at,
	    hint);
}

static bool mend_intent(
    http *h, const char *folder, const struct lock_record *r, GError **error)
{
	g_autofree char *owner = NULL;

	if (!maintenance_owner(h, &owner, error))
		return false;
	return owner ? still_locked(r, owner, error)
		     : lock_record_remove(folder, error);
}

bool lock_mend(http *h, const char *folder, const struct lock_record *r,
    unsigned patience_s, GError **error)
{
	double until = clock_monotonic() + patience_s;
	g_autofree char *holder = NULL; /* NULL: nobody, or not known */
	bool reported = false;

	if (!r->unlock_token)
		return mend_intent(h, folder, r, error);
	/* It is tried all the same: a lock may come true late. */
	ignore(!maintenance_owner(h, &holder, NULL));
	for (unsigned pause_ms = 250;; pause_ms = MIN(pause_ms * 2, 4000)) {
		g_autofree char *owner = NULL;
		g_autoptr(GError) why = NULL;

		switch (
		    release_try(h, r->unlock_token, &reported, &owner, &why)) {
		case RELEASE_DONE:
			if (!reported && holder)
				log_warn("%s", release_left_task);
			return lock_record_remove(folder, error);
		case RELEASE_FOREIGN:
			if (!lock_record_remove(folder, error))
				return false;
			return fail(error, GONOGO_ERROR_BUSY,
			    "%s: our lock is gone; %s holds one of their own",
			    r->url, owner);
		case RELEASE_AGAIN:
			break;
		}
		if (clock_monotonic() + pause_ms / 1000.0 > until) {
			g_propagate_prefixed_error(error, g_steal_pointer(&why),
			    "%s is still locked: ", r->url);
			return false;
		}
		g_usleep(pause_ms * 1000);
	}
}
