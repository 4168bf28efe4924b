#include "tests/sim/world.h"

#include "base/clock.h"
#include "base/secret.h"
#include "tests/sim/cluster.h"

/* Its words become one string, so that JSON can stand here as it is. */
#define JSON(...) #__VA_ARGS__

/* clang-format off */
static const char usual[] = JSON({
"display_name": "Bitbucket",
"first_run": false,
"users": [
 {"name": "admin", "password": "admin", "display_name": "Administrator",
  "permission": "SYS_ADMIN", "tokens": ["admin-token"]},
 {"name": "backup", "password": "backup", "display_name": "Backup Service",
  "permission": "SYS_ADMIN"},
 {"name": "auditor", "password": "auditor", "display_name": "Auditor",
  "permission": "ADMIN"},
 {"name": "user", "password": "user", "display_name": "Plain User",
  "permission": "USER", "tokens": ["user-token"]},
 {"name": "nobody", "password": "nobody", "display_name": "No Permission",
  "permission": "NONE"}],
"security": {"basic_auth": true, "websudo": false},
"license": {
 "dataCenter": true, "maximumNumberOfUsers": 500,
 "unlimitedNumberOfUsers": false,
 "serverId": "BDXV-4K2M-9QWE-77AA", "supportEntitlementNumber": "SEN-4711",
 "status": {"currentNumberOfUsers": 212, "serverId": "BDXV-4K2M-9QWE-77AA"},
 "license": "AAAB-this-is-the-secret-licence-text"},
"apps": [
 {"key": "com.example.bb.checks", "name": "Example Checks",
  "version": "3.2.1", "enabled": true, "userInstalled": true,
  "usesLicensing": true, "vendor": {"name": "Example Software"}},
 {"key": "com.example.bb.awards", "name": "Awards for Reviewers",
  "version": "5.0.4", "enabled": true, "userInstalled": true,
  "usesLicensing": true, "vendor": {"name": "Example Software"}},
 {"key": "org.example.hooks", "name": "Hooks of Every Kind",
  "version": "11.4.0", "enabled": true, "userInstalled": true,
  "usesLicensing": false, "vendor": {"name": "Example Foundation"}},
 {"key": "org.example.mirror-status", "name": "Mirror Status",
  "version": "1.9.3", "enabled": false, "userInstalled": true,
  "usesLicensing": false, "vendor": {"name": "Example Foundation"}},
 {"key": "com.atlassian.upm.atlassian-universal-plugin-manager-plugin",
  "name": "Universal Plugin Manager", "version": "8.0.3", "enabled": true,
  "userInstalled": false, "vendor": {"name": "Atlassian"}},
 {"key": "com.atlassian.troubleshooting.plugin-bitbucket",
  "name": "Troubleshooting and Support Tools", "version": "2.0.4",
  "enabled": true, "userInstalled": false, "vendor": {"name": "Atlassian"}},
 {"key": "com.atlassian.bitbucket.server.bitbucket-web",
  "name": "Bitbucket Web", "version": "9.4.22", "enabled": true,
  "userInstalled": false, "vendor": {"name": "Atlassian"}}],
"marketplace": {
 "reachable": true, "disabled": false,
 "products": [
  {"version": "10.2.6", "released": "2026-08-11"},
  {"version": "10.0.2", "released": "2025-11-11"},
  {"version": "9.6.5", "released": "2025-08-12"},
  {"version": "9.4.23", "released": "2026-08-11"},
  {"version": "9.4.22", "released": "2026-07-14"},
  {"version": "9.4.21", "released": "2026-06-09"},
  {"version": "9.4.20", "released": "2026-05-12"},
  {"version": "8.19.29", "released": "2026-03-10"}],
 "apps": [
  {"key": "com.example.bb.checks", "name": "Example Checks",
   "vendor": "Example Software", "data_center": true, "versions": [
   {"version": "3.3.0", "released": "2026-07-21",
    "data_center": ["9.0.0", "10.2.6"]},
   {"version": "3.2.1", "released": "2026-06-02",
    "data_center": ["8.9.0", "9.4.999"]}]},
  {"key": "com.example.bb.awards", "name": "Awards for Reviewers",
   "vendor": "Example Software", "data_center": true, "versions": [
   {"version": "5.0.4", "released": "2026-01-15",
    "data_center": ["9.0.0", "10.2.6"], "server": ["8.9.0", "8.14.999"]}]},
  {"key": "org.example.hooks", "name": "Hooks of Every Kind",
   "vendor": "Example Foundation", "data_center": true, "versions": [
   {"version": "11.4.0", "released": "2026-03-30",
    "data_center": ["8.19.0", "9.6.999"]}]},
  {"key": "org.example.mirror-status", "name": "Mirror Status",
   "vendor": "Example Foundation", "data_center": true, "versions": [
   {"version": "1.9.3", "released": "2025-10-08",
    "data_center": ["9.0.0", "9.6.999"]}]}]},
"mirrors": [
 {"id": "B0F5-EU", "name": "Mirror Europe",
  "baseUrl": "https://mirror-eu.example.com", "enabled": true,
  "mirrorType": "FARM", "productVersion": "9.4.22", "seen_age_s": 20}],
"mesh": {"nodes": [], "migration": null},
"health": [
 {"key": "eolHealthCheck", "name": "End of Life",
  "description": "Is this version still supported?", "healthy": true,
  "reason": "This version is supported.", "severity": "undefined",
  "tag": "Supported Platforms"},
 {"key": "diskSpaceHealthCheck", "name": "Free Space",
  "description": "Is there room in the shared home?", "healthy": true,
  "reason": "Enough space is free.", "severity": "undefined",
  "tag": "Instance"},
 {"key": "threadLimitHealthCheck", "name": "Thread Limit",
  "description": "May the user start enough threads?", "healthy": true,
  "reason": "The limit is high enough.", "severity": "undefined",
  "tag": "Instance"}],
"health_run": {"age_s": 3600},
"health_process_ms": 100,
"pre_upgrade": {"available": true, "stale": false},
"banner": null,
"projects": [
 {"id": 1, "key": "PRJ", "name": "Project One", "public": false},
 {"id": 2, "key": "OPS", "name": "Operations", "public": false}],
"rate_limit": {"enabled": false, "capacity": 60, "fill_rate": 5},
"audit_events": [
 {"age_s": 864000, "action": "Plugin upgraded", "category": "Apps",
  "author": "admin", "object": "Example Checks", "object_type": "PLUGIN",
  "object_id": "com.example.bb.checks"},
 {"age_s": 86400, "action": "System backup started",
  "category": "System administration", "author": "backup"},
 {"age_s": 85000, "action": "System backup succeeded",
  "category": "System administration", "author": "backup"}]
});
/* clang-format on */

