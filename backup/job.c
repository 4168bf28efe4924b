#include "backup/job.h"

#include "backup/db/save.h"
#include "backup/lock/mend.h"
#include "backup/node.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "bitbucket/schema.h"
#include "port/fs.h"

enum {
	MEND_S = 60,       /* tries to unlock what an earlier run left */
	POINTS = 3,        /* tries when a dump has to give way */
	GIVE_WAY_S = 5,    /* between them: who waited gets its turn */
	DRAIN_MAX_S = 300, /* of max_lock_seconds, at most half of it */
};

/* The lock first: whatever else is slow to go, users come in again. */
void job_clear(struct job *j)
{
	g_clear_pointer(&j->lock, lock_end);
	db_point_clear(&j->point);
	dump_clear(&j->dump);
	g_clear_pointer(&j->rows, g_ptr_array_unref);
	g_clear_pointer(&j->pulls, g_ptr_array_unref);
	g_clear_pointer(&j->home, home_close);
	g_clear_pointer(&j->run, run_abandon);
	g_clear_pointer(&j->store, store_close);
	g_clear_pointer(&j->password, secret_free);
	preflight_clear(&j->found);
	snapshot_clear(&j->set);
	evidence_clear(&j->how);
}

static void note(struct job *j, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Said now, and kept in the set's evidence. */
static void note(struct job *j, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	log_warn("%s", text);
	strings_add(&j->how.notes, text);
}

/* ---- before ---- */

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

/* Before all that may start a thread or speak HTTP: it forks. */
static bool start_watchdog(struct job *j, int64_t lock_s, GError **error)
{
	const struct settings *s = j->settings;

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

/* A full copy of both has to fit; what is there already only helps. */
static bool has_room(struct job *j, GError **error)
{
	uint64_t files = 0, bytes = 0;

	if (!j->no_home && !home_measure(j->home, &files, &bytes, error))
		return false;
	uint64_t need = bytes + 2 * j->found.database_bytes;
	g_autofree char *need_text = g_format_size(need);
	log_say("%" G_GUINT64_FORMAT " files%s: up to %s", files,
	    j->no_database ? "" : " and the database", need_text);
	return fs_has_room(store_path(j->store), need, "a full copy", error);
}

static bool open_all(struct job *j, GError **error)
{
	const struct settings *s = j->settings;
	const struct home_options options = {
	    .path = s->home.shared,
	    .also = (const char *const *)s->backup.also,
	    .jobs = (unsigned)s->backup.jobs,
	};

	j->store = store_open(s->store.path, STORE_WRITE, error);
	j->run = j->store ? run_begin(j->store, error) : NULL;
	if (!j->run)
		return false;
	if (!j->no_home)
		j->home = home_open(j->run, &options, error);
	return (j->home || j->no_home) && has_room(j, error);
}

/* ---- the lock ---- */

static bool take_lock(struct job *j, GError **error)
{
	g_autofree char *why = NULL;
	unsigned drain_s = (unsigned)CLAMP(
	    j->settings->backup.max_lock_seconds / 2, 1, DRAIN_MAX_S);

	if (!j->sealed)
		return true;
	if (!lock_acquire(j->lock, j->found.url, drain_s, &why, error))
		return false;
	if (why) {
		j->sealed = false;
		note(j, "not sealed, going on as a hot backup: %s", why);
	} else {
		log_say("drained: nothing writes");
	}
	return true;
}

static void progress(struct job *j, unsigned percentage)
{
	if (j->sealed)
		lock_progress(j->lock, percentage);
}

/* All is copied: users first, the proofs later. */
static void give_lock_back(struct job *j)
{
	struct lock_report report = {0};

	if (!j->lock)
		return;
	bool was_sealed = j->sealed;
	lock_release(j->lock, &report);
	j->sealed = j->sealed && report.to_end;
	if (!report.unlocked)
		strings_add(&j->how.notes,
		    "Bitbucket was not unlocked yet when the copy was whole");
	if (report.locked_ms)
		j->set.locked_ms = number_of((int64_t)report.locked_ms);
	if (was_sealed && !j->sealed)
		note(j, "not sealed, a hot backup: %s", report.why);
	else if (j->sealed)
		log_say(
		    "unlocked after %.1f s", (double)report.locked_ms / 1000);
}

/* ---- the database ---- */

/* Rows of the same moment as the dump, for the cross-check. */
static bool read_rows(struct job *j, GError **error)
{
	g_autoptr(pg) db = db_point_open(&j->found.login, &j->point, error);

	if (!db)
		return false;
	j->rows = schema_repositories(db, error);
	if (!j->rows)
		return false;
	/* Pull requests are looked at where the table is as we know it. */
	g_autoptr(GError) why = NULL;
	g_autoptr(pg) other = db_point_open(&j->found.login, &j->point, error);
	if (!other)
		return false;
	j->pulls = schema_open_pulls(other, &why);
	if (!j->pulls)
		note(j, "pull requests were not cross-checked: %s",
		    why->message);
	return true;
}

static char *dump_scratch(const struct job *j)
{
	return g_build_filename(run_scratch(j->run), "db", NULL);
}

static bool try_dump(struct job *j, GError **error)
{
	g_autofree char *scratch = dump_scratch(j);

	if (g_file_test(scratch, G_FILE_TEST_EXISTS) &&
	    !fs_remove_tree(scratch, error))
		return false;
	if (!fs_make_folders(scratch, 0700, error) ||
	    !db_point_take(&j->found.login, &j->point, error))
		return false;
	g_autofree char *at = clock_text(j->point.at);
	log_say("point %s, LSN %s%s", at, j->point.lsn,
	    j->point.standby ? ", replayed by a standby" : "");
	return read_rows(j, error) &&
	       dump_make(&j->found.login, &j->point, &j->found.programs,
		   scratch, &j->dump, error);
}

/* A dump that gave way is made anew, of a new point. */
static bool dump_database(struct job *j, GError **error)
{
	for (int left = POINTS; left > 0; left--) {
		g_autoptr(GError) why = NULL;
		if (try_dump(j, &why)) {
			db_point_end(&j->point);
			return true;
		}
		if (left == 1 ||
		    !g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_BUSY)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return false;
		}
		note(j, "%s", why->message);
		g_clear_pointer(&j->rows, g_ptr_array_unref);
		g_clear_pointer(&j->pulls, g_ptr_array_unref);
		db_point_clear(&j->point);
		if (!stop_wait(GIVE_WAY_S * 1000, error))
			return false;
	}
	g_assert_not_reached();
}

static bool save_dump(struct job *j, GError **error)
{
	g_autofree char *scratch = dump_scratch(j);

	return dump_finish(&j->found.login, &j->point, &j->found.programs,
		   scratch, &j->dump, error) &&
	       dump_save(j->run, &j->dump, &j->point, &j->set, &j->how, error);
}

/* ---- the home ---- */

/* Without a database the point is the moment before the refs are read. */
static void take_point_of_home(struct job *j)
{
	j->how.point_at = number_of(clock_now());
	note(j, "the database is not in this set: rows and folders were not "
		"compared");
}

static bool wait_for_mount(struct job *j, GError **error)
{
	unsigned wait_s = home_stale_s(j->home);

	if (wait_s == 0)
		return true;
	log_say("waiting %u s: the mount may still show what was before the "
		"point",
	    wait_s);
	return stop_wait(wait_s * 1000, error);
}

static bool is_live(uint64_t id, bool *there, void *user, GError **error)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, id);
	const char *const parameters[] = {text, NULL};
	g_autoptr(pg_rows) rows =
	    pg_query(user, "SELECT 1 FROM repository WHERE id = $1::bigint",
		parameters, error);

	if (!rows)
		return false;
	*there = pg_rows_length(rows) > 0;
	return true;
}

