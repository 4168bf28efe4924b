#include "bitbucket/schema.h"

#include "base/error.h"

/* Table names are looked up along the search path: docs/sources.md#database */

void repository_row_free(struct repository_row *row)
{
	if (!row)
		return;
	g_free(row->project);
	g_free(row->slug);
	g_free(row->hierarchy);
	g_free(row);
}

void pull_row_free(struct pull_row *row)
{
	if (!row)
		return;
	g_free(row->from_hash);
	g_free(row->to_hash);
	g_free(row);
}

/* Does SQL with PARAMETERS answer a row? */
static bool answers(pg *db, const char *sql, const char *const *parameters,
    bool *yes, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(db, sql, parameters, error);

	if (!rows)
		return false;
	*yes = pg_rows_length(rows) > 0;
	return true;
}

/*
 * By the catalogue itself: information_schema leaves out what the role may not
 * read, and a missing right must not look like an older schema.
 */
bool schema_has_table(pg *db, const char *name, bool *there, GError **error)
{
	const char *const parameters[] = {name, NULL};

	return answers(db,
	    "SELECT 1 FROM pg_catalog.pg_class"
	    " WHERE oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))"
	    " AND relkind IN ('r', 'p', 'v', 'm', 'f')",
	    parameters, there, error);
}

bool schema_has_column(
    pg *db, const char *table, const char *column, bool *there, GError **error)
{
	const char *const parameters[] = {table, column, NULL};

	return answers(db,
	    "SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid ="
	    " pg_catalog.to_regclass(pg_catalog.quote_ident($1))"
	    " AND attname = $2 AND attnum > 0 AND NOT attisdropped",
	    parameters, there, error);
}

/* False with the search path: TABLE is not where the role looks. */
static bool need_table(pg *db, const char *table, GError **error)
{
	bool there = false;

	if (!schema_has_table(db, table, &there, error))
		return false;
	if (there)
		return true;
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT current_setting('search_path'), current_user,"
	    " current_database()",
	    NULL, error);
	if (!rows)
		return false;
	g_autofree char *role = pg_quote_name(pg_cell(rows, 0, 1));
	return fail(error, GONOGO_ERROR_REMOTE,
	    "database: %s has no table %s in the search path %s\n"
	    "hint: is it Bitbucket's database?  ALTER ROLE %s SET "
	    "search_path = the schema of Bitbucket's own role;",
	    pg_cell(rows, 0, 2), table, pg_cell(rows, 0, 0), role);
}

/* Gives EXPRESSION where the table has COLUMN, else NULL as SQL. */
static bool column_or_null(pg *db, const char *table, const char *column,
    const char *expression, const char **sql, GError **error)
{
	bool there = false;

	if (!schema_has_column(db, table, column, &there, error))
		return false;
	*sql = there ? expression : "NULL";
	return true;
}

/* Reads the number in a cell; SQL NULL is 0. */
static bool read_number(const pg_rows *rows, size_t row, size_t column,
    uint64_t *number, GError **error)
{
	const char *text = pg_cell(rows, row, column);
	guint64 value = 0;

	if (text &&
	    !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &value, NULL))
		return fail(error, GONOGO_ERROR_REMOTE,
		    "database: %s: not an id: '%s'", pg_rows_name(rows, column),
		    text);
	*number = value;
	return true;
}

static struct repository_row *read_repository(
    const pg_rows *rows, size_t at, GError **error)
{
	enum { ID, PROJECT, SLUG, HIERARCHY, STORE, PARTITION, ORIGIN };
	struct repository_row *row = g_new0(struct repository_row, 1);

	if (!read_number(rows, at, ID, &row->id, error) ||
	    !read_number(rows, at, STORE, &row->store, error) ||
	    !read_number(rows, at, ORIGIN, &row->origin, error)) {
		g_free(row);
		return NULL;
	}
	row->project = g_strdup(pg_cell(rows, at, PROJECT));
	row->slug = g_strdup(pg_cell(rows, at, SLUG));
	row->hierarchy = g_strdup(pg_cell(rows, at, HIERARCHY));
	if (pg_cell(rows, at, PARTITION))
		row->place = PLACE_MESH;
	else if (pg_cell(rows, at, STORE))
		row->place = PLACE_DATA_STORE;
	else
		row->place = PLACE_SHARED_HOME;
	return row;
}

