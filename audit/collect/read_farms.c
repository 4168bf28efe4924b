#include "audit/collect/read_farms.h"

#include <inttypes.h>

#include "audit/collect/take.h"
#include "base/error.h"

#define MESH_SINCE "8.0" /* docs/sources.md#mesh */

static bool read_mirrors(const struct reading *r, GError **error)
{
	json_each (entry, r->body) {
		struct mirror *m = shape_add(&mirror_shape, &r->facts->mirrors);

		if (!must_string(entry, "id", &m->id, error) ||
		    !must_string(entry, "name", &m->name, error) ||
		    !take_string(entry, "productVersion", &m->version, error) ||
		    !take_string(entry, "mirrorType", &m->kind, error) ||
		    !must_flag(entry, "enabled", &m->enabled, error) ||
		    !take_time(entry, "lastSeenDate", &m->last_seen_at, error))
			return false;
	}
	return true;
}

static bool read_mesh_node(
    const json *entry, struct mesh_node *node, GError **error)
{
	const json *id = json_find(entry, "id");
	int64_t number = 0;

	/* The schema says number, samples show a string. */
	if (id && json_kind(id) == JSON_NUMBER) {
		if (!json_i64(id, "", &number, error))
			return false;
		node->id = g_strdup_printf("%" PRId64, number);
	} else if (!must_string(entry, "id", &node->id, error)) {
		return false;
	}
	return take_string(entry, "name", &node->name, error) &&
	       must_string(entry, "state", &node->state, error) &&
	       take_flag(entry, "offline", &node->offline, error) &&
	       take_time(entry, "lastSeenDate", &node->last_seen_at, error);
}

/* An array, a page, or one object: the vendor's own pages say each. */
static bool read_mesh_nodes(const struct reading *r, GError **error)
{
	const json *values = json_member(r->body, "values");
	const json *list = values ? values : r->body;

	if (json_kind(list) == JSON_OBJECT)
		return read_mesh_node(list,
		    shape_add(&mesh_node_shape, &r->facts->mesh_nodes), error);
	if (json_kind(list) != JSON_ARRAY)
		return fail(error, GONOGO_ERROR_DATA,
		    "neither a list nor a page nor a node");
	if (values &&
	    json_kind(json_find(r->body, "isLastPage")) == JSON_BOOL) {
		bool last = false;
		if (!json_bool(r->body, "isLastPage", &last, error))
			return false;
		if (!last)
			return fail(error, GONOGO_ERROR_DATA,
			    "only the first page was read");
	}
	json_each (entry, list)
		if (!read_mesh_node(entry,
			shape_add(&mesh_node_shape, &r->facts->mesh_nodes),
			error))
			return false;
	return true;
}

/* 404 is documented as "no migration". */
static bool read_migration(const struct reading *r, GError **error)
{
	static const char *const over[] = {"COMPLETED", "FINISHED",
	    "SUCCESSFUL", "FAILED", "CANCELED", "CANCELLED", NULL};
	g_autofree char *state = NULL;

	if (r->meta->http_status.value == 404) {
		r->facts->mesh_migrating = flag_of(false);
		return true;
	}
	if (!must_string(r->body, "state", &state, error))
		return false;
	/* States are not documented: what is not surely over goes on. */
	r->facts->mesh_migrating = flag_of(!g_strv_contains(over, state));
	return true;
}

/* Takes the id of one end of a pair as text: a number by the schema. */
static char *end_id(const json *pair)
{
	const json *id = json_find(pair, "node.id");
	int64_t number = 0;

	if (id && json_i64(id, "", &number, NULL))
		return g_strdup_printf("%" PRId64, number);
	return g_strdup(json_text(pair, "node.id"));
}

/* Adds how each pair of one node's REPORT is; the Mesh ends go to NAMED. */
static bool read_report(
    const json *report, GHashTable *named, int64_t *unreachable, GError **error)
{
	const json *summaries = NULL;

	if (!json_array(report, "summaries", &summaries, error))
		return false;
	json_each (pair, summaries) {
		const char *type = json_text(pair, "node.type");
		bool reachable = false;
		char *id = end_id(pair);

		if (id && g_strcmp0(type, "BITBUCKET") != 0)
			g_hash_table_add(named, id);
		else
			g_free(id);
		if (!json_bool(pair, "summary.reachable", &reachable, error))
			return false;
		*unreachable += !reachable;
	}
	return true;
}

/* Each Mesh node at work is in a report, and each of a report is listed. */
static bool check_ends(const struct facts *f, GHashTable *named, GError **error)
{
	guint known = 0;

	for (guint i = 0; i < list_length(f->mesh_nodes); i++) {
		const struct mesh_node *node =
		    g_ptr_array_index(f->mesh_nodes, i);
		bool there = g_hash_table_contains(named, node->id);

		known += there;
		if (!there && g_str_equal(node->state, "AVAILABLE"))
			return fail(error, GONOGO_ERROR_DATA,
			    "no report names Mesh node %s", node->id);
	}
	return known == g_hash_table_size(named) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "it names %u Mesh nodes, the list of them %u",
		   g_hash_table_size(named), known);
}

static bool read_connectivity(const struct reading *r, GError **error)
{
	g_autoptr(GHashTable) named =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const json *reports = NULL;
	int64_t unreachable = 0;

	if (!facts_find_source(r->facts, "mesh.nodes"))
		return fail(error, GONOGO_ERROR_DATA,
		    "no list of Mesh nodes to hold it against");
	if (!json_array(r->body, "reports", &reports, error))
		return false;
	json_each (report, reports)
		if (!read_report(report, named, &unreachable, error))
			return false;
	if (!check_ends(r->facts, named, error))
		return false;
	r->facts->mesh_unreachable = number_of(unreachable);
	return true;
}

const struct row farms_rows[] = {
    {.what = "mirrors",
	.permission = "ADMIN",
	.collector = "bitbucket",
	.request = "/rest/mirroring/latest/mirrorServers",
	.pages = PAGES_VALUES,
	.profiles = PROFILE_FULL,
	.read = read_mirrors},
    {.what = "mesh.nodes",
	.permission = "SYS_ADMIN",
	.since = MESH_SINCE,
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/git/mesh/nodes",
	.profiles = PROFILE_FULL,
	.read = read_mesh_nodes},
    {.what = "mesh.migration",
	.permission = "SYS_ADMIN",
	.since = MESH_SINCE,
	.collector = "bitbucket",
	.request = "/rest/api/latest/migration/mesh/summary",
	.profiles = PROFILE_FULL,
	.also = {404},
	.read = read_migration},
    {.what = "mesh.connectivity",
	.permission = "SYS_ADMIN",
	.since = MESH_SINCE,
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/git/mesh/diagnostics/connectivity",
	.profiles = PROFILE_FULL,
	.read = read_connectivity},
    {0},
};
