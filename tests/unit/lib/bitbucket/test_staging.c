/*
 * A staging copy's properties reach nobody in production.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "bitbucket/properties.h"
#include "bitbucket/staging.h"

static const char production[] =
    "# the primary is db-1.prod.example.com, password was hunter2\n"
    "setup.baseUrl=https://bitbucket.prod.example.com/scm\n"
    "jdbc.driver=org.postgresql.Driver\n"
    "jdbc.url=jdbc:postgresql://db-1.prod.example.com:5432,"
    "db-2.prod.example.com/bitbucket\n"
    "jdbc.user=bitbucket\n"
    "jdbc.password=123456\n"
    "plugin.search.config.baseurl=https://es\\\n   .prod.example.com:9200\n"
    "hazelcast.network.tcpip.members=10.1.2.3:5701, bb-2.prod.example.com\n"
    "hazelcast.group.name=prod\n"
    "mesh.of.tomorrow=mesh-1.prod.example.com:7777\n"
    "some.path=/mnt/prod/shared\n"
    "odd\\ key\\:x=\\u0068ttp://odd.prod.example.com\n"
    "page.max.pull.requests=100\n"
    "cache.ttl=10m\n"
    "feature.forks=true\n"
    "feature.forks.of=truely.prod.example.com\n";

static const struct staging_places places = {
    .url = "https://staging.example.net",
    .jdbc_url = "jdbc:postgresql://127.0.0.1/copy",
    .jdbc_user = "copy",
    .group = "staging-1",
    .group_password = "x1",
};

static const char *after(GHashTable *table, const char *key)
{
	return g_hash_table_lookup(table, key);
}

static void nothing_of_production_stays(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text =
	    staging_properties(production, &places, changes);
	g_autoptr(GHashTable) table = properties_parse(text);

	assert_null(strstr(text, "prod"));
	assert_null(strstr(text, "hunter2"));
	assert_null(strstr(text, "123456"));
	assert_null(strstr(text, "10.1.2.3"));
	assert_string_equal(after(table, "setup.baseUrl"), places.url);
	assert_string_equal(after(table, "jdbc.url"), places.jdbc_url);
	assert_string_equal(after(table, "disaster.recovery"), "true");
	assert_string_equal(
	    after(table, "hazelcast.network.tcpip.members"), "127.0.0.1");
	assert_null(after(table, "mesh.of.tomorrow"));
}

static void what_names_no_place_stays(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text =
	    staging_properties(production, &places, changes);
	g_autoptr(GHashTable) table = properties_parse(text);

	assert_string_equal(
	    after(table, "jdbc.driver"), "org.postgresql.Driver");
	assert_string_equal(after(table, "page.max.pull.requests"), "100");
	assert_string_equal(after(table, "cache.ttl"), "10m");
	assert_string_equal(after(table, "feature.forks"), "true");
}

static void each_change_is_told_without_its_value(void **state)
{
	(void)state;
	static const char *const told[] = {"disaster.recovery: added",
	    "jdbc.password: left out", "jdbc.url: written anew",
	    "mesh.of.tomorrow: left out", "odd key:x: left out",
	    "some.path: left out"};
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *text =
	    staging_properties(production, &places, changes);

	assert_non_null(text);
	for (size_t i = 0; i < G_N_ELEMENTS(told); i++)
		assert_true(g_ptr_array_find_with_equal_func(
		    changes, told[i], g_str_equal, NULL));
	for (guint i = 0; i < changes->len; i++)
		assert_null(strstr(changes->pdata[i], "prod"));
}

static void it_is_read_back_as_it_was_written(void **state)
{
	(void)state;
	struct staging_places odd = places;
	g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);

	odd.group_password = " #a\\b\n=:!c ";
	g_autofree char *text = staging_properties("", &odd, changes);
	g_autoptr(GHashTable) table = properties_parse(text);
	assert_string_equal(
	    after(table, "hazelcast.group.password"), odd.group_password);
}

static void whom_it_reached_is_known_by_name(void **state)
{
	(void)state;
	static const char *const wanted[] = {"10.1.2.3",
	    "bb-2.prod.example.com", "bitbucket.prod.example.com",
	    "db-1.prod.example.com", "db-2.prod.example.com",
	    "es.prod.example.com", "mesh-1.prod.example.com",
	    "odd.prod.example.com", "truely.prod.example.com"};
	g_autoptr(GPtrArray) hosts = staging_hosts(production);

	assert_int_equal(hosts->len, G_N_ELEMENTS(wanted));
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		assert_string_equal(hosts->pdata[i], wanted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_of_production_stays),
	    cmocka_unit_test(what_names_no_place_stays),
	    cmocka_unit_test(each_change_is_told_without_its_value),
	    cmocka_unit_test(it_is_read_back_as_it_was_written),
	    cmocka_unit_test(whom_it_reached_is_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
