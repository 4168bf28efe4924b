/* What lies around the cluster: licence, mirrors, Mesh, health, audit log. */
#include "tests/unit/audit/collect/made_bundle.h"

#define LICENCE(rest) "{\"expiryDate\":1800000000000," rest "}"

static void the_licence_is_read_without_its_text(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "licence", NULL, 200,
	    LICENCE("\"license\":\"AAAB-very-secret\",\"serverId\":\"B1\","
		    "\"maximumNumberOfUsers\":500,"
		    "\"unlimitedNumberOfUsers\":false,"
		    "\"status\":{\"currentNumberOfUsers\":212}"));
	made_bundle_read(b, &f);
	assert_int_equal(f.licence.expires_at.value, 1800000000);
	assert_int_equal(f.licence.users.value, 212);
	assert_int_equal(f.licence.users_max.value, 500);
	assert_true(f.licence.installed.value);
	g_autofree char *path =
	    g_build_filename(b->path, "raw/bitbucket/001.json", NULL);
	g_autofree char *text = file_read(path, 10000, NULL, NULL);
	assert_non_null(text);
	assert_null(strstr(text, "AAAB"));
}

static void an_unlimited_licence_has_no_maximum(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "licence", NULL, 200,
	    LICENCE("\"maximumNumberOfUsers\":-1,"
		    "\"unlimitedNumberOfUsers\":true"));
	made_bundle_read(b, &f);
	assert_false(f.licence.users_max.known);
	assert_true(f.licence.unlimited_users.value);
}

static void no_licence_is_a_fact(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) none = {0};

	made_bundle_put(b, "licence", NULL, 404, "");
	made_bundle_read(b, &none);
	assert_true(
	    none.licence.installed.known && !none.licence.installed.value);
}

static void a_licence_without_dates_is_not_read(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "licence", NULL, 200, "{\"serverId\":\"B1\"}");
	made_bundle_read(b, &f);
	unseen(&f, "licence", "neither expiryDate");
	assert_null(f.licence.server_id);
}

#define MESH(state)                                                            \
	"{\"id\":1,\"name\":\"mesh-1\",\"state\":\"" state                     \
	"\",\"offline\":false,\"lastSeenDate\":1787000000000}"

static void mesh_nodes(struct made_bundle *b, const char *body, guint count)
{
	g_auto(facts) f = {0};

	made_bundle_put(b, "mesh.nodes", NULL, 200, body);
	made_bundle_read(b, &f);
	assert_int_equal(list_length(f.mesh_nodes), count);
	assert_null(facts_why_unseen(&f, "mesh.nodes"));
	if (count) {
		const struct mesh_node *node =
		    g_ptr_array_index(f.mesh_nodes, 0);
		assert_string_equal(node->id, "1");
		assert_string_equal(node->state, "AVAILABLE");
	}
}

static void mesh_nodes_come_as_a_list(void **state)
{
	mesh_nodes(*state, "[" MESH("AVAILABLE") "]", 1);
}

static void or_as_a_page(void **state)
{
	mesh_nodes(*state,
	    "{\"values\":[" MESH("AVAILABLE") "],\"isLastPage\":true}", 1);
}

static void or_as_one_object(void **state)
{
	mesh_nodes(*state, MESH("AVAILABLE"), 1);
}

static void or_there_are_none(void **state)
{
	mesh_nodes(*state, "[]", 0);
}

static void half_of_the_mesh_nodes_is_none(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "mesh.nodes", NULL, 200,
	    "{\"values\":[" MESH("AVAILABLE") "],\"isLastPage\":false}");
	made_bundle_read(b, &f);
	unseen(&f, "mesh.nodes", "only the first page");
	assert_int_equal(list_length(f.mesh_nodes), 0);
}

static void a_migration_goes_on_until_it_is_surely_over(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "mesh.migration", NULL, 200,
	    "{\"state\":\"WHATEVER\",\"progress\":7}");
	made_bundle_read(b, &f);
	assert_true(f.mesh_migrating.value);
}

#define END(id, type, reachable)                                               \
	"{\"node\":{\"id\":" id ",\"type\":\"" type "\"},"                     \
	"\"summary\":{\"reachable\":" reachable "}}"

