#include "audit/questions.h"
#include "audit/rules/condition.h"

#include "../harm.h"

static struct note *add_note(struct facts *f, const char *severity)
{
	struct note *n = shape_add(&note_shape, &f->knowledge.notes);

	n->id = g_strdup("9.0-java");
	n->at = g_strdup("9.0");
	n->text = g_strdup("Java 17 is the minimum");
	n->severity = g_strdup(severity);
	return n;
}

static void when(struct note *n, const char *fact, const char *op,
    const char *value, const char *seen)
{
	struct condition *c = shape_add(&condition_shape, &n->when);

	c->fact = g_strdup(fact);
	c->op = g_strdup(op);
	c->value = g_strdup(value);
	c->seen = g_strdup(seen);
}

static void java_note(struct facts *f, const char *severity)
{
	when(add_note(f, severity), "/nodes/*/java", "below", "17", NULL);
}

static void say(struct facts *f, const char *question, bool yes)
{
	struct attestation *a = shape_add(&attestation_shape, &f->answers);

	a->question = g_strdup(question);
	a->yes = flag_of(yes);
	a->by = g_strdup("Bert Example");
	a->why = g_strdup("tried on staging");
	a->target = g_strdup("9.4.23");
	a->at = number_of(HEALTHY_AT);
}

static struct attestation *first_answer(struct facts *f)
{
	return g_ptr_array_index(f->answers, 0); /* NOTES-read */
}

static void no_answers(struct facts *f)
{
	for (guint i = 0; i < f->answers->len; i++)
		replace(
		    &((struct attestation *)g_ptr_array_index(f->answers, i))
			 ->question,
		    "APPS-unknown");
}

HARM(unread, strings_add(&f->knowledge.unread, "9.4.23"))
HARM(unread_of_two, unread(f); strings_add(&f->knowledge.unread, "9.4.24"))
HARM(unread_unanswered, unread(f); no_answers(f))
HARM(unread_said_no, unread(f); first_answer(f)->yes = flag_of(false))
HARM(unread_of_another, unread(f); replace(&first_answer(f)->target, "9.4.22"))
HARM(unread_old, unread(f);
     first_answer(f)->at = number_of(HEALTHY_AS_OF - 31 * 86400))
HARM(unread_later, unread(f);
     first_answer(f)->at = number_of(HEALTHY_AS_OF + 1))
HARM(unjudged, f->knowledge.target_listed = (struct flag){0})
HARM(always, add_note(f, NULL))
HARM(always_done, add_note(f, NULL); say(f, "NOTES-on-the-way/9.0-java", true))
HARM(always_undone, add_note(f, NULL);
     say(f, "NOTES-on-the-way/9.0-java", false))
HARM(not_here, java_note(f, "blocker"))
HARM(fails, java_note(f, "blocker");
     replace(&node_of(f, "bb-2")->java, "11.0.2"))
HARM(warns, java_note(f, "medium");
     replace(&node_of(f, "bb-2")->java, "11.0.2"))
HARM(asks, java_note(f, NULL); replace(&node_of(f, "bb-2")->java, "1.8.0_392"))
HARM(nobody_saw, java_note(f, "blocker");
     g_clear_pointer(&node_of(f, "bb-2")->java, g_free))
HARM(nobody_saw_but_said, nobody_saw(f);
     say(f, "NOTES-on-the-way/9.0-java", true))
HARM(odd_java, java_note(f, "blocker");
     replace(&node_of(f, "bb-2")->java, "openjdk"))
HARM(one_saw_it, nobody_saw(f); replace(&node_of(f, "bb-1")->java, "11"))

/* ---- every op, every answer ---- */

static enum holds holds_of(
    const char *fact, const char *op, const char *value, const char *seen)
{
	g_auto(facts) facts;
	struct condition c = {
	    (char *)fact, (char *)op, (char *)value, (char *)seen};

	healthy(&facts);
	g_autoptr(json) document = shape_write(&facts_shape, &facts);
	return condition_holds(&c, &facts, document);
}

