#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "healthy.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static void print_reasons(const struct verdict *v)
{
	for (guint i = 0; i < list_length(v->reasons); i++) {
		const struct reason *r = g_ptr_array_index(v->reasons, i);
		print_message("%s: %s\n", r->key, r->message);
	}
}

static void a_healthy_complete_cluster_may_go(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	healthy(&facts);
	judge(&facts, &found);
	verdict_of(&v, &facts, &found, policy, HEALTHY_AS_OF);
	print_reasons(&v);
	assert_int_equal(v.answer, ANSWER_GO);
	assert_int_equal(list_length(v.not_checked), 0);
	assert_int_equal(list_length(v.pre_existing), 0);
	assert_int_equal(v.tally.fail.value, 0);
	/* The set is the first to grow too old. */
	assert_int_equal(v.valid_until.value, HEALTHY_AS_OF - 2600 + 86400);
}

static void of_empty_facts_no_rule_passes(void **state)
{
	(void)state;
	g_auto(facts) facts = {0};
	g_auto(findings) found;

	judge(&facts, &found);
	for (guint i = 0; i < list_length(found.list); i++) {
		const struct finding *f = g_ptr_array_index(found.list, i);
		/* Nothing is unseen of facts that were never asked for. */
		if (g_str_equal(f->check, "EVIDENCE-unseen"))
			continue;
		/* FREEZE-announced says it already. */
		if (g_str_equal(f->check, "FREEZE-quiet"))
			continue;
		/* Of people nothing was seen, either: they are asked. */
		if (f->outcome == OUTCOME_MANUAL)
			continue;
		if (f->outcome != OUTCOME_UNKNOWN)
			print_message("%s: %s\n", f->key, f->message);
		assert_int_equal(f->outcome, OUTCOME_UNKNOWN);
		assert_non_null(f->why);
		assert_true(list_length(f->remediation) > 0);
	}
	assert_int_equal(answer(&facts), ANSWER_UNKNOWN);
}

static void every_rule_finds_something_and_says_it_in_full(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;
	const struct rule *rule = NULL;

	healthy(&facts);
	judge(&facts, &found);
	while ((rule = rules_next(rule))) {
		bool told = false;
		for (guint i = 0; i < list_length(found.list); i++) {
			const struct finding *f =
			    g_ptr_array_index(found.list, i);
			if (!g_str_equal(f->check, rule->id))
				continue;
			told = true;
			assert_non_null(f->message);
			assert_string_equal(f->title, rule->ask);
			assert_true(f->data_as_of.known);
			assert_true(f->data_max_age_s.known);
			assert_true(list_length(f->references) > 0);
		}
		assert_true(told);
	}
}

static void without_any_one_input_of_a_required_rule_it_is_no_go(void **state)
{
	(void)state;
	const struct rule *rule = NULL;
	guint tried = 0;

	while ((rule = rules_next(rule)))
		for (size_t i = 0; i < G_N_ELEMENTS(rule->inputs); i++) {
			g_auto(facts) facts;
			healthy(&facts);
			if (!rule->inputs[i] || !rule->required)
				continue;
			/* All that bears the name, as one failing source. */
			for (guint k = list_length(facts.sources); k > 0; k--) {
				const struct source *s =
				    g_ptr_array_index(facts.sources, k - 1);
				g_autofree char *what = g_strdup(s->what);
				if (rule_is_input(rule->inputs[i], what))
					blind(&facts, what, "refused");
			}
			if (answer(&facts) == ANSWER_GO)
				print_message("%s without %s\n", rule->id,
				    rule->inputs[i]);
			assert_int_not_equal(answer(&facts), ANSWER_GO);
			tried++;
		}
	print_message("# %u inputs taken away, no GO\n", tried);
	assert_true(tried > 50);
}

static void stale_or_future_inputs_answer_nothing(void **state)
{
	(void)state;
	static const int64_t times[] = {
	    HEALTHY_AS_OF - 86400 - 1, HEALTHY_AS_OF + 1};

	for (size_t t = 0; t < G_N_ELEMENTS(times); t++) {
		g_auto(facts) facts;
		g_auto(findings) found;

		healthy(&facts);
		struct source *s =
		    (struct source *)facts_find_source(&facts, "cluster.lock");
		s->at = number_of(times[t]);
		judge(&facts, &found);
		const struct finding *f =
		    findings_find(&found, "CLUSTER-not-locked");
		assert_int_equal(f->outcome, OUTCOME_UNKNOWN);
		assert_non_null(strstr(f->why, "cluster.lock was seen "));
		assert_int_equal(answer(&facts), ANSWER_UNKNOWN);
	}
}

static void evidence_names_the_file_it_was_read_from(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	judge(&facts, &found);
	const struct finding *f = findings_find(&found, "CLUSTER-not-locked");
	const struct witness *e = g_ptr_array_index(f->evidence, 0);
	const struct source *s = facts_find_source(&facts, "cluster.lock");
	assert_string_equal(e->file, s->file);
	assert_string_equal(e->sha256, s->sha256);
	assert_int_equal(f->data_as_of.value, HEALTHY_AT);
	assert_int_equal(f->data_max_age_s.value, 86400);
}