static bool cross_check(struct job *j, GError **error)
{
	g_autoptr(pg) live = db_open_bitbucket(&j->found.login, error);

	return live && home_cross_check(
			   j->home, j->rows, j->pulls, is_live, live, error);
}

/* ---- the whole ---- */

static bool copy_database(struct job *j, GError **error)
{
	if (j->no_database) {
		take_point_of_home(j);
		return true;
	}
	log_say("dumping the database");
	return dump_database(j, error);
}

static bool copy_home(struct job *j, GError **error)
{
	if (j->no_home)
		return true;
	log_say("sweeping the refs");
	if (!wait_for_mount(j, error) || !home_sweep(j->home, error))
		return false;
	log_say("saving the home");
	return home_save(j->home, error);
}

static bool copy_all(struct job *j, GError **error)
{
	if (!j->no_home) {
		log_say("first harvest of the repositories");
		if (!home_harvest(j->home, error))
			return false;
	}
	if (!take_lock(j, error) || !copy_database(j, error))
		return false;
	progress(j, 40);
	if (!copy_home(j, error))
		return false;
	progress(j, 90);
	/* The dump's own files are a whole copy already. */
	give_lock_back(j);
	return j->no_database || save_dump(j, error);
}

static bool prove_all(struct job *j, GError **error)
{
	if (j->no_home)
		return true;
	log_say("proving the copy");
	return home_prove(j->home, error) &&
	       (j->no_database || cross_check(j, error));
}

static void tell(struct job *j)
{
	const struct settings *s = j->settings;

	j->set.made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	j->how.made_by = g_strdup(j->set.made_by);
	j->set.mode = g_strdup(j->sealed ? "sealed" : "hot");
	if (!j->no_home)
		strings_add(&j->set.parts, SNAPSHOT_PART_HOME);
	if (!j->no_database)
		strings_add(&j->set.parts, SNAPSHOT_PART_DATABASE);
	j->set.point_at = j->how.point_at;
	j->set.cluster = g_strdup(s->cluster.name);
	j->set.url = g_strdup(s->cluster.url);
	j->set.version = g_strdup(j->found.version);
	j->set.server_id = g_strdup(j->found.server_id);
	if (!j->no_home)
		home_tell(j->home, &j->set, &j->how);
	else
		strings_add(&j->how.notes, "the home is not in this set");
}

bool job_run(struct job *j, int64_t lock_s, GError **error)
{
	j->set.started_at = number_of(clock_now());
	j->found.settings = j->settings;
	j->found.sealed = j->sealed;
	j->found.no_home = j->no_home;
	j->found.no_database = j->no_database;
	/* What is not allowed fails in the preflight, with its words. */
	if (j->sealed && j->settings->backup.allow_lock &&
	    !start_watchdog(j, lock_s, error))
		return false;
	if (!mend_leftover(j, error) || !preflight_pass(&j->found, error) ||
	    !open_all(j, error) || !copy_all(j, error) || !prove_all(j, error))
		return false;
	tell(j);
	return run_commit(j->run, &j->set, &j->how, error);
}
