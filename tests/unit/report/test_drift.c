#include "tests/unit/unit.h"

#include "base/exits.h"
#include "report/drift.h"

/* A healthy cluster of two nodes, two apps and a licence, as JSON. */
static const char healthy[] =
    "{\"schema\":\"gonogo.facts/1\","
    "\"made_at\":\"2026-08-01T12:00:00Z\","
    "\"product\":{\"version\":\"9.4.21\"},"
    "\"cluster\":{\"zdu_state\":\"STABLE\",\"upgrade_mode\":false,"
    "\"maintenance\":false},"
    "\"nodes\":[{\"name\":\"bb-1\",\"version\":\"9.4.21\","
    "\"state\":\"ACTIVE\",\"id\":\"x1\"},"
    "{\"name\":\"bb-2\",\"version\":\"9.4.21\",\"state\":\"ACTIVE\"}],"
    "\"apps\":[{\"key\":\"a\",\"version\":\"1\",\"enabled\":true,"
    "\"state\":\"compatible\"},"
    "{\"key\":\"b\",\"version\":\"2\",\"enabled\":true,"
    "\"state\":\"compatible\"}],"
    "\"licence\":{\"data_center\":true,\"server_id\":\"S\","
    "\"users\":10,\"users_max\":25,"
    "\"expires_at\":\"2027-01-01T00:00:00Z\"}}";

static void read_facts(const char *text, struct facts *out)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json) value = json_parse(text, strlen(text), "x", &error);

	if (!value || !document_read(&facts_shape, value, out, &error))
		print_error("%s\n", error->message);
	assert_null(error);
}

/* HEALTHY with the first FROM replaced by TO; FROM must be there. */
static char *changed(const char *from, const char *to)
{
	const char *place = strstr(healthy, from);

	assert_non_null(place);
	g_autofree char *head = g_strndup(healthy, (gsize)(place - healthy));
	return g_strconcat(head, to, place + strlen(from), NULL);
}

/* What the live cluster with that change is told to be; code 0: nothing. */
static void tells(const char *from, const char *to, int code, const char *text)
{
	g_auto(facts) approved = {0};
	g_auto(facts) live = {0};
	g_autofree char *now = changed(from, to);

	read_facts(healthy, &approved);
	read_facts(now, &live);
	g_autoptr(GPtrArray) list = drift_of(&approved, &live, false);
	for (guint i = 0; i < list->len; i++) {
		const struct drift *d = g_ptr_array_index(list, i);
		if (strstr(d->text, text)) {
			assert_int_equal(d->code, code);
			return;
		}
	}
	assert_int_equal(code, EXITS_DONE);
	assert_int_equal(list->len, 0);
}

static void the_same_cluster_does_not_drift(void **state)
{
	(void)state;
	tells("{\"schema", "{\"schema", EXITS_DONE, "");
}

static void what_a_restart_or_a_newcomer_changes_is_no_drift(void **state)
{
	(void)state;
	tells("\"id\":\"x1\"", "\"id\":\"y7\"", EXITS_DONE, "");
	tells("\"users\":10", "\"users\":11", EXITS_DONE, "");
}

static void another_set_of_apps_is_drift(void **state)
{
	(void)state;
	tells("\"key\":\"b\"", "\"key\":\"c\"", EXITS_DRIFT, "app b: is gone");
	tells("\"key\":\"b\"", "\"key\":\"c\"", EXITS_DRIFT,
	    "app c 2: was not installed when approved");
	tells("\"version\":\"1\"", "\"version\":\"1.1\"", EXITS_DRIFT,
	    "app a version: was 1, is 1.1");
	tells("\"version\":\"2\",\"enabled\":true",
	    "\"version\":\"2\",\"enabled\":false", EXITS_DRIFT,
	    "app b enabled: was yes, is no");
}

