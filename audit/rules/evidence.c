/* The evidence itself: complete, fresh, and of one instance. */
#include <inttypes.h>

#include "audit/rules/rule.h"
#include "audit/rules/skew.h"
#include "base/clock.h"

/* ---- did every collector answer? ---- */

/* Which collector gives the sources that begin so. */
static const char *collector_of(const char *what)
{
	static const char *const rows[][2] = {{"apps.", "apps"},
	    {"database.", "postgres"}, {"home.", "home"}, {"pack.", NULL},
	    {"answers", NULL}, {"backup", NULL}, {"capacity", NULL},
	    {"logs", NULL}, {"settings", NULL}};

	if (g_str_has_prefix(what, "node.") &&
	    rule_is_input("node.*.machine", what))
		return "node";
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_str_has_prefix(what, rows[i][0]))
			return rows[i][1];
	return "bitbucket";
}

/* Is RULE asked for here and now? */
static bool counts(const struct judging *j, const struct rule *rule)
{
	const char *why = NULL;

	return rule->required &&
	       (!rule->applies || rule->applies(j->facts, &why)) &&
	       !policy_is_optional(j->policy, rule->id, rule->id);
}

/* Is WHAT, or what it is a part of, an input of a rule that counts? */
static bool is_needed(const struct judging *j, const char *what)
{
	const struct rule *rule = NULL;

	while ((rule = rules_next(rule)))
		if (rule_needs(rule, what) && counts(j, rule))
			return true;
	return false;
}

static bool has_source(const struct facts *facts, const char *collector)
{
	for (guint i = 0; i < list_length(facts->sources); i++) {
		const struct source *s = g_ptr_array_index(facts->sources, i);
		if (g_strcmp0(collector_of(s->what), collector) == 0)
			return true;
	}
	return false;
}

static void judge_collector(const struct judging *j, const char *collector)
{
	struct finding *f = rule_add(j, "collector", collector);
	g_autoptr(GString) missing = g_string_new(NULL);

	for (guint i = 0; i < list_length(j->facts->unseen); i++) {
		const struct unseen *u = g_ptr_array_index(j->facts->unseen, i);
		if (g_strcmp0(collector_of(u->what), collector) != 0 ||
		    !is_needed(j, u->what))
			continue;
		g_string_append_printf(missing, "%s%s: %s",
		    missing->len ? "; " : "", u->what, u->why);
	}
	if (missing->len)
		finding_unknown(f, "%s", missing->str);
	else if (!has_source(j->facts, collector))
		finding_unknown(f, "it answered nothing");
	else
		finding_answer(f, OUTCOME_PASS,
		    "%s answered all that the rules ask", collector);
}

static void all_answered(const struct judging *j)
{
	static const char *const collectors[] = {
	    "bitbucket", "apps", "postgres", "home"};

	for (size_t i = 0; i < G_N_ELEMENTS(collectors); i++)
		judge_collector(j, collectors[i]);
}

/*
 * A finding for each thing unseen that no rule needs: what was asked and not
 * answered, or all the rest.  Gives whether there was one.
 */
static bool name_unseen(const struct judging *j, bool unanswered)
{
	guint before = list_length(j->out->list);

	for (guint i = 0; i < list_length(j->facts->unseen); i++) {
		const struct unseen *u = g_ptr_array_index(j->facts->unseen, i);
		if ((u->kind == UNSEEN_UNANSWERED) != unanswered ||
		    !collector_of(u->what) || is_needed(j, u->what))
			continue;
		struct finding *f = rule_add(j, "source", u->what);
		finding_unknown(f, "%s: %s", u->what, u->why);
		if (unanswered)
			finding_remedy(f,
			    "gonogo doctor; to go without it: [checks] "
			    "optional = %s in the policy",
			    f->key);
	}
	return list_length(j->out->list) > before;
}

/* Whoever fails to answer one thing may be wrong in another: none is silent. */
static void no_question_failed(const struct judging *j)
{
	guint answers = list_length(j->facts->sources);

	if (name_unseen(j, true))
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	if (answers)
		finding_answer(
		    f, OUTCOME_PASS, "%u questions got an answer", answers);
	else
		finding_unknown(f, "nothing was asked");
}

/* What nobody asked, or is not here, is told, too. */
static void nothing_is_unseen(const struct judging *j)
{
	if (!name_unseen(j, false))
		finding_answer(rule_add(j, NULL, NULL), OUTCOME_PASS,
		    "nothing was left out");
}

/* ---- is it of today? ---- */

static void facts_are_fresh(const struct judging *j)
{
	const struct number *made = &j->facts->made_at;
	struct finding *f = rule_add(j, NULL, NULL);

	if (!made->known) {
		finding_unknown(f, "the facts do not say when they were made");
		return;
	}
	g_autofree char *text = clock_text(made->value);
	int64_t age = j->as_of - made->value;
	g_autofree char *span = clock_span(age);
	g_autofree char *most = clock_span(j->policy->facts_max_age_s);
	if (age < 0)
		finding_unknown(f,
		    "the facts are of %s, after the moment "
		    "that is judged",
		    text);
	else if (age > j->policy->facts_max_age_s)
		finding_unknown(
		    f, "the facts are %s old; %s is the limit", span, most);
	else
		finding_answer(
		    f, OUTCOME_PASS, "the facts are of %s, %s old", text, span);
}

