#include "backup/lock/release.h"

#include "base/error.h"
#include "bitbucket/maintenance.h"

enum release release_try(
    http *h, const char *unlock_token, char **owner, GError **error)
{
	g_autoptr(GError) refused = NULL;

	/* Else the backup task stays behind; the lock matters more. */
	ignore(maintenance_progress(h, unlock_token, 100, NULL));
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
