/*
 * `gonogo-audit doctor`: do the settings suffice for an audit?  A table of
 * looks, each one line; nothing is changed.
 */
#include "audit/collect/nodes.h"
#include "audit/collect/rows.h"
#include "audit/grants.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/error.h"
#include "bitbucket/home.h"
#include "bitbucket/rest.h"
#include "bitbucket/schema.h"
#include "port/fs.h"
#include "port/git.h"

enum {
	BUNDLE_BYTES = 64 << 20, /* room for a bundle of a large site */
};

struct doctor {
	const struct settings *settings;
	secret *bitbucket, *database;
	http *cluster; /* with the login; NULL: it gave no answer */
	pg *db;        /* NULL: it could not be opened */
};

static void doctor_clear(struct doctor *d)
{
	secret_free(d->bitbucket);
	secret_free(d->database);
	http_close(d->cluster);
	pg_close(d->db);
}
typedef struct doctor doctor;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(doctor, doctor_clear)

/* ---- Bitbucket ---- */

/* PASSWORD as NULL: without the login, as everybody may ask. */
static http *connect_to(const struct doctor *d, const char *url,
    const secret *password, GError **error)
{
	const struct settings *s = d->settings;
	const struct http_options options = {.url = url,
	    .user = password ? s->cluster.user : NULL,
	    .password = password,
	    .ca_file = s->cluster.ca_file,
	    .proxy = s->cluster.proxy,
	    .timeout_ms = (unsigned)s->cluster.timeout_ms,
	    .attempts = 1};

	return http_open(&options, error);
}

static bool check_settings(struct doctor *d, char **good, GError **error)
{
	const struct settings *s = d->settings;

	if (!s->cluster.url)
		return fail(error, GONOGO_ERROR_USAGE,
		    "they name no cluster\nhint: set [cluster] url");
	*good = g_strdup_printf("%s, %s%s", s->path,
	    s->target.version ? "target " : "no target yet",
	    s->target.version ? s->target.version : "");
	return secret_find("bitbucket-password", s->cluster.password_file,
		   &d->bitbucket, error) &&
	       secret_find("database-password", s->database.password_file,
		   &d->database, error);
}

static bool check_bitbucket(struct doctor *d, char **good, GError **error)
{
	g_autoptr(http) h =
	    connect_to(d, d->settings->cluster.url, NULL, error);
	g_autofree char *state = h ? rest_state(h, error) : NULL;

	if (!state)
		return false;
	g_autoptr(json) about =
	    rest_get(h, "/rest/api/latest/application-properties", error);
	if (!about)
		return false;
	*good = g_strdup_printf("%s: %s %s, %s", d->settings->cluster.url,
	    json_text(about, "displayName"), json_text(about, "version"),
	    state);
	d->cluster =
	    connect_to(d, d->settings->cluster.url, d->bitbucket, error);
	return d->cluster != NULL;
}

/* Appends what node TEXT of the settings says; false: it is silent. */
static bool check_one_node(
    struct doctor *d, const char *text, GString *told, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *url = NULL;

	nodes_pair(text, &name, &url);
	g_autoptr(http) h = connect_to(d, url, NULL, error);
	g_autofree char *state = h ? rest_state(h, error) : NULL;
	if (state)
		g_string_append_printf(
		    told, "%s%s %s", told->len ? ", " : "", name, state);
	else
		g_prefix_error(error, "%s: ", name);
	return state != NULL;
}

static bool check_nodes(struct doctor *d, char **good, GError **error)
{
	g_autoptr(GString) told = g_string_new(NULL);

	if (!d->settings->cluster.nodes || !d->settings->cluster.nodes[0])
		return fail(error, GONOGO_ERROR_USAGE,
		    "the settings list none, so no node can be asked itself\n"
		    "hint: [cluster] nodes = bb-1=http://10.0.0.11:7990; ...");
	for (char **n = d->settings->cluster.nodes; *n; n++)
		if (!check_one_node(d, *n, told, error))
			return false;
	*good = g_strdup(told->str);
	return true;
}

static bool may_read(const struct doctor *d, const char *path, GError **error)
{
	g_autoptr(json) body = rest_get(d->cluster, path, error);

	return body != NULL;
}

/* From the highest right down, to name the one that there is. */
static bool check_login(struct doctor *d, char **good, GError **error)
{
	const char *user = d->settings->cluster.user;
	g_autoptr(GError) why = NULL;

	if (!d->cluster)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "not tried, as Bitbucket gave no answer");
	if (!user || !d->bitbucket)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no user or no password\n"
		    "hint: set [cluster] user and password_file");
	if (may_read(d, "/rest/api/latest/admin/cluster", &why)) {
		*good = g_strdup_printf("%s is a system administrator", user);
		return true;
	}
	if (may_read(d, "/rest/api/latest/admin/license", NULL))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s is an administrator, but no system administrator\n"
		    "hint: `gonogo doctor --grants` tells what that costs",
		    user);
	if (may_read(d, "/rest/api/latest/projects?limit=1", NULL))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s may log in, but is no administrator\n"
		    "hint: `gonogo doctor --grants` tells what to ask for",
		    user);
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

static bool check_apps(struct doctor *d, char **good, GError **error)
{
	const struct row *row = rows_find("apps.installed");
	const struct http_request request = {
	    .path = row->request, .accept = row->accept};
	g_auto(http_reply) reply = {0};
	const json *plugins = NULL;

	if (!d->cluster)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "not tried, as Bitbucket gave no answer");
	if (!http_do(d->cluster, &request, &reply, error))
		return false;
	g_autoptr(json) body = rest_json(&reply, row->request, error);
	if (!body || !json_array(body, "plugins", &plugins, error))
		return false;
	*good = g_strdup_printf("%zu are listed", json_length(plugins));
	return true;
}

