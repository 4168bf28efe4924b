/* Database and home, and what holds the one against the other. */
#include "tests/unit/audit/collect/made_bundle.h"

#define SERVER                                                                 \
	"[{\"version\":\"15.18\",\"version_number\":150018,"                   \
	"\"size_bytes\":7,\"max_connections\":100,\"in_recovery\":false}]"
#define FOLDERS(ids, complete)                                                 \
	"{\"ids\":[" ids "],\"complete\":" complete                            \
	",\"broken_alternates\":{\"count\":1,\"some\":[\"3\"]},"               \
	"\"stale_locks\":{\"count\":0,\"some\":[]}}"

static void a_healthy_database_is_read(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "database.server", NULL, 0, SERVER);
	made_bundle_put(
	    b, "database.activity", NULL, 0, "[{\"connections\":12}]");
	made_bundle_put(b, "database.transactions", NULL, 0,
	    "[{\"hidden\":0,\"longest_transaction_s\":3}]");
	made_bundle_put(b, "database.changelog", NULL, 0,
	    "[{\"changes\":120,\"locked\":1}]");
	made_bundle_put(b, "database.identity", NULL, 0,
	    "[{\"key\":\"server.id\",\"value\":\"B1\"},"
	    "{\"key\":\"instance.home\",\"value\":\"/h\"}]");
	made_bundle_read(b, &f);
	assert_int_equal(f.database.version_number.value, 150018);
	assert_int_equal(f.database.longest_transaction_s.value, 3);
	assert_true(f.database.changelog_locked.value);
	assert_string_equal(f.database.server_id, "B1");
	assert_string_equal(f.home.instance_home, "/h");
}

static void broken_rows_are_no_facts(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "database.server", NULL, 0, "[]");
	made_bundle_put(
	    b, "database.changelog", NULL, 0, "[{\"changes\":0,\"locked\":0}]");
	made_bundle_put(b, "database.counts", NULL, 0,
	    "[{\"repositories\":\"6\",\"pull_requests\":1}]");
	made_bundle_put(b, "database.identity", NULL, 0, "[]");
	made_bundle_put(
	    b, "database.large-objects", NULL, 0, "[{\"large_objects\":null}]");
	made_bundle_read(b, &f);
	unseen(&f, "database.server", "not one row");
	unseen(&f, "database.changelog", "not Bitbucket's database");
	unseen(&f, "database.counts", "repositories: not a number");
	unseen(&f, "database.identity", "no server.id");
	unseen(&f, "database.large-objects", "large_objects");
	assert_false(f.database.changelog_locked.known);
	assert_false(f.database.repositories.known);
	assert_false(f.database.large_objects.known);
}

static void hidden_sessions_hide_the_longest_transaction(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "database.transactions", NULL, 0,
	    "[{\"hidden\":2,\"longest_transaction_s\":0}]");
	made_bundle_read(b, &f);
	assert_false(f.database.longest_transaction_s.known);
	unseen(&f, "database.transactions", "pg_read_all_stats");
}

static void rows_and_folders_are_held_against_each_other(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	/* 5 lies in a data store, 6 on Mesh: neither has a folder here. */
	made_bundle_put(b, "database.repositories", NULL, 0,
	    "[{\"id\":1,\"store_id\":null,\"partition_id\":null},"
	    "{\"id\":10},{\"id\":2},{\"id\":5,\"store_id\":1},"
	    "{\"id\":6,\"partition_id\":3}]");
	made_bundle_put(
	    b, "home.repositories", NULL, 0, FOLDERS("2,3,10,11", "true"));
	made_bundle_read(b, &f);
	assert_int_equal(f.home.repositories.value, 4);
	assert_int_equal(f.home.rows_without_folder.value, 1);
	assert_int_equal(f.home.folders_without_row.value, 2);
	assert_int_equal(f.home.broken_alternates.value, 1);
	assert_int_equal(f.home.stale_locks.value, 0);
}

static void half_a_look_is_no_look(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "database.repositories", NULL, 0, "[{\"id\":1}]");
	made_bundle_put(b, "home.repositories", NULL, 0, FOLDERS("1", "false"));
	made_bundle_read(b, &f);
	unseen(&f, "home.repositories", "took too long");
	unseen(&f, "home.repositories.rows", "the folders were not seen");
	assert_false(f.home.rows_without_folder.known);
	assert_false(f.home.repositories.known);
}

