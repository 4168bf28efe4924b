#include "backup/preflight.h"

#include "backup/db/replay.h"
#include "backup/lock/record.h"
#include "backup/node.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/window.h"
#include "bitbucket/maintenance.h"
#include "bitbucket/rest.h"
#include "bitbucket/schema.h"
#include "port/fs.h"

void preflight_clear(struct preflight *p)
{
	g_free(p->url);
	db_login_clear(&p->login);
	db_login_clear(&p->primary);
	dump_programs_clear(&p->programs);
	cluster_clear(&p->cluster);
	g_free(p->version);
	g_free(p->server_id);
	g_free(p->database_version);
	g_free(p->store_filesystem);
	*p = (struct preflight){0};
}

static bool is_set(const struct settings *s, const char *value, const char *key,
    const char *hint, GError **error)
{
	return value ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "%s: %s is not set\nhint: %s, or name a settings file "
		   "with -c",
		   s->path ? s->path : "no settings file", key, hint);
}

static bool check_settings(struct preflight *p, char **good, GError **error)
{
	const struct settings *s = p->settings;

	if (p->no_home && p->no_database)
		return fail(error, GONOGO_ERROR_USAGE,
		    "without home and database there is nothing to save\n"
		    "hint: leave out --no-home or --no-database");
	if (!p->no_home && !is_set(s, s->home.shared, "[home] shared",
			       "--home DIR, or --no-home", error))
		return false;
	if (!is_set(s, s->store.path, "[store] path", "--store DIR", error))
		return false;
	if (!p->no_database && !is_set(s, s->database.url, "[database] url",
				   "--database URL, or --no-database", error))
		return false;
	if (p->locks && !s->backup.allow_lock)
		return fail(error, GONOGO_ERROR_USAGE,
		    "a %s backup locks users out, and [backup] allow_lock is "
		    "no\n"
		    "hint: set allow_lock = yes, or take a hot one",
		    p->mode);
	*good = g_strdup(s->path ? s->path : "defaults");
	return true;
}

static bool check_home(struct preflight *p, char **good, GError **error)
{
	if (p->no_home) {
		*good = g_strdup("not to be saved: --no-home");
		return true;
	}
	const struct home_kind *kind = p->kind ? p->kind : &home_shared;
	if (!kind->check(p->settings->home.shared, error))
		return false;
	*good = g_strdup(p->settings->home.shared);
	return true;
}

/* ---- the store's place ---- */

/* Gives the real path of PATH, of which the end may not be there yet. */
static char *real_path(const char *path)
{
	g_autofree char *full = g_canonicalize_filename(path, NULL);
	char *real = realpath(full, NULL);

	if (real || g_str_equal(full, "/"))
		return real ? real : g_strdup("/");
	g_autofree char *parent = g_path_get_dirname(full);
	g_autofree char *name = g_path_get_basename(full);
	g_autofree char *above = real_path(parent);
	return g_build_filename(above, name, NULL);
}

static bool is_inside(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 &&
	       (path[length] == '\0' || path[length] == '/');
}

bool preflight_store(struct preflight *p, char **good, GError **error)
{
	g_autofree char *store = real_path(p->settings->store.path);
	g_autofree char *home =
	    p->no_home ? NULL : real_path(p->settings->home.shared);
	struct fs_space space = {0};
	struct stat of_store = {0}, of_home = {0};

	if (home && (is_inside(store, home) || is_inside(home, store)))
		return fail(error, GONOGO_ERROR_USAGE,
		    "the store %s and the home %s lie inside each other\n"
		    "hint: put the store on another volume",
		    store, home);
	g_autofree char *there = fs_nearest_folder(store);
	if (!fs_space(there, &space, error))
		return false;
	if (access(there, W_OK | X_OK) != 0)
		return fail_errno(
		    error, "the store %s can't be written", store);
	p->store_free_bytes = space.free_bytes;
	p->store_filesystem = g_strdup(space.filesystem);
	bool same = home && stat(there, &of_store) == 0 &&
		    stat(home, &of_home) == 0 &&
		    of_store.st_dev == of_home.st_dev;
	g_autofree char *free_text = g_format_size(space.free_bytes);
	*good = g_strdup_printf("%s on %s, %s free%s", store, space.filesystem,
	    free_text,
	    same ? "; on the home's own file system: one disk loses both" : "");
	return true;
}

