#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

#include <cmocka.h>

#include "audit/collect/versions.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "port/yaml.h"

static const char pack[] = "audit/packs/bitbucket-versions.yaml";

static char *text_of(size_t *length)
{
	char *text = file_read(pack, LIMIT_PACK, length, NULL);

	assert_non_null(text);
	return text;
}

static versions *shipped(void)
{
	size_t length = 0;
	g_autofree char *text = text_of(&length);
	g_autoptr(GError) error = NULL;
	versions *v = versions_read(text, length, pack, &error);

	if (!v)
		fail_msg("%s", error->message);
	return v;
}

typedef struct knowledge knowledge;
static void knowledge_clear(struct knowledge *k)
{
	struct facts f = {.knowledge = *k};

	facts_clear(&f);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(knowledge, knowledge_clear)

static void the_shipped_pack_holds_every_release(void **state)
{
	(void)state;
	size_t length = 0;
	size_t releases = 0;
	g_autofree char *text = text_of(&length);
	g_autoptr(json) root = yaml_parse(text, length, pack, NULL);
	g_autoptr(versions) v = shipped();

	json_each (line, json_find(root, "lines"))
		releases += json_length(json_find(line, "releases"));
	assert_int_equal(releases, 352);
	assert_int_equal(json_length(json_find(root, "lines")), 54);
	assert_int_equal(json_length(json_find(root, "advisories")), 10);
	assert_int_equal(json_length(json_find(root, "upgrade_notes")), 9);
	assert_int_equal(json_length(json_find(root, "known_regressions")), 1);
}

static void the_pack_tells_its_age(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(facts) f = {0};
	struct pack *p = shape_add(&pack_shape, &f.packs);

	versions_pack(v, p);
	assert_string_equal(p->name, "bitbucket-versions");
	assert_string_equal(p->version, "2026.11.1");
	g_autofree char *as_of = clock_text(p->as_of.value);
	assert_string_equal(as_of, "2026-08-22T00:00:00Z");
	assert_true(p->stale_after.value > p->as_of.value);
}

static void a_bugfix_step_has_no_notes_but_unread_ones(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) k = {0};

	versions_know(v, "9.4.22", "9.4.23", &k);
	assert_true(k.current_listed.value && k.target_listed.value);
	assert_string_equal(k.target.line, "9.4");
	assert_string_equal(k.newest_of_line.version, "9.4.23");
	g_autofree char *end = clock_text(k.line_ends_at.value);
	assert_string_equal(end, "2026-12-03T00:00:00Z");
	assert_true(k.long_term.value);
	assert_false(k.server_licence_allowed.value);
	assert_non_null(strstr(k.java, "17"));
	assert_int_equal(list_length(k.notes), 0);
	assert_int_equal(list_length(k.unread), 1);
	assert_string_equal(g_ptr_array_index(k.unread, 0), "9.4.23");
	assert_int_equal(list_length(k.advisories), 0);
	assert_int_equal(list_length(k.regressions), 1);
}

static const struct advisory *find(const struct knowledge *k, const char *id)
{
	for (guint i = 0; i < list_length(k->advisories); i++) {
		const struct advisory *a = g_ptr_array_index(k->advisories, i);
		if (g_str_equal(a->id, id))
			return a;
	}
	return NULL;
}

static void what_the_target_mends_is_told_from_what_stays_open(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) k = {0};

	/* Fixed in 8.9.5 and in 8.9.13; both are half-open ranges. */
	versions_know(v, "8.9.4", "8.9.5", &k);
	assert_true(find(&k, "CVE-2023-22513")->fixed_by_target.value);
	assert_false(find(&k, "CVE-2024-21684")->fixed_by_target.value);
	assert_true(find(&k, "CVE-2024-21684")->fixed_by_target.known);
	assert_null(find(&k, "CVE-2022-36804"));
}

static void a_record_without_versions_says_that_it_does_not_know(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) old = {0};
	g_auto(knowledge) new = {0};

	versions_know(v, "7.17.3", "7.17.4", &old);
	assert_false(find(&old, "CVE-2021-44228")->fixed_by_target.known);
	versions_know(v, "9.4.22", "9.4.23", &new);
	assert_null(find(&new, "CVE-2021-44228"));
}