static void other_nodes_are_drift(void **state)
{
	(void)state;
	tells("\"name\":\"bb-2\"", "\"name\":\"bb-9\"", EXITS_DRIFT,
	    "node bb-2: is gone");
	tells("\"name\":\"bb-2\"", "\"name\":\"bb-9\"", EXITS_DRIFT,
	    "node bb-9: was not there");
	tells("\"bb-2\",\"version\":\"9.4.21\"",
	    "\"bb-2\",\"version\":\"9.4.22\"", EXITS_DRIFT,
	    "node bb-2 version: was 9.4.21, is 9.4.22");
	tells("\"state\":\"ACTIVE\"", "\"state\":\"OFFLINE\"", EXITS_DRIFT,
	    "node bb-1 state: was ACTIVE, is OFFLINE");
}

static void what_passes_by_itself_is_a_hold(void **state)
{
	(void)state;
	tells("\"state\":\"ACTIVE\"", "\"state\":\"DRAINING\"", EXITS_HOLD,
	    "node bb-1: is DRAINING");
	tells("\"maintenance\":false", "\"maintenance\":true", EXITS_HOLD,
	    "locked now");
}

static void an_upgrade_that_began_already_is_drift(void **state)
{
	(void)state;
	tells("\"zdu_state\":\"STABLE\"", "\"zdu_state\":\"READY_TO_UPGRADE\"",
	    EXITS_DRIFT, "upgrade state: was STABLE, is READY_TO_UPGRADE");
	tells("\"upgrade_mode\":false", "\"upgrade_mode\":true", EXITS_DRIFT,
	    "upgrade mode: is on");
}

static void another_licence_is_drift(void **state)
{
	(void)state;
	tells("\"server_id\":\"S\"", "\"server_id\":\"T\"", EXITS_DRIFT,
	    "server id: was S, is T");
	tells("2027-01-01", "2027-02-01", EXITS_DRIFT, "licence's end: was");
	tells("\"users_max\":25", "\"users_max\":50", EXITS_DRIFT,
	    "licence's users: was 25, is 50");
}

static void what_was_not_seen_is_unknown(void **state)
{
	(void)state;
	tells("\"zdu_state\":\"STABLE\",", "", EXITS_UNKNOWN,
	    "upgrade state: not seen now");
	tells("\"upgrade_mode\":false,", "", EXITS_UNKNOWN,
	    "upgrade mode: not seen now");
}

static void a_whole_part_that_was_not_seen_is_unknown(void **state)
{
	(void)state;
	static const char *const parts[][2] = {{"\"nodes\":", "nodes"},
	    {"\"apps\":", "apps"}, {"\"licence\":", "licence's server id"},
	    {"\"maintenance\":", "maintenance lock"},
	    {"\"server_id\":", "licence's server id"},
	    {"\"product\":", "version"}};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		/* A key of another name is passed over: it is not there. */
		g_autofree char *other =
		    g_strconcat("\"x-", parts[i][0] + 1, NULL);
		g_autofree char *text =
		    g_strconcat(parts[i][1], ": not seen now", NULL);
		tells(parts[i][0], other, EXITS_UNKNOWN, text);
	}
	tells("{\"schema",
	    "{\"unseen\":[{\"what\":\"apps.installed\","
	    "\"why\":\"HTTP 403\"}],\"schema",
	    EXITS_UNKNOWN, "apps: not seen now: HTTP 403");
	tells("{\"schema",
	    "{\"unseen\":[{\"what\":\"licence\","
	    "\"why\":\"HTTP 500\"}],\"schema",
	    EXITS_UNKNOWN, "licence: not seen now: HTTP 500");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_cluster_does_not_drift),
	    cmocka_unit_test(what_a_restart_or_a_newcomer_changes_is_no_drift),
	    cmocka_unit_test(another_set_of_apps_is_drift),
	    cmocka_unit_test(other_nodes_are_drift),
	    cmocka_unit_test(what_passes_by_itself_is_a_hold),
	    cmocka_unit_test(an_upgrade_that_began_already_is_drift),
	    cmocka_unit_test(another_licence_is_drift),
	    cmocka_unit_test(what_was_not_seen_is_unknown),
	    cmocka_unit_test(a_whole_part_that_was_not_seen_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
