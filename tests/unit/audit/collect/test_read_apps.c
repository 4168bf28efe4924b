#include "audit/collect/read_apps.h"
#include "tests/unit/audit/collect/made_bundle.h"

#define PLUGIN(key, user)                                                      \
	"{\"key\":\"" key "\",\"name\":\"N\",\"version\":\"1.0\","             \
	"\"enabled\":true,\"userInstalled\":" user "}"
#define INSTALLED                                                              \
	"{\"plugins\":[" PLUGIN("a", "true") "," PLUGIN(                       \
	    "b", "true") "," PLUGIN("system", "false") "]}"
#define ENTRY(key) "{\"key\":\"" key "\"}"
#define LISTS(good, before, after, bad, unknown)                               \
	"{\"compatible\":[" good "],\"updateRequired\":[" before               \
	"],\"updateRequiredAfterProductUpdate\":[" after                       \
	"],\"incompatible\":[" bad "],\"unknown\":[" unknown "]}"
#define UPDATES(link)                                                          \
	"{\"versions\":[{\"version\":\"9.4.23\",\"links\":{\"self\":\"" link   \
	"\"}}],\"hostStatus\":{\"pacDisabled\":false,"                         \
	"\"pacUnavailable\":false}}"

static void read_lists(
    struct made_bundle *b, const char *lists, struct facts *f)
{
	made_bundle_put(
	    b, "settings", NULL, 0, "{\"target\":\"9.4.23\",\"nodes\":[]}");
	made_bundle_put(b, "apps.installed", NULL, 200, INSTALLED);
	made_bundle_put(b, "apps.compatibility", NULL, 200, lists);
	made_bundle_read(b, f);
}

static void system_apps_are_not_the_sites_own(void **state)
{
	g_auto(facts) f = {0};

	read_lists(*state, LISTS(ENTRY("a"), "", "", ENTRY("b"), ""), &f);
	assert_int_equal(list_length(f.apps), 2);
	assert_null(facts_find_app(&f, "system"));
	assert_int_equal(facts_find_app(&f, "a")->state, APP_COMPATIBLE);
	assert_int_equal(facts_find_app(&f, "b")->state, APP_INCOMPATIBLE);
	assert_true(f.app_check.answered.value);
	assert_string_equal(f.app_check.target, "9.4.23");
	assert_null(facts_why_unseen(&f, "apps.compatibility.coverage"));
}

static void five_empty_lists_are_no_answer(void **state)
{
	g_auto(facts) f = {0};

	read_lists(*state, LISTS("", "", "", "", ""), &f);
	unseen(&f, "apps.compatibility", "nothing was checked");
	assert_false(f.app_check.answered.known);
	assert_false(facts_find_app(&f, "a")->answered.known);
}

static void an_app_that_no_list_names_is_missed(void **state)
{
	g_auto(facts) f = {0};

	read_lists(*state, LISTS(ENTRY("a"), "", "", "", ""), &f);
	unseen(&f, "apps.compatibility.coverage", "says nothing of b");
	assert_true(facts_find_app(&f, "b")->answered.known);
	assert_false(facts_find_app(&f, "b")->answered.value);
	assert_int_equal(facts_find_app(&f, "b")->state, APP_UNKNOWN);
}

static void what_contradicts_itself_is_not_believed(void **state)
{
	g_auto(facts) f = {0};

	read_lists(*state,
	    LISTS(ENTRY("a") "," ENTRY("b"), "", "", ENTRY("b"), ""), &f);
	unseen(&f, "apps.compatibility", "names b twice");
	assert_int_equal(facts_find_app(&f, "a")->state, APP_UNKNOWN);
}

static void an_app_that_is_not_installed_makes_the_check_anothers(void **state)
{
	g_auto(facts) f = {0};

	read_lists(*state,
	    LISTS(ENTRY("a") "," ENTRY("b") "," ENTRY("c"), "", "", "", ""),
	    &f);
	unseen(&f, "apps.compatibility", "c, which is not installed");
}

static void a_missing_list_is_not_an_empty_one(void **state)
{
	g_auto(facts) f = {0};

	read_lists(
	    *state, "{\"compatible\":[" ENTRY("a") "," ENTRY("b") "]}", &f);
	unseen(&f, "apps.compatibility", "updateRequired: missing");
}