static void a_condition_holds_or_not_or_nobody_knows(void **state)
{
	(void)state;
	static const struct {
		const char *fact, *op, *value, *seen;
		enum holds holds;
	} rows[] = {
	    {"/product/version", "is", "9.4.22", NULL, HOLDS_YES},
	    {"/product/version", "is", "9.4", NULL, HOLDS_NO},
	    {"/product/version", "is-not", "9.4", NULL, HOLDS_YES},
	    {"/product/version", "is-not", "9.4.22", NULL, HOLDS_NO},
	    {"/product/version", "below", "9.10", NULL, HOLDS_YES},
	    {"/product/version", "below", "9.4.22", NULL, HOLDS_NO},
	    {"/product/version", "below", "soon", NULL, HOLDS_UNKNOWN},
	    {"/product/version", "from", "9.4.22", NULL, HOLDS_YES},
	    {"/product/version", "from", "9.10", NULL, HOLDS_NO},
	    {"/product/version", "contains", "4.2", NULL, HOLDS_YES},
	    {"/product/version", "contains", "x", NULL, HOLDS_NO},
	    {"/licence/data_center", "is", "true", NULL, HOLDS_YES},
	    {"/database/max_connections", "from", "10", NULL, HOLDS_YES},
	    {"/apps/*/key", "is", "org.example.hooks", NULL, HOLDS_YES},
	    {"/apps/*/key", "is", "none.such", NULL, HOLDS_NO},
	    {"/apps/*/nothing", "is", "x", NULL, HOLDS_UNKNOWN},
	    {"/apps/*/nothing", "there", NULL, "apps.installed", HOLDS_NO},
	    {"/apps/*/key", "there", NULL, NULL, HOLDS_YES},
	    {"/nothing/*/id", "there", NULL, "mirrors", HOLDS_NO},
	    {"/nothing/*/id", "there", NULL, NULL, HOLDS_UNKNOWN},
	    {"/nothing/*/id", "there", NULL, "never.seen", HOLDS_UNKNOWN},
	    {"/product", "is", "9.4.22", NULL, HOLDS_UNKNOWN},
	    {"/product/version", "equals", "9.4.22", NULL, HOLDS_UNKNOWN},
	    {"/product/version", "is", NULL, NULL, HOLDS_UNKNOWN},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		enum holds holds = holds_of(
		    rows[i].fact, rows[i].op, rows[i].value, rows[i].seen);
		if (holds != rows[i].holds)
			print_message("%s %s %s: %d\n", rows[i].fact,
			    rows[i].op, rows[i].value, holds);
		assert_int_equal(holds, rows[i].holds);
	}
}

static void all_conditions_must_hold_and_one_that_fails_decides(void **state)
{
	(void)state;
	static const struct {
		const char *first, *second; /* the product's version */
		enum holds holds;
		int decides;
	} rows[] = {
	    {"9.4.22", "9.4.22", HOLDS_YES, 0},
	    {"9.4.22", "other", HOLDS_NO, 1},
	    {"9.4.22", NULL, HOLDS_UNKNOWN, 1},
	    {NULL, "9.4.22", HOLDS_UNKNOWN, 0},
	    {NULL, "other", HOLDS_NO, 1},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(facts) facts;
		const struct condition *decides = NULL;
		healthy(&facts);
		struct note *n = add_note(&facts, NULL);
		when(n, "/product/version", "is", rows[i].first, NULL);
		when(n, "/product/version", "is", rows[i].second, NULL);
		g_autoptr(json) document = shape_write(&facts_shape, &facts);
		assert_int_equal(condition_all(n, &facts, document, &decides),
		    rows[i].holds);
		assert_ptr_equal(
		    decides, g_ptr_array_index(n->when, rows[i].decides));
	}
}

