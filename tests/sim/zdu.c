#include "tests/sim/zdu.h"

enum { TASKS = 4 }; /* on their way in a node that does not drain */

/* ---- the machine ---- */

/* Versions among the nodes that are up; one in ERROR counts as mixed. */
static bool is_mixed(const cluster *c)
{
	const char *seen = NULL;

	for (guint i = 0; i < c->nodes->len; i++) {
		const struct node *node = g_ptr_array_index(c->nodes, i);
		if (node->state == NODE_OFFLINE)
			continue;
		if (node->state == NODE_ERROR ||
		    (seen && !g_str_equal(seen, node->version)))
			return true;
		seen = node->version;
	}
	return false;
}

static bool is_original(const cluster *c)
{
	for (guint i = 0; i < c->nodes->len; i++) {
		const struct node *node = g_ptr_array_index(c->nodes, i);
		if (node->state != NODE_OFFLINE &&
		    g_strcmp0(node->version, c->upgrade.original_version) != 0)
			return false;
	}
	return true;
}

const char *zdu_state(const cluster *c)
{
	const struct upgrade *u = &c->upgrade;

	if (u->finalising_until)
		return "RUNNING_UPGRADE_TASKS";
	if (u->failed)
		return "UPGRADE_TASKS_FAILED";
	if (!u->enabled)
		return "STABLE";
	if (is_mixed(c))
		return "MIXED";
	return is_original(c) ? "READY_TO_UPGRADE"
			      : "READY_TO_RUN_UPGRADE_TASKS";
}

void zdu_node_left(cluster *c, const struct node *node)
{
	if (!c->upgrade.enabled || !c->upgrade.keeps_ghosts)
		return;
	struct ghost *ghost = g_new0(struct ghost, 1);
	ghost->id = g_strdup(node->id);
	ghost->name = g_strdup(node->name);
	ghost->address = g_strdup(node->address);
	ghost->version = g_strdup(node->version);
	g_ptr_array_add(c->upgrade.ghosts, ghost);
}

/* x.y.a -> x.y.b with b >= a. */
static bool is_bugfix_of(const char *version, const char *original)
{
	int64_t new = version_build(version), old = version_build(original);

	return new / 1000 == old / 1000 && new >= old;
}

bool zdu_may_join(const cluster *c, const struct node *node)
{
	if (c->upgrade.enabled)
		return is_bugfix_of(node->version, c->upgrade.original_version);
	for (guint i = 0; i < c->nodes->len; i++) {
		const struct node *member = g_ptr_array_index(c->nodes, i);
		if (member != node && node_is_member(member) &&
		    !g_str_equal(member->version, node->version))
			return false;
	}
	return true;
}

static void leave_mode(struct upgrade *u)
{
	u->enabled = u->failed = false;
	g_clear_pointer(&u->original_version, g_free);
	g_ptr_array_set_size(u->ghosts, 0);
}

void zdu_settle(cluster *c)
{
	struct upgrade *u = &c->upgrade;

	if (!u->finalising_until || c->now_ms < u->finalising_until)
		return;
	u->finalising_until = 0;
	if (u->fails) {
		u->fails = false;
		u->failed = true;
	} else {
		leave_mode(u);
	}
}

/* ---- what it tells ---- */

static json *link_json(
    const struct request *r, const char *rel, const char *path)
{
	g_autofree char *href = g_strconcat(r->base, "/rest/zdu/", path, NULL);
	json *link = json_new_object();

	json_set_string(link, "rel", rel);
	json_set_string(link, "href", href);
	return link;
}

static json *entry_json(const struct request *r, const char *id,
    const char *name, const char *address, const char *version,
    const char *state)
{
	g_autofree char *build =
	    g_strdup_printf("%" PRId64, version_build(version));
	g_autofree char *path = g_strconcat("nodes/", id, NULL);
	json *value = json_new_object();

	json_set_string(value, "id", id);
	json_set_string(value, "name", name);
	json_set_string(value, "ipAddress", address);
	json_set_i64(value, "portNumber", CLUSTER_PORT);
	json_set_string(value, "state", state);
	json_set_string(value, "version", version);
	json_set_string(value, "buildNumber", build);
	json_set_i64(value, "tasksTotal", 0);
	json_set_i64(value, "activeUserCount", 0);
	json_set_bool(value, "local", false);
	json *links = json_set(value, "links", json_new_array());
	json_append(links, link_json(r, "self", path));
	return value;
}

