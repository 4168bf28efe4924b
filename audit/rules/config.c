/* What this site has made its own of what the product installs. */
#include "audit/rules/rule.h"

/* The sha256 of PATH in the programs of NODE; NULL: it has no such file. */
static const char *sum_of(const struct node *node, const char *path)
{
	for (guint i = 0; i < list_length(node->install); i++) {
		const struct installed *file =
		    g_ptr_array_index(node->install, i);
		if (g_str_equal(file->path, path))
			return file->sha256;
	}
	return NULL;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Gives the paths of all NODES, sorted, each once; borrowed from them. */
static GPtrArray *paths_of(const GPtrArray *nodes)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *paths = g_ptr_array_new();

	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);
		for (guint k = 0; k < list_length(node->install); k++) {
			const struct installed *file =
			    g_ptr_array_index(node->install, k);
			if (g_hash_table_add(seen, file->path))
				g_ptr_array_add(paths, file->path);
		}
	}
	g_ptr_array_sort(paths, by_name);
	return paths;
}

/* Does PATH differ from the first node's?  Gives whose does; NULL: none. */
static char *differing(const GPtrArray *nodes, const char *path)
{
	const struct node *first = g_ptr_array_index(nodes, 0);
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 1; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);
		if (g_strcmp0(sum_of(node, path), sum_of(first, path)) == 0)
			continue;
		g_string_append_printf(
		    names, "%s%s", names->len ? ", " : "", node->name);
	}
	return names->len ? g_strdup(names->str) : NULL;
}

static void name_differing(
    const struct judging *j, const GPtrArray *nodes, const char *path)
{
	const struct node *first = g_ptr_array_index(nodes, 0);
	g_autofree char *names = differing(nodes, path);

	if (!names)
		return;
	struct finding *f = rule_add(j, "file", path);
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = g_ptr_array_index(nodes, i);
		const char *sum = sum_of(node, path);
		g_autofree char *what =
		    g_strdup_printf("node.%s.machine", node->name);
		finding_evidence(f, what, sum ? sum : "missing", NULL);
	}
	finding_answer(f, OUTCOME_FAIL, "%s on %s is not that of %s", path,
	    names, first->name);
	finding_remedy(f,
	    "compare %s on %s and %s: a node that is configured by hand is "
	    "lost when it is installed anew",
	    path, first->name, names);
}

static void install_is_equal(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	guint before = list_length(j->out->list);

	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		if (list_length(node->install))
			continue;
		struct finding *f = rule_add(j, "node", node->name);
		finding_unknown(f,
		    "nobody looked at Bitbucket's programs on %s", node->name);
		finding_remedy(f,
		    "gonogo audit node --script >node.sh; there: sh node.sh "
		    "HOME INSTALL >%s.tar",
		    node->name);
	}
	if (list_length(j->out->list) > before || !live->len)
		return;
	g_autoptr(GPtrArray) paths = paths_of(live);
	for (guint i = 0; i < paths->len; i++)
		name_differing(j, live, g_ptr_array_index(paths, i));
	if (list_length(j->out->list) > before)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_answer(f, OUTCOME_PASS,
	    "the %u files in bin and conf are the same on %u nodes", paths->len,
	    live->len);
}

const struct rule config_rules[] = {
    {.id = "CONFIG-same-install",
	.ask = "Are start scripts and server settings the same on all nodes?",
	.mend = "make them the same, and keep them where the rollout takes "
		"them from",
	.source = "docs/sources.md#install",
	.severity = SEVERITY_MEDIUM,
	.inputs = {"cluster.members"},
	.judge = install_is_equal},
    {.id = "CONFIG-carried-over",
	.ask = "Does the rollout carry over what this site changed in start "
	       "scripts, JVM arguments, server.xml and stores of keys, and "
	       "was that tried?",
	.mend = "compare bin and conf with those of the product's own archive, "
		"and try the rollout on a copy",
	.source = "docs/sources.md#install",
	.severity = SEVERITY_HIGH,
	.resolve_by = PHASE_BEFORE_START,
	.required = true,
	.judge = rule_ask_person},
    {0},
};
