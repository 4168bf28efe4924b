#include "backup/drill/rehearsal.h"

#include "backup/choice.h"
#include "backup/drill/repositories.h"
#include "backup/drill/rows.h"
#include "backup/physical/trial.h"
#include "backup/records.h"
#include "backup/refill.h"
#include "backup/restore/tree.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

enum { GROWTH = 2 }; /* a database is at most so much longer than its rows */
static const uint64_t server_bytes = 512u << 20; /* its own files, WAL */

void rehearsal_clear(struct rehearsal *s)
{
	struct proof found = {.flaws = s->d.flaws.all};

	db_login_clear(&s->login);
	g_clear_pointer(&s->server, pg_server_close);
	proof_clear(&found);
	proof_clear(&s->d.proof);
	evidence_clear(&s->how);
	g_clear_pointer(&s->manifest, manifest_free);
	g_clear_pointer(&s->set, set_free);
	g_clear_pointer(&s->store, store_close);
	g_free(s->home);
}

static int64_t ms_since(double begun)
{
	return (int64_t)((clock_monotonic() - begun) * 1000);
}

bool rehearsal_has_home(const struct rehearsal *s)
{
	return snapshot_has(&s->set->snapshot, SNAPSHOT_PART_HOME);
}

bool rehearsal_has_database(const struct rehearsal *s)
{
	return snapshot_has(&s->set->snapshot, SNAPSHOT_PART_DATABASE) &&
	       s->set->snapshot.database.kind;
}

static bool is_physical(const struct rehearsal *s)
{
	return rehearsal_has_database(s) &&
	       snapshot_is_physical(&s->set->snapshot);
}

static struct trial trial_of(const struct rehearsal *s)
{
	return (struct trial){
	    .store = s->store,
	    .set = s->set,
	    .role = s->how.physical.role,
	    .above = s->above,
	    .bindir = s->settings->database.bindir,
	    .run_as = s->settings->database.run_as,
	    .jobs = s->d.jobs,
	};
}

/* ---- before ---- */

static struct tree tree_of(const struct rehearsal *s, const char *target)
{
	return (struct tree){
	    .store = s->store,
	    .set = s->set,
	    .manifest = s->manifest,
	    .target = target,
	    .what = "the home",
	    .jobs = s->d.jobs,
	};
}

static bool check_room(const struct rehearsal *s, GError **error)
{
	const struct snapshot *set = &s->set->snapshot;
	uint64_t bytes = 0;

	if (rehearsal_has_home(s))
		bytes += (uint64_t)set->home.bytes.value;
	/* The dump lies there too while it is loaded. */
	if (is_physical(s))
		bytes += trial_room(s->set);
	else if (rehearsal_has_database(s))
		bytes += (1 + GROWTH) * (uint64_t)set->database.bytes.value +
			 server_bytes;
	return fs_has_room(s->above, bytes, "the drill", error);
}

/* The server that the set's database ran on, or a newer one. */
static bool find_programs(struct rehearsal *s, char **bindir, GError **error)
{
	const char *version = s->set->snapshot.database.server_version;
	int major = version ? (int)g_ascii_strtoll(version, NULL, 10) : 0;
	const struct db_login l = {.bindir = s->settings->database.bindir};
	g_autofree char *initdb = NULL, *postgres = NULL;

	if (!db_program(&l, "initdb", major * 10000, &initdb, NULL, error) ||
	    !db_program(&l, "postgres", major * 10000, &postgres, NULL, error))
		return false;
	*bindir = g_path_get_dirname(postgres);
	return true;
}

static bool open_private(struct rehearsal *s, GError **error)
{
	/* All that it holds can be made again: nothing waits for the disk. */
	static const char *const settings[] = {"fsync=off",
	    "synchronous_commit=off", "full_page_writes=off",
	    "wal_level=minimal", "max_wal_senders=0", "max_wal_size=256MB",
	    "min_wal_size=80MB", "autovacuum=off", "maintenance_work_mem=128MB",
	    NULL};
	g_autofree char *bindir = NULL;

	if (rehearsal_has_database(s) && !find_programs(s, &bindir, error))
		return false;
	const struct pg_server_options o = {
	    .above = s->above,
	    .bindir = bindir ? bindir : "",
	    .user = s->settings->database.run_as,
	    .settings = settings,
	};
	s->server = pg_server_open(&o, error);
	return s->server != NULL;
}

static bool open_server(struct rehearsal *s, GError **error)
{
	const struct trial t = trial_of(s);

	if (!is_physical(s)) {
		if (!open_private(s, error))
			return false;
	} else if (!(s->server = trial_open(&t, error))) {
		return false;
	}
	/* Whatever scratch space is needed goes with the rest. */
	g_setenv("TMPDIR", pg_server_folder(s->server), TRUE);
	s->home = g_build_filename(pg_server_folder(s->server), "home", NULL);
	return true;
}

/* ---- coming back ---- */

/*
 * What the set does to a restore is a flaw of the set; what this host does is
 * no proof of anything.
 */
