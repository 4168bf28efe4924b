#include "backup/db/login.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/syscall.h>

#include "base/error.h"
#include "port/fs.h"

/* Values have one text, whatever the server or the environment prefers. */
static const char session[] = "SET statement_timeout = 0;"
			      "SET lock_timeout = 0;"
			      "SET idle_in_transaction_session_timeout = 0;"
			      "SET client_encoding = 'UTF8';"
			      "SET TimeZone = 'UTC';"
			      "SET DateStyle = 'ISO, YMD';"
			      "SET IntervalStyle = 'postgres';"
			      "SET bytea_output = 'hex';"
			      "SET xmloption = 'content';"
			      "SET extra_float_digits = 3;"
			      "SET synchronize_seqscans = off;"
			      "SET row_security = off";
static const char program_options[] =
    "PGOPTIONS=-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    " -c bytea_output=hex -c xmloption=content";

void db_login_clear(struct db_login *l)
{
	g_free(l->url);
	secret_free(l->password);
	g_free(l->bindir);
	g_free(l->run_as);
	g_free(l->name);
	*l = (struct db_login){0};
}

/* Peer authentication asks who we are: only over a socket of this host. */
static bool is_local(const char *url)
{
	g_autofree char *host = pg_url_value(url, "host");

	return !host || !*host || *host == '/';
}

bool db_login_is_local(const struct db_login *l)
{
	static const char *const here[] = {
	    "localhost", "127.0.0.1", "::1", NULL};
	g_autofree char *host = pg_url_value(l->url, "host");

	return is_local(l->url) || g_strv_contains(here, host);
}

bool db_login_for(const struct settings *s, const char *url, struct db_login *l,
    GError **error)
{
	g_auto(db_login) mine = {
	    .url = g_strdup(url),
	    .bindir = g_strdup(s->database.bindir),
	    .name = g_strdup_printf("gonogo backup %d", (int)getpid()),
	    .jobs = (unsigned)s->database.jobs,
	    .rate = (uint64_t)s->database.rate,
	    .patience_s = (unsigned)s->database.patience_s,
	    .most_xmin = (uint64_t)s->database.max_xmin_age,
	};

	if (!secret_find("database-password", s->database.password_file,
		&mine.password, error))
		return false;
	const char *run_as = s->database.run_as;
	if (geteuid() == 0 && !mine.password && run_as && is_local(url) &&
	    !g_str_equal(run_as, "root"))
		mine.run_as = g_strdup(run_as);
	*l = mine;
	mine = (struct db_login){0};
	return true;
}

bool db_login_read(const struct settings *s, struct db_login *l, GError **error)
{
	if (!s->database.url)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s: [database] url is not set",
		    s->path ? s->path : "the settings");
	return db_login_for(s, s->database.url, l, error);
}

/* ---- connections ---- */

/*
 * The user of this thread alone: the library's seteuid() would change all
 * threads, and some may be reading the home just now.
 */
static bool set_effective_user(uid_t user, GError **error)
{
	if (syscall(SYS_setresuid, (uid_t)-1, user, (uid_t)-1) != 0)
		return fail_errno(error, "becoming user %u", (unsigned)user);
	return true;
}

/* Gives what *who points to in *text. */
static bool find_user(
    const char *name, struct passwd *who, char **text, GError **error)
{
	enum { ROOM = 4096 };
	struct passwd *found = NULL;

	*text = g_malloc(ROOM);
	int code = getpwnam_r(name, who, *text, ROOM, &found);
	return found ||
	       fail(error, GONOGO_ERROR_USAGE, "[database] run_as %s: %s", name,
		   code ? g_strerror(code) : "no such user");
}

/* The server asks the kernel who connects: that user, until leave(). */
static bool enter(const struct db_login *l, GError **error)
{
	struct passwd who;
	g_autofree char *text = NULL;

	return !l->run_as || (find_user(l->run_as, &who, &text, error) &&
				 set_effective_user(who.pw_uid, error));
}

/* Going back to root can't fail: it is still the real user. */
static void leave(const struct db_login *l)
{
	bool back = !l->run_as || set_effective_user(0, NULL);

	g_assert(back);
}

static pg *open_as(const struct db_login *l, GError **error)
{
	if (!enter(l, error))
		return NULL;
	pg *db = pg_open(l->url, l->password, error);
	leave(l);
	return db;
}

pg_replication *db_open_replication(const struct db_login *l, GError **error)
{
	if (!enter(l, error))
		return NULL;
	pg_replication *r = pg_replication_open(l->url, l->password, error);
	leave(l);
	return r;
}

pg *db_open(const struct db_login *l, GError **error)
{
	g_autoptr(pg) db = open_as(l, error);
	g_autofree char *name = pg_quote_text(l->name);
	g_autofree char *named =
	    g_strconcat(session, "; SET application_name = ", name, NULL);

	if (!db || !pg_do(db, named, error))
		return NULL;
	return g_steal_pointer(&db);
}

pg *db_open_plain(const struct db_login *l, GError **error)
{
	g_autoptr(pg) db = db_open(l, error);

	if (!db || !pg_do(db, "SET search_path = ''", error))
		return NULL;
	return g_steal_pointer(&db);
}

/* docs/sources.md#database: tables that every version has. */
static const char schema_sql[] =
    "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ("
    "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c"
    " WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p')"
    " AND c.relname IN ('app_property', 'project', 'repository')) = 3";