/* ---- the database ---- */

/* All that keeps the role from a dump, in one error. */
static bool is_dumpable(pg *db, GError **error)
{
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *user = NULL;

	if (!dump_problems(db, problems, error))
		return false;
	if (problems->len == 0)
		return true;
	g_autoptr(pg_rows) me = pg_query(
	    db, "SELECT pg_catalog.quote_ident(current_user)", NULL, error);
	if (!me)
		return false;
	user = g_strdup(pg_cell(me, 0, 0));
	g_ptr_array_add(problems, NULL);
	g_autofree char *text = g_strjoinv("; ", (char **)problems->pdata);
	return fail(error, GONOGO_ERROR_USAGE,
	    "the database can't be dumped: %s\n"
	    "hint: GRANT pg_read_all_data TO %s; row security needs ALTER "
	    "ROLE %s BYPASSRLS, a locked change log its upgrade finished",
	    text, user, user);
}

static bool can_be_saved(struct preflight *p, pg *db, GError **error)
{
	const struct settings *s = p->settings;

	return settings_is_physical(s)
		   ? cluster_check(&p->login, db, s->database.whole_cluster,
			 &p->cluster, error)
		   : is_dumpable(db, error);
}

/* A standby may replay what was written before a lock long after it. */
static bool check_primary(struct preflight *p, GError **error)
{
	const char *url = p->settings->database.primary;

	if (!url)
		return fail(error, GONOGO_ERROR_USAGE,
		    "[database] url: a standby server lags behind, a %s "
		    "backup needs the primary\n"
		    "hint: name it as [database] primary, or take a hot "
		    "backup",
		    p->mode);
	return db_login_for(p->settings, url, &p->primary, error) &&
	       replay_check(&p->login, &p->primary, error);
}

static bool look_at_database(
    struct preflight *p, pg *db, char **good, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT pg_catalog.current_database(), pg_catalog.split_part("
	    "pg_catalog.current_setting('server_version'), ' ', 1),"
	    " pg_catalog.pg_database_size(pg_catalog.current_database()),"
	    " pg_catalog.pg_is_in_recovery()",
	    NULL, error);

	if (!rows || !can_be_saved(p, db, error))
		return false;
	bool standby = g_str_equal(pg_cell(rows, 0, 3), "t");
	if (standby && p->locks && !check_primary(p, error))
		return false;
	p->database_version = g_strdup(pg_cell(rows, 0, 1));
	p->server_version = pg_server_version(db);
	p->database_bytes =
	    p->cluster.databases
		? p->cluster.bytes
		: g_ascii_strtoull(pg_cell(rows, 0, 2), NULL, 10);
	/* Known only if the role can read it; a set can do without. */
	if (!schema_property(db, "server.id", &p->server_id, NULL))
		p->server_id = NULL;
	g_autofree char *size = g_format_size(p->database_bytes);
	*good =
	    g_strdup_printf("%s, PostgreSQL %s%s, %s%s", pg_cell(rows, 0, 0),
		p->database_version, standby ? " (a standby)" : "", size,
		p->cluster.databases ? "; all files of its server" : "");
	return true;
}

static bool check_database(struct preflight *p, char **good, GError **error)
{
	if (p->no_database) {
		*good = g_strdup("not to be saved: --no-database");
		return true;
	}
	if (!db_login_read(p->settings, &p->login, error) ||
	    !db_pin_server(&p->login, error))
		return false;
	g_autoptr(pg) db = db_open_bitbucket(&p->login, error);
	return db && look_at_database(p, db, good, error);
}

