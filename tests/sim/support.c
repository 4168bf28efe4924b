#include "tests/sim/support.h"

/* ---- health checks ---- */

static json *status_json(const json *check, int id, int64_t at)
{
	g_autofree char *key =
	    g_strconcat("com.atlassian.troubleshooting.plugin-bitbucket:",
		json_text(check, "key"), NULL);
	const char *node = json_text(check, "node");
	bool healthy = flag_at(check, "healthy", false);
	json *value = json_new_object();

	json_set_i64(value, "id", id);
	json_set_string(value, "completeKey", key);
	json_set_string(value, "name", json_text(check, "name"));
	json_set_string(value, "description", json_text(check, "description"));
	json_set_bool(value, "isHealthy", healthy);
	json_set_bool(value, "healthy", healthy);
	json_set_string(value, "failureReason", json_text(check, "reason"));
	json_set_string(value, "application", "Bitbucket");
	if (node)
		json_set_string(value, "nodeId", node);
	else
		set_null(value, "nodeId");
	json_set_i64(value, "time", at * 1000);
	json_set_string(value, "severity", json_text(check, "severity"));
	json_set_string(
	    value, "documentation", "https://confluence.atlassian.com/support");
	json_set_string(value, "tag", json_text(check, "tag"));
	json_set_bool(value, "isEnabled", true);
	json_set_bool(value, "enabled", true);
	json_set_bool(value, "isSoftLaunch", false);
	json_set_bool(value, "softLaunch", false);
	json_set(value, "additionalLinks", json_new_array());
	return value;
}

/* As of AT. */
static json *statuses(const struct request *r, int64_t at)
{
	json *value = json_new_object();
	json *list = json_set(value, "statuses", json_new_array());
	int id = 0;

	json_each (check, cluster_world(r->cluster, "health"))
		json_append(list, status_json(check, id++, at));
	return value;
}

static void get_checks(struct request *r, struct reply *reply)
{
	reply_json(reply, 200, statuses(r, cluster_time(r->node)));
}

static void post_process(struct request *r, struct reply *reply)
{
	cluster *c = r->cluster;
	json *value = json_new_object();

	g_free(c->check_id);
	c->check_id = g_uuid_string_random();
	c->check_done_ms =
	    c->now_ms + cluster_number(c, "health_process_ms", 0);
	json_set_string(value, "processId", c->check_id);
	json_set(value, "checks", json_new_object());
	reply_json(reply, 200, value);
}

static void get_results(struct request *r, struct reply *reply)
{
	const cluster *c = r->cluster;

	if (!g_uuid_string_is_valid(r->part[0]))
		reply_error(reply, 400, NULL, "%s: no id", r->part[0]);
	else if (g_strcmp0(c->check_id, r->part[0]) != 0 ||
		 c->now_ms < c->check_done_ms)
		reply_error(reply, 404, NULL, "No results yet");
	else
		reply_json(reply, 200, statuses(r, cluster_time(r->node)));
}

static void get_last_run(struct request *r, struct reply *reply)
{
	int64_t at = cluster_number(r->cluster, "health_run.at", 0);

	if (!at)
		reply_empty(reply, 204); /* no schedule has run yet */
	else
		reply_json(reply, 200, statuses(r, at));
}

/* ---- pre-upgrade planning ---- */

static bool is_bugfix(int64_t build, int64_t now)
{
	return build / 1000 == now / 1000 && build > now;
}

static json *version_json(const json *product, int64_t now)
{
	const char *version = json_text(product, "version");
	g_autofree char *name = g_strconcat("Bitbucket ", version, NULL);
	json *value = json_new_object();

	json_set_string(value, "fullName", name);
	json_set_string(value, "shortName", version);
	json_set_string(value, "releaseDate", json_text(product, "released"));
	json_set(value, "supportedPlatforms", json_new_array());
	json_set(value, "modifiedFiles", json_new_array());
	json_set(value, "upgradePath", json_new_array());
	json_set_bool(
	    value, "isZduAvailable", is_bugfix(version_build(version), now));
	return value;
}

static void get_pre_upgrade(struct request *r, struct reply *reply)
{
	int64_t now = version_build(r->node->version);

	if (!cluster_flag(r->cluster, "pre_upgrade.available", true)) {
		reply_error(reply, 500, NULL, "No data available");
		return;
	}
	json *value = json_new_object();
	json *versions = json_set(value, "versions", json_new_array());
	json_each (product, cluster_world(r->cluster, "marketplace.products"))
		if (version_build(json_text(product, "version")) > now)
			json_append(versions, version_json(product, now));
	if (json_length(versions) > 0)
		json_set_string(value, "selectedVersion",
		    json_text(json_first(versions), "shortName"));
	json *instance = json_set(value, "instanceData", json_new_object());
	g_autofree char *name =
	    g_strconcat("Bitbucket ", r->node->version, NULL);
	json_set_string(instance, "platformId", "bitbucket");
	json_set_string(instance, "fullName", name);
	json_set_string(instance, "operatingSystem", "Linux");
	json_set_bool(value, "stale",
	    cluster_flag(r->cluster, "pre_upgrade.stale", false));
	reply_json(reply, 200, value);
}

#define TOOLS "/rest/troubleshooting/1.0"
const struct route support_routes[] = {
    {"GET", TOOLS "/check", PERMISSION_ADMIN, 0, get_checks},
    {"POST", TOOLS "/check/process", PERMISSION_ADMIN, 0, post_process},
    {"GET", TOOLS "/check/process/{}/results", PERMISSION_ADMIN, 0,
	get_results},
    {"GET", TOOLS "/lastRun", PERMISSION_ADMIN, 0, get_last_run},
    {"GET", TOOLS "/pre-upgrade/info", PERMISSION_SYS_ADMIN, 0,
	get_pre_upgrade},
    /* Older versions of the plugin. */
    {"GET", "/rest/supportHealthCheck/1.0/check", PERMISSION_ADMIN, 0,
	get_checks},
    {0},
};
