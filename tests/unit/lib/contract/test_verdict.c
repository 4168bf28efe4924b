#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "contract/verdict.h"

#include <cmocka.h>

static const int64_t now = 1785585600; /* 2026-08-01T12:00:00Z */
static const int64_t hour = 3600;

static const char *const checks[] = {"PATH-a", "CLUSTER-a", "LICENCE-a",
    "APPS-a", "PLATFORM-a", "BACKUP-set-good", "LOGS-a", "EVIDENCE-a",
    "NOTES-a", "FREEZE-a", "CONFIG-a"};

/* Findings of every area, all passed, an hour old. */
static void all_good(struct findings *found)
{
	*found = (struct findings){.as_of = number_of(now)};
	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
		struct finding *f = findings_add(found, checks[i],
		    i == 5 ? "set" : NULL, i == 5 ? "7-x" : NULL);
		f->required = flag_of(true);
		f->data_as_of = number_of(now - hour);
		f->data_max_age_s = number_of(24 * hour);
		finding_answer(f, OUTCOME_PASS, "good");
	}
}

/* Adds a finding to all_good() and gives the answer. */
static int answer_with(const char *check, enum outcome outcome,
    enum severity severity, enum relation relation, struct flag required)
{
	g_auto(findings) found;
	g_auto(facts) facts = {0};
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	all_good(&found);
	struct finding *f = findings_add(&found, check, NULL, NULL);
	f->outcome = (int)outcome;
	f->severity = (int)severity;
	f->relation = (int)relation;
	f->required = required;
	verdict_of(&v, &facts, &found, policy, now);
	assert_int_equal(v.answer, v.answer_without_waivers);
	assert_int_equal(list_length(v.reasons) == 0, v.answer == ANSWER_GO);
	return v.answer;
}

static void the_empty_verdict_is_unknown(void **state)
{
	(void)state;
	g_auto(findings) found = {0};
	g_auto(facts) facts = {0};
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	assert_int_equal(v.answer, ANSWER_UNKNOWN);
	verdict_of(&v, &facts, &found, policy, now);
	assert_int_equal(v.answer, ANSWER_UNKNOWN);
	assert_int_equal(list_length(v.reasons), G_N_ELEMENTS(checks));
}

static void the_table_of_what_one_finding_means(void **state)
{
	(void)state;
	static const struct flag yes = {true, true}, no = {true, false},
				 unsaid = {false, false};
	static const struct {
		enum outcome outcome;
		enum severity severity;
		enum relation relation;
		struct flag required;
		enum answer answer;
	} rows[] = {
	    {OUTCOME_PASS, SEVERITY_BLOCKER, 0, yes, ANSWER_GO},
	    {OUTCOME_NOT_APPLICABLE, SEVERITY_BLOCKER, 0, yes, ANSWER_GO},
	    {OUTCOME_FAIL, SEVERITY_BLOCKER, 0, yes, ANSWER_NO_GO},
	    {OUTCOME_FAIL, SEVERITY_BLOCKER, 0, no, ANSWER_NO_GO},
	    {OUTCOME_FAIL, SEVERITY_HIGH, 0, yes, ANSWER_NO_GO},
	    {OUTCOME_FAIL, SEVERITY_HIGH, RELATION_BREAKS_RETURN, yes,
		ANSWER_NO_GO},
	    {OUTCOME_FAIL, SEVERITY_MEDIUM, 0, yes, ANSWER_CONDITIONAL},
	    {OUTCOME_FAIL, SEVERITY_LOW, 0, yes, ANSWER_GO},
	    {OUTCOME_FAIL, SEVERITY_INFO, 0, yes, ANSWER_GO},
	    {OUTCOME_FAIL, SEVERITY_BLOCKER, RELATION_PRE_EXISTING, yes,
		ANSWER_GO},
	    {OUTCOME_UNKNOWN, SEVERITY_LOW, 0, yes, ANSWER_UNKNOWN},
	    {OUTCOME_UNKNOWN, SEVERITY_LOW, 0, unsaid, ANSWER_UNKNOWN},
	    {OUTCOME_UNKNOWN, SEVERITY_BLOCKER, 0, no, ANSWER_GO},
	    {OUTCOME_MANUAL, SEVERITY_LOW, 0, yes, ANSWER_UNKNOWN},
	    {OUTCOME_MANUAL, SEVERITY_LOW, 0, no, ANSWER_GO},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_int_equal(
		    answer_with("PATH-b", rows[i].outcome, rows[i].severity,
			rows[i].relation, rows[i].required),
		    rows[i].answer);
}

static void an_area_without_a_finding_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
		g_auto(findings) found;
		g_auto(facts) facts = {0};
		g_auto(verdict) v = {0};
		g_auto(verdict) excused = {0};
		g_autoptr(policy) policy = policy_default();
		g_autofree char *area =
		    g_strndup(checks[i], strcspn(checks[i], "-"));

		all_good(&found);
		struct finding *f = g_ptr_array_index(found.list, i);
		g_free(f->check);
		f->check = g_strdup("OTHER-a");
		verdict_of(&v, &facts, &found, policy, now);
		assert_int_equal(v.answer, ANSWER_UNKNOWN);
		const struct reason *r = g_ptr_array_index(v.reasons, 0);
		assert_string_equal(r->key, area);

		policy->optional = g_strsplit(area, ";", -1);
		verdict_of(&excused, &facts, &found, policy, now);
		assert_int_equal(excused.answer, ANSWER_GO);
	}
}

