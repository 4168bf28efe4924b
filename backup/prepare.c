#include "backup/prepare.h"

#include "backup/install.h"
#include "backup/lock/mend.h"
#include "backup/mode/mode.h"
#include "backup/node.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

enum { MEND_S = 60 }; /* tries to unlock what an earlier run left */

/* Users may be locked out this very moment, by what a crashed run left. */
static bool mend_leftover(struct job *j, GError **error)
{
	const struct settings *s = j->settings;
	g_autofree char *folder = lock_folder(s->state.dir);
	g_auto(lock_record) left = {0};
	bool found = false;
	int hold = -1;

	/* Without a cluster nothing was or will be locked from here. */
	if (!s->cluster.url && !s->cluster.nodes)
		return true;
	if (!lock_record_load(folder, &left, &found, error))
		return false;
	if (!found)
		return true;
	if (!node_is_known(s, left.url))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: a backup of another cluster (%s) left its lock there\n"
		    "hint: give each cluster a [state] dir of its own",
		    folder, left.url);
	/* Ours is held by our own watchdog, which has nothing to do yet. */
	if (!j->lock && !lock_folder_hold(folder, 0, &hold, error))
		return false;
	g_autoptr(secret) password = node_password(s, error);
	g_autoptr(http) node =
	    password ? node_open(s, left.url, password, error) : NULL;
	bool mended = node && lock_mend(node, folder, &left, MEND_S, error);
	if (mended)
		log_warn(
		    "%s is not locked any more; an earlier backup had left "
		    "its lock",
		    left.url);
	if (hold >= 0)
		ignore(close(hold));
	return mended;
}

static bool start_watchdog(struct job *j, int64_t lock_s, GError **error)
{
	const struct settings *s = j->settings;

	/* What is not allowed fails in the preflight, with its words. */
	if (!j->mode->locks || !s->backup.allow_lock)
		return true;
	j->password = node_password(s, error);
	if (!j->password)
		return false;
	const struct lock_options options = {
	    .user = s->cluster.user,
	    .password = j->password,
	    .ca_file = s->cluster.ca_file,
	    .proxy = s->cluster.proxy,
	    .state_dir = s->state.dir,
	    .max_lock_s = (unsigned)lock_s,
	};
	j->lock = lock_start(&options, error);
	return j->lock != NULL;
}

static bool pass_preflight(struct job *j, GError **error)
{
	j->found.settings = j->settings;
	j->found.mode = j->mode->name;
	j->found.locks = j->mode->locks;
	j->found.kind = j->kind;
	j->found.no_home = j->no_home;
	j->found.no_database = j->no_database;
	return preflight_pass(&j->found, error);
}

/* A full copy of both has to fit; what is there already only helps. */
static bool has_room(struct job *j, GError **error)
{
	uint64_t files = 0, bytes = 0;

	if (j->home && !home_measure(j->home, &files, &bytes, error))
		return false;
	/* A dump lies in scratch space first; files go straight there. */
	uint64_t need = bytes + (j->found.cluster.databases ? 1 : 2) *
				    j->found.database_bytes;
	g_autofree char *need_text = g_format_size(need);
	log_say("%" G_GUINT64_FORMAT " files%s: up to %s", files,
	    j->no_database ? "" : " and the database", need_text);
	return fs_has_room(store_path(j->store), need, "a full copy", error);
}

static bool open_all(struct job *j, GError **error)
{
	const struct settings *s = j->settings;
	g_autoptr(GPtrArray) also = install_files(s, &j->how.notes, error);

	if (!also)
		return false;
	if (!j->no_home)
		j->courtesy = courtesy_begin(s, j->found.url, s->home.shared);
	const struct home_options options = {
	    .kind = j->kind,
	    .node = j->node,
	    .path = s->home.shared,
	    .also = (const char *const *)also->pdata,
	    .jobs = (unsigned)s->backup.jobs,
	    .paranoid = j->paranoid,
	    .rate = j->courtesy ? courtesy_throttle(j->courtesy) : NULL,
	};

	j->store = store_open(s->store.path, STORE_WRITE, error);
	j->run = j->store ? run_begin(j->store, error) : NULL;
	if (!j->run)
		return false;
	if (!j->no_home)
		j->home = home_open(j->run, &options, error);
	return (j->home || j->no_home) && has_room(j, error);
}

bool prepare(struct job *j, int64_t lock_s, GError **error)
{
	return start_watchdog(j, lock_s, error) && mend_leftover(j, error) &&
	       pass_preflight(j, error) && open_all(j, error);
}
