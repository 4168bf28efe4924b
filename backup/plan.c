#include "backup/plan.h"

#include "base/error.h"
#include "base/exits.h"

static void print_lock(const struct settings *s, const struct mode *mode)
{
	if (!mode->locks) {
		printf("  lock   nothing: a %s backup locks nobody out\n",
		    mode->name);
		return;
	}
	if (!s->backup.allow_lock) {
		printf("  lock   nothing, and so nothing at all: %s needs "
		       "allow_lock = yes\n",
		    mode->name);
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

static void print_home(const struct settings *s)
{
	printf("  save   every file of %s%s\n", s->home.shared,
	    s->backup.also && *s->backup.also ? " and" : "");
	for (char **also = s->backup.also; also && *also; also++)
		printf("         %s\n", *also);
}

static void print_database(const struct settings *s)
{
	if (settings_is_physical(s)) {
		printf("  copy   %s: all files of its server%s, by two\n"
		       "         connections for replication and a temporary "
		       "slot, after a %s checkpoint;\n"
		       "         one message is written into its WAL\n",
		    s->database.url,
		    s->database.whole_cluster ? ", with all other databases"
					      : "",
		    s->database.checkpoint);
		return;
	}
	printf("  dump   %s: one pg_dump, one connection that holds\n"
	       "         a snapshot, one that looks who waits for us; it gives "
	       "way after 5 s\n",
	    s->database.url);
}

static void print_load(const struct settings *s)
{
	printf("  load   reads all of the home once, in %s, without "
	       "compressing git's packs again\n",
	    s->backup.jobs ? "the workers that [backup] jobs names"
			   : "eight workers");
}

int plan_print(
    const struct settings *s, const struct plan *plan, GError **error)
{
	if (plan->mode->plan)
		return plan->mode->plan(s, error);
	if ((!s->home.shared && !plan->no_home) || !s->store.path ||
	    (!s->database.url && !plan->no_database)) {
		fail(error, GONOGO_ERROR_USAGE,
		    "[home] shared, [database] url and [store] path must be "
		    "set");
		return -1;
	}
	if (!plan->no_home)
		print_home(s);
	if (!plan->no_database)
		print_database(s);
	printf("  write  one new set below %s, nothing that is there is "
	       "changed\n",
	    s->store.path);
	if (!plan->no_home)
		print_load(s);
	print_lock(s, plan->mode);
	return EXITS_DONE;
}