static void a_reason_with_a_hint_gives_the_remedy(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	blind(&facts, "cluster.lock", "HTTP status 401\nhint: use basic auth");
	facts.cluster.maintenance = (struct flag){0};
	judge(&facts, &found);
	const struct finding *f = findings_find(&found, "CLUSTER-not-locked");
	assert_string_equal(
	    g_ptr_array_index(f->remediation, 0), "use basic auth");
}

static void areas_can_be_left_out(void **state)
{
	(void)state;
	static const char *const areas[] = {"BACKUP", "APPS", NULL};
	g_auto(facts) facts;
	g_auto(findings) found = {0};
	g_autoptr(policy) policy = policy_default();

	healthy(&facts);
	judge_all(&facts, policy, HEALTHY_AS_OF, areas, &found);
	assert_null(findings_find(&found, "BACKUP-store-elsewhere"));
	assert_null(findings_find(&found, "APPS-incompatible"));
	assert_non_null(findings_find(&found, "EVIDENCE-fresh"));
}

static void the_same_facts_give_the_same_bytes(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) one, two;

	healthy(&facts);
	judge(&facts, &one);
	judge(&facts, &two);
	g_autoptr(json) first = document_write(&findings_shape, &one);
	g_autoptr(json) second = document_write(&findings_shape, &two);
	g_autofree char *a = json_pretty(first);
	g_autofree char *b = json_pretty(second);
	assert_string_equal(a, b);

	g_autoptr(json) document = document_write(&facts_shape, &facts);
	g_autofree char *text = json_pretty(document);
	g_autofree char *sha256 = hash_hex(text, strlen(text));
	assert_string_equal(one.facts_sha256, sha256);
}

static void with_downtime_the_rolling_rules_do_not_apply(void **state)
{
	(void)state;
	static const char *const ids[] = {"CLUSTER-nodes-enough",
	    "CLUSTER-nodes-active", "CLUSTER-zdu-stable",
	    "CLUSTER-upgrade-mode-off", "LICENCE-data-center"};
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	replace(&facts.plan.procedure, "downtime");
	blind(&facts, "cluster.zdu", "HTTP status 403");
	g_clear_pointer(&facts.cluster.zdu_state, g_free);
	facts.cluster.upgrade_mode = (struct flag){0};
	judge(&facts, &found);
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		const struct finding *f = findings_find(&found, ids[i]);
		assert_int_equal(f->outcome, OUTCOME_NOT_APPLICABLE);
		assert_non_null(strstr(f->message, "downtime"));
	}
}

static void rows_are_whole(void **state)
{
	(void)state;
	static const char *const named[] = {"CLUSTER", "PATH", "LICENCE",
	    "NOTES", "APPS", "FREEZE", "CONFIG", "PLATFORM", "LOGS", "CAPACITY",
	    "BACKUP", "EVIDENCE"};
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	const struct rule *rule = NULL;
	guint areas = 0;

	while ((rule = rules_next(rule))) {
		bool known = false;
		for (size_t i = 0; i < G_N_ELEMENTS(named); i++) {
			g_autofree char *prefix =
			    g_strconcat(named[i], "-", NULL);
			known |= g_str_has_prefix(rule->id, prefix);
		}
		assert_true(known);
		assert_true(g_hash_table_add(ids, (char *)rule->id));
		assert_true(g_str_has_suffix(rule->ask, "?"));
		assert_true(g_str_has_prefix(rule->source, "docs/"));
		assert_non_null(rule->mend);
		assert_non_null(rule->judge);
		assert_ptr_equal(rules_find(rule->id), rule);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
		areas += rules_find(named[i]) == NULL;
	assert_int_equal(areas, G_N_ELEMENTS(named));
}

static void inputs_are_matched_by_name_part_and_node(void **state)
{
	(void)state;
	static const struct {
		const char *input, *what;
		bool is;
	} rows[] = {
	    {"licence", "licence", true},
	    {"licence", "licence.users", true},
	    {"licence", "licences", false},
	    {"a|b", "b", true},
	    {"a|b", "c", false},
	    {"a|node.*.status", "node.bb-1.status", true},
	    {"node.*.status", "node.bb.1.example.org.status", true},
	    {"node.*.status", "node.status", true},
	    {"node.*.status", "node.bb-1.version", false},
	    {"node.*.status", "status", false},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_int_equal(
		    rule_is_input(rows[i].input, rows[i].what), rows[i].is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_healthy_complete_cluster_may_go),
	    cmocka_unit_test(of_empty_facts_no_rule_passes),
	    cmocka_unit_test(every_rule_finds_something_and_says_it_in_full),
	    cmocka_unit_test(
		without_any_one_input_of_a_required_rule_it_is_no_go),
	    cmocka_unit_test(stale_or_future_inputs_answer_nothing),
	    cmocka_unit_test(evidence_names_the_file_it_was_read_from),
	    cmocka_unit_test(a_reason_with_a_hint_gives_the_remedy),
	    cmocka_unit_test(areas_can_be_left_out),
	    cmocka_unit_test(the_same_facts_give_the_same_bytes),
	    cmocka_unit_test(with_downtime_the_rolling_rules_do_not_apply),
	    cmocka_unit_test(rows_are_whole),
	    cmocka_unit_test(inputs_are_matched_by_name_part_and_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
