#include "audit/collect/read_postgres.h"

#include <inttypes.h>

#include "audit/collect/take.h"
#include "base/error.h"

/* Questions with one row for an answer. */
static const json *only_row(const struct reading *r, GError **error)
{
	if (json_kind(r->body) != JSON_ARRAY || json_length(r->body) != 1) {
		fail(error, GONOGO_ERROR_DATA, "not one row");
		return NULL;
	}
	return json_first(r->body);
}

static bool read_server(const struct reading *r, GError **error)
{
	struct database *d = &r->facts->database;
	const json *row = only_row(r, error);

	if (!row || !must_string(row, "version", &d->version, error) ||
	    !must_number(row, "version_number", &d->version_number, error) ||
	    !must_number(row, "size_bytes", &d->size_bytes, error) ||
	    !must_number(row, "max_connections", &d->max_connections, error) ||
	    !must_flag(row, "in_recovery", &d->in_recovery, error))
		return false;
	d->kind = g_strdup("postgresql");
	return true;
}

#define AT(member) offsetof(struct database, member)
/* Columns that are a fact as they are. */
static const struct {
	const char *what, *column;
	size_t at;
} numbers[] = {
    {"database.activity", "connections", AT(connections)},
    {"database.counts", "repositories", AT(repositories)},
    {"database.counts", "pull_requests", AT(pull_requests)},
    {"database.large-objects", "large_objects", AT(large_objects)},
    {"database.mesh", "queued", AT(mesh_migrations)},
};
#undef AT

static bool read_numbers(const struct reading *r, GError **error)
{
	char *database = (char *)&r->facts->database;
	const json *row = only_row(r, error);
	bool good = row != NULL;

	for (size_t i = 0; good && i < G_N_ELEMENTS(numbers); i++)
		if (g_str_equal(numbers[i].what, r->name))
			good = must_number(row, numbers[i].column,
			    (struct number *)(void *)(database + numbers[i].at),
			    error);
	return good;
}

/* How long others have been at it is shown to few. */
static bool read_transactions(const struct reading *r, GError **error)
{
	struct number hidden = {0};
	const json *row = only_row(r, error);

	if (!row || !must_number(row, "hidden", &hidden, error) ||
	    !must_number(row, "longest_transaction_s",
		&r->facts->database.longest_transaction_s, error))
		return false;
	return hidden.value == 0 ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%" PRId64 " sessions of other users can't be looked into\n"
		   "hint: GRANT pg_read_all_stats",
		   hidden.value);
}

static bool read_changelog(const struct reading *r, GError **error)
{
	struct database *d = &r->facts->database;
	const json *row = only_row(r, error);
	struct number locked = {0};

	if (!row || !must_number(row, "changes", &d->changelog_count, error) ||
	    !must_number(row, "locked", &locked, error))
		return false;
	if (!d->changelog_count.value)
		return fail(error, GONOGO_ERROR_DATA,
		    "databasechangelog is empty: not Bitbucket's database");
	d->changelog_locked = flag_of(locked.value > 0);
	return true;
}

static bool read_identity(const struct reading *r, GError **error)
{
	struct facts *f = r->facts;

	json_each (row, r->body) {
		g_autofree char *key = NULL;

		if (!must_string(row, "key", &key, error))
			return false;
		char **out = g_str_equal(key, "server.id")
				 ? &f->database.server_id
				 : &f->home.instance_home;
		if (!must_string(row, "value", out, error))
			return false;
	}
	return f->database.server_id ||
	       fail(error, GONOGO_ERROR_DATA, "app_property has no server.id");
}

/* A missing row means the app's default, which is not "disabled". */
static bool read_plugin_state(const struct reading *r, GError **error)
{
	if (!facts_find_source(r->facts, "apps.installed"))
		return fail(error, GONOGO_ERROR_DATA,
		    "no list of installed apps to hold it against");
	json_each (row, r->body) {
		g_autofree char *key = NULL;
		struct flag enabled = {0};

		if (!must_string(row, "name", &key, error) ||
		    !must_flag(row, "enabled", &enabled, error))
			return false;
		struct app *app = facts_find_app(r->facts, key);
		if (app)
			app->enabled_in_database = enabled;
	}
	return true;
}

static bool read_stores(const struct reading *r, GError **error)
{
	json_each (row, r->body) {
		struct data_store *store =
		    shape_add(&data_store_shape, &r->facts->home.data_stores);
		int64_t id = 0;

		if (!json_i64(row, "id", &id, error) ||
		    !must_string(row, "path", &store->path, error))
			return false;
		store->id = g_strdup_printf("%" PRId64, id);
	}
	return true;
}

/* ---- repositories: held against the folders by crosscheck.c ---- */