pg *db_open_bitbucket(const struct db_login *l, GError **error)
{
	g_autoptr(pg) db = db_open(l, error);
	g_autoptr(pg_rows) rows =
	    db ? pg_query(db, schema_sql, NULL, error) : NULL;

	if (!rows)
		return NULL;
	/* Of two the role's own search path has to choose. */
	if (pg_rows_length(rows) == 1) {
		g_autofree char *name = pg_quote_name(pg_cell(rows, 0, 0));
		g_autofree char *sql =
		    g_strconcat("SET search_path = ", name, NULL);
		if (!pg_do(db, sql, error))
			return NULL;
	}
	return g_steal_pointer(&db);
}

/* ---- programs ---- */

/* Gives "15.20" of "pg_dump (PostgreSQL) 15.20 (Debian ...)". */
static char *program_version(const char *path, GError **error)
{
	const char *const argv[] = {path, "--version", NULL};
	const struct process p = {.argv = argv, .timeout_s = 30};
	g_auto(process_result) r = {0};

	if (!process_run_ok(&p, &r, error))
		return NULL;
	const char *at = strstr(r.out, "(PostgreSQL) ");
	if (!at) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s --version: no PostgreSQL version in '%s'", path,
		    g_strstrip(r.out));
		return NULL;
	}
	at += strlen("(PostgreSQL) ");
	return g_strndup(at, strcspn(at, " \n"));
}

static bool is_program(const char *path)
{
	return g_file_test(path, G_FILE_TEST_IS_EXECUTABLE) &&
	       !g_file_test(path, G_FILE_TEST_IS_DIR);
}

/*
 * Debian keeps majors side by side; its /usr/bin/pg_dump picks one by the
 * local clusters, not by our server.
 */
static char *find_program(
    const struct db_login *l, const char *program, int major)
{
	enum { MAJORS_AHEAD = 10 };

	if (l->bindir) {
		g_autofree char *path =
		    g_build_filename(l->bindir, program, NULL);
		return is_program(path) ? g_steal_pointer(&path) : NULL;
	}
	for (int m = major; m <= major + MAJORS_AHEAD; m++) {
		g_autofree char *path = g_strdup_printf(
		    "/usr/lib/postgresql/%d/bin/%s", m, program);
		if (is_program(path))
			return g_steal_pointer(&path);
	}
	return g_find_program_in_path(program);
}

bool db_program(const struct db_login *l, const char *program,
    int server_version, char **path, char **version, GError **error)
{
	int major = server_version / 10000;
	g_autofree char *found = find_program(l, program, major);

	if (!found)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s%s%s: not there\n"
		    "hint: apt-get install postgresql-client-%d, or name its "
		    "folder in [database] bindir",
		    l->bindir ? l->bindir : "", l->bindir ? "/" : "", program,
		    major);
	g_autofree char *text = program_version(found, error);
	if (!text)
		return false;
	if (g_ascii_strtoll(text, NULL, 10) < major)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: its version %s is older than the server's %d\n"
		    "hint: apt-get install postgresql-client-%d, or name its "
		    "folder in [database] bindir",
		    found, text, major, major);
	*path = g_steal_pointer(&found);
	if (version)
		*version = g_steal_pointer(&text);
	return true;
}

struct giving {
	uid_t user;
	gid_t group;
};

static enum fs_step give_entry(
    const struct fs_entry *entry, void *user, GError **error)
{
	const struct giving *to = user;

	if (fchownat(entry->folder, entry->name, to->user, to->group,
		AT_SYMLINK_NOFOLLOW) == 0)
		return FS_ON;
	fail_errno(error, "chown of %s", entry->path);
	return FS_STOP;
}

bool db_give(const struct db_login *l, const char *scratch, GError **error)
{
	struct passwd who;
	g_autofree char *text = NULL;

	if (!l->run_as)
		return true;
	if (!find_user(l->run_as, &who, &text, error))
		return false;
	struct giving to = {who.pw_uid, who.pw_gid};
	int root = fs_open_folder(scratch, error);
	if (root < 0)
		return false;
	bool given = fchown(root, to.user, to.group) == 0
			 ? fs_walk(root, give_entry, NULL, &to, error)
			 : fail_errno(error, "chown of %s", scratch);
	ignore(close(root));
	return given;
}

bool db_run(const struct db_login *l, const char *path,
    const char *const *arguments, const char *options, const char *scratch,
    int out_fd, struct process_result *result, GError **error)
{
	g_autofree char *folder = g_canonicalize_filename(scratch, NULL);
	g_autofree char *dbname = NULL;
	g_autofree char *passfile = NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	if (!pg_program_login(
		l->url, l->password, folder, &dbname, &passfile, error))
		return false;
	/* Of two equal words the last counts. */
	g_autofree char *database = g_strdup_printf(
	    "--dbname=%s application_name='%s'", dbname, l->name);
	g_ptr_array_add(argv, (char *)path);
	g_ptr_array_add(argv, "--no-password");
	g_ptr_array_add(argv, database);
	for (; *arguments; arguments++)
		g_ptr_array_add(argv, (char *)*arguments);
	g_ptr_array_add(argv, NULL);

	g_autofree char *file =
	    g_strconcat("PGPASSFILE=", passfile ? passfile : "", NULL);
	g_autofree char *session_options =
	    g_strconcat(program_options, options, NULL);
	/* It would come before the passfile. */
	const char *const env[] = {session_options, "PGTZ=UTC",
	    passfile ? file : NULL, "PGPASSWORD", NULL};
	const struct process p = {
	    .argv = (const char *const *)argv->pdata,
	    .env = env,
	    .user = l->run_as,
	    .folder = folder,
	    .out_fd = out_fd,
	};
	bool ran = process_run(&p, result, error);
	if (passfile)
		ignore(unlink(passfile));
	return ran;
}
