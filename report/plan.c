#include "report/plan.h"

static bool names_all(const GPtrArray *order, const struct facts *facts)
{
	if (list_length(order) != list_length(facts->nodes))
		return false;
	for (guint i = 0; i < order->len; i++)
		if (!facts_find_node(facts, g_ptr_array_index(order, i)))
			return false;
	return true;
}

GPtrArray *plan_nodes(const struct facts *facts)
{
	GPtrArray *names = g_ptr_array_new();
	const struct capacity_window *best =
	    list_length(facts->capacity.windows)
		? g_ptr_array_index(facts->capacity.windows, 0)
		: NULL;

	if (best && names_all(best->order, facts)) {
		for (guint i = 0; i < best->order->len; i++)
			g_ptr_array_add(
			    names, g_ptr_array_index(best->order, i));
		return names;
	}
	for (guint i = 0; i < list_length(facts->nodes); i++) {
		const struct node *node = g_ptr_array_index(facts->nodes, i);
		g_ptr_array_add(names, node->name);
	}
	return names;
}

/* The next node that nobody let go, but for EXCEPT; then the end. */
static char *next_node(
    const struct facts *facts, const struct ledger *l, const char *except)
{
	g_autoptr(GPtrArray) names = plan_nodes(facts);

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		if (!ledger_has(l->drained, name) &&
		    g_strcmp0(name, except) != 0)
			return g_strconcat("node-drain:", name, NULL);
	}
	return g_strdup("finalize");
}

char *plan_then(
    const struct facts *facts, const struct ledger *l, struct step phase)
{
	switch (phase.kind) {
	case STEP_OPEN: {
		g_autoptr(GPtrArray) names = plan_nodes(facts);
		return names->len
			   ? g_strconcat("node-drain:", names->pdata[0], NULL)
			   : NULL;
	}
	case STEP_NODE_DRAIN:
		return g_strconcat("node-joined:", phase.node, NULL);
	case STEP_NODE_JOINED:
		return next_node(facts, l, phase.node);
	case STEP_FINALIZE:
		return g_strdup("close");
	case STEP_CLOSE:
		break;
	}
	return NULL;
}

char *plan_resume(const struct facts *facts, const struct ledger *l)
{
	if (!l || !l->opened || l->closed)
		return g_strdup(l && l->closed ? "close" : "open");
	if (l->finalized)
		return g_strdup("finalize");
	if (l->drained->len == 0)
		return g_strdup("open");
	const char *last = l->drained->pdata[l->drained->len - 1];
	return ledger_has(l->joined, last)
		   ? next_node(facts, l, NULL)
		   : g_strconcat("node-drain:", last, NULL);
}