static void without_rows_nothing_is_said_of_folders(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "database.repositories", NULL, 0, NULL);
	made_bundle_put(b, "home.repositories", NULL, 0, FOLDERS("1", "true"));
	made_bundle_read(b, &f);
	unseen(&f, "home.repositories.rows", "the rows were not seen");
	assert_int_equal(f.home.repositories.value, 1);
	assert_false(f.home.folders_without_row.known);
}

static void properties_are_sorted_and_hold_no_secret(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "home.properties", NULL, 0,
	    "z=1\njdbc.password=<jdbc.password>\n");
	made_bundle_read(b, &f);
	const struct property *first = g_ptr_array_index(f.home.properties, 0);
	assert_string_equal(first->key, "jdbc.password");
	assert_string_equal(first->value, "<jdbc.password>");
}

static void an_empty_properties_file_is_no_file(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "home.properties", NULL, 0, "# nothing\n");
	made_bundle_read(b, &f);
	unseen(&f, "home.properties", "no property");
}

#define PLUGIN                                                                 \
	"{\"plugins\":[{\"key\":\"a\",\"version\":\"1.0\",\"enabled\":true,"   \
	"\"userInstalled\":true}]}"

static void a_jar_belongs_to_the_version_that_is_installed(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "apps.installed", NULL, 200, PLUGIN);
	made_bundle_put(b, "database.apps", NULL, 0,
	    "[{\"name\":\"a\",\"enabled\":false},"
	    "{\"name\":\"gone\",\"enabled\":true}]");
	made_bundle_put(b, "home.apps", NULL, 0,
	    "[{\"file\":\"old.jar\",\"key\":\"a\",\"version\":\"0.9\","
	    "\"sha256\":\"00\"},{\"file\":\"new.jar\",\"key\":\"a\","
	    "\"version\":\"1.0\",\"sha256\":\"11\"},"
	    "{\"file\":\"x.jar\",\"sha256\":\"22\"}]");
	made_bundle_read(b, &f);
	const struct app *app = facts_find_app(&f, "a");
	assert_string_equal(app->jar_sha256, "11");
	assert_true(app->enabled.value);
	assert_true(app->enabled_in_database.known);
	assert_false(app->enabled_in_database.value);
}

static void a_machine_that_is_no_node_is_said_to_be_none(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, "{\"nodes\":[]}");
	made_bundle_put(b, "node.machine", "elsewhere", 0, "{}");
	made_bundle_read(b, &f);
	unseen(&f, "node.elsewhere.machine", "no node of the settings");
	assert_int_equal(list_length(f.nodes), 0);
}

static void a_node_without_a_running_bitbucket_has_no_limits(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0,
	    "{\"nodes\":[{\"name\":\"bb-1\",\"url\":\"http://x\"}]}");
	made_bundle_put(b, "node.machine", "bb-1", 0,
	    "{\"cores\":2,\"memory_bytes\":8,\"kernel\":\"Linux 6.1\","
	    "\"home_free_bytes\":5,\"home_size_bytes\":9,"
	    "\"no_process\":\"no process was seen\"}");
	made_bundle_read(b, &f);
	const struct node *node = facts_find_node(&f, "bb-1");
	assert_int_equal(node->cores.value, 2);
	assert_false(node->open_files_limit.known);
	unseen(&f, "node.bb-1.machine.process", "no process was seen");
}

int main(void)
{
#define each(test)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    test, made_bundle_open, made_bundle_close)
	const struct CMUnitTest tests[] = {
	    each(a_healthy_database_is_read),
	    each(broken_rows_are_no_facts),
	    each(hidden_sessions_hide_the_longest_transaction),
	    each(rows_and_folders_are_held_against_each_other),
	    each(half_a_look_is_no_look),
	    each(without_rows_nothing_is_said_of_folders),
	    each(properties_are_sorted_and_hold_no_secret),
	    each(an_empty_properties_file_is_no_file),
	    each(a_jar_belongs_to_the_version_that_is_installed),
	    each(a_machine_that_is_no_node_is_said_to_be_none),
	    each(a_node_without_a_running_bitbucket_has_no_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
