#include "backup/mode/snapshot.h"

#include "backup/mode/hook.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

static char *snapshots_folder(const struct settings *s)
{
	return g_build_filename(s->state.dir, "snapshots", NULL);
}

static char *mount_of(const struct settings *s, const char *name)
{
	return g_build_filename(s->state.dir, "snapshots", name, NULL);
}

static bool run_hook(const struct settings *s, const char *name,
    const char *what, const char *command, char **said, GError **error)
{
	g_autofree char *mount = mount_of(s, name);
	const struct hook hook = {
	    .settings = s,
	    .what = what,
	    .command = command,
	    .snapshot = name,
	    .mount = mount,
	    .to_end = g_str_equal(what, "destroy"),
	};

	log_say("[snapshot] %s", what);
	return hook_run(&hook, said, error);
}

/* ---- taking it away ---- */

static bool destroy(const struct settings *s, const char *name, GError **error)
{
	g_autofree char *mount = mount_of(s, name), *said = NULL;

	if (!run_hook(s, name, "destroy", s->snapshot.destroy, &said, error))
		return false;
	/* What is still mounted there must not be removed file by file. */
	if (rmdir(mount) != 0)
		return fail_errno(error, "[snapshot] destroy: %s", mount);
	return true;
}

/* However the job ends. */
static void undo(struct job *j)
{
	g_autoptr(GError) why = NULL;

	if (!j->snapshot)
		return;
	bool gone = destroy(j->settings, j->snapshot, &why);
	j->how.snapshot.destroyed = flag_of(gone);
	if (!gone)
		job_note(j, "snapshot %s may still be there, and fill up: %s",
		    j->snapshot, why->message);
	g_clear_pointer(&j->snapshot, g_free);
}

static bool sweep_leftovers(const struct settings *s, GError **error)
{
	g_autofree char *folder = snapshots_folder(s);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);

	for (const char *name; listing && (name = g_dir_read_name(listing));) {
		log_warn(
		    "an earlier run left snapshot %s: taking it away", name);
		if (!destroy(s, name, error))
			return false;
	}
	return true;
}

/* ---- making it ---- */

static bool check_hooks(const struct settings *s, GError **error)
{
	if (s->snapshot.create && s->snapshot.mount && s->snapshot.destroy)
		return true;
	return fail(error, GONOGO_ERROR_USAGE,
	    "mode snapshot needs [snapshot] create, mount and destroy\n"
	    "hint: templates/hooks has commands for LVM, ZFS and btrfs");
}

/* The folder stands for the snapshot from before it is made. */
static bool begin(struct job *j, GError **error)
{
	g_autofree char *stamp = clock_stamp(clock_now());
	g_autofree char *name = g_strdup_printf(
	    "gonogo-%s-%06x", stamp, g_random_int() & 0xffffffu);
	g_autofree char *mount = mount_of(j->settings, name);

	if (!fs_make_folders(mount, 0700, error))
		return false;
	j->snapshot = g_steal_pointer(&name);
	j->undo = undo;
	return true;
}

bool snapshot_first(struct job *j, GError **error)
{
	const struct settings *s = j->settings;
	g_autofree char *said = NULL;

	if (!j->home)
		return fail(error, GONOGO_ERROR_USAGE,
		    "a snapshot is of the home, and --no-home leaves it out");
	return check_hooks(s, error) && sweep_leftovers(s, error) &&
	       begin(j, error) &&
	       run_hook(j->settings, j->snapshot, "pre", s->snapshot.pre, &said,
		   error);
}

static bool make(struct job *j, char **place, GError **error)
{
	const struct settings *s = j->settings;
	g_autofree char *said = NULL;
	double begun = clock_monotonic();

	if (!run_hook(
		s, j->snapshot, "create", s->snapshot.create, &said, error))
		return false;
	j->how.snapshot.name = g_strdup(j->snapshot);
	j->how.snapshot.created_at = number_of(clock_now());
	j->how.snapshot.taken_ms =
	    number_of((int64_t)((clock_monotonic() - begun) * 1000));
	return run_hook(
	    s, j->snapshot, "mount", s->snapshot.mount, place, error);
}

bool snapshot_sweep(struct job *j, GError **error)
{
	g_autofree char *place = NULL;

	/* A dump gave way: this snapshot is older than the new point. */
	if (j->how.snapshot.name)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "the dump of the database gave way, and the snapshot is "
		    "older than a new point\n"
		    "hint: run it again when no schema change is under way");
	if (!make(j, &place, error))
		return false;
	if (!place || !g_path_is_absolute(place) || strchr(place, '\n'))
		return fail(error, GONOGO_ERROR_DATA,
		    "[snapshot] mount printed '%s', not the one path where "
		    "the home is in the snapshot",
		    place ? place : "");
	j->how.snapshot.place = g_utf8_make_valid(place, -1);
	int64_t point = j->no_database ? j->how.point_at.value : j->point.at;
	if (!home_move(j->home, place, point, error))
		return false;
	log_say("sweeping the refs in the snapshot");
	return home_sweep(j->home, error);
}