/* An age becomes a time, once, so that what happened stays where it is. */
static void place_in_time(json *event)
{
	int64_t age_s;

	if (!event || json_kind(event) != JSON_OBJECT ||
	    !json_i64(event, "age_s", &age_s, NULL))
		return;
	json_set_i64(event, "at", clock_now() - age_s);
	json_remove(event, "age_s");
}

void world_complete(json *world)
{
	static const struct {
		const char *key;
		int days;
	} dates[] = {
	    {"creationDate", -200},
	    {"purchaseDate", -200},
	    {"expiryDate", 165},
	    {"maintenanceExpiryDate", 165},
	    {"gracePeriodEndDate", 172},
	};
	json *license = (json *)json_member(world, "license");

	json_each (event, json_member(world, "audit_events"))
		place_in_time((json *)event);
	place_in_time((json *)json_member(world, "health_run"));
	for (size_t i = 0; license && i < G_N_ELEMENTS(dates); i++)
		if (!json_member(license, dates[i].key))
			json_set_i64(license, dates[i].key,
			    (clock_now() + dates[i].days * 86400LL) * 1000);
}

static bool set_password(json *world, const char *file, GError **error)
{
	g_autoptr(secret) password = secret_read(file, error);

	if (!password)
		return false;
	json_each (user, json_member(world, "users"))
		if (g_strcmp0(json_text(user, "name"), "admin") == 0)
			json_set_string(
			    (json *)user, "password", secret_reveal(password));
	return true;
}

json *world_read(
    const char *state_file, const char *password_file, GError **error)
{
	g_autoptr(json) world =
	    json_parse(usual, strlen(usual), "the usual world", error);
	g_autoptr(json) changes = NULL;

	if (!world)
		return NULL;
	if (state_file) {
		changes = json_read(state_file, error);
		if (!changes)
			return NULL;
		world_merge(world, changes);
	}
	world_complete(world);
	if (password_file && !set_password(world, password_file, error))
		return NULL;
	return g_steal_pointer(&world);
}

json *world_of_stranger(const json *world)
{
	static const char differs[] = JSON({
		"display_name" : "Another Bitbucket",
		"license" : {
			"serverId" : "BZZZ-0000-0000-0001",
			"status" : {"serverId" : "BZZZ-0000-0000-0001"}
		},
		"apps" : [],
		"mirrors" : [],
		"mesh" : {
			"nodes" : [ {
				"id" : "77",
				"name" : "mesh-elsewhere",
				"state" : "AVAILABLE"
			} ]
		},
		"audit_events" : []
	});
	json *strange = json_copy(world);
	g_autoptr(json) changes =
	    json_parse(differs, strlen(differs), "the stranger", NULL);

	world_merge(strange, changes);
	return strange;
}
