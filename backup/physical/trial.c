#include "backup/physical/trial.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "port/identity.h"
#include "port/process.h"

/* Beside the data; the old server's are not read. */
static const char config_name[] = "trial.conf", hba_name[] = "trial_hba.conf";
/* The socket lies in a folder that is closed to all others. */
static const char hba_text[] = "local all all trust\n";
enum { START_S = 6 * 3600 };
static const uint64_t server_bytes = 512u << 20; /* its own files, WAL */

uint64_t trial_room(const struct set *set)
{
	return (uint64_t)set->snapshot.database.bytes.value + server_bytes;
}

/* Gives the path of PROGRAM of the set's own major version. */
static char *find_program(
    const struct trial *t, const char *program, GError **error)
{
	const struct snapshot_database *d = &t->set->snapshot.database;
	int major = d->server_version
			? (int)g_ascii_strtoll(d->server_version, NULL, 10)
			: 0;
	const struct db_login l = {.bindir = (char *)t->bindir};
	g_autofree char *path = NULL, *version = NULL;

	if (!db_program(&l, program, major * 10000, &path, &version, error))
		return NULL;
	if ((int)g_ascii_strtoll(version, NULL, 10) == major)
		return g_steal_pointer(&path);
	fail(error, GONOGO_ERROR_SYSTEM,
	    "%s: its version is %s, and the files are of PostgreSQL %d, which "
	    "alone can start on them\n"
	    "hint: apt-get install postgresql-%d, or name its folder in "
	    "[database] bindir",
	    path, version, major, major);
	return NULL;
}

pg_server *trial_open(const struct trial *t, GError **error)
{
	/* All that it holds can be made again: nothing waits for the disk. */
	static const char *const settings[] = {"config_file=trial.conf",
	    "hba_file=trial_hba.conf", "ident_file=trial_hba.conf", "fsync=off",
	    "full_page_writes=off", "hot_standby=off", "archive_mode=off",
	    "autovacuum=off", "shared_buffers=128MB",
	    "max_prepared_transactions=1000", "shared_preload_libraries=",
	    "primary_conninfo=", "max_wal_senders=0",
	    "max_logical_replication_workers=0", NULL};
	g_autofree char *postgres = find_program(t, "postgres", error);

	if (!postgres)
		return NULL;
	g_autofree char *bindir = g_path_get_dirname(postgres);
	const struct pg_server_options o = {
	    .above = t->above,
	    .bindir = bindir,
	    .user = t->run_as,
	    .settings = settings,
	    .start_s = START_S,
	};
	return pg_server_open(&o, error);
}

/* ---- before it starts ---- */

static bool verify(const struct trial *t, const char *data, GError **error)
{
	g_autofree char *program = find_program(t, "pg_verifybackup", error);
	const char *const argv[] = {program, "--quiet", data, NULL};
	const struct process p = {.argv = argv};
	g_auto(process_result) r = {0};

	if (!program || !process_run(&p, &r, error))
		return false;
	return r.code == 0 || fail(error, GONOGO_ERROR_DATA,
				  "pg_verifybackup: %s", g_strstrip(r.err));
}

static bool write_settings(const char *folder, GError **error)
{
	g_autofree char *config = g_build_filename(folder, config_name, NULL);
	g_autofree char *hba = g_build_filename(folder, hba_name, NULL);

	/* The server's user reads them. */
	return file_write(config, 0600, "\n", 1, error) &&
	       file_write(hba, 0600, hba_text, strlen(hba_text), error) &&
	       (chmod(config, 0644) == 0 || fail_errno(error, "%s", config)) &&
	       (chmod(hba, 0644) == 0 || fail_errno(error, "%s", hba));
}

static bool lay(const struct trial *t, pg_server *s, GError **error)
{
	g_auto(identity) who = {0};
	struct lay_counts counts = {0};

	if (!identity_find(t->run_as, &who, error))
		return false;
	const struct lay l = {
	    .store = t->store,
	    .set = t->set,
	    .target = pg_server_data(s),
	    .no_settings = true,
	    .owned = who.name != NULL,
	    .uid = who.uid,
	    .gid = who.gid,
	    .jobs = t->jobs,
	};
	return lay_check(&l, error) && lay_run(&l, &counts, error) &&
	       verify(t, l.target, error) &&
	       write_settings(pg_server_folder(s), error);
}

/* ---- its superuser ---- */

/* Anybody may ask who that is. */
static char *find_superuser(const char *url, GError **error)
{
	static const char sql[] =
	    "SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper AND "
	    "rolcanlogin ORDER BY oid LIMIT 1";
	g_autoptr(pg) db = pg_open(url, NULL, error);
	g_autoptr(pg_rows) rows = db ? pg_query(db, sql, NULL, error) : NULL;

	if (rows && pg_rows_length(rows) == 1)
		return g_strdup(pg_cell(rows, 0, 0));
	if (rows)
		fail(error, GONOGO_ERROR_DATA,
		    "the restored server has no superuser who may log in");
	return NULL;
}

static char *url_of(
    const pg_server *s, const char *database, const char *role, GError **error)
{
	g_autofree char *plain = pg_server_url(s, database);

	return pg_url_with(plain, "user", role, error);
}

static bool find_login(const struct trial *t, const pg_server *s,
    struct db_login *login, GError **error)
{
	const char *database = t->set->snapshot.database.name;
	g_autofree char *first = url_of(s, database, t->role, error);
	g_autofree char *name = first ? find_superuser(first, error) : NULL;
	char *url = name ? url_of(s, database, name, error) : NULL;

	if (!url)
		return false;
	*login = (struct db_login){
	    .url = url,
	    .bindir = g_strdup(t->bindir),
	    .name = g_strdup_printf("gonogo trial %d", (int)getpid()),
	};
	return true;
}

bool trial_start(
    const struct trial *t, pg_server *s, struct db_login *login, GError **error)
{
	log_say("laying the server's files");
	if (!lay(t, s, error))
		return false;
	log_say("starting a private server on them");
	return pg_server_start(s, error) && find_login(t, s, login, error);
}

/* ---- every row ---- */

static const char tables_sql[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'm') AND c.relispopulated"
    " AND c.relpersistence <> 't'"
    " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_toast'"
    " AND n.nspname <> 'pg_catalog' ORDER BY 1";

static bool count_row(
    const char *bytes, size_t length, void *user, GError **error)
{
	struct trial_counts *counts = user;

	(void)bytes, (void)length, (void)error;
	counts->rows++;
	return true;
}

bool trial_read(
    const struct db_login *login, struct trial_counts *counts, GError **error)
{
	g_autoptr(pg) db = db_open(login, error);
	g_autoptr(pg_rows) tables =
	    db ? pg_query(db, tables_sql, NULL, error) : NULL;

	*counts = (struct trial_counts){0};
	for (size_t i = 0; tables && i < pg_rows_length(tables); i++) {
		const char *name = pg_cell(tables, i, 0);
		g_autofree char *sql = g_strdup_printf(
		    "COPY (SELECT * FROM ONLY %s) TO STDOUT", name);
		if (!pg_copy_out(db, sql, count_row, counts, error)) {
			g_prefix_error(error, "%s: ", name);
			return false;
		}
		counts->tables++;
	}
	return tables != NULL;
}