static void a_no_outranks_what_is_not_known_and_that_a_warning(void **state)
{
	(void)state;
	g_auto(findings) found;
	g_auto(facts) facts = {0};
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();
	static const struct {
		const char *check;
		enum outcome outcome;
		enum severity severity;
	} rows[] = {
	    {"APPS-warn", OUTCOME_FAIL, SEVERITY_MEDIUM},
	    {"APPS-who", OUTCOME_UNKNOWN, SEVERITY_BLOCKER},
	    {"APPS-z", OUTCOME_FAIL, SEVERITY_HIGH},
	    {"APPS-b", OUTCOME_FAIL, SEVERITY_BLOCKER},
	    {"APPS-a", OUTCOME_FAIL, SEVERITY_BLOCKER},
	    {"APPS-old", OUTCOME_FAIL, SEVERITY_LOW},
	};
	static const char *const order[] = {
	    "APPS-a", "APPS-b", "APPS-z", "APPS-who", "APPS-warn"};

	all_good(&found);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct finding *f =
		    findings_add(&found, rows[i].check, NULL, NULL);
		f->outcome = (int)rows[i].outcome;
		f->severity = (int)rows[i].severity;
		finding_remedy(f, "mend %s", rows[i].check);
		finding_remedy(f, "or else");
	}
	verdict_of(&v, &facts, &found, policy, now);
	assert_int_equal(v.answer, ANSWER_NO_GO);
	assert_int_equal(list_length(v.reasons), G_N_ELEMENTS(order));
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
		const struct reason *r = g_ptr_array_index(v.reasons, i);
		assert_string_equal(r->key, order[i]);
		assert_true(g_str_has_prefix(r->remedy, "mend "));
	}
	assert_int_equal(list_length(v.not_checked), 1);
	assert_int_equal(v.tally.fail.value, 5);
	assert_int_equal(v.tally.unknown.value, 1);
	assert_int_equal(v.tally.pass.value, G_N_ELEMENTS(checks));
	assert_int_equal(v.tally.blocker.value, 2);
	assert_int_equal(v.tally.low.value, 1);
}

static void pre_existing_trouble_is_shown_apart(void **state)
{
	(void)state;
	g_auto(findings) found;
	g_auto(facts) facts = {0};
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	all_good(&found);
	struct finding *f = findings_add(&found, "PATH-old", NULL, NULL);
	f->relation = RELATION_PRE_EXISTING;
	finding_answer(f, OUTCOME_FAIL, "end of life");
	verdict_of(&v, &facts, &found, policy, now);
	assert_int_equal(v.answer, ANSWER_GO);
	assert_int_equal(list_length(v.reasons), 0);
	const struct reason *r = g_ptr_array_index(v.pre_existing, 0);
	assert_string_equal(r->message, "end of life");
}

