#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "contract/facts.h"
#include "contract/finding.h"

#include <cmocka.h>

static void a_new_finding_is_unknown_and_has_its_key(void **state)
{
	(void)state;
	g_auto(findings) found = {0};
	const struct finding *app =
	    findings_add(&found, "APPS-incompatible", "app", "org.example.a");
	const struct finding *all =
	    findings_add(&found, "CLUSTER-not-locked", NULL, NULL);

	assert_int_equal(app->outcome, OUTCOME_UNKNOWN);
	assert_string_equal(app->key, "APPS-incompatible/org.example.a");
	assert_string_equal(app->area, "apps");
	assert_string_equal(all->key, "CLUSTER-not-locked");
	assert_string_equal(all->area, "cluster");
	assert_null(all->subject.id);
}

static void the_last_answer_counts(void **state)
{
	(void)state;
	g_auto(findings) found = {0};
	struct finding *f = findings_add(&found, "A-b", NULL, NULL);

	finding_answer(f, OUTCOME_PASS, "%d of %d", 3, 3);
	assert_int_equal(f->outcome, OUTCOME_PASS);
	finding_unknown(f, "too %s", "old");
	assert_int_equal(f->outcome, OUTCOME_UNKNOWN);
	assert_string_equal(f->why, "too old");
	assert_string_equal(f->message, "3 of 3");
}

static void findings_are_sorted_and_found_by_key(void **state)
{
	(void)state;
	static const char *const checks[] = {"B-b", "A-z", "B-a", "A-a"};
	static const char *const sorted[] = {"A-a", "A-z", "B-a", "B-b"};
	g_auto(findings) found = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
		findings_add(&found, checks[i], NULL, NULL);
	findings_sort(&found);
	for (size_t i = 0; i < G_N_ELEMENTS(sorted); i++) {
		const struct finding *f = g_ptr_array_index(found.list, i);
		assert_string_equal(f->key, sorted[i]);
		assert_ptr_equal(findings_find(&found, sorted[i]), f);
	}
	assert_null(findings_find(&found, "C-a"));
}

static void what_is_unseen_is_found_with_its_reason(void **state)
{
	(void)state;
	g_auto(facts) facts = {0};

	facts_add_unseen(&facts, "home.space", "%s", "refused");
	assert_string_equal(facts_why_unseen(&facts, "home.space"), "refused");
	assert_null(facts_why_unseen(&facts, "home"));
	assert_null(facts_find_source(&facts, "home.space"));
	assert_ptr_equal(
	    facts_node(&facts, "bb-1"), facts_node(&facts, "bb-1"));
	assert_int_equal(facts.nodes->len, 1);
	assert_null(facts_find_node(&facts, "bb-2"));
	assert_null(facts_find_app(&facts, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_new_finding_is_unknown_and_has_its_key),
	    cmocka_unit_test(the_last_answer_counts),
	    cmocka_unit_test(findings_are_sorted_and_found_by_key),
	    cmocka_unit_test(what_is_unseen_is_found_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
