#include "audit/rules/rule.h"

static const struct rule *const areas[] = {path_rules, notes_rules,
    cluster_rules, licence_rules, apps_rules, freeze_rules, config_rules,
    platform_rules, logs_rules, capacity_rules, backup_rules, evidence_rules};

const struct rule *rules_next(const struct rule *rule)
{
	if (!rule)
		return areas[0];
	if (rule[1].id)
		return rule + 1;
	for (size_t i = 0; i + 1 < G_N_ELEMENTS(areas); i++)
		for (const struct rule *r = areas[i]; r->id; r++)
			if (r == rule)
				return areas[i + 1];
	return NULL;
}

const struct rule *rules_find(const char *id)
{
	const struct rule *rule = NULL;

	while ((rule = rules_next(rule)))
		if (g_str_equal(rule->id, id))
			return rule;
	return NULL;
}

/* ---- inputs ---- */

/* Gives whether TEXT begins as INPUT is, up to its end or a dot of TEXT. */
static bool begins(const char *text, const char *input, size_t length)
{
	return strncmp(text, input, length) == 0 &&
	       (text[length] == '\0' || text[length] == '.');
}

/*
 * "node.*.status" is node.status, and that of each node; names of nodes may
 * contain dots.
 */
static bool is_of_node(const char *tail, const char *what)
{
	if (!g_str_has_prefix(what, "node."))
		return false;
	for (const char *at = what + strlen("node"); at; at = strchr(at, '.')) {
		if (begins(++at, tail, strlen(tail)))
			return true;
	}
	return false;
}

static bool matches(const char *one, size_t length, const char *what)
{
	g_autofree char *input = g_strndup(one, length);

	return g_str_has_prefix(input, "node.*.")
		   ? is_of_node(input + strlen("node.*."), what)
		   : begins(what, input, length);
}

bool rule_is_input(const char *input, const char *what)
{
	for (;;) {
		size_t length = strcspn(input, "|");
		if (matches(input, length, what))
			return true;
		if (!input[length])
			return false;
		input += length + 1;
	}
}

bool rule_needs(const struct rule *rule, const char *what)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rule->inputs); i++)
		if (rule->inputs[i] && !strchr(rule->inputs[i], '|') &&
		    rule_is_input(rule->inputs[i], what))
			return true;
	return false;
}

/* ---- findings ---- */

struct finding *rule_add(
    const struct judging *j, const char *scheme, const char *id)
{
	struct finding *f = findings_add(j->out, j->rule->id, scheme, id);

	f->title = g_strdup(j->rule->ask);
	f->severity = (int)j->rule->severity;
	f->resolve_by = (int)j->rule->resolve_by;
	f->relation = (int)j->rule->relation;
	f->required = flag_of(j->rule->required);
	return f;
}

void rule_unseen(
    const struct judging *j, struct finding *f, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	const char *why = facts_why_unseen(j->facts, what);
	/* A row that was asked of nobody stands there without a node. */
	if (!why && g_str_has_prefix(what, "node.")) {
		g_autofree char *row =
		    g_strconcat("node", strrchr(what, '.'), NULL);
		why = facts_why_unseen(j->facts, row);
	}
	finding_unknown(f, "%s: %s", what, why ? why : "not seen");
	finding_evidence(f, what, NULL, NULL);
}

/* ---- what several areas ask ---- */

bool rule_when_rolling(const struct facts *facts, const char **why)
{
	*why = "the procedure is downtime: all nodes stop anyway";
	return g_strcmp0(facts->plan.procedure, "downtime") != 0;
}

void rule_ask_person(const struct judging *j)
{
	struct finding *f = rule_add(j, NULL, NULL);

	finding_answer(f, OUTCOME_MANUAL, "%s", j->rule->ask);
}

GPtrArray *rule_live_nodes(const struct facts *facts)
{
	GPtrArray *live = g_ptr_array_new();

	for (guint i = 0; i < list_length(facts->nodes); i++) {
		struct node *node = g_ptr_array_index(facts->nodes, i);
		if (node->member.known && node->member.value)
			g_ptr_array_add(live, node);
	}
	return live;
}