static void it_holds_until_its_first_input_no_longer_does(void **state)
{
	(void)state;
	g_auto(findings) found;
	g_auto(facts) facts = {0};
	g_autoptr(policy) policy = policy_default();
	struct backup_set *set =
	    shape_add(&backup_set_shape, &facts.backup_sets);
	struct pack *pack = shape_add(&pack_shape, &facts.packs);
	struct {
		int64_t set_at, stale_after, licence_ends, until;
	} rows[] = {
	    {now, now + 99 * hour, now + 99 * hour, now + 23 * hour},
	    {now - 4 * hour, now + 99 * hour, now + 99 * hour, now + 20 * hour},
	    {now, now + 3 * hour, now + 99 * hour, now + 3 * hour},
	    {now, now + 99 * hour, now + 2 * hour, now + 2 * hour},
	    {now, now + 99 * hour, now - 2 * hour, now + 23 * hour},
	};

	all_good(&found);
	set->id = g_strdup("7-x");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(verdict) v = {0};

		set->point_at = number_of(rows[i].set_at);
		pack->stale_after = number_of(rows[i].stale_after);
		facts.licence.expires_at = number_of(rows[i].licence_ends);
		verdict_of(&v, &facts, &found, policy, now);
		assert_int_equal(v.answer, ANSWER_GO);
		assert_string_equal(v.backup_set, "7-x");
		assert_int_equal(v.valid_until.value, rows[i].until);
	}
}

static void evidence_of_yesterday_gives_no_go_today(void **state)
{
	(void)state;
	g_auto(findings) found;
	g_auto(facts) facts = {0};
	g_auto(verdict) v = {0};
	g_auto(verdict) later = {0};
	g_autoptr(policy) policy = policy_default();

	all_good(&found);
	verdict_of(&v, &facts, &found, policy, now + 23 * hour);
	assert_int_equal(v.answer, ANSWER_GO);
	verdict_of(&later, &facts, &found, policy, now + 23 * hour + 1);
	assert_int_equal(later.answer, ANSWER_UNKNOWN);
}

static void findings_of_another_policy_are_no_answer(void **state)
{
	(void)state;
	g_auto(findings) found;
	g_auto(facts) facts = {0};
	g_auto(verdict) v = {0};
	g_auto(verdict) other = {0};
	g_autoptr(policy) policy = policy_default();

	all_good(&found);
	found.policy_sha256 = g_strdup(policy->sha256);
	verdict_of(&v, &facts, &found, policy, now);
	assert_int_equal(v.answer, ANSWER_GO);
	assert_string_equal(v.policy_sha256, policy->sha256);
	found.policy_sha256[0] = found.policy_sha256[0] == 'a' ? 'b' : 'a';
	verdict_of(&other, &facts, &found, policy, now);
	assert_int_equal(other.answer, ANSWER_UNKNOWN);
}

static void each_answer_has_its_word_and_its_exit(void **state)
{
	(void)state;
	assert_string_equal(answer_text(ANSWER_NO_GO), "NO-GO");
	assert_string_equal(answer_text(ANSWER_GO), "GO");
	assert_string_equal(answer_names[ANSWER_NO_GO], "NO_GO");
	assert_int_equal(answer_exit(ANSWER_GO), 0);
	assert_int_equal(answer_exit(ANSWER_CONDITIONAL), 10);
	assert_int_equal(answer_exit(ANSWER_NO_GO), 20);
	assert_int_equal(answer_exit(ANSWER_UNKNOWN), 30);
}

/* A waiver of APPS-b by one person, for two hours around now. */
static struct waiver *add_waiver(GPtrArray **list)
{
	struct waiver *w = shape_add(&waiver_shape, list);

	w->id = g_strdup("W-1");
	w->finding = g_strdup("APPS-b");
	w->cluster = g_strdup("demo");
	strings_add(&w->targets, "9.4.22");
	w->severity = SEVERITY_HIGH;
	w->not_before = number_of(now - hour);
	w->until = number_of(now + hour);
	strings_add(&w->signers, "anna");
	return w;
}

