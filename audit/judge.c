#include "audit/judge.h"

#include "audit/questions.h"
#include "audit/rules/rule.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/hash.h"

/* ---- the inputs of one finding ---- */

/* The newest source that bears the name of INPUT; NULL: none was seen. */
static const struct source *find_input(
    const struct facts *facts, const char *input)
{
	const struct source *newest = NULL;

	for (guint i = 0; i < list_length(facts->sources); i++) {
		const struct source *s = g_ptr_array_index(facts->sources, i);
		if (rule_is_input(input, s->what) &&
		    (!newest || s->at.value > newest->at.value))
			newest = s;
	}
	return newest;
}

/* Why nothing of INPUT was seen; never NULL. */
static const char *why_unseen(const struct facts *facts, const char *input)
{
	for (guint i = 0; i < list_length(facts->unseen); i++) {
		const struct unseen *u = g_ptr_array_index(facts->unseen, i);
		if (rule_is_input(input, u->what))
			return u->why;
	}
	return "not seen";
}

struct settling {
	const struct judging *j;
	struct finding *f;
	int64_t max_age_s;
};

/* Takes an answer back; the message stays, for people. */
static void doubt(const struct settling *s, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void doubt(const struct settling *s, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	finding_unknown(s->f, "%s", why);
}

/* A source without a time (a pack) grows old by its own rule. */
static void weigh_age(const struct settling *s, const struct source *source)
{
	struct number *oldest = &s->f->data_as_of;

	if (!source->at.known)
		return;
	int64_t age = s->j->as_of - source->at.value;
	if (!oldest->known || source->at.value < oldest->value)
		*oldest = source->at;
	if (age < 0) {
		doubt(s, "%s was seen after the moment that is judged",
		    source->what);
	} else if (age > s->max_age_s) {
		g_autofree char *old = clock_span(age);
		g_autofree char *most = clock_span(s->max_age_s);
		doubt(s, "%s was seen %s ago; %s is the limit", source->what,
		    old, most);
	}
}

static bool is_answer(const struct finding *f)
{
	return f->outcome == OUTCOME_PASS ||
	       f->outcome == OUTCOME_NOT_APPLICABLE;
}

/* Is it an answer to take back, or an UNKNOWN that does not say why? */
static bool lacks_reason(const struct finding *f)
{
	return is_answer(f) || (f->outcome == OUTCOME_UNKNOWN && !f->why);
}

/* What fails without an input fails all the same; what passes does not pass. */
static void weigh_inputs(const struct settling *s)
{
	const struct rule *rule = s->j->rule;

	for (size_t i = 0; i < G_N_ELEMENTS(rule->inputs); i++) {
		const char *input = rule->inputs[i];
		const struct source *source =
		    input ? find_input(s->j->facts, input) : NULL;
		if (source)
			weigh_age(s, source);
		else if (input && lacks_reason(s->f))
			doubt(
			    s, "%s: %s", input, why_unseen(s->j->facts, input));
	}
}

/* What the rule cites must be among what was seen. */
static void weigh_evidence(const struct settling *s)
{
	for (guint i = 0; i < list_length(s->f->evidence); i++) {
		struct witness *e = g_ptr_array_index(s->f->evidence, i);
		const struct source *source =
		    facts_find_source(s->j->facts, e->what);
		if (source) {
			e->file = g_strdup(source->file);
			e->sha256 = g_strdup(source->sha256);
			weigh_age(s, source);
		} else if (is_answer(s->f)) {
			doubt(s, "%s: %s", e->what,
			    why_unseen(s->j->facts, e->what));
		}
	}
}

/* A reason may carry its own way out. */
static void add_remedy(struct finding *f, const struct rule *rule)
{
	static const char mark[] = "hint: ";
	const char *hint = f->why ? strstr(f->why, mark) : NULL;

	if (is_answer(f) || list_length(f->remediation) > 0)
		return;
	if (hint)
		finding_remedy(f, "%s", hint + strlen(mark));
	else if (f->outcome == OUTCOME_UNKNOWN && rule->inputs[0])
		finding_remedy(f, "gonogo doctor");
	else
		finding_remedy(f, "%s", rule->mend);
}

static void settle(const struct judging *j, struct finding *f)
{
	const struct settling s = {j, f,
	    j->rule->max_age_s ? j->rule->max_age_s
			       : j->policy->facts_max_age_s};

	struct number until = questions_settle(j, f);
	weigh_inputs(&s);
	weigh_evidence(&s);
	f->data_max_age_s = number_of(s.max_age_s);
	if (!f->data_as_of.known)
		f->data_as_of = j->facts->made_at;
	if (until.known && until.value < f->data_as_of.value + s.max_age_s)
		f->data_max_age_s =
		    number_of(until.value - f->data_as_of.value);
	if (f->outcome == OUTCOME_UNKNOWN && !f->why)
		finding_unknown(f, "the rule had nothing to look at");
	add_remedy(f, j->rule);
	finding_reference(f, "doc", j->rule->source, NULL);
}

/* ---- all rules ---- */

static bool is_left_out(const struct rule *rule, const char *const *areas)
{
	for (; areas && *areas; areas++)
		if (g_str_has_prefix(rule->id, *areas) &&
		    rule->id[strlen(*areas)] == '-')
			return true;
	return false;
}

static void judge_one(const struct judging *j)
{
	guint before = list_length(j->out->list);
	const char *why = NULL;

	if (j->rule->applies && !j->rule->applies(j->facts, &why)) {
		finding_answer(
		    rule_add(j, NULL, NULL), OUTCOME_NOT_APPLICABLE, "%s", why);
		return;
	}
	j->rule->judge(j);
	if (list_length(j->out->list) == before)
		rule_add(j, NULL, NULL);
	for (guint i = before; i < list_length(j->out->list); i++)
		settle(j, g_ptr_array_index(j->out->list, i));
}

/* The digest of the facts as their file says them. */
static char *hash_of(const struct facts *facts)
{
	g_autoptr(json) document = document_write(&facts_shape, facts);
	g_autofree char *text = json_pretty(document);

	return hash_hex(text, strlen(text));
}

void judge_all(const struct facts *facts, const struct policy *policy,
    int64_t as_of, const char *const *areas_left_out, struct findings *out)
{
	const struct rule *rule = NULL;

	out->made_by = g_strdup("gonogo-audit " GONOGO_VERSION);
	out->as_of = number_of(as_of);
	out->facts_sha256 = hash_of(facts);
	out->policy_sha256 = g_strdup(policy->sha256);
	while ((rule = rules_next(rule))) {
		const struct judging j = {rule, facts, policy, as_of, out};
		if (!is_left_out(rule, areas_left_out))
			judge_one(&j);
	}
	findings_sort(out);
}