/* Requests on their way: a draining node finishes them one by one. */
static int64_t tasks_of(const cluster *c, const struct node *node)
{
	if (node->state == NODE_ACTIVE)
		return TASKS;
	if (node->state != NODE_DRAINING || node->drain_ms <= 0)
		return 0;
	int64_t left = node->drain_ms - (c->now_ms - node->drain_from);
	return (TASKS * MAX(0, left) + node->drain_ms - 1) / node->drain_ms;
}

static json *node_json(const struct request *r, const struct node *node)
{
	json *value = entry_json(r, node->id, node->name, node->address,
	    node->version, node_state_names[node->state]);
	int64_t tasks = tasks_of(r->cluster, node);

	json_set_i64(value, "tasksTotal", tasks);
	json_set_i64(value, "activeUserCount", tasks);
	json_set_bool(value, "local", node == r->node);
	return value;
}

/* Nodes that are up, then the lives that ended. */
static json *nodes_json(const struct request *r)
{
	const cluster *c = r->cluster;
	json *list = json_new_array();

	for (guint i = 0; i < c->nodes->len; i++) {
		const struct node *node = g_ptr_array_index(c->nodes, i);
		if (node->state != NODE_OFFLINE)
			json_append(list, node_json(r, node));
	}
	for (guint i = 0; i < c->upgrade.ghosts->len; i++) {
		const struct ghost *ghost =
		    g_ptr_array_index(c->upgrade.ghosts, i);
		json_append(
		    list, entry_json(r, ghost->id, ghost->name, ghost->address,
			      ghost->version, "OFFLINE"));
	}
	return list;
}

static const char *original_version(const struct request *r)
{
	const char *known = r->cluster->upgrade.original_version;

	return known ? known : r->node->version;
}

static json *overview(const struct request *r)
{
	const char *state = zdu_state(r->cluster);
	json *value = json_new_object();

	json_set_string(value, "state", state);
	json_set_bool(value, "upgradeModeEnabled", r->cluster->upgrade.enabled);
	json_set_bool(value, "hasFinalizationTasks",
	    g_str_equal(state, "READY_TO_RUN_UPGRADE_TASKS"));
	json_set_string(value, "originalVersion", original_version(r));
	json_set(value, "nodes", nodes_json(r));
	json *links = json_set(value, "links", json_new_array());
	json_append(links, link_json(r, "self", "cluster"));
	if (g_str_equal(state, "STABLE"))
		json_append(links, link_json(r, "start", "start"));
	if (g_str_equal(state, "READY_TO_UPGRADE"))
		json_append(links, link_json(r, "cancel", "cancel"));
	if (g_str_equal(state, "READY_TO_RUN_UPGRADE_TASKS"))
		json_append(links, link_json(r, "approve", "approve"));
	if (g_str_equal(state, "UPGRADE_TASKS_FAILED"))
		json_append(
		    links, link_json(r, "retryUpgrade", "retryUpgrade"));
	return value;
}

/* ---- requests ---- */

/* False: rolling upgrades need a Data Center licence and several nodes. */
static bool is_clustered(const struct request *r, struct reply *reply)
{
	if (r->cluster->nodes->len > 1 &&
	    cluster_flag(r->cluster, "license.dataCenter", true))
		return true;
	reply_error(reply, 403, NULL, "This instance is not clustered");
	return false;
}

static void get_overview(struct request *r, struct reply *reply)
{
	if (is_clustered(r, reply))
		reply_json(reply, 200, overview(r));
}

static void get_state(struct request *r, struct reply *reply)
{
	if (!is_clustered(r, reply))
		return;
	json *value = json_new_object();
	json_set_string(value, "state", zdu_state(r->cluster));
	json_set(value, "buildInfo", node_json(r, r->node));
	reply_json(reply, 200, value);
}

