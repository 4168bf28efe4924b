#include "backup/staging/rewrite.h"

#include "base/error.h"
#include "base/stop.h"
#include "bitbucket/schema.h"

/* Tables and their columns, but for those of the server itself. */
static const char columns_sql[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),"
    " pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid,"
    " a.atttypmod), t.typcategory = 'S' OR t.typname IN ('json', 'jsonb',"
    " 'xml'), t.typname = 'bytea', c.relname"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"
    " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"
    " AND a.attgenerated = '' AND n.nspname <> 'information_schema'"
    " AND n.nspname !~ '^pg_' ORDER BY 1, a.attnum";
enum column { TABLE, COLUMN, TYPE, IS_TEXT, IS_BYTES, NAME };

/* Where a site keeps whom Bitbucket talks to. */
static const char talking[] =
    "(hook|applink|application_link|mail|smtp|mirror|mesh|directory|oauth|"
    "remote|app_property|plugin_setting)";
static const char url_pattern[] = "[a-z][a-z0-9+.-]*://[^][:space:]\"'<>,;]+";

/* ---- patterns ---- */

/* TEXT as the regular expression that means itself. */
static void append_literal(GString *out, const char *text)
{
	for (; *text; text++) {
		if (!g_ascii_isalnum(*text) && (guchar)*text < 0x80)
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
}

static int longest_first(gconstpointer a, gconstpointer b)
{
	size_t x = strlen(*(char *const *)a), y = strlen(*(char *const *)b);

	return x > y ? -1 : x < y;
}

/* Any of NAMES, with nothing before and behind that makes another name of
 * it. */
static char *pattern_of(
    const GPtrArray *names, const char *before, const char *behind)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	GString *out = g_string_new(before);

	for (guint i = 0; i < names->len; i++)
		g_ptr_array_add(sorted, names->pdata[i]);
	g_ptr_array_sort(sorted, longest_first);
	g_string_append(out, "(?:");
	for (guint i = 0; i < sorted->len; i++) {
		g_string_append(out, i ? "|" : "");
		append_literal(out, sorted->pdata[i]);
	}
	g_string_append_c(out, ')');
	g_string_append(out, behind);
	return g_string_free(out, FALSE);
}

static char *hosts_pattern(const GPtrArray *hosts)
{
	return pattern_of(
	    hosts, "(?<![a-z0-9.-])", "(?![a-z0-9-]|\\.[a-z0-9])");
}

static char *paths_pattern(const GPtrArray *paths)
{
	return pattern_of(paths, "", "(?![A-Za-z0-9._-])");
}

/* ---- one statement ---- */

