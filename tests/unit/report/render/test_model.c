#include "tests/unit/unit.h"

#include "contract/proof.h"
#include "report/render/model.h"

/* What a page would be made of; the parts are the caller's to change. */
struct page {
	struct facts facts;
	struct findings findings;
	struct verdict verdict;
	struct policy *policy;
	json *model;
};

enum { NOW = 1785585600, HOUR_S = 3600 };

static void clear(struct page *p)
{
	facts_clear(&p->facts);
	findings_clear(&p->findings);
	verdict_clear(&p->verdict);
	policy_free(p->policy);
	json_free(p->model);
}
typedef struct page page;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(page, clear)

static struct finding *add(
    struct page *p, const char *check, enum outcome outcome)
{
	struct finding *f = findings_add(&p->findings, check, NULL, NULL);

	f->title = g_strdup("Is it so?");
	f->outcome = (int)outcome;
	return f;
}

static struct backup_set *add_set(struct page *p, const char *id)
{
	struct backup_set *set =
	    shape_add(&backup_set_shape, &p->facts.backup_sets);

	set->id = g_strdup(id);
	set->mode = g_strdup("hot");
	set->point_at = number_of(NOW - 7 * HOUR_S);
	set->proof_level = g_strdup("full");
	set->proof_outcome = g_strdup(proof_outcome_names[PROOF_PASSED]);
	return set;
}

static const json *model(struct page *p)
{
	json_free(p->model);
	verdict_clear(&p->verdict);
	policy_free(p->policy);
	p->policy = policy_default();
	p->findings.as_of = number_of(NOW);
	findings_sort(&p->findings);
	verdict_of(&p->verdict, &p->facts, &p->findings, p->policy, NOW);
	p->model = model_write(&p->facts, &p->findings, &p->verdict, p->policy);
	return p->model;
}

static const char *return_kind(struct page *p)
{
	return json_text(model(p), "return.answer.kind");
}

static void a_way_back_needs_a_named_set_and_its_proof(void **state)
{
	(void)state;
	g_auto(page) p = {0};

	assert_string_equal(return_kind(&p), "open"); /* nothing at all */
	add(&p, "BACKUP-fresh", OUTCOME_NOT_APPLICABLE);
	assert_string_equal(return_kind(&p), "open");
	struct backup_set *set = add_set(&p, "0001");
	assert_string_equal(return_kind(&p), "open"); /* nobody named it */
	struct finding *f = add(&p, "BACKUP-set-good", OUTCOME_PASS);
	f->subject.id = g_strdup("0001");
	assert_string_equal(return_kind(&p), "good");
	g_clear_pointer(&set->proof_outcome, g_free);
	assert_string_equal(return_kind(&p), "open");
	set->proof_outcome = g_strdup(proof_outcome_names[PROOF_PASSED]);
	add(&p, "BACKUP-verified", OUTCOME_UNKNOWN);
	assert_string_equal(return_kind(&p), "open");
	add(&p, "BACKUP-young", OUTCOME_FAIL);
	assert_string_equal(return_kind(&p), "stop");
}

static void the_age_of_the_set_is_drawn_against_the_policy(void **state)
{
	(void)state;
	g_auto(page) p = {0};

	add_set(&p, "0001");
	assert_string_equal(json_text(model(&p), "return.set.age"), "7 h");
	assert_non_null(strstr(json_text(p.model, "return.set.picture"),
	    "<title>7 h old, the policy allows 1 d</title>"));
}

static void a_step_that_nobody_judged_is_told(void **state)
{
	(void)state;
	g_auto(page) p = {0};
	int64_t gaps = 0;

	add(&p, "PATH-procedure", OUTCOME_PASS);
	add(&p, "LOGS-known", OUTCOME_UNKNOWN);
	assert_true(json_i64(model(&p), "gaps", &gaps, NULL));
	/* Eight of the ten steps without a rule, one without an answer. */
	assert_int_equal(gaps, 9);
	assert_string_equal(
	    json_text(p.model, "steps.4.state.text"), "not answered");
	assert_string_equal(
	    json_text(p.model, "steps.5.state.text"), "not judged here");
	assert_null(json_find(p.model, "steps.5.findings"));
}