static void connectivity(struct made_bundle *b, struct facts *f,
    const char *nodes, const char *summaries)
{
	g_autofree char *body =
	    g_strdup_printf("{\"reports\":[{\"summaries\":[%s]}]}", summaries);

	made_bundle_put(b, "mesh.nodes", NULL, nodes ? 200 : 0, nodes);
	made_bundle_put(b, "mesh.connectivity", NULL, 200, body);
	made_bundle_read(b, f);
}

static void pairs_that_do_not_reach_each_other_are_counted(void **state)
{
	g_auto(facts) f = {0};

	connectivity(*state, &f, "[" MESH("AVAILABLE") "]",
	    END("\"1\"", "MESH", "true") "," END("1", "MESH", "false") "," END(
		"\"x\"", "BITBUCKET", "true"));
	assert_int_equal(f.mesh_unreachable.value, 1);
}

static void a_report_without_a_mesh_node_at_work_is_none(void **state)
{
	g_auto(facts) f = {0};

	connectivity(*state, &f, "[" MESH("AVAILABLE") "]", "");
	unseen(&f, "mesh.connectivity", "no report names Mesh node 1");
	assert_false(f.mesh_unreachable.known);
}

static void nor_is_one_of_a_node_that_is_not_listed(void **state)
{
	g_auto(facts) f = {0};

	connectivity(*state, &f, "[]", END("\"1\"", "MESH", "true"));
	unseen(&f, "mesh.connectivity", "1 Mesh nodes, the list of them 0");
}

static void nor_is_one_beside_no_list(void **state)
{
	g_auto(facts) f = {0};

	connectivity(*state, &f, NULL, END("\"1\"", "MESH", "true"));
	unseen(&f, "mesh.connectivity", "no list of Mesh nodes");
}

static int kind_of(const struct facts *f, const char *what)
{
	for (guint i = 0; i < list_length(f->unseen); i++) {
		const struct unseen *u = g_ptr_array_index(f->unseen, i);
		if (g_str_equal(u->what, what))
			return u->kind;
	}
	return -1;
}

/* The reply of a release as to what came with 8.0. */
static int kind_in(struct made_bundle *b, const char *version)
{
	g_autofree char *body =
	    g_strdup_printf("{\"displayName\":\"Bitbucket\",\"version\":\"%s\","
			    "\"buildNumber\":\"7\"}",
		version);
	g_auto(facts) f = {0};

	made_bundle_put(b, "product", NULL, 200, body);
	made_bundle_put(b, "mesh.nodes", NULL, 404,
	    "{\"errors\":[{\"message\":\"null for uri\"}]}");
	made_bundle_read(b, &f);
	return kind_of(&f, "mesh.nodes");
}

static void what_a_release_does_not_have_is_not_here(void **state)
{
	assert_int_equal(kind_in(*state, "7.21.9"), UNSEEN_NOT_HERE);
}

static void what_it_should_have_is_unanswered(void **state)
{
	assert_int_equal(kind_in(*state, "8.0.0"), UNSEEN_UNANSWERED);
}

static void no_migration_answers_404(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "mesh.migration", NULL, 404,
	    "{\"errors\":[{\"context\":null,\"message\":\"None\"}]}");
	made_bundle_read(b, &f);
	assert_true(f.mesh_migrating.known && !f.mesh_migrating.value);
}

static void both_spellings_of_health_are_read(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "health", NULL, 200,
	    "{\"statuses\":[{\"completeKey\":\"a\",\"isHealthy\":false,"
	    "\"failureReason\":\"full\"},{\"completeKey\":\"b\","
	    "\"healthy\":true,\"failureReason\":\"all is well\"}]}");
	made_bundle_read(b, &f);
	const struct health_check *a = g_ptr_array_index(f.health, 0);
	const struct health_check *z = g_ptr_array_index(f.health, 1);
	assert_false(a->healthy.value);
	assert_string_equal(a->reason, "full");
	assert_true(z->healthy.value);
	assert_null(z->reason);
}

static void checks_that_never_ran_say_nothing(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "health", NULL, 204, "");
	made_bundle_read(b, &f);
	unseen(&f, "health", "never run");
	assert_int_equal(kind_of(&f, "health"), UNSEEN_NOT_HERE);
	assert_non_null(facts_find_source(&f, "health"));
}

#define EVENTS(entities, last)                                                 \
	"{\"entities\":[" entities "],\"pagingInfo\":{\"lastPage\":" last "}}"
