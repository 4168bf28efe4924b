#include "backup/plan.h"

#include "base/error.h"
#include "base/exits.h"

static const char *or_unset(const char *value)
{
	return value ? value : "(not set)";
}

static void print_lock(const struct settings *s, bool sealed)
{
	if (!sealed) {
		printf("  lock   nothing: a hot backup locks nobody out\n");
		return;
	}
	if (!s->backup.allow_lock) {
		printf("  lock   nothing, and so nothing at all: sealed needs "
		       "allow_lock = yes\n");
		return;
	}
	printf("  lock   Bitbucket for %" G_GINT64_FORMAT
	       " s at most, %s%s: users and git are refused\n"
	       "         from lock to unlock; a watchdog unlocks when the "
	       "backup dies\n",
	    s->backup.max_lock_seconds,
	    s->backup.lock_window ? "only in " : "at any time",
	    s->backup.lock_window ? s->backup.lock_window : "");
}

int plan_print(const struct settings *s, bool sealed, GError **error)
{
	if (!s->home.shared || !s->store.path || !s->database.url) {
		fail(error, GONOGO_ERROR_USAGE,
		    "[home] shared, [database] url and [store] path must be "
		    "set");
		return -1;
	}
	printf("  save   every file of %s%s\n"
	       "  dump   %s: one pg_dump, one connection that holds\n"
	       "         a snapshot, one that looks who waits for us; it gives "
	       "way after 5 s\n"
	       "  write  one new set below %s, nothing that is there is "
	       "changed\n",
	    s->home.shared, s->backup.also && *s->backup.also ? " and" : "",
	    or_unset(s->database.url), s->store.path);
	for (char **also = s->backup.also; also && *also; also++)
		printf("         %s\n", *also);
	printf("  load   reads all of the home once, in %s, without "
	       "compressing git's packs again\n",
	    s->backup.jobs ? "the workers that [backup] jobs names"
			   : "a worker for each processor");
	print_lock(s, sealed);
	return EXITS_DONE;
}