static const struct harm rows[] = {
    {NULL, "NOTES-read", OUTCOME_PASS, "it is recorded", ANSWER_GO},
    {unread, "NOTES-read", OUTCOME_PASS,
	"of 9.4.23? Yes, says Anna Example on 2026-09-21", ANSWER_GO},
    {unread_of_two, "NOTES-read", OUTCOME_PASS, "9.4.23 to 9.4.24", ANSWER_GO},
    {unread_unanswered, "NOTES-read", OUTCOME_MANUAL, "upgrade notes of 9.4.23",
	ANSWER_UNKNOWN},
    {unread_said_no, "NOTES-read", OUTCOME_FAIL, "No, says Anna Example",
	ANSWER_NO_GO},
    {unread_of_another, "NOTES-read", OUTCOME_MANUAL,
	"of 9.4.22, not of 9.4.23", ANSWER_UNKNOWN},
    {unread_old, "NOTES-read", OUTCOME_MANUAL, "30 d is the limit",
	ANSWER_UNKNOWN},
    {unread_later, "NOTES-read", OUTCOME_MANUAL, "after the moment",
	ANSWER_UNKNOWN},
    {unjudged, "NOTES-read", OUTCOME_UNKNOWN, "pack.versions", ANSWER_UNKNOWN},

    {NULL, "NOTES-on-the-way", OUTCOME_PASS, "has no note", ANSWER_GO},
    {unjudged, "NOTES-on-the-way", OUTCOME_UNKNOWN, "nothing to look at",
	ANSWER_UNKNOWN},
    {always, "NOTES-on-the-way/9.0-java", OUTCOME_MANUAL,
	"9.0: Java 17 is the minimum: has this been", ANSWER_UNKNOWN},
    {always_done, "NOTES-on-the-way/9.0-java", OUTCOME_PASS,
	"Yes, says Bert Example on 2026-09-21: tried on staging", ANSWER_GO},
    {always_undone, "NOTES-on-the-way/9.0-java", OUTCOME_FAIL, "No, says Bert",
	ANSWER_NO_GO},
    {not_here, "NOTES-on-the-way/9.0-java", OUTCOME_NOT_APPLICABLE,
	"not so here: /nodes/*/java below 17", ANSWER_GO},
    {fails, "NOTES-on-the-way/9.0-java", OUTCOME_FAIL,
	"9.0: Java 17 is the minimum (/nodes/*/java below 17)", ANSWER_NO_GO},
    {warns, "NOTES-on-the-way/9.0-java", OUTCOME_FAIL, "minimum",
	ANSWER_CONDITIONAL},
    {asks, "NOTES-on-the-way/9.0-java", OUTCOME_MANUAL,
	"below 17): has this been taken care of?", ANSWER_UNKNOWN},
    {nobody_saw, "NOTES-on-the-way/9.0-java", OUTCOME_MANUAL,
	"nobody saw whether /nodes/*/java below 17", ANSWER_UNKNOWN},
    {nobody_saw_but_said, "NOTES-on-the-way/9.0-java", OUTCOME_PASS,
	"Yes, says Bert", ANSWER_GO},
    {odd_java, "NOTES-on-the-way/9.0-java", OUTCOME_MANUAL, "nobody saw",
	ANSWER_UNKNOWN},
    {one_saw_it, "NOTES-on-the-way/9.0-java", OUTCOME_FAIL, "below 17",
	ANSWER_NO_GO},
};

static void the_open_questions_are_a_file_to_fill_in(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	unread_unanswered(&facts);
	judge(&facts, &found);
	g_autofree char *text = questions_text(&found, "9.4.23");
	assert_non_null(strstr(text, "\n# Has somebody read the release and "
				     "upgrade notes of 9.4.23?\n# first: "));
	assert_non_null(strstr(text, "\n[NOTES-read]\n#answer = yes\n"));
	assert_non_null(strstr(text, "\n[FREEZE-announced]\n"));
	assert_non_null(strstr(text, "\n[CLUSTER-balancer]\n"));
	assert_non_null(strstr(text, "\ntarget = 9.4.23\n"));
	assert_null(strstr(text, "APPS-"));
}

static void an_answer_limits_how_long_the_finding_holds(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	unread(&facts);
	/* An hour is left of thirty days. */
	first_answer(&facts)->at = number_of(HEALTHY_AS_OF - 30 * 86400 + 3600);
	judge(&facts, &found);
	const struct finding *f = findings_find(&found, "NOTES-read");
	assert_int_equal(f->outcome, OUTCOME_PASS);
	assert_int_equal(f->data_as_of.value + f->data_max_age_s.value,
	    HEALTHY_AS_OF + 3600);
}

static void the_starter_policy_waits_for_nobody(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found = {0};
	g_auto(verdict) v = {0};
	g_autoptr(policy) starter =
	    policy_read("templates/policies/starter.conf", NULL);

	healthy(&facts);
	unread_unanswered(&facts);
	assert_non_null(starter);
	judge_all(&facts, starter, HEALTHY_AS_OF, NULL, &found);
	verdict_of(&v, &facts, &found, starter, HEALTHY_AS_OF);
	assert_int_equal(v.answer, ANSWER_GO);
	assert_true(list_length(v.not_checked) >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(a_condition_holds_or_not_or_nobody_knows),
	    cmocka_unit_test(
		all_conditions_must_hold_and_one_that_fails_decides),
	    cmocka_unit_test(the_open_questions_are_a_file_to_fill_in),
	    cmocka_unit_test(the_starter_policy_waits_for_nobody),
	    cmocka_unit_test(an_answer_limits_how_long_the_finding_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
