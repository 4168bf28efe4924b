#include "audit/collect/read_farms.h"

#include <inttypes.h>

#include "audit/collect/take.h"
#include "base/error.h"

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

static bool read_connectivity(const struct reading *r, GError **error)
{
	const json *reports = NULL;
	int64_t unreachable = 0;

	if (!json_array(r->body, "reports", &reports, error))
		return false;
	json_each (report, reports) {
		const json *summaries = NULL;

		if (!json_array(report, "summaries", &summaries, error))
			return false;
		json_each (pair, summaries) {
			bool reachable = false;
			if (!json_bool(
				pair, "summary.reachable", &reachable, error))
				return false;
			unreachable += !reachable;
		}
	}
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
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/git/mesh/nodes",
	.profiles = PROFILE_FULL,
	.read = read_mesh_nodes},
    {.what = "mesh.migration",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = "/rest/api/latest/migration/mesh/summary",
	.profiles = PROFILE_FULL,
	.also = {404},
	.read = read_migration},
    {.what = "mesh.connectivity",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/git/mesh/diagnostics/connectivity",
	.profiles = PROFILE_FULL,
	.read = read_connectivity},
    {0},
};