static void no_finding_is_lost_whatever_its_area(void **state)
{
	(void)state;
	g_auto(page) p = {0};
	size_t found = 0;

	add(&p, "PATH-procedure", OUTCOME_PASS);
	add(&p, "NEWAREA-thing", OUTCOME_FAIL);
	add(&p, "HEALTH-thing", OUTCOME_MANUAL);
	json_each (step, json_find(model(&p), "steps"))
		found += json_member(step, "findings")
			     ? json_length(json_member(step, "findings"))
			     : 0;
	assert_int_equal(found, 3);
}

static void a_link_leads_to_the_web_or_into_the_bundle(void **state)
{
	(void)state;
	static const char *const urls[] = {"javascript:alert(1)", "data:x",
	    "file:///etc/passwd", "//host/x", "HTTPS", NULL};
	static const char *const files[] = {
	    "/etc/passwd", "raw/../../x", "http://x", "verdict.json", NULL};
	g_auto(page) p = {0};
	struct finding *f = add(&p, "PATH-procedure", OUTCOME_FAIL);

	for (guint i = 0; urls[i]; i++)
		finding_reference(f, "doc", "x", urls[i]);
	for (guint i = 0; files[i]; i++) {
		finding_evidence(f, "x", "y", NULL);
		struct witness *e = g_ptr_array_index(f->evidence, i);
		e->file = g_strdup(files[i]);
	}
	finding_reference(f, "doc", "good", "https://example.com/");
	const json *written = json_find(model(&p), "steps.0.findings.0");
	json_each (reference, json_find(written, "references.list"))
		assert_int_equal(json_text(reference, "url") != NULL,
		    g_str_equal(json_text(reference, "id"), "good"));
	json_each (evidence, json_find(written, "evidence.list"))
		assert_null(json_text(evidence, "link"));
}

static void a_blocker_that_was_there_before_stands_in_no_way(void **state)
{
	(void)state;
	g_auto(page) p = {0};
	struct finding *before = add(&p, "PATH-end-of-life", OUTCOME_FAIL);
	struct finding *now = add(&p, "PATH-procedure", OUTCOME_FAIL);

	before->severity = SEVERITY_HIGH;
	before->relation = RELATION_PRE_EXISTING;
	now->severity = SEVERITY_BLOCKER;
	assert_string_equal(json_text(model(&p), "sentence"),
	    "1 blocker stands in the way. Do not start.");
	assert_string_equal(
	    json_text(p.model, "pre_existing.list.0.key"), "PATH-end-of-life");
}

static void a_node_of_another_version_is_marked(void **state)
{
	(void)state;
	g_auto(page) p = {0};
	static const char *const versions[] = {"9.4.20", "9.4.21", "9.4.21"};

	for (guint i = 0; i < G_N_ELEMENTS(versions); i++) {
		g_autofree char *name = g_strdup_printf("bb-%u", i);
		struct node *node = facts_node(&p.facts, name);
		node->version = g_strdup(versions[i]);
		node->state = g_strdup("ACTIVE");
	}
	model(&p);
	assert_non_null(json_find(p.model, "nodes.list.0.differs"));
	assert_string_equal(
	    json_text(p.model, "nodes.list.0.state.kind"), "stop");
	assert_null(json_find(p.model, "nodes.list.1.differs"));
	assert_string_equal(
	    json_text(p.model, "nodes.list.2.state.kind"), "good");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_way_back_needs_a_named_set_and_its_proof),
	    cmocka_unit_test(the_age_of_the_set_is_drawn_against_the_policy),
	    cmocka_unit_test(a_step_that_nobody_judged_is_told),
	    cmocka_unit_test(no_finding_is_lost_whatever_its_area),
	    cmocka_unit_test(a_link_leads_to_the_web_or_into_the_bundle),
	    cmocka_unit_test(a_blocker_that_was_there_before_stands_in_no_way),
	    cmocka_unit_test(a_node_of_another_version_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
