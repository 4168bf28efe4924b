/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/schema.h"
#include "tests/unit/lib/private_pg.h"

static char *folder; /* of the private server */

/* Two generations of the schema, each what its own role sees. */
static const char tables[] =
    "CREATE ROLE tester_bare;"
    "CREATE SCHEMA old; CREATE SCHEMA \"New One\"; CREATE SCHEMA bare;"
    "SET search_path = old;"
    "CREATE TABLE project (id int, project_key text);"
    "CREATE TABLE repository (id int, slug text, project_id int,"
    " hierarchy_id text);"
    "CREATE TABLE sta_repo_origin (repository_id int, origin_id int);"
    "INSERT INTO project VALUES (1, 'PROJ'), (2, '~ada');"
    "INSERT INTO repository VALUES (10, 'beta', 2, 'h2'),"
    " (9, 'alpha', 1, 'h1'), (11, 'fork', 2, 'h1');"
    "INSERT INTO sta_repo_origin VALUES (11, 9);"
    "SET search_path = \"New One\";"
    "CREATE TABLE project (id int, project_key text);"
    "CREATE TABLE repository (id int, slug text, project_id int,"
    " hierarchy_id text, store_id bigint, partition_id int);"
    "CREATE TABLE sta_repo_origin (repository_id int, origin_id int);"
    "CREATE TABLE bb_data_store (id bigint, ds_path text);"
    "CREATE TABLE app_property (prop_key text, prop_value text);"
    "CREATE TABLE sta_pull_request (id bigint, pr_state int,"
    " from_repository_id int, to_repository_id int, from_hash text,"
    " to_hash text);"
    "INSERT INTO repository VALUES (1, 'a', 1, 'h', NULL, NULL),"
    " (2, 'b', 1, 'h', 5, NULL), (3, 'c', 1, 'h', NULL, 0);"
    "INSERT INTO bb_data_store VALUES (5, '/mnt/five');"
    "INSERT INTO app_property VALUES ('server.id', 'B0F5-1');"
    "INSERT INTO sta_pull_request VALUES (2, 0, 1, 2, 'aa', 'bb'),"
    " (1, 0, 3, 3, 'cc', 'dd'), (3, 1, 1, 1, 'ee', 'ff')";

static int start_server(void **state)
{
	(void)state;
	folder = private_pg("start", NULL);
	if (!folder)
		return -1;
	g_autofree char *url = private_pg_url(folder, "tester");
	g_autoptr(pg) db = pg_open(url, NULL, NULL);
	return db && pg_do(db, tables, NULL) ? 0 : -1;
}

static int stop_server(void **state)
{
	(void)state;
	g_autofree char *said = folder ? private_pg("stop", folder) : NULL;
	g_free(folder);
	return said ? 0 : -1;
}

/* Opens an audit that looks for tables in PATH. */
static pg *open_at(const char *path)
{
	g_autofree char *url = private_pg_url(folder, "tester");
	g_autofree char *escaped = g_uri_escape_string(path, NULL, FALSE);
	g_autofree char *with =
	    g_strconcat(url, "&options=-c%20search_path%3D", escaped, NULL);
	g_autoptr(GError) error = NULL;
	pg *db = pg_open_readonly(with, NULL, &error);

	if (!db)
		fail_msg("%s", error->message);
	return db;
}

static void repositories_come_by_id_with_their_origin(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_at("old");
	g_autoptr(GPtrArray) all = schema_repositories(db, NULL);

	assert_int_equal(all->len, 3);
	const struct repository_row *alpha = all->pdata[0],
				    *fork = all->pdata[2];
	assert_int_equal(alpha->id, 9);
	assert_string_equal(alpha->project, "PROJ");
	assert_string_equal(alpha->slug, "alpha");
	assert_string_equal(alpha->hierarchy, "h1");
	assert_int_equal(alpha->place, PLACE_SHARED_HOME);
	assert_int_equal(alpha->origin, 0);
	assert_int_equal(fork->id, 11);
	assert_string_equal(fork->project, "~ada");
	assert_int_equal(fork->origin, 9);
}