/* ---- the database ---- */

static bool check_database(struct doctor *d, char **good, GError **error)
{
	const struct settings *s = d->settings;

	if (!s->database.url)
		return fail(error, GONOGO_ERROR_USAGE,
		    "the settings name none\nhint: set [database] url");
	d->db = pg_open_readonly(s->database.url, d->database, error);
	g_autoptr(pg_rows) rows =
	    d->db ? pg_query(d->db,
			"SELECT current_database(), current_user, "
			"current_setting('server_version')",
			NULL, error)
		  : NULL;
	if (!rows)
		return false;
	*good = g_strdup_printf("%s as %s, PostgreSQL %s", pg_cell(rows, 0, 0),
	    pg_cell(rows, 0, 1), pg_cell(rows, 0, 2));
	return true;
}

/* Adds the tables of ROW that the login lacks or may not read to MISSING. */
static bool check_row(
    struct doctor *d, const struct row *row, GPtrArray *missing, GError **error)
{
	for (size_t i = 0; row->needs[i]; i++) {
		const char *const table[] = {row->needs[i], NULL};
		bool there = false;
		if (!schema_has_table(d->db, table[0], &there, error))
			return false;
		g_autoptr(pg_rows) rows = pg_query(d->db,
		    there ? "SELECT has_table_privilege($1, 'SELECT')"
			  : "SELECT $1 IS NULL",
		    table, error);
		if (!rows)
			return false;
		if (!g_str_equal(pg_cell(rows, 0, 0), "t") &&
		    !g_ptr_array_find_with_equal_func(
			missing, table[0], g_str_equal, NULL))
			g_ptr_array_add(missing, (char *)table[0]);
	}
	return true;
}

static bool check_rights(struct doctor *d, char **good, GError **error)
{
	g_autoptr(GPtrArray) missing = g_ptr_array_new();

	if (!d->db)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "not tried, as the database gave no answer");
	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		if (!check_row(d, row, missing, error))
			return false;
	g_ptr_array_add(missing, NULL);
	g_autofree char *list = g_strjoinv(", ", (char **)missing->pdata);
	if (missing->len > 1)
		return fail(error, GONOGO_ERROR_USAGE,
		    "the login can't read %s\n"
		    "hint: `gonogo doctor --grants` prints what to grant",
		    list);
	*good = g_strdup("every table that is asked for can be read");
	return true;
}

/* ---- files and tools ---- */

static bool check_home(struct doctor *d, char **good, GError **error)
{
	const char *home = d->settings->home.shared;
	struct fs_space space = {0};

	if (!home)
		return fail(error, GONOGO_ERROR_USAGE,
		    "the settings name none\nhint: set [home] shared");
	if (!home_check(home, error) || !fs_space(home, &space, error))
		return false;
	g_autofree char *properties =
	    g_build_filename(home, HOME_PROPERTIES, NULL);
	if (access(properties, R_OK) != 0)
		return fail_errno(error, "%s", properties);
	g_autofree char *free_text = g_format_size(space.free_bytes);
	*good = g_strdup_printf(
	    "%s on %s, %s free", home, space.filesystem, free_text);
	return true;
}

static bool check_state(struct doctor *d, char **good, GError **error)
{
	const char *folder = d->settings->state.dir;
	g_autofree char *there = fs_nearest_folder(folder);
	struct fs_space space = {0};

	if (!fs_space(there, &space, error))
		return false;
	if (access(there, W_OK | X_OK) != 0)
		return fail_errno(
		    error, "bundles can't be written to %s", folder);
	g_autofree char *free_text = g_format_size(space.free_bytes);
	if (space.free_bytes < BUNDLE_BYTES)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: %s free: too little for a bundle", folder, free_text);
	*good = g_strdup_printf("%s, %s free", folder, free_text);
	return true;
}

static bool check_git(struct doctor *d, char **good, GError **error)
{
	(void)d;
	*good = git_version(error);
	return *good != NULL;
}

/* ---- all of it ---- */

static const struct {
	const char *what;
	bool (*run)(struct doctor *d, char **good, GError **error);
} checks[] = {
    {"settings", check_settings},
    {"bitbucket", check_bitbucket},
    {"nodes", check_nodes},
    {"login", check_login},
    {"apps", check_apps},
    {"database", check_database},
    {"rights", check_rights},
    {"home", check_home},
    {"state", check_state},
    {"git", check_git},
};

static int examine(const struct settings *s)
{
	g_auto(doctor) d = {.settings = s};
	int code = EXITS_DONE;

	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *good = NULL;
		bool works = checks[i].run(&d, &good, &error);
		cli_show_check(checks[i].what, good, error);
		if (works)
			continue;
		if (code == EXITS_DONE)
			code = exits_of(error);
		/* Without settings there is nothing to look at. */
		if (i == 0)
			break;
	}
	return code;
}

int verb_doctor(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL;
	gboolean grants = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"grants", 0, 0, G_OPTION_ARG_NONE, &grants,
		"print the least rights to ask for, and what each costs", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Looks at all that an audit needs and changes nothing.  Exit: "
		"0 it suffices;\nelse the exit of what is missing, the first "
		"one counting.",
		error))
		return -1;
	if (!path) {
		fail(error, GONOGO_ERROR_USAGE,
		    "no settings file\nhint: name it with -c");
		return -1;
	}
	g_autoptr(settings) s = settings_read(path, error);
	if (!s)
		return -1;
	if (!grants)
		return examine(s);
	g_autofree char *text = grants_text(s);
	printf("%s", text);
	return EXITS_DONE;
}
