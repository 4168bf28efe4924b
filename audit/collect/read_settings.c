#include "audit/collect/read_settings.h"

#include "audit/collect/nodes.h"
#include "audit/collect/take.h"
#include "base/error.h"

json *settings_kept(const struct settings *s)
{
	json *kept = json_new_object();
	json *nodes = json_set(kept, "nodes", json_new_array());

	json_set_string(kept, "name", s->cluster.name);
	json_set_string(kept, "url", s->cluster.url);
	json_set_string(kept, "target", s->target.version);
	json_set_string(kept, "procedure", s->target.procedure);
	json_set_string(kept, "store", s->store.path);
	for (char **n = s->cluster.nodes; n && *n; n++) {
		g_autofree char *name = NULL;
		g_autofree char *url = NULL;
		nodes_pair(*n, &name, &url);
		json *node = json_append(nodes, json_new_object());
		json_set_string(node, "name", name);
		json_set_string(node, "url", url);
	}
	return kept;
}

static bool read_nodes(struct facts *f, const json *list, GError **error)
{
	json_each (child, list) {
		g_autofree char *name = NULL;
		g_autofree char *url = NULL;

		if (!must_string(child, "name", &name, error) ||
		    !must_string(child, "url", &url, error))
			return false;
		if (facts_find_node(f, name))
			return fail(error, GONOGO_ERROR_DATA,
			    "node %s is listed twice", name);
		facts_node(f, name)->url = g_steal_pointer(&url);
	}
	return true;
}

static bool read_settings(const struct reading *r, GError **error)
{
	const json *nodes = NULL;

	return take_string(r->body, "name", &r->facts->cluster.name, error) &&
	       take_string(r->body, "url", &r->facts->cluster.url, error) &&
	       take_string(r->body, "target", &r->facts->plan.target, error) &&
	       take_string(
		   r->body, "procedure", &r->facts->plan.procedure, error) &&
	       take_string(r->body, "store", &r->facts->plan.store, error) &&
	       json_array(r->body, "nodes", &nodes, error) &&
	       read_nodes(r->facts, nodes, error);
}

const struct row settings_rows[] = {
    {.what = "settings",
	.collector = "settings",
	.request = "settings without secrets",
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.read = read_settings},
    {0},
};