static int by_id(gconstpointer a, gconstpointer b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

GArray *postgres_home_repositories(const json *rows, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	json_each (row, rows) {
		struct number store = {0};
		struct number partition = {0};
		uint64_t id = 0;

		if (!json_u64(row, "id", &id, error) ||
		    !take_number(row, "store_id", &store, error) ||
		    !take_number(row, "partition_id", &partition, error))
			return NULL;
		if (!store.known && !partition.known)
			g_array_append_val(ids, id);
	}
	g_array_sort(ids, by_id);
	return g_steal_pointer(&ids);
}

static bool read_repositories(const struct reading *r, GError **error)
{
	g_autoptr(GArray) ids = postgres_home_repositories(r->body, error);

	return ids != NULL;
}

/*
 * Each is wrapped so that the server gives its rows as JSON.  Sessions without
 * a database or user are the server's own workers.  `to_jsonb(r)->>` is NULL
 * for a column that old schemas do not have.
 */
const struct row postgres_rows[] = {
    {.what = "database.server",
	.collector = "postgres",
	.request =
	    "SELECT current_setting('server_version') AS version, "
	    "current_setting('server_version_num')::int AS version_number, "
	    "pg_database_size(current_database()) AS size_bytes, "
	    "current_setting('max_connections')::int AS max_connections, "
	    "pg_is_in_recovery() AS in_recovery",
	.profiles = PROFILE_FULL,
	.read = read_server},
    {.what = "database.activity",
	.collector = "postgres",
	.request = "SELECT count(*) AS connections FROM pg_stat_activity "
		   "WHERE datname IS NOT NULL AND pid <> pg_backend_pid()",
	.profiles = PROFILE_FULL,
	.read = read_numbers},
    {.what = "database.transactions",
	.collector = "postgres",
	.request = "SELECT coalesce(max(extract(epoch "
		   "FROM clock_timestamp() - xact_start)), 0)::bigint "
		   "AS longest_transaction_s, count(*) FILTER (WHERE "
		   "NOT pg_has_role('pg_read_all_stats', 'USAGE') "
		   "AND NOT pg_has_role(usesysid, 'USAGE')) AS hidden "
		   "FROM pg_stat_activity WHERE datname = current_database() "
		   "AND usesysid IS NOT NULL AND pid <> pg_backend_pid()",
	.profiles = PROFILE_FULL,
	.read = read_transactions},
    {.what = "database.changelog",
	.collector = "postgres",
	.request = "SELECT (SELECT count(*) FROM databasechangelog) "
		   "AS changes, (SELECT count(*) FROM databasechangeloglock "
		   "WHERE locked) AS locked",
	.needs = {"databasechangelog", "databasechangeloglock"},
	.profiles = PROFILE_FULL,
	.read = read_changelog},
    {.what = "database.counts",
	.collector = "postgres",
	.request = "SELECT (SELECT count(*) FROM repository) "
		   "AS repositories, (SELECT count(*) FROM sta_pull_request) "
		   "AS pull_requests",
	.needs = {"repository", "sta_pull_request"},
	.profiles = PROFILE_FULL,
	.read = read_numbers},
    {.what = "database.large-objects",
	.collector = "postgres",
	.request = "SELECT count(*) AS large_objects "
		   "FROM pg_largeobject_metadata",
	.profiles = PROFILE_FULL,
	.read = read_numbers},
    {.what = "database.mesh",
	.collector = "postgres",
	.request = "SELECT count(*) AS queued FROM bb_mesh_migration_queue",
	.since = "8.0", /* docs/sources.md#mesh */
	.needs = {"bb_mesh_migration_queue"},
	.profiles = PROFILE_FULL,
	.read = read_numbers},
    {.what = "database.identity",
	.collector = "postgres",
	.request = "SELECT prop_key AS key, prop_value AS value "
		   "FROM app_property "
		   "WHERE prop_key IN ('server.id', 'instance.home')",
	.needs = {"app_property"},
	.profiles = PROFILE_FULL,
	.read = read_identity},
    {.what = "database.apps",
	.collector = "postgres",
	.request = "SELECT name, enabled FROM plugin_state "
		   "WHERE name NOT LIKE '%:%'",
	.needs = {"plugin_state"},
	.profiles = PROFILE_FULL,
	.read = read_plugin_state},
    {.what = "database.stores",
	.collector = "postgres",
	.request = "SELECT id, ds_path AS path FROM bb_data_store ORDER BY id",
	.needs = {"bb_data_store"},
	.profiles = PROFILE_FULL,
	.read = read_stores},
    {.what = "database.repositories",
	.collector = "postgres",
	.request = "SELECT id, (to_jsonb(r)->>'store_id')::bigint AS store_id, "
		   "(to_jsonb(r)->>'partition_id')::bigint AS partition_id "
		   "FROM repository r ORDER BY id",
	.needs = {"repository"},
	.profiles = PROFILE_FULL,
	.read = read_repositories},
    {0},
};