GPtrArray *schema_repositories(pg *db, GError **error)
{
	const char *store = NULL, *partition = NULL;

	if (!need_table(db, "repository", error) ||
	    !column_or_null(
		db, "repository", "store_id", "r.store_id", &store, error) ||
	    !column_or_null(db, "repository", "partition_id", "r.partition_id",
		&partition, error))
		return NULL;
	g_autofree char *sql = g_strdup_printf(
	    "SELECT r.id, p.project_key, r.slug, r.hierarchy_id, %s, %s,"
	    " o.origin_id FROM repository r"
	    " LEFT JOIN project p ON p.id = r.project_id"
	    " LEFT JOIN sta_repo_origin o ON o.repository_id = r.id"
	    " ORDER BY r.id",
	    store, partition);
	g_autoptr(pg_rows) rows = pg_query(db, sql, NULL, error);
	if (!rows)
		return NULL;
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)repository_row_free);
	for (size_t i = 0; i < pg_rows_length(rows); i++) {
		struct repository_row *row = read_repository(rows, i, error);

		if (!row)
			return NULL;
		g_ptr_array_add(all, row);
	}
	return g_steal_pointer(&all);
}

GHashTable *schema_data_stores(pg *db, GError **error)
{
	bool there = false;
	g_autoptr(GHashTable) stores =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	/* Without repository it is no Bitbucket; without stores an old one. */
	if (!need_table(db, "repository", error) ||
	    !schema_has_table(db, "bb_data_store", &there, error))
		return NULL;
	if (!there)
		return g_steal_pointer(&stores);
	g_autoptr(pg_rows) rows =
	    pg_query(db, "SELECT id, ds_path FROM bb_data_store", NULL, error);
	if (!rows)
		return NULL;
	for (size_t i = 0; i < pg_rows_length(rows); i++)
		g_hash_table_insert(stores, g_strdup(pg_cell(rows, i, 0)),
		    g_strdup(pg_cell(rows, i, 1)));
	return g_steal_pointer(&stores);
}

bool schema_property(pg *db, const char *key, char **value, GError **error)
{
	const char *const parameters[] = {key, NULL};

	if (!need_table(db, "app_property", error))
		return false;
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT prop_value FROM app_property WHERE prop_key = $1",
	    parameters, error);
	if (!rows)
		return false;
	*value = pg_rows_length(rows) ? g_strdup(pg_cell(rows, 0, 0)) : NULL;
	return true;
}

static struct pull_row *read_pull(
    const pg_rows *rows, size_t at, GError **error)
{
	enum { ID, FROM, TO, FROM_HASH, TO_HASH };
	struct pull_row *row = g_new0(struct pull_row, 1);

	if (!read_number(rows, at, ID, &row->id, error) ||
	    !read_number(rows, at, FROM, &row->from_repository, error) ||
	    !read_number(rows, at, TO, &row->to_repository, error)) {
		g_free(row);
		return NULL;
	}
	row->from_hash = g_strdup(pg_cell(rows, at, FROM_HASH));
	row->to_hash = g_strdup(pg_cell(rows, at, TO_HASH));
	return row;
}

GPtrArray *schema_open_pulls(pg *db, GError **error)
{
	if (!need_table(db, "sta_pull_request", error))
		return NULL;
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT id, from_repository_id, to_repository_id, from_hash,"
	    " to_hash FROM sta_pull_request WHERE pr_state = 0 ORDER BY id",
	    NULL, error);
	if (!rows)
		return NULL;
	g_autoptr(GPtrArray) all =
	    g_ptr_array_new_with_free_func((GDestroyNotify)pull_row_free);
	for (size_t i = 0; i < pg_rows_length(rows); i++) {
		struct pull_row *row = read_pull(rows, i, error);

		if (!row)
			return NULL;
		g_ptr_array_add(all, row);
	}
	return g_steal_pointer(&all);
}