static void note(GPtrArray *list, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void note(GPtrArray *list, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(list, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

/* Runs SQL, a statement with RETURNING; a refusal is something LEFT. */
static bool change(pg *db, const struct rewrite *r, const char *what,
    const char *sql, const char *const *parameters, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *counted = g_strdup_printf(
	    "WITH done AS (%s RETURNING 1) SELECT pg_catalog.count(*) FROM "
	    "done",
	    sql);

	if (stop_requested(error))
		return false;
	g_autoptr(pg_rows) rows = pg_query(db, counted, parameters, &why);
	if (!rows && stop_requested(error))
		return false;
	if (!rows)
		note(r->left, "%s: %s", what, why->message);
	else if (!g_str_equal(pg_cell(rows, 0, 0), "0"))
		note(r->changes, "%s: %s rows", what, pg_cell(rows, 0, 0));
	return true;
}

/* The same, where the table is. */
static bool change_in(pg *db, const struct rewrite *r, const char *table,
    const char *what, const char *sql, const char *const *parameters,
    GError **error)
{
	bool there = false;

	return schema_has_table(db, table, &there, error) &&
	       (!there || change(db, r, what, sql, parameters, error));
}

/* ---- what is known of Bitbucket's own tables ---- */

/* docs/sources.md#database: the keys that a start needs. */
static const char keys_that_stay[] =
    "('license', 'server.id', 'instance.home', 'instance.name',"
    " 'instance.url', 'setup.completed', 'instance.application.mode')";

static bool change_known(pg *db, const struct rewrite *r, GError **error)
{
	const char *const home[] = {r->home, NULL};
	const struct {
		const char *table, *what, *sql;
		const char *const *parameters;
	} steps[] = {
	    {"app_property",
		"app_property: mail and all else that is not "
		"known to be harmless",
		"DELETE FROM app_property WHERE prop_key NOT IN ", NULL},
	    {"plugin_setting", "plugin_setting: application links, mail",
		"DELETE FROM plugin_setting WHERE key_name ~* "
		"'(applink|mail|smtp|webhook|ldap|proxy|mirror|mesh)'",
		NULL},
	    {"AO_8E6075_MIRROR_SERVER", "mirrors",
		"DELETE FROM \"AO_8E6075_MIRROR_SERVER\"", NULL},
	    {"bb_mesh_node", "Mesh nodes",
		"UPDATE bb_mesh_node SET rpc_url = 'http://mesh-' || id || "
		"'." REWRITE_NOWHERE ":7777'",
		NULL},
	    {"bb_data_store", "data stores that no repository uses",
		"UPDATE bb_data_store s SET ds_path = $1 || '/data-store-' || "
		"s.id WHERE NOT EXISTS (SELECT 1 FROM repository r WHERE "
		"r.store_id = s.id)",
		home},
	    {"cwd_directory", "user directories elsewhere are off",
		"UPDATE cwd_directory SET is_active = 'F' WHERE is_active <> "
		"'F' AND directory_type <> 'INTERNAL'",
		NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_autofree char *sql = g_strconcat(
		    steps[i].sql, i == 0 ? keys_that_stay : "", NULL);
		if (!change_in(db, r, steps[i].table, steps[i].what, sql,
			steps[i].parameters, error))
			return false;
	}
	return true;
}

/* Repositories whose objects are elsewhere can't be staged. */
static bool find_elsewhere(pg *db, const struct rewrite *r, GError **error)
{
	g_autoptr(GPtrArray) rows = schema_repositories(db, error);

	if (!rows)
		return false;
	for (guint i = 0; i < rows->len; i++) {
		const struct repository_row *row = rows->pdata[i];
		if (row->place != PLACE_SHARED_HOME)
			note(r->left,
			    "repository %" G_GUINT64_FORMAT
			    " (%s/%s) lies on %s: nothing of the copy can "
			    "stand for that",
			    row->id, row->project, row->slug,
			    row->place == PLACE_MESH ? "Mesh nodes"
						     : "a data store");
	}
	return true;
}

static bool point_here(pg *db, const struct rewrite *r, GError **error)
{
	const char *const url[] = {r->url, NULL}, *const home[] = {
						      r->home, NULL};

	return change_in(db, r, "app_property", "app_property: instance.url",
		   "UPDATE app_property SET prop_value = $1 WHERE prop_key = "
		   "'instance.url'",
		   url, error) &&
	       change_in(db, r, "app_property", "app_property: instance.home",
		   "UPDATE app_property SET prop_value = $1 WHERE prop_key = "
		   "'instance.home'",
		   home, error);
}

/* ---- every column ---- */

/* PATTERN in the column becomes INSTEAD; as the column's own type. */
static bool replace(pg *db, const struct rewrite *r, const pg_rows *columns,
    size_t at, const char *pattern, const char *instead, GError **error)
{
	const char *table = pg_cell(columns, at, TABLE);
	const char *column = pg_cell(columns, at, COLUMN);
	const char *const parameters[] = {pattern, instead, NULL};
	g_autofree char *what = g_strdup_printf("%s.%s", table, column);
	g_autofree char *sql = g_strdup_printf(
	    "UPDATE ONLY %s SET %s = pg_catalog.regexp_replace(%s::text, $1,"
	    " $2, 'gi')::%s WHERE %s::text ~* $1",
	    table, column, column, pg_cell(columns, at, TYPE), column);

	return change(db, r, what, sql, parameters, error);
}

static bool switch_off(pg *db, const struct rewrite *r, const pg_rows *columns,
    size_t at, GError **error)
{
	const char *table = pg_cell(columns, at, TABLE);
	const char *column = pg_cell(columns, at, COLUMN);

	if (!g_regex_match_simple(
		"hook", pg_cell(columns, at, NAME), G_REGEX_CASELESS, 0) ||
	    !g_regex_match_simple("^\"?(is_)?(active|enabled)\"?$", column,
		G_REGEX_CASELESS, 0) ||
	    !g_str_equal(pg_cell(columns, at, TYPE), "boolean"))
		return true;
	g_autofree char *what = g_strdup_printf("%s: web hooks are off", table);
	g_autofree char *sql = g_strdup_printf(
	    "UPDATE ONLY %s SET %s = false WHERE %s", table, column, column);
	return change(db, r, what, sql, NULL, error);
}

bool rewrite_run(pg *db, const struct rewrite *r, GError **error)
{
	g_autofree char *hosts = hosts_pattern(r->hosts);
	g_autofree char *paths = paths_pattern(r->paths);
	g_auto(GStrv) pieces = g_strsplit(r->home, "\\", -1);
	g_autofree char *home = g_strjoinv("\\\\", pieces);

	if (!change_known(db, r, error) || !find_elsewhere(db, r, error))
		return false;
	g_autoptr(pg_rows) columns = pg_query(db, columns_sql, NULL, error);
	if (!columns)
		return false;
	for (size_t i = 0; i < pg_rows_length(columns); i++) {
		bool talks = g_regex_match_simple(
		    talking, pg_cell(columns, i, NAME), G_REGEX_CASELESS, 0);
		if (!switch_off(db, r, columns, i, error))
			return false;
		if (!g_str_equal(pg_cell(columns, i, IS_TEXT), "t"))
			continue;
		if (talks && !replace(db, r, columns, i, url_pattern,
				 "https://" REWRITE_NOWHERE "/", error))
			return false;
		if (r->hosts->len &&
		    !replace(db, r, columns, i, hosts, REWRITE_NOWHERE, error))
			return false;
		if (r->paths->len &&
		    !replace(db, r, columns, i, paths, home, error))
			return false;
	}
	return point_here(db, r, error);
}

/* ---- what is left ---- */

static bool search_rows(pg *db, const struct rewrite *r, const char *sql,
    const char *what, const char *pattern, GError **error)
{
	const char *const parameters[] = {pattern, NULL};
	g_autoptr(pg_rows) rows = pg_query(db, sql, parameters, error);

	if (!rows)
		return false;
	if (!g_str_equal(pg_cell(rows, 0, 0), "0"))
		note(r->left, "%s: %s rows still name production", what,
		    pg_cell(rows, 0, 0));
	return true;
}

static bool search_for(
    pg *db, const struct rewrite *r, const char *pattern, GError **error)
{
	g_autoptr(pg_rows) columns = pg_query(db, columns_sql, NULL, error);

	if (!columns)
		return false;
	for (size_t i = 0; i < pg_rows_length(columns); i++) {
		const char *column = pg_cell(columns, i, COLUMN);
		bool bytes = g_str_equal(pg_cell(columns, i, IS_BYTES), "t");
		g_autofree char *what = g_strdup_printf(
		    "%s.%s", pg_cell(columns, i, TABLE), column);
		/* As text whose odd bytes are written in octal. */
		g_autofree char *sql = g_strdup_printf(
		    "SELECT pg_catalog.count(*) FROM ONLY %s WHERE %s%s%s ~* "
		    "$1",
		    pg_cell(columns, i, TABLE),
		    bytes ? "pg_catalog.encode(" : "", column,
		    bytes ? ", 'escape')" : "::text");
		if (stop_requested(error) ||
		    !search_rows(db, r, sql, what, pattern, error))
			return false;
	}
	return search_rows(db, r,
	    "SELECT pg_catalog.count(*) FROM"
	    " pg_catalog.pg_largeobject_metadata WHERE pg_catalog.encode("
	    "pg_catalog.lo_get(oid), 'escape') ~* $1",
	    "large objects", pattern, error);
}

bool rewrite_search(pg *db, const struct rewrite *r, GError **error)
{
	g_autofree char *hosts = hosts_pattern(r->hosts);
	g_autofree char *paths = paths_pattern(r->paths);

	return (!r->hosts->len || search_for(db, r, hosts, error)) &&
	       (!r->paths->len || search_for(db, r, paths, error));
}

/* ---- what the database knows of production ---- */

static void add(GPtrArray *list, const char *text)
{
	if (text && *text &&
	    !g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL))
		g_ptr_array_add(list, g_strdup(text));
}

bool rewrite_learn(pg *db, GPtrArray *hosts, GPtrArray *paths, GError **error)
{
	static const struct {
		const char *table, *sql;
		bool is_path;
	} places[] = {
	    {"app_property",
		"SELECT prop_value FROM app_property WHERE prop_key = "
		"'instance.url'"},
	    {"bb_mesh_node", "SELECT rpc_url FROM bb_mesh_node"},
	    {"AO_8E6075_MIRROR_SERVER",
		"SELECT \"BASE_URL\" FROM \"AO_8E6075_MIRROR_SERVER\""},
	    {"app_property",
		"SELECT prop_value FROM app_property WHERE prop_key = "
		"'instance.home'",
		true},
	    {"bb_data_store", "SELECT ds_path FROM bb_data_store", true},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		bool there = false;
		if (!schema_has_table(db, places[i].table, &there, error))
			return false;
		g_autoptr(pg_rows) rows =
		    there ? pg_query(db, places[i].sql, NULL, error) : NULL;
		if (there && !rows)
			return false;
		for (size_t j = 0; there && j < pg_rows_length(rows); j++) {
			const char *text = pg_cell(rows, j, 0);
			g_autoptr(GUri) uri =
			    text ? g_uri_parse(text, G_URI_FLAGS_NONE, NULL)
				 : NULL;
			if (places[i].is_path)
				add(paths, text);
			else if (uri)
				add(hosts, g_uri_get_host(uri));
		}
	}
	return true;
}
