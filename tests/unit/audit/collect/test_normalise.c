#include "tests/unit/audit/collect/made_bundle.h"

#define SETTINGS                                                               \
	"{\"name\":\"demo\",\"url\":\"http://x\",\"target\":\"9.4.23\","       \
	"\"procedure\":\"rolling\",\"nodes\":["                                \
	"{\"name\":\"bb-1\",\"url\":\"http://10.0.0.1:7990\"},"                \
	"{\"name\":\"10.0.0.2:7990\",\"url\":\"http://10.0.0.2:7990\"}]}"
#define MEMBER(name, id, host, version)                                        \
	"{\"id\":\"" id "\",\"name\":\"" name                                  \
	"\",\"address\":{\"address\":\"" host                                  \
	"\",\"port\":5701},\"buildVersion\":\"" version "\",\"local\":true}"
#define MEMBERS(local, nodes)                                                  \
	"{\"running\":true,\"localNode\":" local ",\"nodes\":[" nodes "]}"
#define ONE MEMBER("bb-1", "i1", "10.0.0.1", "9.4.22")
#define TWO MEMBER("bb-2", "i2", "10.0.0.2", "9.4.22")
#define PROPERTIES(version)                                                    \
	"{\"version\":\"" version                                              \
	"\",\"buildNumber\":\"9004022\",\"displayName\":\"Bitbucket\"}"

static void settings_and_silence(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(b, "licence", NULL, 0, NULL);
	made_bundle_read(b, &f);
	assert_string_equal(f.cluster.name, "demo");
	assert_string_equal(f.plan.target, "9.4.23");
	assert_int_equal(f.made_at.value, MADE_AT);
	assert_false(f.licence.installed.known);
	unseen(&f, "licence", "connection refused");
	unseen(&f, "apps.installed", "not asked");
	assert_non_null(facts_find_source(&f, "settings"));
	assert_null(facts_find_source(&f, "licence"));
}

static void a_node_is_found_by_what_it_calls_itself(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(
	    b, "node.members", "10.0.0.2:7990", 200, MEMBERS(TWO, ONE "," TWO));
	made_bundle_put(
	    b, "node.status", "10.0.0.2:7990", 200, "{\"state\":\"RUNNING\"}");
	made_bundle_put(
	    b, "cluster.members", NULL, 200, MEMBERS(ONE, ONE "," TWO));
	made_bundle_read(b, &f);
	assert_int_equal(list_length(f.nodes), 2);
	const struct node *two = facts_find_node(&f, "bb-2");
	assert_string_equal(two->status, "RUNNING");
	assert_string_equal(two->address, "10.0.0.2:5701");
	assert_true(two->member.value);
	assert_int_equal(two->clock_skew_ms.value, 0);
	assert_string_equal(
	    g_ptr_array_index(f.cluster.expected_nodes, 1), "bb-2");
}

static void a_url_that_leads_to_another_node_tells_nothing_of_this_one(
    void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0,
	    "{\"nodes\":[{\"name\":\"bb-1\",\"url\":\"http://x\"},"
	    "{\"name\":\"bb-2\",\"url\":\"http://y\"}]}");
	made_bundle_put(b, "node.members", "bb-2", 200, MEMBERS(ONE, ONE));
	made_bundle_put(
	    b, "node.status", "bb-2", 200, "{\"state\":\"RUNNING\"}");
	made_bundle_put(b, "node.version", "bb-2", 200, PROPERTIES("9.4.22"));
	made_bundle_read(b, &f);
	unseen(&f, "node.bb-2.members", "answered by node bb-1");
	unseen(&f, "node.bb-2.status", "answered by node bb-1");
	unseen(&f, "node.bb-2.version", "answered by node bb-1");
	assert_null(facts_find_node(&f, "bb-2")->status);
}

static void an_absent_member_is_a_member_no_more(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(b, "cluster.members", NULL, 200, MEMBERS(ONE, ONE));
	made_bundle_read(b, &f);
	const struct node *two = facts_find_node(&f, "10.0.0.2:7990");
	assert_true(two->member.known && !two->member.value);
	assert_true(facts_find_node(&f, "bb-1")->member.value);
}