static bool take(struct rehearsal *s, const char *kind, const char *subject,
    GError *why, GError **error)
{
	bool host = g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_USAGE) ||
		    strstr(why->message, "No space left") ||
		    (s->server && !g_str_equal(kind, "home") &&
			!pg_server_is_up(s->server, NULL));

	if (!host)
		return flaws_take(&s->d.flaws, kind, subject, why, error);
	g_propagate_error(error, why);
	return false;
}

static bool restore_home(struct rehearsal *s, GError **error)
{
	const struct tree t = tree_of(s, s->home);
	struct rebuild_counts counts = {0};
	GError *why = NULL;
	double begun = clock_monotonic();

	if (!rehearsal_has_home(s))
		return true;
	log_say("restoring the home");
	if (!tree_check(&t, &why) || !tree_restore(&t, &counts, &why))
		return take(s, "home", s->set->id, why, error);
	s->d.proof.files = number_of((int64_t)counts.files);
	s->d.proof.bytes = number_of((int64_t)counts.bytes);
	s->d.proof.times.home_ms = number_of(ms_since(begun));
	s->d.home = s->home;
	return true;
}

static bool start_server(struct rehearsal *s, GError **error)
{
	if (!pg_server_init(s->server, error) ||
	    !pg_server_start(s->server, error))
		return false;
	s->login = (struct db_login){
	    .url = pg_server_url(s->server, "drill"),
	    .bindir = g_strdup(s->settings->database.bindir),
	    .run_as =
		geteuid() == 0 ? g_strdup(pg_server_user(s->server)) : NULL,
	    .name = g_strdup_printf("gonogo drill %d", (int)getpid()),
	};
	return true;
}

static bool load(struct rehearsal *s, GError **error)
{
	g_auto(load_report) loaded = {0};
	GError *why = NULL;
	double begun = clock_monotonic();

	log_say("restoring the database");
	if (!refill_check(s->set, &s->login, &why) ||
	    !refill_run(
		s->store, s->set, &s->login, s->d.jobs, true, &loaded, &why))
		return take(s, "database", s->set->id, why, error);
	s->d.proof.times.database_ms = number_of(ms_since(begun));
	s->d.proof.tables = number_of((int64_t)loaded.tables);
	s->d.proof.rows = number_of((int64_t)loaded.rows);
	for (guint i = 0; i < list_length(loaded.differences); i++)
		flaws_add(&s->d.flaws, "database", s->set->id, "%s",
		    (const char *)g_ptr_array_index(loaded.differences, i));
	return true;
}

/* The files of a whole server, on which one starts and tells all its rows. */
static bool start_copy(struct rehearsal *s, GError **error)
{
	const struct trial t = trial_of(s);
	struct trial_counts counts = {0};
	GError *why = NULL;
	double begun = clock_monotonic();

	if (!trial_start(&t, s->server, &s->login, &why) ||
	    !trial_read(&s->login, &counts, &why))
		return flaws_take(
		    &s->d.flaws, "database", s->set->id, why, error);
	s->d.proof.times.database_ms = number_of(ms_since(begun));
	s->d.proof.tables = number_of((int64_t)counts.tables);
	s->d.proof.rows = number_of((int64_t)counts.rows);
	return true;
}

static bool restore_database(struct rehearsal *s, GError **error)
{
	if (!rehearsal_has_database(s))
		return true;
	if (is_physical(s))
		return start_copy(s, error);
	return start_server(s, error) && load(s, error);
}

static bool compare(struct rehearsal *s, GError **error)
{
	GError *why = NULL;
	double begun = clock_monotonic();

	log_say("comparing with what the backup saw");
	if (rehearsal_has_database(s) && !is_physical(s) &&
	    !rows_check_tables(&s->d, error))
		return false;
	if (s->d.home && !repositories_check(&s->d, error))
		return false;
	/* Only of a database that came can be asked what it lacks. */
	if (s->d.home && s->d.proof.tables.known &&
	    !rows_check(&s->d, &s->login, &why) &&
	    !take(s, "database", s->set->id, why, error))
		return false;
	s->d.proof.times.compare_ms = number_of(ms_since(begun));
	return true;
}

static bool read_records(struct rehearsal *s, bool *good, GError **error)
{
	GError *why = NULL;

	*good = records_check(s->store, s->set, &why) &&
		(s->manifest = manifest_read(s->set->folder, &why)) &&
		choice_evidence(s->set, &s->how, &why);
	return *good || take(s, "record", s->set->id, why, error);
}

bool rehearsal_run(struct rehearsal *s, GError **error)
{
	bool good;

	if (!read_records(s, &good, error))
		return false;
	/* Behind a false record nothing of it can be believed. */
	if (!good)
		return true;
	s->d.manifest = s->manifest;
	if (!check_room(s, error) || !open_server(s, error) ||
	    !restore_home(s, error))
		return false;
	if (!restore_database(s, error))
		return false;
	return compare(s, error);
}
