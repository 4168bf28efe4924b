#include "tests/sim/instance.h"

#include "tests/sim/maintenance.h"

/* ---- no login ---- */

static void get_status(struct request *r, struct reply *reply)
{
	static const struct {
		const char *name;
		unsigned status;
	} states[] = {
	    [NODE_ACTIVE] = {"RUNNING", 200},
	    [NODE_STARTING] = {"STARTING", 503},
	    [NODE_DRAINING] = {"RUNNING", 200},
	    [NODE_TERMINATING] = {"STOPPING", 503},
	    [NODE_OFFLINE] = {"STOPPING", 503},
	    [NODE_ERROR] = {"ERROR", 500},
	};
	enum node_state state =
	    r->node->status_error ? NODE_ERROR : r->node->state;
	const char *name = states[state].name;
	json *value = json_new_object();

	if (node_serves(r->node) && state != NODE_ERROR) {
		if (cluster_flag(r->cluster, "first_run", false))
			name = "FIRST_RUN";
		else if (maintenance_is_locked(r->cluster))
			name = "MAINTENANCE";
	}
	json_set_string(value, "state", name);
	reply_json(reply, states[state].status, value);
}

static void get_properties(struct request *r, struct reply *reply)
{
	g_autofree char *build =
	    g_strdup_printf("%" PRId64, version_build(r->node->version));
	json *value = json_new_object();

	json_set_string(value, "version", r->node->version);
	json_set_string(value, "buildNumber", build);
	json_set_string(value, "buildDate", "1752451200000");
	json_set_string(
	    value, "displayName", json_text(r->cluster->world, "display_name"));
	reply_json(reply, 200, value);
}

/* XML unless JSON is asked for by name. */
static void get_manifest(struct request *r, struct reply *reply)
{
	const char *accept = request_header(r, "accept");
	const char *id = json_text(r->cluster->world, "license.serverId");
	const char *name = json_text(r->cluster->world, "display_name");
	g_autofree char *build =
	    g_strdup_printf("%" PRId64, version_build(r->node->version));

	if (accept && strstr(accept, "application/json")) {
		json *value = json_new_object();
		json_set_string(value, "id", id);
		json_set_string(value, "name", name);
		json_set_string(value, "typeId", "stash");
		json_set_string(value, "version", r->node->version);
		json_set_string(value, "buildNumber", build);
		json_set_string(value, "url", r->base);
		reply_json(reply, 200, value);
		return;
	}
	reply_empty(reply, 200);
	reply->media_type = "application/xml";
	reply->text = g_markup_printf_escaped(
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><manifest><id>%s</id>"
	    "<name>%s</name><typeId>stash</typeId><version>%s</version>"
	    "<buildNumber>%s</buildNumber><url>%s</url></manifest>",
	    id ? id : "", name ? name : "", r->node->version, build, r->base);
}

/* ---- administrators ---- */

static json *member_json(const struct node *node, const struct node *local)
{
	json *value = json_new_object();
	json *address = json_set(value, "address", json_new_object());

	json_set_string(value, "id", node->id);
	json_set_string(value, "name", node->name);
	json_set_string(address, "address", node->address);
	json_set_i64(address, "port", CLUSTER_PORT);
	json_set_string(value, "buildVersion", node->version);
	json_set_bool(value, "local", node == local);
	return value;
}

static void get_cluster(struct request *r, struct reply *reply)
{
	json *value = json_new_object();
	json *nodes = json_set(value, "nodes", json_new_array());

	json_set_bool(value, "running", true);
	json_set(value, "localNode", member_json(r->node, r->node));
	for (guint i = 0; i < r->cluster->nodes->len; i++) {
		const struct node *node =
		    g_ptr_array_index(r->cluster->nodes, i);
		if (node_is_member(node))
			json_append(nodes, member_json(node, r->node));
	}
	reply_json(reply, 200, value);
}

static void set_days(
    json *value, const char *key, const char *from, int64_t now)
{
	enum { DAY_MS = 86400000 };
	int64_t end;

	if (json_i64(value, from, &end, NULL))
		json_set_i64(value, key, (end - now * 1000) / DAY_MS);
}

static void get_license(struct request *r, struct reply *reply)
{
	const json *section = cluster_world(r->cluster, "license");
	int64_t now = cluster_time(r->node);

	if (!section) {
		reply_error(reply, 404,
		    "com.atlassian.bitbucket.license.NoLicenseException",
		    "No license is installed");
		return;
	}
	json *value = json_copy(section);
	json_remove(value, "dataCenter"); /* shows by its consequences only */
	set_days(value, "numberOfDaysBeforeExpiry", "expiryDate", now);
	set_days(value, "numberOfDaysBeforeMaintenanceExpiry",
	    "maintenanceExpiryDate", now);
	set_days(value, "numberOfDaysBeforeGracePeriodExpiry",
	    "gracePeriodEndDate", now);
	reply_json(reply, 200, value);
}

const struct route instance_routes[] = {
    {"GET", "/status", PERMISSION_NONE,
	ROUTE_WHILE_LOCKED | ROUTE_WHILE_STARTING, get_status},
    {"GET", "/rest/api/~/application-properties", PERMISSION_NONE, 0,
	get_properties},
    {"GET", "/rest/applinks/~/manifest", PERMISSION_NONE, 0, get_manifest},
    {"GET", "/rest/api/~/admin/cluster", PERMISSION_SYS_ADMIN, 0, get_cluster},
    {"GET", "/rest/api/~/admin/license", PERMISSION_ADMIN, 0, get_license},
    {0},
};
