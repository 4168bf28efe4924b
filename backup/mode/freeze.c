#include "backup/mode/freeze.h"

#include "backup/mode/hold.h"
#include "backup/mode/hot.h"
#include "base/error.h"
#include "base/log.h"

bool freeze_first(struct job *j, GError **error)
{
	unsigned stale_s = j->home ? home_stale_s(j->home) : 0;

	if (stale_s > 0)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: its mount may show names that are %u s old, and a "
		    "freeze would lock users out for so long\n"
		    "hint: mount it here with actimeo=0,lookupcache=none, or "
		    "take a hot backup",
		    j->settings->home.shared, stale_s);
	if (!hot_first(j, error))
		return false;
	if (!j->home)
		return true;
	log_say("sweeping the refs ahead");
	return home_sweep_ahead(j->home, error);
}

bool freeze_sweep(struct job *j, GError **error)
{
	/* It may be hot by now: nobody else holds still. */
	if (!j->held)
		return hot_sweep(j, error);
	return !j->home || home_sweep_still(j->home, error);
}

bool freeze_let_go(struct job *j, GError **error)
{
	if (!hold_let_go(j, error))
		return false;
	return j->how.lock.to_end.value || hot_sweep(j, error);
}
