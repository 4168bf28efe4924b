#include "../harm.h"

/* The freeze was announced at 08:00 of the healthy day. */
static void happens(struct facts *f, int64_t before, const char *action)
{
	struct audit_event *e = shape_add(&audit_event_shape, &f->audit_events);

	e->at = number_of(HEALTHY_AS_OF - before);
	e->action = g_strdup(action);
	e->object = g_strdup("Example Checks");
	e->author = g_strdup("user-01ab");
}

static struct attestation *announcement(struct facts *f)
{
	return (struct attestation *)facts_find_answer(f, "FREEZE-announced");
}

HARM(unsaid, replace(&announcement(f)->question, "APPS-unknown"))
HARM(said_no, announcement(f)->yes = flag_of(false))
HARM(of_another, replace(&announcement(f)->target, "9.4.22"))
HARM(app_changed, happens(f, 3600, "Plugin upgraded"))
HARM(two_changed, app_changed(f); happens(f, 1800, "License updated"))
HARM(changed_before, happens(f, 86400, "Plugin upgraded"))
HARM(backup_ran, happens(f, 3600, "System backup started"))
HARM(log_unseen, blind(f, "audit.events", "401"))
HARM(log_short, f->audit_since = number_of(HEALTHY_AS_OF - 3600))
HARM(log_undated, f->audit_since = (struct number){0})

static const struct harm rows[] = {
    {NULL, "FREEZE-announced", OUTCOME_PASS, "Yes, says Anna Example",
	ANSWER_GO},
    {unsaid, "FREEZE-announced", OUTCOME_MANUAL, "Do the other administrators",
	ANSWER_UNKNOWN},
    {said_no, "FREEZE-announced", OUTCOME_FAIL, "No, says Anna",
	ANSWER_CONDITIONAL},
    {of_another, "FREEZE-announced", OUTCOME_MANUAL, "of 9.4.22",
	ANSWER_UNKNOWN},

    {NULL, "FREEZE-quiet", OUTCOME_PASS, "since 2026-09-21T08:00:00Z",
	ANSWER_GO},
    {unsaid, "FREEZE-quiet", OUTCOME_NOT_APPLICABLE, "no freeze",
	ANSWER_UNKNOWN},
    {app_changed, "FREEZE-quiet", OUTCOME_FAIL, "1 change of apps",
	ANSWER_CONDITIONAL},
    {two_changed, "FREEZE-quiet", OUTCOME_FAIL, "2 changes of apps",
	ANSWER_CONDITIONAL},
    {changed_before, "FREEZE-quiet", OUTCOME_PASS, "no change", ANSWER_GO},
    {backup_ran, "FREEZE-quiet", OUTCOME_PASS, "no change", ANSWER_GO},
    {log_unseen, "FREEZE-quiet", OUTCOME_UNKNOWN, "audit.events: 401",
	ANSWER_UNKNOWN},
    {log_short, "FREEZE-quiet", OUTCOME_UNKNOWN, "not asked as far back",
	ANSWER_UNKNOWN},
    {log_undated, "FREEZE-quiet", OUTCOME_UNKNOWN, "not asked as far back",
	ANSWER_UNKNOWN},
};

static void each_change_is_named(void **state)
{
	(void)state;
	g_auto(facts) facts;
	g_auto(findings) found;

	healthy(&facts);
	two_changed(&facts);
	judge(&facts, &found);
	const struct finding *f = findings_find(&found, "FREEZE-quiet");
	assert_int_equal(list_length(f->evidence), 2);
	const struct witness *w = g_ptr_array_index(f->evidence, 0);
	assert_string_equal(w->observed,
	    "2026-09-21T13:13:20Z Plugin upgraded: Example Checks by "
	    "user-01ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(each_change_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