static void two_witnesses_that_differ_are_none(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(b, "node.version", "bb-1", 200, PROPERTIES("9.4.21"));
	made_bundle_put(b, "cluster.members", NULL, 200, MEMBERS(ONE, ONE));
	made_bundle_read(b, &f);
	assert_null(facts_find_node(&f, "bb-1")->version);
	unseen(&f, "node.bb-1.version", "9.4.21");
}

static void half_a_list_is_no_list(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(
	    b, "cluster.members", NULL, 200, MEMBERS(ONE, ONE ",{\"id\":7}"));
	made_bundle_read(b, &f);
	unseen(&f, "cluster.members", "name: missing");
	assert_false(facts_find_node(&f, "bb-1")->member.known);
	assert_false(f.cluster.running.known);
}

#define ZDU(id, name, state)                                                   \
	"{\"id\":\"" id "\",\"name\":\"" name "\",\"state\":\"" state          \
	"\",\"version\":\"9.4.22\"}"

static void an_earlier_life_of_a_node_is_passed_over(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(b, "cluster.members", NULL, 200, MEMBERS(ONE, ONE));
	made_bundle_put(b, "cluster.zdu", NULL, 200,
	    "{\"state\":\"STABLE\",\"upgradeModeEnabled\":false,\"nodes\":"
	    "[" ZDU("old", "bb-1", "OFFLINE") "," ZDU(
		"i1", "bb-1", "ACTIVE") "," ZDU("i9", "bb-9", "OFFLINE") "]}");
	made_bundle_read(b, &f);
	assert_string_equal(facts_find_node(&f, "bb-1")->state, "ACTIVE");
	assert_string_equal(facts_find_node(&f, "bb-9")->state, "OFFLINE");
	assert_string_equal(f.cluster.zdu_state, "STABLE");
	assert_true(f.licence.data_center.value);
}

static void a_lock_is_no_lock_only_by_bitbuckets_own_word(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "cluster.lock", NULL, 404, "<html>nginx</html>");
	made_bundle_read(b, &f);
	assert_false(f.cluster.maintenance.known);
	unseen(&f, "cluster.lock", "HTML");
}

static void not_there_in_other_words_is_no_answer(void **state)
{
	static const char *const bodies[] = {"{}", "[]",
	    "[{\"errors\":[{\"message\":\"x\"}]}]", "{\"errors\":[]}",
	    "{\"errors\":[{\"message\":7}]}", "not found"};

	for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++) {
		g_auto(facts) f = {0};
		void *again = NULL;

		made_bundle_open(&again);
		made_bundle_put(again, "cluster.lock", NULL, 404, bodies[i]);
		made_bundle_read(again, &f);
		assert_false(f.cluster.maintenance.known);
		unseen(&f, "cluster.lock", "");
		made_bundle_close(&again);
	}
	(void)state;
}

static void an_old_copy_is_no_answer(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};
	g_auto(raw_meta) meta = {.what = g_strdup("licence"),
	    .collector = g_strdup("bitbucket"),
	    .request = g_strdup("GET http://x/"),
	    .at = number_of(MADE_AT + 3600),
	    .http_status = number_of(200),
	    .date = g_strdup(MADE_DATE)};

	assert_true(raw_put(
	    b->store, &meta, RAW_JSON, "{\"expiryDate\":1}", false, NULL));
	assert_true(normalise(b->path, MADE_AT + 7200, &f, NULL));
	unseen(&f, "licence", "an old copy");
}

static void a_page_has_what_it_says(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "mirrors", "page 1", 200,
	    "{\"values\":[],\"size\":1,\"isLastPage\":true}");
	made_bundle_read(b, &f);
	unseen(&f, "mirrors", "a page of 1 entries has 0");
}

static void without_a_lock_the_answer_is_404(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "cluster.lock", NULL, 404, "");
	made_bundle_read(b, &f);
	assert_true(
	    f.cluster.maintenance.known && !f.cluster.maintenance.value);
}