static void an_empty_list_of_apps_is_no_answer(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "apps.installed", NULL, 200, "{\"plugins\":[]}");
	made_bundle_put(
	    b, "apps.compatibility", NULL, 200, LISTS("", "", "", "", ""));
	made_bundle_read(b, &f);
	unseen(&f, "apps.installed", "empty list");
	unseen(&f, "apps.compatibility", "no list of installed apps");
}

static void a_wrong_type_in_one_app_hides_them_all(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "apps.installed", NULL, 200,
	    "{\"plugins\":[" PLUGIN("a", "true") "," PLUGIN(
		"b", "\"true\"") "]}");
	made_bundle_read(b, &f);
	unseen(&f, "apps.installed", "userInstalled: not true or false");
	assert_int_equal(list_length(f.apps), 0);
}

static void a_list_made_without_the_marketplace_is_not_believed(void **state)
{
	struct made_bundle *b = *state;
	g_auto(facts) f = {0};

	made_bundle_put(b, "apps.updates", NULL, 200,
	    "{\"versions\":[],\"hostStatus\":{\"pacDisabled\":false,"
	    "\"pacUnavailable\":true}}");
	made_bundle_put(b, "apps.marketplace", NULL, 200,
	    "{\"disabled\":false,\"reachable\":false}");
	made_bundle_read(b, &f);
	unseen(&f, "apps.updates", "out of reach");
	assert_false(f.app_check.listed.known);
	assert_true(f.app_check.reachable.known);
	assert_false(f.app_check.reachable.value);
}

static char *path_of(const char *updates, const char *target, GError **error)
{
	g_autoptr(json) body = json_parse(updates, strlen(updates), "x", NULL);

	return apps_compatibility_path(body, target, error);
}

static void the_build_comes_from_the_link(void **state)
{
	(void)state;
	g_autofree char *plain = path_of(
	    UPDATES("/rest/plugins/1.0/product-updates/9004023/compatibility"),
	    "9.4.23", NULL);
	g_autofree char *far = path_of(
	    UPDATES("https://x/bitbucket/rest/plugins/1.0/product-updates/7/"
		    "compatibility"),
	    "9.4.23", NULL);

	assert_string_equal(
	    plain, "/rest/plugins/1.0/product-updates/9004023/compatibility");
	assert_string_equal(
	    far, "/rest/plugins/1.0/product-updates/7/compatibility");
}

static void a_link_that_leads_elsewhere_is_not_followed(void **state)
{
	(void)state;
	static const char *const links[] = {"/rest/plugins/1.0/x",
	    "/rest/plugins/1.0/product-updates//compatibility",
	    "/rest/plugins/1.0/product-updates/7/compatibility?x=1",
	    "/rest/plugins/1.0/product-updates/7/../../compatibility", ""};

	for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *updates = g_strdup_printf(
		    "{\"versions\":[{\"version\":\"9.4.23\",\"links\":"
		    "{\"self\":\"%s\"}}]}",
		    links[i]);
		assert_null(path_of(updates, "9.4.23", &error));
		assert_non_null(error);
	}
	g_autoptr(GError) error = NULL;
	assert_null(path_of(UPDATES("x"), "9.4.24", &error));
	assert_non_null(strstr(error->message, "does not list 9.4.24"));
}

int main(void)
{
#define each(test)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    test, made_bundle_open, made_bundle_close)
	const struct CMUnitTest tests[] = {
	    each(system_apps_are_not_the_sites_own),
	    each(five_empty_lists_are_no_answer),
	    each(an_app_that_no_list_names_is_missed),
	    each(what_contradicts_itself_is_not_believed),
	    each(an_app_that_is_not_installed_makes_the_check_anothers),
	    each(a_missing_list_is_not_an_empty_one),
	    each(an_empty_list_of_apps_is_no_answer),
	    each(a_wrong_type_in_one_app_hides_them_all),
	    each(a_list_made_without_the_marketplace_is_not_believed),
	    cmocka_unit_test(the_build_comes_from_the_link),
	    cmocka_unit_test(a_link_that_leads_elsewhere_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