static void a_waiver_warns_and_never_more(void **state)
{
	(void)state;
	static const struct {
		enum outcome outcome;
		enum severity severity;
		bool unanswered;
		int64_t as_of;
		enum answer with, without;
		enum waiver_state state;
	} rows[] = {
	    {OUTCOME_FAIL, SEVERITY_HIGH, false, 0, ANSWER_CONDITIONAL,
		ANSWER_NO_GO, WAIVER_ACTIVE},
	    {OUTCOME_FAIL, SEVERITY_MEDIUM, false, 0, ANSWER_CONDITIONAL,
		ANSWER_CONDITIONAL, WAIVER_ACTIVE},
	    {OUTCOME_FAIL, SEVERITY_BLOCKER, false, 0, ANSWER_NO_GO,
		ANSWER_NO_GO, WAIVER_UNUSED},
	    {OUTCOME_UNKNOWN, SEVERITY_HIGH, false, 0, ANSWER_UNKNOWN,
		ANSWER_UNKNOWN, WAIVER_UNUSED},
	    {OUTCOME_UNKNOWN, SEVERITY_HIGH, true, 0, ANSWER_CONDITIONAL,
		ANSWER_UNKNOWN, WAIVER_ACTIVE},
	    {OUTCOME_PASS, SEVERITY_HIGH, false, 0, ANSWER_GO, ANSWER_GO,
		WAIVER_UNUSED},
	    {OUTCOME_FAIL, SEVERITY_HIGH, false, hour, ANSWER_NO_GO,
		ANSWER_NO_GO, WAIVER_EXPIRED},
	    {OUTCOME_FAIL, SEVERITY_HIGH, false, -hour - 1, ANSWER_NO_GO,
		ANSWER_NO_GO, WAIVER_NOT_YET},
	};
	g_autoptr(policy) policy = policy_default();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(findings) found;
		g_auto(facts) facts = {.cluster.name = g_strdup("demo"),
		    .plan.target = g_strdup("9.4.22")};
		g_auto(verdict) v = {0};

		all_good(&found);
		struct finding *f = findings_add(&found, "APPS-b", NULL, NULL);
		f->outcome = (int)rows[i].outcome;
		f->severity = (int)rows[i].severity;
		add_waiver(&v.waivers)->unanswered =
		    flag_of(rows[i].unanswered);
		verdict_of(&v, &facts, &found, policy, now + rows[i].as_of);
		const struct waiver *w = g_ptr_array_index(v.waivers, 0);
		assert_int_equal(v.answer, rows[i].with);
		assert_int_equal(v.answer_without_waivers, rows[i].without);
		assert_int_equal(w->state, rows[i].state);
		if (w->state == WAIVER_ACTIVE)
			assert_int_equal(v.valid_until.value, now + hour);
	}
}

static void a_waiver_that_nobody_vouches_for_is_a_warning(void **state)
{
	(void)state;
	g_auto(findings) found;
	g_auto(facts) facts = {.cluster.name = g_strdup("demo"),
	    .plan.target = g_strdup("9.4.22")};
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	all_good(&found);
	g_clear_pointer(&add_waiver(&v.waivers)->signers, g_ptr_array_unref);
	verdict_of(&v, &facts, &found, policy, now);
	assert_int_equal(v.answer, ANSWER_CONDITIONAL);
	assert_int_equal(v.answer_without_waivers, ANSWER_GO);
	const struct reason *r = g_ptr_array_index(v.reasons, 0);
	assert_string_equal(r->key, "WAIVER/W-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_empty_verdict_is_unknown),
	    cmocka_unit_test(a_waiver_warns_and_never_more),
	    cmocka_unit_test(a_waiver_that_nobody_vouches_for_is_a_warning),
	    cmocka_unit_test(the_table_of_what_one_finding_means),
	    cmocka_unit_test(an_area_without_a_finding_is_unknown),
	    cmocka_unit_test(
		a_no_outranks_what_is_not_known_and_that_a_warning),
	    cmocka_unit_test(pre_existing_trouble_is_shown_apart),
	    cmocka_unit_test(it_holds_until_its_first_input_no_longer_does),
	    cmocka_unit_test(evidence_of_yesterday_gives_no_go_today),
	    cmocka_unit_test(findings_of_another_policy_are_no_answer),
	    cmocka_unit_test(each_answer_has_its_word_and_its_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