/* The version pack lies in the bundle; of others what was made with them. */
static const char *source_of(const struct pack *p)
{
	return g_str_equal(p->name, "bitbucket-versions") ? "pack.versions"
							  : "logs";
}

static void packs_are_fresh(const struct judging *j)
{
	for (guint i = 0; i < list_length(j->facts->packs); i++) {
		const struct pack *p = g_ptr_array_index(j->facts->packs, i);
		struct finding *f = rule_add(j, "pack", p->name);

		if (!p->stale_after.known) {
			finding_unknown(f,
			    "pack %s does not say until when it holds",
			    p->name);
			continue;
		}
		g_autofree char *day = clock_text(p->stale_after.value);
		finding_evidence(f, source_of(p), p->version, NULL);
		if (p->stale_after.value <= j->as_of)
			finding_unknown(f, "pack %s %s was good until %.10s",
			    p->name, p->version, day);
		else
			finding_answer(f, OUTCOME_PASS,
			    "pack %s %s is good until %.10s", p->name,
			    p->version, day);
	}
}

/* ---- is it of one instance? ---- */

static void ids_agree(const struct judging *j)
{
	const char *licence = j->facts->licence.server_id;
	const char *database = j->facts->database.server_id;
	struct finding *f = rule_add(j, "cluster", "server-id");

	if (!licence || !database) {
		rule_unseen(j, f, licence ? "database.identity" : "licence");
		return;
	}
	finding_evidence(f, "licence", licence, database);
	finding_evidence(f, "database.identity", database, licence);
	if (g_str_equal(licence, database))
		finding_answer(f, OUTCOME_PASS,
		    "cluster and database are both of server %s", licence);
	else
		finding_answer(f, OUTCOME_FAIL,
		    "the cluster is server %s, the database is of %s", licence,
		    database);
}

static void versions_agree(const struct judging *j)
{
	const char *version = j->facts->product.version;
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	struct finding *f = rule_add(j, "cluster", "version");

	if (!version || !live->len) {
		rule_unseen(j, f, version ? "cluster.members" : "product");
		return;
	}
	finding_evidence(f, "product", version, NULL);
	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		if (g_strcmp0(node->version, version) != 0)
			continue;
		finding_answer(f, OUTCOME_PASS,
		    "what answers at the cluster's URL is %s, as %s is",
		    version, node->name);
		return;
	}
	finding_answer(f, OUTCOME_FAIL,
	    "what answers at %s runs %s, and no node of the cluster does",
	    j->facts->cluster.url ? j->facts->cluster.url : "the URL", version);
}

static void all_is_of_one_instance(const struct judging *j)
{
	ids_agree(j);
	versions_agree(j);
}

/* ---- our own clock ---- */

static void our_clock_is_theirs(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	struct number common = skew_common(live);
	struct finding *f = rule_add(j, NULL, NULL);

	if (!common.known) {
		finding_unknown(f, "no node shows its clock");
		return;
	}
	bool good = ABS(common.value) <= j->policy->clock_skew_max_ms;
	finding_answer(f, good ? OUTCOME_PASS : OUTCOME_FAIL,
	    "this machine's clock is %" PRId64 " ms off from the nodes'",
	    common.value);
}

const struct rule evidence_rules[] = {
    {.id = "EVIDENCE-collectors",
	.ask = "Was everything seen that the rules ask for?",
	.mend = "gonogo doctor",
	.source = "docs/design.md#decisions-and-what-they-protect",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.judge = all_answered},
    {.id = "EVIDENCE-answered",
	.ask = "Was every other question answered, too?",
	.mend = "gonogo doctor",
	.source = "docs/design.md#decisions-and-what-they-protect",
	.severity = SEVERITY_HIGH,
	.required = true,
	.judge = no_question_failed},
    {.id = "EVIDENCE-unseen",
	.ask = "Was nothing left out?",
	.mend = "gonogo doctor",
	.source = "docs/design.md#decisions-and-what-they-protect",
	.severity = SEVERITY_INFO,
	.judge = nothing_is_unseen},
    {.id = "EVIDENCE-fresh",
	.ask = "Are the facts of now?",
	.mend = "gonogo audit collect",
	.source = "docs/design.md#decisions-and-what-they-protect",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.judge = facts_are_fresh},
    {.id = "EVIDENCE-pack-fresh",
	.ask = "Is what is known of the product's releases still good?",
	.mend = "bring a newer version pack: a newer release of gonogo has one",
	.source = "docs/sources.md#versions",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"pack.versions"},
	.judge = packs_are_fresh},
    {.id = "EVIDENCE-same-instance",
	.ask = "Is all of it of one instance?",
	.mend = "correct [cluster] url or [database] url in the settings",
	.source = "docs/design.md#decisions-and-what-they-protect",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"product", "cluster.members", "licence",
	    "database.identity"},
	.judge = all_is_of_one_instance},
    {.id = "EVIDENCE-clock",
	.ask = "Does this machine's clock agree with the nodes'?",
	.mend = "set this machine's clock: chronyc makestep",
	.source = "docs/sources.md#cluster",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"node.*.status"},
	.judge = our_clock_is_theirs},
    {0},
};
