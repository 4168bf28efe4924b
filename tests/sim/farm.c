#include "tests/sim/farm.h"

#include "base/clock.h"

/* What is up was seen a moment ago, whenever that is asked. */
static int64_t last_seen(const struct request *r, const json *entry)
{
	return cluster_time(r->node) - number_at(entry, "seen_age_s", 10);
}

/* ---- mirrors ---- */

static json *mirror_json(const struct request *r, const json *mirror)
{
	json *value = json_copy(mirror);

	if (!json_member(value, "lastSeenDate")) {
		g_autofree char *seen = clock_text(last_seen(r, mirror));
		json_set_string(value, "lastSeenDate", seen);
	}
	json_remove(value, "seen_age_s");
	return value;
}

static void get_mirrors(struct request *r, struct reply *reply)
{
	g_autoptr(json) all = json_new_array();

	json_each (mirror, cluster_world(r->cluster, "mirrors"))
		json_append(all, mirror_json(r, mirror));
	reply_page(reply, r, all);
}

static void get_mirror(struct request *r, struct reply *reply)
{
	json_each (mirror, cluster_world(r->cluster, "mirrors"))
		if (g_strcmp0(json_text(mirror, "id"), r->part[0]) == 0) {
			reply_json(reply, 200, mirror_json(r, mirror));
			return;
		}
	reply_error(reply, 404,
	    "com.atlassian.bitbucket.mirroring.NoSuchMirrorException",
	    "No mirror has the id %s", r->part[0]);
}

/* ---- Mesh ---- */

static json *mesh_node_json(const struct request *r, const json *node)
{
	json *value = json_copy(node);
	bool offline = g_strcmp0(json_text(node, "state"), "OFFLINE") == 0;

	if (!json_member(value, "offline"))
		json_set_bool(value, "offline", offline);
	if (!json_member(value, "lastSeenDate"))
		json_set_i64(value, "lastSeenDate", last_seen(r, node) * 1000);
	json_remove(value, "seen_age_s");
	return value;
}

/* The documents disagree about the form: `mesh.form` chooses. */
static void get_mesh_nodes(struct request *r, struct reply *reply)
{
	const char *form = json_text(r->cluster->world, "mesh.form");
	g_autoptr(json) all = json_new_array();

	json_each (node, cluster_world(r->cluster, "mesh.nodes"))
		json_append(all, mesh_node_json(r, node));
	if (g_strcmp0(form, "page") == 0)
		reply_page(reply, r, all);
	else if (g_strcmp0(form, "object") == 0 && json_length(all) == 1)
		reply_json(reply, 200, json_copy(json_first(all)));
	else
		reply_json(reply, 200, g_steal_pointer(&all));
}

static json *end_json(const char *id, const char *name, const char *type)
{
	json *value = json_new_object();

	json_set_string(value, "id", id);
	json_set_string(value, "name", name);
	json_set_string(value, "type", type);
	return value;
}

static json *summary_json(const json *node)
{
	bool reachable = g_strcmp0(json_text(node, "state"), "OFFLINE") != 0;
	json *value = json_new_object();
	json *summary = json_set(value, "summary", json_new_object());

	json_set(value, "node",
	    end_json(json_text(node, "id"), json_text(node, "name"), "MESH"));
	json_set_bool(summary, "reachable", reachable);
	if (reachable) {
		json_set_i64(summary, "roundTripTime", 4);
		set_null(summary, "errorMessage");
	} else {
		json_set_string(summary, "errorMessage", "Connection refused");
	}
	return value;
}

static void get_connectivity(struct request *r, struct reply *reply)
{
	json *value = json_new_object();
	json *reports = json_set(value, "reports", json_new_array());

	for (guint i = 0; i < r->cluster->nodes->len; i++) {
		const struct node *node =
		    g_ptr_array_index(r->cluster->nodes, i);
		if (!node_is_member(node))
			continue;
		json *report = json_append(reports, json_new_object());
		json_set(report, "node",
		    end_json(node->id, node->name, "BITBUCKET"));
		json *list = json_set(report, "summaries", json_new_array());
		json_each (mesh, cluster_world(r->cluster, "mesh.nodes"))
			json_append(list, summary_json(mesh));
	}
	reply_json(reply, 200, value);
}

static void get_migration(struct request *r, struct reply *reply)
{
	const json *migration = cluster_world(r->cluster, "mesh.migration");

	if (migration && json_kind(migration) == JSON_OBJECT)
		reply_json(reply, 200, json_copy(migration));
	else
		reply_error(reply, 404,
		    "com.atlassian.bitbucket.NoSuchEntityException",
		    "No migration was started");
}

const struct route farm_routes[] = {
    {"GET", "/rest/mirroring/~/mirrorServers", PERMISSION_ADMIN, 0,
	get_mirrors},
    {"GET", "/rest/mirroring/~/mirrorServers/{}", PERMISSION_ADMIN, 0,
	get_mirror},
    {"GET", "/rest/api/~/admin/git/mesh/nodes", PERMISSION_SYS_ADMIN, 0,
	get_mesh_nodes},
    {"GET", "/rest/api/~/admin/git/mesh/diagnostics/connectivity",
	PERMISSION_SYS_ADMIN, 0, get_connectivity},
    {"GET", "/rest/api/~/migration/mesh/summary", PERMISSION_SYS_ADMIN, 0,
	get_migration},
    {0},
};
