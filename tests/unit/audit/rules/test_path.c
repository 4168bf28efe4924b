#include "../harm.h"

static struct advisory *add_advisory(struct facts *f, struct flag fixed)
{
	struct advisory *a =
	    shape_add(&advisory_shape, &f->knowledge.advisories);

	a->id = g_strdup("CVE-2023-22513");
	a->issue = g_strdup("BSERV-14419");
	a->severity = g_strdup("high");
	a->text = g_strdup("RCE");
	a->fixed_by_target = fixed;
	return a;
}

static void add_note(GPtrArray **list, const char *at, const char *text)
{
	struct note *n = shape_add(&note_shape, list);

	n->at = g_strdup(at);
	n->text = g_strdup(text);
}

static void leave_line(struct facts *f)
{
	replace(&f->plan.target, "10.2.6");
	replace(&f->knowledge.target.version, "10.2.6");
	replace(&f->app_check.target, "10.2.6");
}

HARM(no_target, g_clear_pointer(&f->plan.target, g_free))
HARM(bad_target, replace(&f->plan.target, "9.4.x"))
HARM(no_product, g_clear_pointer(&f->product.version, g_free);
     blind(f, "product", "refused"))
HARM(odd_product, replace(&f->product.version, "9.4.22-rc1"))
HARM(unlisted, f->knowledge.target_listed = flag_of(false);
     f->app_check.listed = flag_of(false))
HARM(listed_by_upm, f->knowledge.target_listed = flag_of(false))
HARM(no_pack, forget(f, "knowledge"); f->app_check.listed = (struct flag){0};
     blind(f, "pack.versions", "no version pack in the bundle");
     blind(f, "apps.updates", "refused"))
HARM(same_version, replace(&f->plan.target, "9.4.22"))
HARM(older, replace(&f->plan.target, "9.4.9"))
HARM(feature_step, leave_line(f))
HARM(feature_step_with_downtime, leave_line(f);
     replace(&f->plan.procedure, "downtime"))
HARM(downgrade_with_downtime, replace(&f->plan.target, "8.19.29");
     replace(&f->plan.procedure, "downtime"))
HARM(too_old, replace(&f->product.version, "7.6.1");
     replace(&f->plan.target, "7.6.2"))
HARM(newer_exists, replace(&f->knowledge.newest_of_line.version, "9.4.24"))
HARM(no_newest, g_clear_pointer(&f->knowledge.newest_of_line.version, g_free))
HARM(end_of_life, f->knowledge.line_ends_at = number_of(HEALTHY_AS_OF - 1))
HARM(no_end_known, f->knowledge.line_ends_at = (struct number){0})
HARM(fixes_one, add_advisory(f, flag_of(true)))
HARM(leaves_one, add_advisory(f, flag_of(false)))
HARM(unclear_one, add_advisory(f, (struct flag){0}))
HARM(regression, add_note(&f->knowledge.regressions, "7.21.0 named",
		     "BSERV-20412: a lock stays"))
HARM(target_not_judged, f->knowledge.target_listed = (struct flag){0})

