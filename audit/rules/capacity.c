/* Can the other nodes carry the load while one is away? */
#include <inttypes.h>

#include "audit/rules/rule.h"
#include "base/clock.h"
#include "contract/capacity.h"

enum { COVERED_PERMILLE = 990, STALE_S = 14 * 86400 };

/* The policy says whether there must be an answer. */
static struct finding *begin(
    const struct judging *j, const char *scheme, const char *id)
{
	struct finding *f = rule_add(j, scheme, id);

	f->required = flag_of(j->policy->capacity_required);
	return f;
}

static const struct capacity_node *find_node(
    const struct capacity *c, const char *name)
{
	for (guint i = 0; i < list_length(c->nodes); i++) {
		const struct capacity_node *n = g_ptr_array_index(c->nodes, i);
		if (g_str_equal(n->name, name))
			return n;
	}
	return NULL;
}

static void judge_coverage(const struct judging *j, const struct node *node)
{
	const struct capacity_node *n =
	    find_node(&j->facts->capacity, node->name);
	struct finding *f = begin(j, "node", node->name);

	if (!n || !n->last.known) {
		finding_unknown(f, "no access log of %s was read", node->name);
		finding_remedy(f, "name its folder in [logs] paths: %s=FOLDER",
		    node->name);
		return;
	}
	int64_t age = j->as_of - n->last.value;
	g_autofree char *span = clock_span(ABS(age));
	finding_evidence(f, "capacity", NULL, NULL);
	if (n->coverage_permille.value < COVERED_PERMILLE)
		finding_unknown(f,
		    "%s: %" PRId64 ".%" PRId64 " %% of its requests are in "
		    "the logs; %" PRId64 " are missing",
		    node->name, n->coverage_permille.value / 10,
		    n->coverage_permille.value % 10, n->lost.value);
	else if (age > STALE_S)
		finding_unknown(
		    f, "the newest request of %s is %s old", node->name, span);
	else
		finding_answer(f, OUTCOME_PASS,
		    "%s: %" PRId64 " requests, %" PRId64 ".%" PRId64
		    " %% of all",
		    node->name, n->requests.value,
		    n->coverage_permille.value / 10,
		    n->coverage_permille.value % 10);
}

static void logs_are_whole(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);

	for (guint i = 0; i < live->len; i++)
		judge_coverage(j, g_ptr_array_index(live, i));
}

/* Gives the reasons in one line; "": none. */
static char *reasons_of(const struct capacity *c)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < list_length(c->reasons); i++)
		g_string_append_printf(text, "%s%s", i ? "; " : "",
		    (const char *)g_ptr_array_index(c->reasons, i));
	return g_string_free(text, FALSE);
}

static const struct capacity_window *judged(const struct capacity *c)
{
	for (guint i = 0; i < list_length(c->windows); i++) {
		const struct capacity_window *w =
		    g_ptr_array_index(c->windows, i);
		if (g_strcmp0(w->at, c->window) == 0)
			return w;
	}
	return NULL;
}

static bool are_tickets_told(const struct capacity *c)
{
	for (guint i = 0; i < list_length(c->nodes); i++) {
		const struct capacity_node *n = g_ptr_array_index(c->nodes, i);
		if (g_strcmp0(n->tickets_from, "demonstrated") == 0)
			return false;
	}
	return true;
}

static void window_is_safe(const struct judging *j)
{
	const struct capacity *c = &j->facts->capacity;
	const struct capacity_window *w = judged(c);
	struct finding *f = begin(j, "window", c->window);
	g_autofree char *why = reasons_of(c);

	finding_evidence(f, "capacity", NULL, NULL);
	if (!w || c->state == CAPACITY_UNKNOWN) {
		finding_unknown(f, "%s", *why ? why : "no window was judged");
		return;
	}
	if (c->state == CAPACITY_SAFE) {
		finding_answer(f, OUTCOME_PASS,
		    "%s: %" PRId64 " %% of the fullest node's tickets, one in "
		    "a hundred waits %" PRId64 " ms, nobody is refused",
		    w->at, w->use_permille.value / 10,
		    w->pessimistic.wait_p99_ms.value);
		return;
	}
	finding_answer(f, OUTCOME_FAIL, "%s", why);
	if (c->state == CAPACITY_MARGINAL)
		f->severity = SEVERITY_MEDIUM;
	if (!are_tickets_told(c))
		finding_remedy(f,
		    "tell the hosting tickets of a node: tickets in "
		    "[capacity] of the settings");
	else if (w->temporary_tickets.known)
		finding_remedy(f,
		    "add a temporary node with %" PRId64
		    " tickets first, or take another time: gonogo audit "
		    "capacity",
		    w->temporary_tickets.value);
}

const struct rule capacity_rules[] = {
    {.id = "CAPACITY-covered",
	.ask = "Do the access logs hold what every live node was asked?",
	.mend = "name the log folder of every node in [logs] paths",
	.source = "docs/sources.md#access-log",
	.severity = SEVERITY_HIGH,
	.inputs = {"capacity", "cluster.members"},
	.applies = rule_when_rolling,
	.judge = logs_are_whole},
    {.id = "CAPACITY-window",
	.ask = "Can the other nodes carry the load while one is away?",
	.mend = "take another time, or add a temporary node: gonogo audit "
		"capacity",
	.source = "docs/sources.md#tickets",
	.severity = SEVERITY_HIGH,
	.inputs = {"capacity"},
	.applies = rule_when_rolling,
	.judge = window_is_safe},
    {0},
};
