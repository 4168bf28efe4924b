/* `audit rules` and `audit explain`: the rows, and what they say of a bundle.
 */
#include "audit/collect/normalise.h"
#include "audit/judge.h"
#include "audit/rules/rule.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"

/* Judges the bundle as of now; *found stays empty without one. */
static bool judge(const char *bundle, const char *policy_file,
    struct findings *found, GError **error)
{
	g_auto(facts) facts = {0};

	if (!bundle)
		return true;
	g_autoptr(policy) policy = policy_of(policy_file, bundle, error);
	if (!policy || !normalise(bundle, clock_now(), &facts, error))
		return false;
	judge_all(&facts, policy, clock_now(), NULL, found);
	return true;
}

/* How bad an outcome is, for the one word that stands for several. */
static int badness(const struct finding *f)
{
	static const int order[] = {
	    [OUTCOME_NOT_APPLICABLE] = 0,
	    [OUTCOME_PASS] = 1,
	    [OUTCOME_MANUAL] = 2,
	    [OUTCOME_UNKNOWN] = 3,
	    [OUTCOME_FAIL] = 4,
	};

	return order[f->outcome];
}

/* The worst finding of RULE; NULL: none. */
static const struct finding *worst_of(
    const struct findings *found, const struct rule *rule)
{
	const struct finding *worst = NULL;

	for (guint i = 0; i < list_length(found->list); i++) {
		const struct finding *f = g_ptr_array_index(found->list, i);
		if (g_str_equal(f->check, rule->id) &&
		    (!worst || badness(f) > badness(worst)))
			worst = f;
	}
	return worst;
}

static const char *reason_of(const struct finding *f)
{
	return f->outcome == OUTCOME_UNKNOWN && f->why ? f->why
	       : f->message                            ? f->message
						       : "";
}

/* ---- the list ---- */

static json *rule_json(const struct rule *rule, const struct finding *worst)
{
	json *row = json_new_object();
	g_autofree char *area = g_strndup(rule->id, strcspn(rule->id, "-"));
	g_autofree char *lower = g_ascii_strdown(area, -1);
	json *inputs = json_set(row, "inputs", json_new_array());

	json_set_string(row, "id", rule->id);
	json_set_string(row, "area", lower);
	json_set_string(row, "ask", rule->ask);
	json_set_string(row, "mend", rule->mend);
	json_set_string(row, "source", rule->source);
	json_set_string(row, "severity", severity_names[rule->severity]);
	json_set_string(row, "resolve_by", phase_names[rule->resolve_by]);
	json_set_string(row, "relation", relation_names[rule->relation]);
	json_set_bool(row, "required", rule->required);
	for (size_t i = 0; i < G_N_ELEMENTS(rule->inputs); i++)
		if (rule->inputs[i])
			json_append_string(inputs, rule->inputs[i]);
	if (worst) {
		json_set_string(row, "outcome", outcome_names[worst->outcome]);
		json_set_string(row, "why", reason_of(worst));
	}
	return row;
}

static void print_json(const struct findings *found)
{
	g_autoptr(json) document = json_new_object();
	json *list = json_set(document, "rules", json_new_array());
	const struct rule *rule = NULL;

	json_set_string(document, "schema", "gonogo.rules/1");
	while ((rule = rules_next(rule)))
		json_append(list, rule_json(rule, worst_of(found, rule)));
	g_autofree char *text = json_pretty(document);
	fputs(text, stdout);
}

static void print_list(const struct findings *found)
{
	const struct rule *rule = NULL;

	while ((rule = rules_next(rule))) {
		const struct finding *worst = worst_of(found, rule);
		printf("%-33s %-8s %s\n", rule->id,
		    rule->required ? severity_names[rule->severity] : "-",
		    rule->ask);
		if (worst)
			printf("    %s: %s\n", outcome_names[worst->outcome],
			    reason_of(worst));
	}
	if (!list_length(found->list))
		printf("\nNo GO while a rule with a severity is not answered; "
		       "`-`: told, not asked for.\n"
		       "`gonogo audit explain ID` tells one in full.\n");
}

int verb_rules(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL, *policy = NULL;
	g_auto(findings) found = {0};
	gboolean as_json = FALSE;
	const GOptionEntry entries[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"say what each rule finds in this bundle", "DIR"},
	    {"policy", 'p', 0, G_OPTION_ARG_FILENAME, &policy,
		"the policy [the bundle's, else the built-in]", "FILE"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"one JSON document on standard output", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "", 0, 0,
		"Lists the rules and, of a bundle, why each applies or not.",
		error) ||
	    !judge(bundle, policy, &found, error))
		return -1;
	if (as_json)
		print_json(&found);
	else
		print_list(&found);
	return EXITS_DONE;
}

/* ---- one rule ---- */

static const struct rule *find(const char *id, GError **error)
{
	g_autofree char *name = g_strndup(id, strcspn(id, "/"));
	const struct rule *rule = rules_find(name);

	if (!rule)
		fail(error, GONOGO_ERROR_USAGE,
		    "no rule '%s'\nhint: `gonogo audit rules` lists them",
		    name);
	return rule;
}

static void print_rule(const struct rule *rule)
{
	printf("%s\n\n  asks      %s\n  mend      %s\n  severity  %s%s\n"
	       "  settle    %s\n  relation  %s\n  source    %s\n",
	    rule->id, rule->ask, rule->mend, severity_names[rule->severity],
	    rule->required ? ", required" : ", told only",
	    phase_names[rule->resolve_by], relation_names[rule->relation],
	    rule->source);
	for (size_t i = 0; i < G_N_ELEMENTS(rule->inputs); i++)
		if (rule->inputs[i])
			printf("  %-9s %s\n", i == 0 ? "looks at" : "",
			    rule->inputs[i]);
}

static void print_finding(const struct finding *f)
{
	printf("\n%s: %s\n  %s\n", f->key, outcome_names[f->outcome],
	    reason_of(f));
	for (guint i = 0; i < list_length(f->evidence); i++) {
		const struct witness *e = g_ptr_array_index(f->evidence, i);
		printf("  saw       %s%s%s%s%s%s%s\n", e->what,
		    e->observed ? ": " : "", e->observed ? e->observed : "",
		    e->expected ? ", wanted " : "",
		    e->expected ? e->expected : "", e->file ? "  " : "",
		    e->file ? e->file : "");
	}
	for (guint i = 0; i < list_length(f->remediation); i++)
		printf("  %-9s %s\n", i == 0 ? "do" : "or",
		    (const char *)g_ptr_array_index(f->remediation, i));
}

int verb_explain(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL, *policy = NULL;
	g_auto(findings) found = {0};
	const GOptionEntry entries[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"tell its findings in this bundle, too", "DIR"},
	    {"policy", 'p', 0, G_OPTION_ARG_FILENAME, &policy,
		"the policy [the bundle's, else the built-in]", "FILE"},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "RULE", 1, 1,
		"Tells one rule in full; RULE is its id or the key of a "
		"finding.",
		error))
		return -1;
	const struct rule *rule = find(argv[1], error);
	if (!rule || !judge(bundle, policy, &found, error))
		return -1;
	print_rule(rule);
	for (guint i = 0; i < list_length(found.list); i++) {
		const struct finding *f = g_ptr_array_index(found.list, i);
		if (g_str_equal(f->check, rule->id) &&
		    (!strchr(argv[1], '/') || g_str_equal(f->key, argv[1])))
			print_finding(f);
	}
	return EXITS_DONE;
}