static const struct harm rows[] = {
    {NULL, "PATH-target-known", OUTCOME_PASS,
	"9.4.23 is a release of 2026-08-11", ANSWER_GO},
    {no_target, "PATH-target-known", OUTCOME_UNKNOWN, "no target",
	ANSWER_UNKNOWN},
    {bad_target, "PATH-target-known", OUTCOME_FAIL, "no version", ANSWER_NO_GO},
    {no_product, "PATH-target-known", OUTCOME_UNKNOWN, "product: refused",
	ANSWER_UNKNOWN},
    {odd_product, "PATH-bugfix-step", OUTCOME_UNKNOWN, "9.4.22-rc1",
	ANSWER_NO_GO},
    {unlisted, "PATH-target-known", OUTCOME_UNKNOWN, "lists 9.4.23",
	ANSWER_UNKNOWN},
    {listed_by_upm, "PATH-target-known", OUTCOME_PASS, "Marketplace offers",
	ANSWER_GO},
    {no_pack, "PATH-target-known", OUTCOME_UNKNOWN,
	"no version pack in the bundle", ANSWER_UNKNOWN},

    {NULL, "PATH-bugfix-step", OUTCOME_PASS, "bug-fix step of line 9.4",
	ANSWER_GO},
    {same_version, "PATH-bugfix-step", OUTCOME_FAIL, "9.4.22 runs already",
	ANSWER_NO_GO},
    {older, "PATH-bugfix-step", OUTCOME_FAIL, "9.4.9 is not above it",
	ANSWER_NO_GO},
    {feature_step, "PATH-bugfix-step", OUTCOME_FAIL, "leaves the line 9.4",
	ANSWER_NO_GO},
    {feature_step_with_downtime, "PATH-bugfix-step", OUTCOME_PASS,
	"leads upwards", ANSWER_UNKNOWN},
    {downgrade_with_downtime, "PATH-bugfix-step", OUTCOME_FAIL,
	"is not above it", ANSWER_NO_GO},
    {too_old, "PATH-bugfix-step", OUTCOME_FAIL, "from 7.9 on", ANSWER_NO_GO},

    {NULL, "PATH-newest-bugfix", OUTCOME_PASS, "newest of line 9.4", ANSWER_GO},
    {newer_exists, "PATH-newest-bugfix", OUTCOME_FAIL, "9.4.24 is", ANSWER_GO},
    {no_newest, "PATH-newest-bugfix", OUTCOME_UNKNOWN, "line 9.4", ANSWER_GO},

    {NULL, "PATH-line-supported", OUTCOME_PASS, "2026-12-03", ANSWER_GO},
    {end_of_life, "PATH-line-supported", OUTCOME_FAIL, "reached its end",
	ANSWER_GO},
    {no_end_known, "PATH-line-supported", OUTCOME_UNKNOWN, "line 9.4",
	ANSWER_GO},

    {NULL, "PATH-vulnerabilities-fixed", OUTCOME_PASS, "none", ANSWER_GO},
    {fixes_one, "PATH-vulnerabilities-fixed", OUTCOME_PASS,
	"9.4.23 fixes CVE-2023-22513 (high)", ANSWER_GO},
    {target_not_judged, "PATH-vulnerabilities-fixed", OUTCOME_UNKNOWN,
	"pack.versions", ANSWER_UNKNOWN},
    {NULL, "PATH-vulnerabilities-open", OUTCOME_PASS, "no vulnerability",
	ANSWER_GO},
    {fixes_one, "PATH-vulnerabilities-open", OUTCOME_PASS, "no vulnerability",
	ANSWER_GO},
    {leaves_one, "PATH-vulnerabilities-open/CVE-2023-22513", OUTCOME_FAIL,
	"stays open in 9.4.23", ANSWER_GO},
    {unclear_one, "PATH-vulnerabilities-open/CVE-2023-22513", OUTCOME_UNKNOWN,
	"names no versions", ANSWER_GO},
    {target_not_judged, "PATH-vulnerabilities-open", OUTCOME_UNKNOWN,
	"nothing to look at", ANSWER_UNKNOWN},

    {NULL, "PATH-known-regressions", OUTCOME_PASS, "knows of none", ANSWER_GO},
    {regression, "PATH-known-regressions/BSERV-20412", OUTCOME_FAIL,
	"a lock stays (concerns: 7.21.0 named)", ANSWER_GO},
    {target_not_judged, "PATH-known-regressions", OUTCOME_UNKNOWN,
	"nothing to look at", ANSWER_UNKNOWN},
};

static void ask_for_newest(struct policy *p)
{
	p->newest_bugfix = true;
}

static void a_policy_can_ask_for_the_newest_bugfix(void **state)
{
	(void)state;
	assert_int_equal(
	    answer_by(newer_exists, ask_for_newest), ANSWER_CONDITIONAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(a_policy_can_ask_for_the_newest_bugfix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