#define EVENT(at)                                                              \
	"{\"timestamp\":\"" at "\",\"type\":{\"action\":\"Plugin enabled\","   \
	"\"category\":\"Apps\"},\"author\":{\"name\":\"Ada\"},"                \
	"\"affectedObjects\":[{\"name\":\"app\",\"type\":\"PLUGIN\"}]}"

static void events_are_read_without_who_did_it(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "audit.events", "page 1", 200,
	    EVENTS(EVENT("2026-08-01T00:00:00Z"), "false"));
	made_bundle_put(b, "audit.events", "page 2", 200,
	    EVENTS(EVENT("2026-07-31T00:00:00.123+02:00"), "true"));
	made_bundle_read(b, &f);
	assert_int_equal(list_length(f.audit_events), 2);
	const struct audit_event *e = g_ptr_array_index(f.audit_events, 0);
	assert_string_equal(e->action, "Plugin enabled");
	assert_string_equal(e->object, "app");
	assert_null(e->author);
}

static void an_event_without_a_time_spoils_the_list(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "audit.events", "page 1", 200,
	    EVENTS(EVENT("2026-08-01T00:00:00Z") "," EVENT("noon"), "true"));
	made_bundle_read(b, &f);
	unseen(&f, "audit.events", "timestamp");
	assert_int_equal(list_length(f.audit_events), 0);
}

static void the_products_own_look_at_the_target(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(
	    b, "settings", NULL, 0, "{\"target\":\"9.4.23\",\"nodes\":[]}");
	made_bundle_put(b, "pre-upgrade", NULL, 200,
	    "{\"versions\":[{\"shortName\":\"9.5.0\",\"isZduAvailable\":false},"
	    "{\"shortName\":\"9.4.23\",\"isZduAvailable\":true}]}");
	made_bundle_read(b, &f);
	assert_true(f.cluster.zdu_available.value);
}

static void a_target_that_it_does_not_list_is_unseen(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(
	    b, "settings", NULL, 0, "{\"target\":\"9.4.23\",\"nodes\":[]}");
	made_bundle_put(b, "pre-upgrade", NULL, 200, "{\"versions\":[]}");
	made_bundle_read(b, &f);
	unseen(&f, "pre-upgrade", "does not list 9.4.23");
}

static int kind_of_planning(struct made_bundle *b, const char *message)
{
	g_autofree char *body =
	    g_strdup_printf("{\"errors\":[{\"message\":\"%s\"}]}", message);
	g_auto(facts) f = {0};

	made_bundle_put(b, "pre-upgrade", NULL, 500, body);
	made_bundle_read(b, &f);
	return kind_of(&f, "pre-upgrade");
}

static void without_a_way_to_the_vendor_it_has_no_data(void **state)
{
	assert_int_equal(
	    kind_of_planning(*state, "No data available"), UNSEEN_NOT_HERE);
}

static void which_is_not_the_same_as_an_error(void **state)
{
	assert_int_equal(
	    kind_of_planning(*state, "An error occurred"), UNSEEN_UNANSWERED);
}

int main(void)
{
#define each(test)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    test, made_bundle_open, made_bundle_close)
	const struct CMUnitTest tests[] = {
	    each(the_licence_is_read_without_its_text),
	    each(an_unlimited_licence_has_no_maximum),
	    each(no_licence_is_a_fact),
	    each(a_licence_without_dates_is_not_read),
	    each(mesh_nodes_come_as_a_list),
	    each(or_as_a_page),
	    each(or_as_one_object),
	    each(or_there_are_none),
	    each(half_of_the_mesh_nodes_is_none),
	    each(a_migration_goes_on_until_it_is_surely_over),
	    each(pairs_that_do_not_reach_each_other_are_counted),
	    each(a_report_without_a_mesh_node_at_work_is_none),
	    each(nor_is_one_of_a_node_that_is_not_listed),
	    each(nor_is_one_beside_no_list),
	    each(what_a_release_does_not_have_is_not_here),
	    each(what_it_should_have_is_unanswered),
	    each(no_migration_answers_404),
	    each(both_spellings_of_health_are_read),
	    each(checks_that_never_ran_say_nothing),
	    each(events_are_read_without_who_did_it),
	    each(an_event_without_a_time_spoils_the_list),
	    each(the_products_own_look_at_the_target),
	    each(a_target_that_it_does_not_list_is_unseen),
	    each(without_a_way_to_the_vendor_it_has_no_data),
	    each(which_is_not_the_same_as_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