static void a_newer_schema_says_where_they_lie(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_at("\"New\\ One\"");
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all = schema_repositories(db, &error);
	if (!all)
		fail_msg("%s", error->message);
	g_autoptr(GHashTable) stores = schema_data_stores(db, NULL);

	assert_int_equal(all->len, 3);
	const struct repository_row *a = all->pdata[0], *b = all->pdata[1],
				    *c = all->pdata[2];
	assert_int_equal(a->place, PLACE_SHARED_HOME);
	assert_int_equal(b->place, PLACE_DATA_STORE);
	assert_int_equal(b->store, 5);
	assert_int_equal(c->place, PLACE_MESH);
	assert_null(a->project); /* its project's row is missing: kept */
	assert_string_equal(g_hash_table_lookup(stores, "5"), "/mnt/five");
	assert_int_equal(g_hash_table_size(stores), 1);
}

static void an_old_schema_has_no_data_stores(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_at("old");
	g_autoptr(GHashTable) stores = schema_data_stores(db, NULL);

	assert_non_null(stores);
	assert_int_equal(g_hash_table_size(stores), 0);
}

static void only_open_pull_requests_come(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_at("\"New\\ One\"");
	g_autoptr(GPtrArray) all = schema_open_pulls(db, NULL);

	assert_int_equal(all->len, 2);
	const struct pull_row *first = all->pdata[0];
	assert_int_equal(first->id, 1);
	assert_int_equal(first->from_repository, 3);
	assert_int_equal(first->to_repository, 3);
	assert_string_equal(first->from_hash, "cc");
	assert_string_equal(first->to_hash, "dd");
}

static void a_property_may_be_missing(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_at("\"New\\ One\"");
	g_autofree char *id = NULL, *none = g_strdup("x");

	assert_true(schema_property(db, "server.id", &id, NULL));
	assert_string_equal(id, "B0F5-1");
	g_clear_pointer(&none, g_free);
	assert_true(schema_property(db, "it's not", &none, NULL));
	assert_null(none);
}

static void what_is_not_in_the_search_path_is_said(void **state)
{
	(void)state;
	g_autoptr(pg) db = open_at("bare");
	g_autoptr(GError) error = NULL;
	g_autofree char *value = NULL;

	assert_null(schema_repositories(db, &error));
	assert_int_equal(error->code, GONOGO_ERROR_REMOTE);
	assert_non_null(strstr(error->message,
	    "postgres has no table repository in the search path bare"));
	assert_non_null(strstr(error->message, "ALTER ROLE \"tester\" SET"));
	assert_null(schema_data_stores(db, NULL));
	assert_null(schema_open_pulls(db, NULL));
	assert_false(schema_property(db, "server.id", &value, NULL));
}

static void a_missing_right_does_not_look_like_a_missing_table(void **state)
{
	(void)state;
	g_autofree char *url = private_pg_url(folder, "tester");
	g_autoptr(pg) db = pg_open(url, NULL, NULL);
	g_autoptr(GError) error = NULL;
	bool there = false;

	assert_true(pg_do(db,
	    "GRANT USAGE ON SCHEMA old TO tester_bare;"
	    "SET search_path = old; SET ROLE tester_bare",
	    NULL));
	assert_true(schema_has_table(db, "repository", &there, NULL));
	assert_true(there);
	assert_true(schema_has_column(db, "repository", "slug", &there, NULL));
	assert_true(there);
	assert_true(
	    schema_has_column(db, "repository", "store_id", &there, NULL));
	assert_false(there);
	assert_true(schema_has_table(db, "Repository", &there, NULL));
	assert_false(there);
	assert_null(schema_repositories(db, &error));
	assert_non_null(strstr(error->message, "(42501)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(repositories_come_by_id_with_their_origin),
	    cmocka_unit_test(a_newer_schema_says_where_they_lie),
	    cmocka_unit_test(an_old_schema_has_no_data_stores),
	    cmocka_unit_test(only_open_pull_requests_come),
	    cmocka_unit_test(a_property_may_be_missing),
	    cmocka_unit_test(what_is_not_in_the_search_path_is_said),
	    cmocka_unit_test(
		a_missing_right_does_not_look_like_a_missing_table),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
