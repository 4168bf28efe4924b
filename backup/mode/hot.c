#include "backup/mode/hot.h"

#include "base/log.h"
#include "base/stop.h"

bool hot_first(struct job *j, GError **error)
{
	if (!j->home)
		return true;
	log_say("first harvest of the repositories");
	return home_harvest(j->home, error);
}

bool hot_sweep(struct job *j, GError **error)
{
	unsigned wait_s = j->home ? home_stale_s(j->home) : 0;

	if (!j->home)
		return true;
	if (wait_s > 0)
		log_say("waiting %u s: the mount may still show what was "
			"before the point",
		    wait_s);
	if (wait_s > 0 && !stop_wait(wait_s * 1000, error))
		return false;
	log_say("sweeping the refs");
	return home_sweep(j->home, error);
}
