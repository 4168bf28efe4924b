#include "tests/unit/unit.h"

#include "report/render/junit.h"
#include "report/render/prometheus.h"

enum { NOW = 1785585600 };

/* The documents of one verdict; {0} is of nothing at all. */
struct told {
	struct facts facts;
	struct findings findings;
	struct verdict verdict;
	struct policy *policy;
	char *junit, *metrics;
};

static void told_clear(struct told *t)
{
	facts_clear(&t->facts);
	findings_clear(&t->findings);
	verdict_clear(&t->verdict);
	policy_free(t->policy);
	g_free(t->junit);
	g_free(t->metrics);
}
typedef struct told told;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(told, told_clear)

static struct finding *add(struct told *t, const char *check, const char *id,
    enum outcome outcome, enum severity severity)
{
	struct finding *f =
	    findings_add(&t->findings, check, id ? "app" : NULL, id);

	f->title = g_strdup("Is it so?");
	f->severity = (int)severity;
	f->outcome = (int)outcome;
	return f;
}

static void tell(struct told *t)
{
	t->policy = policy_default();
	t->findings.as_of = number_of(NOW);
	findings_sort(&t->findings);
	verdict_of(&t->verdict, &t->facts, &t->findings, t->policy, NOW);
	t->junit = junit_write(&t->findings, &t->verdict);
	t->metrics = prometheus_write(&t->facts, &t->findings, &t->verdict);
}

static bool is_xml(const char *text)
{
	static const GMarkupParser parser = {0};
	GMarkupParseContext *context =
	    g_markup_parse_context_new(&parser, 0, NULL, NULL);
	bool good = g_markup_parse_context_parse(context, text, -1, NULL) &&
		    g_markup_parse_context_end_parse(context, NULL);

	g_markup_parse_context_free(context);
	return good;
}

static void nothing_at_all_is_no_green_run(void **state)
{
	(void)state;
	g_auto(told) t = {0};

	tell(&t);
	assert_true(is_xml(t.junit));
	assert_non_null(strstr(t.junit, "<error type=\"UNKNOWN\""));
	assert_null(strstr(t.junit, "errors=\"0\" time=\"0\">"));
	assert_non_null(strstr(
	    t.metrics, "gonogo_verdict{cluster=\"\",answer=\"UNKNOWN\"} 1\n"));
	/* Not known is not zero. */
	assert_null(strstr(t.metrics, "\ngonogo_valid_until"));
	assert_null(strstr(t.metrics, "\ngonogo_backup"));
}

static void a_blocker_fails_and_the_unanswered_is_an_error(void **state)
{
	(void)state;
	g_auto(told) t = {0};

	add(&t, "APPS-incompatible", "b", OUTCOME_FAIL, SEVERITY_BLOCKER);
	add(&t, "APPS-incompatible", "c", OUTCOME_UNKNOWN, SEVERITY_HIGH);
	add(&t, "APPS-incompatible", "d", OUTCOME_FAIL, SEVERITY_LOW);
	add(&t, "APPS-incompatible", "e", OUTCOME_NOT_APPLICABLE,
	    SEVERITY_HIGH);
	tell(&t);
	assert_non_null(strstr(t.junit,
	    "<testsuite name=\"apps\" timestamp=\"2026-08-01T12:00:00Z\""
	    " tests=\"4\" failures=\"1\" errors=\"1\" time=\"0\" "
	    "skipped=\"1\">"));
	assert_non_null(strstr(t.junit, "<failure type=\"blocker\""));
	assert_non_null(strstr(
	    t.metrics, "{cluster=\"\",outcome=\"fail\",severity=\"low\"} 1\n"));
}

static void whatever_a_text_holds_it_stays_in_its_place(void **state)
{
	(void)state;
	static const char hostile[] = "\"/><x a='&#0;' \\\"\n}{ ]]> \x01\x1f"
				      "\xef\xbf\xbf\xff\xe2\x80\xae";
	g_auto(told) t = {0};
	struct finding *f =
	    add(&t, "APPS-incompatible", hostile, OUTCOME_FAIL, SEVERITY_HIGH);

	finding_answer(f, OUTCOME_FAIL, "%s", hostile);
	finding_remedy(f, "%s", hostile);
	t.facts.cluster.name = g_strdup(hostile);
	tell(&t);
	assert_true(is_xml(t.junit));
	assert_null(strstr(t.junit, "<x"));
	assert_null(strstr(t.metrics, "\n}"));
	assert_non_null(strstr(t.metrics, "{cluster=\"\\\"/><x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_at_all_is_no_green_run),
	    cmocka_unit_test(a_blocker_fails_and_the_unanswered_is_an_error),
	    cmocka_unit_test(whatever_a_text_holds_it_stays_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