static void notes_of_every_line_on_the_way_are_told(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) k = {0};

	versions_know(v, "8.19.29", "10.2.6", &k);
	assert_int_equal(list_length(k.notes), 3);
	const struct note *first = g_ptr_array_index(k.notes, 0);
	const struct note *last = g_ptr_array_index(k.notes, 2);
	const struct condition *c = g_ptr_array_index(first->when, 0);
	assert_string_equal(first->at, "9.0");
	assert_string_equal(first->id, "9.0-java");
	assert_string_equal(first->severity, "blocker");
	assert_string_equal(c->fact, "/nodes/*/java");
	assert_string_equal(c->op, "below");
	assert_string_equal(c->value, "17");
	assert_string_equal(last->at, "10.0");
	assert_null(last->severity);
}

static void order_is_numeric(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) k = {0};

	/* As texts 8.9.27 would lie behind 8.10.0. */
	versions_know(v, "8.9.27", "8.10.0", &k);
	assert_string_equal(k.target.line, "8.10");
	assert_int_equal(list_length(k.unread), 1);
}

static void what_the_pack_does_not_list_is_said_to_be_missing(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) k = {0};

	/* 9.4.10 was never offered, and 9.4.22-m1 is no release. */
	versions_know(v, "9.4.22-m1", "9.4.10", &k);
	assert_true(k.current_listed.known && !k.current_listed.value);
	assert_true(k.target_listed.known && !k.target_listed.value);
	assert_null(k.target.version);
	assert_string_equal(k.newest_of_line.version, "9.4.23");
}

static void a_line_of_which_nobody_knows_the_end_has_none(void **state)
{
	(void)state;
	g_autoptr(versions) v = shipped();
	g_auto(knowledge) k = {0};

	versions_know(v, "8.0.0", NULL, &k);
	assert_false(k.line_ends_at.known);
	assert_false(k.target_listed.known);
}

static void a_harmed_pack_is_refused(void **state)
{
	(void)state;
	static const char *const harms[][3] = {
	    {"9.4.23: 2026", "9.4.x: 2026", "9.4.x"},
	    {"9.4.23: 2026-08", "9.4.23: soon-08", "9.4.23"},
	    {"    9.4.23: ", "    9.5.23: ", "stands in line"},
	    {"gonogo.versions/1", "gonogo.versions/2", "schema"},
	    {"stale_after: ", "stale_behind: ", "stale_after"},
	    {"fixed: 8.9.5", "mended: 8.9.5", "CVE-2023-22513"},
	    {"advisories:", "advice:", "advisories"},
	    {"op: contains", "op: like", "no op 'like'"},
	    {"fact: /licence", "fact: licence", "begins with a slash"},
	    {"    value: 17", "    than: 17", "9.0-java: value"},
	    {"severity: blocker", "severity: awful", "no severity 'awful'"},
	    {"id: 9.0-java", "id: 9.0-apps", "9.0-apps stands there twice"},
	    {"- id: 9.0-java", "- name: 9.0-java", "id"},
	};
	size_t length = 0;
	g_autofree char *text = text_of(&length);

	for (size_t i = 0; i < G_N_ELEMENTS(harms); i++) {
		g_autoptr(GString) harmed = g_string_new(text);
		g_autoptr(GError) error = NULL;
		assert_int_equal(
		    g_string_replace(harmed, harms[i][0], harms[i][1], 1), 1);
		versions *v = versions_read(
		    harmed->str, harmed->len, "pack.yaml", &error);
		assert_null(v);
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
		assert_true(g_str_has_prefix(error->message, "pack.yaml: "));
		if (!strstr(error->message, harms[i][2]))
			fail_msg("%s: not '%s'", error->message, harms[i][2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_shipped_pack_holds_every_release),
	    cmocka_unit_test(the_pack_tells_its_age),
	    cmocka_unit_test(a_bugfix_step_has_no_notes_but_unread_ones),
	    cmocka_unit_test(
		what_the_target_mends_is_told_from_what_stays_open),
	    cmocka_unit_test(
		a_record_without_versions_says_that_it_does_not_know),
	    cmocka_unit_test(notes_of_every_line_on_the_way_are_told),
	    cmocka_unit_test(order_is_numeric),
	    cmocka_unit_test(what_the_pack_does_not_list_is_said_to_be_missing),
	    cmocka_unit_test(a_line_of_which_nobody_knows_the_end_has_none),
	    cmocka_unit_test(a_harmed_pack_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