static void get_node(struct request *r, struct reply *reply)
{
	if (!is_clustered(r, reply))
		return;
	g_autoptr(json) nodes = nodes_json(r);
	json_each (node, nodes)
		if (g_strcmp0(json_text(node, "id"), r->part[0]) == 0) {
			reply_json(reply, 200, json_copy(node));
			return;
		}
	reply_error(reply, 404, NULL, "No node has the id %s", r->part[0]);
}

/* False: the cluster is not in the STATE that this step starts from. */
static bool starts_from(
    const struct request *r, const char *state, struct reply *reply)
{
	if (!is_clustered(r, reply))
		return false;
	if (g_str_equal(zdu_state(r->cluster), state))
		return true;
	reply_error(reply, 409, NULL, "The cluster is %s, not %s",
	    zdu_state(r->cluster), state);
	return false;
}

static void post_start(struct request *r, struct reply *reply)
{
	struct upgrade *u = &r->cluster->upgrade;

	if (!starts_from(r, "STABLE", reply))
		return;
	u->enabled = true;
	g_free(u->original_version);
	u->original_version = g_strdup(r->node->version);
	reply_json(reply, 200, overview(r));
}

static void post_cancel(struct request *r, struct reply *reply)
{
	if (!starts_from(r, "READY_TO_UPGRADE", reply))
		return;
	leave_mode(&r->cluster->upgrade);
	reply_json(reply, 200, overview(r));
}

static void finalise(struct request *r, struct reply *reply)
{
	struct upgrade *u = &r->cluster->upgrade;

	u->failed = false;
	u->finalising_until = MAX(1, r->cluster->now_ms + u->finalise_ms);
	reply_json(reply, 200, overview(r));
}

static void post_approve(struct request *r, struct reply *reply)
{
	if (starts_from(r, "READY_TO_RUN_UPGRADE_TASKS", reply))
		finalise(r, reply);
}

static void post_retry(struct request *r, struct reply *reply)
{
	if (starts_from(r, "UPGRADE_TASKS_FAILED", reply))
		finalise(r, reply);
}

#define ZDU PERMISSION_SYS_ADMIN, ROUTE_DENIES_403
const struct route zdu_routes[] = {
    {"GET", "/rest/zdu/cluster", ZDU, get_overview},
    {"GET", "/rest/zdu/state", ZDU, get_state},
    {"GET", "/rest/zdu/nodes/{}", ZDU, get_node},
    {"POST", "/rest/zdu/start", ZDU, post_start},
    {"POST", "/rest/zdu/cancel", ZDU, post_cancel},
    {"POST", "/rest/zdu/approve", ZDU, post_approve},
    {"POST", "/rest/zdu/retryUpgrade", ZDU, post_retry},
    /* As the pages of 7.9 to 7.20 write them. */
    {"POST", "/rest/zdu/cluster/start", ZDU, post_start},
    {"POST", "/rest/zdu/cluster/cancel", ZDU, post_cancel},
    {"POST", "/rest/zdu/cluster/approve", ZDU, post_approve},
    {"POST", "/rest/zdu/cluster/retryUpgrade", ZDU, post_retry},
    {0},
};

/* ---- the control port's side ---- */

void zdu_set(cluster *c, const json *wish)
{
	struct upgrade *u = &c->upgrade;

	u->keeps_ghosts = flag_at(wish, "keeps_ghosts", u->keeps_ghosts);
	u->fails = flag_at(wish, "fails", u->fails);
	u->finalise_ms = number_at(wish, "finalise_ms", u->finalise_ms);
}

json *zdu_json(const cluster *c)
{
	json *value = json_new_object();

	json_set_string(value, "state", zdu_state(c));
	json_set_bool(value, "enabled", c->upgrade.enabled);
	json_set_string(value, "original_version", c->upgrade.original_version);
	json_set_bool(value, "keeps_ghosts", c->upgrade.keeps_ghosts);
	json_set_bool(value, "fails", c->upgrade.fails);
	json_set_i64(value, "finalise_ms", c->upgrade.finalise_ms);
	json_set_i64(value, "ghosts", (int64_t)c->upgrade.ghosts->len);
	return value;
}
