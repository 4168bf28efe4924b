#include "backup/lock/mend.h"
#include "backup/node.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/error.h"
#include "bitbucket/maintenance.h"

enum {
	WAIT_MS = 15000, /* the watchdog of a backup that died is at it */
	PATIENCE_S = 60,
};

static const char details[] =
    "Unlocks Bitbucket with the token that a backup left in the state "
    "folder\nwhen its host crashed.  Safe to run at any time: without such a "
    "record it\nsays who, if anybody, has locked Bitbucket, and changes "
    "nothing.\n\nExit: 0 Bitbucket is not locked; 75 it is, by somebody else "
    "or with a token\nthat is lost; 69 it could not be asked.";

/* By the record's node first: another cluster must not get our password. */
static http *open_recorded(const struct settings *s, const secret *password,
    const struct lock_record *r, GError **error)
{
	if (node_is_known(s, r->url))
		return node_open(s, r->url, password, error);
	fail(error, GONOGO_ERROR_USAGE,
	    "the lock was taken on %s, which is no node of these settings\n"
	    "hint: name the settings of that cluster with -c",
	    r->url);
	return NULL;
}

static int mend(const struct settings *s, const secret *password,
    const char *folder, const struct lock_record *r, GError **error)
{
	g_autoptr(http) node = open_recorded(s, password, r, error);

	if (!node || !lock_mend(node, folder, r, PATIENCE_S, error))
		return -1;
	printf("unlocked %s\n", r->url);
	return EXITS_DONE;
}

static int look(
    const struct settings *s, const secret *password, GError **error)
{
	g_autofree char *url = NULL, *owner = NULL;
	g_autoptr(http) node = node_find(s, password, &url, error);

	if (!node || !maintenance_owner(node, &owner, error))
		return -1;
	if (owner) {
		g_autofree char *hint = lock_by_hand(owner);
		fail(error, GONOGO_ERROR_BUSY,
		    "%s is locked by %s, not by a backup from here\n%s", url,
		    owner, hint);
		return -1;
	}
	printf("nothing is locked: %s\n", url);
	return EXITS_DONE;
}

static int unlock(const struct settings *s, bool now, GError **error)
{
	g_autofree char *folder = lock_folder(s->state.dir);
	g_auto(lock_record) r = {0};
	bool found = false;
	int hold = -1;

	/* Who runs a backup just now is not to lose the lock under it. */
	if (!now && !lock_folder_hold(folder, WAIT_MS, &hold, error))
		return -1;
	if (!lock_record_load(folder, &r, &found, error))
		return -1;
	if (!found && !s->cluster.user) {
		printf("nothing was left locked from here; Bitbucket itself "
		       "was not asked: [cluster] user is not set\n");
		return EXITS_DONE;
	}
	g_autoptr(secret) password = node_password(s, error);
	if (!password)
		return -1;
	return found ? mend(s, password, folder, &r, error)
		     : look(s, password, error);
}

int verb_unlock(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL;
	gboolean now = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"now", 0, 0, G_OPTION_ARG_NONE, &now,
		"also when a backup is running: it goes on without a lock",
		NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0, details, error))
		return -1;
	g_autoptr(settings) s = settings_read(path, error);
	return s ? unlock(s, now, error) : -1;
}
