#include "backup/lock/release.h"

#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/maintenance.h"

const char release_left_task[] =
    "Bitbucket is unlocked, but did not take the report that the backup has "
    "ended: its backup task may stay behind and refuse the next one";

/* A second try where the first failed at once: the lock matters more. */
static bool report(http *h, const char *unlock_token)
{
	double started = clock_monotonic();

	if (maintenance_progress(h, unlock_token, 100, NULL))
		return true;
	if (clock_monotonic() - started > 1)
		return false;
	g_usleep(G_USEC_PER_SEC / 4);
	return maintenance_progress(h, unlock_token, 100, NULL);
}

enum release release_try(http *h, const char *unlock_token, bool *reported,
    char **owner, GError **error)
{
	g_autoptr(GError) refused = NULL;

	*reported = *reported || report(h, unlock_token);
	bool unlocked = maintenance_unlock(h, unlock_token, &refused);
	bool foreign =
	    g_error_matches(refused, GONOGO_ERROR, GONOGO_ERROR_BUSY);
	if (!unlocked && !foreign) {
		g_propagate_error(error, g_steal_pointer(&refused));
		return RELEASE_AGAIN;
	}
	if (!maintenance_owner(h, owner, error))
		return RELEASE_AGAIN;
	if (!*owner)
		return RELEASE_DONE;
	if (foreign)
		return RELEASE_FOREIGN;
	fail(error, GONOGO_ERROR_REMOTE,
	    "%s: still locked by %s after the unlock was accepted", http_url(h),
	    *owner);
	return RELEASE_AGAIN;
}