static bool check_programs(struct preflight *p, char **good, GError **error)
{
	if (p->no_database) {
		*good = g_strdup("not needed: --no-database");
		return true;
	}
	if (settings_is_physical(p->settings)) {
		*good = g_strdup("not needed for a physical copy");
		return true;
	}
	if (!p->server_version)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "not looked for: the database did not tell which version "
		    "it needs");
	if (!dump_programs_find(
		&p->login, p->server_version, &p->programs, error))
		return false;
	*good =
	    g_strdup_printf("%s %s", p->programs.pg_dump, p->programs.version);
	return true;
}

/* ---- the cluster ---- */

static void read_version(struct preflight *p, http *node)
{
	g_autoptr(json) about =
	    rest_get(node, "/rest/api/latest/application-properties", NULL);

	p->version = about ? g_strdup(json_text(about, "version")) : NULL;
}

/* A hot backup does without Bitbucket: it asks it for its version only. */
static bool check_node_hot(struct preflight *p, char **good)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(http) node = node_find(p->settings, NULL, &p->url, &why);

	if (!node) {
		*good = g_strdup_printf(
		    "not asked, a hot backup does without: %s", why->message);
		return true;
	}
	read_version(p, node);
	*good = g_strdup_printf("%s, Bitbucket %s", p->url,
	    p->version ? p->version : "of unknown version");
	return true;
}

/* Who may see the lock may take it: both are for system administrators. */
static bool check_node_locking(struct preflight *p, char **good, GError **error)
{
	g_autofree char *owner = NULL;
	g_autoptr(secret) password = node_password(p->settings, error);
	g_autoptr(http) node =
	    password ? node_find(p->settings, password, &p->url, error) : NULL;

	if (!node || !maintenance_owner(node, &owner, error))
		return false;
	if (owner)
		return fail(error, GONOGO_ERROR_BUSY,
		    "%s is locked already, by %s\n"
		    "hint: `gonogo backup unlock` tells whether it was left "
		    "by a backup from here",
		    p->url, owner);
	read_version(p, node);
	*good = g_strdup_printf("%s, Bitbucket %s; %s may lock it", p->url,
	    p->version ? p->version : "of unknown version",
	    p->settings->cluster.user);
	return true;
}

static bool check_node(struct preflight *p, char **good, GError **error)
{
	return p->locks ? check_node_locking(p, good, error)
			: check_node_hot(p, good);
}

static bool check_lock(struct preflight *p, char **good, GError **error)
{
	const struct settings *s = p->settings;
	g_autofree char *folder = lock_folder(s->state.dir);
	g_auto(lock_record) left = {0};
	bool found = false;

	if (!p->locks && !s->cluster.url && !s->cluster.nodes) {
		*good = g_strdup("none is meant, and no cluster named");
		return true;
	}
	if (!lock_record_load(folder, &left, &found, error))
		return false;
	if (found)
		return fail(error, GONOGO_ERROR_BUSY,
		    "%s: a backup holds or has left a lock on %s\n"
		    "hint: `gonogo backup unlock` tells which, and unlocks "
		    "what "
		    "was left",
		    folder, left.url);
	if (!p->locks) {
		*good = g_strdup("none is meant");
		return true;
	}
	*good = g_strdup_printf("for %" G_GINT64_FORMAT " s at most, %s",
	    s->backup.max_lock_seconds,
	    s->backup.lock_window ? s->backup.lock_window : "at any time");
	return true;
}

const struct preflight_check preflight_checks[] = {
    {"settings", check_settings},
    {"home", check_home},
    {"store", preflight_store},
    {"database", check_database},
    {"pg_dump", check_programs},
    {"bitbucket", check_node},
    {"lock", check_lock},
    {0},
};

bool preflight_pass(struct preflight *p, GError **error)
{
	for (const struct preflight_check *c = preflight_checks; c->what; c++) {
		g_autofree char *good = NULL;
		if (!c->run(p, &good, error))
			return false;
	}
	return true;
}