static void refusals_are_told_in_bitbuckets_words(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "cluster.zdu", NULL, 401,
	    "{\"errors\":[{\"message\":\"You are not permitted\"}]}");
	made_bundle_put(b, "licence", NULL, 200, "");
	made_bundle_put(b, "mesh.nodes", NULL, 404, "{}");
	made_bundle_put(b, "health", NULL, 200, "<html>login</html>");
	made_bundle_put(b, "rate-limit", NULL, 200, "{\"enabled\":\"yes\"}");
	made_bundle_read(b, &f);
	unseen(&f, "cluster.zdu", "You are not permitted");
	unseen(&f, "licence", "empty");
	unseen(&f, "mesh.nodes", "404");
	unseen(&f, "health", "HTML");
	unseen(&f, "rate-limit", "enabled: not true or false");
}

#define MIRROR(id)                                                             \
	"{\"id\":\"" id "\",\"name\":\"m\",\"enabled\":true,"                  \
	"\"lastSeenDate\":\"2026-08-17T16:00:00Z\"}"

static void pages_are_read_to_the_last(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "mirrors", "page 1", 200,
	    "{\"values\":[" MIRROR("A") "],\"isLastPage\":false}");
	made_bundle_put(b, "mirrors", "page 2", 200,
	    "{\"values\":[" MIRROR("B") "],\"isLastPage\":true}");
	made_bundle_read(b, &f);
	assert_int_equal(list_length(f.mirrors), 2);
}

static void a_page_that_is_missing_makes_the_list_unseen(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "mirrors", "page 1", 200,
	    "{\"values\":[" MIRROR("A") "],\"isLastPage\":false}");
	made_bundle_put(b, "mirrors", "page 2", 0, NULL);
	made_bundle_read(b, &f);
	assert_int_equal(list_length(f.mirrors), 0);
	unseen(&f, "mirrors", "connection refused");
}

static void the_same_bundle_gives_the_same_bytes(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) one = {0};
	g_auto(facts) two = {0};

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	made_bundle_put(b, "cluster.members", NULL, 200, MEMBERS(ONE, ONE));
	made_bundle_read(b, &one);
	made_bundle_read(b, &two);
	g_autoptr(json) first = document_write(&facts_shape, &one);
	g_autoptr(json) second = document_write(&facts_shape, &two);
	g_autofree char *a = json_pretty(first);
	g_autofree char *z = json_pretty(second);
	assert_string_equal(a, z);
}

static void a_bundle_from_the_future_is_refused(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};
	g_autoptr(GError) error = NULL;

	made_bundle_put(b, "settings", NULL, 0, SETTINGS);
	assert_false(normalise(b->path, MADE_AT - 1, &f, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
}

static void one_question_has_one_answer(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};
	g_autoptr(GError) error = NULL;

	made_bundle_put(b, "licence", NULL, 404, "");
	made_bundle_put(b, "licence", NULL, 200, "{}");
	assert_false(normalise(b->path, MADE_AT, &f, &error));
	assert_non_null(strstr(error->message, "two replies to licence"));
}

int main(void)
{
#define each(test)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    test, made_bundle_open, made_bundle_close)
	const struct CMUnitTest tests[] = {
	    each(settings_and_silence),
	    each(a_node_is_found_by_what_it_calls_itself),
	    each(a_url_that_leads_to_another_node_tells_nothing_of_this_one),
	    each(an_absent_member_is_a_member_no_more),
	    each(two_witnesses_that_differ_are_none),
	    each(half_a_list_is_no_list),
	    each(an_earlier_life_of_a_node_is_passed_over),
	    each(a_lock_is_no_lock_only_by_bitbuckets_own_word),
	    cmocka_unit_test(not_there_in_other_words_is_no_answer),
	    each(an_old_copy_is_no_answer),
	    each(a_page_has_what_it_says),
	    each(without_a_lock_the_answer_is_404),
	    each(refusals_are_told_in_bitbuckets_words),
	    each(pages_are_read_to_the_last),
	    each(a_page_that_is_missing_makes_the_list_unseen),
	    each(the_same_bundle_gives_the_same_bytes),
	    each(a_bundle_from_the_future_is_refused),
	    each(one_question_has_one_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
