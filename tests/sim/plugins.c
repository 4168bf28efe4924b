#include "tests/sim/plugins.h"

#include "tests/sim/apps.h"
#include "tests/sim/updates.h"

#define UPM "/rest/plugins/1.0"

/* ---- media types ---- */

/*
 * False: the request does not take the type of KIND ("installed"); then the
 * reply is the page that browsers get, or 406.
 */
static bool takes(
    const struct request *r, const char *kind, struct reply *reply)
{
	const char *accept = request_header(r, "accept");
	g_autofree char *type = g_strconcat("application/vnd.atl.plugins",
	    *kind ? "." : "", kind, "+json", NULL);

	if (accept &&
	    (strstr(accept, type) || strstr(accept, "application/json")))
		return true;
	if (!accept || strstr(accept, "*/*") || strstr(accept, "text/html"))
		reply_html(reply, 200, "Manage apps - Bitbucket",
		    "This page needs a browser.");
	else
		reply_error(reply, 406, NULL, "Not acceptable");
	return false;
}

/* Takes VALUE; the answer's type is the vendor's when it was asked for. */
static void answer(
    const struct request *r, struct reply *reply, const char *kind, json *value)
{
	const char *accept = request_header(r, "accept");

	reply_json(reply, 200, value);
	if (!strstr(accept, "application/vnd.atl.plugins"))
		return;
	g_autofree char *type = g_strconcat("application/vnd.atl.plugins",
	    *kind ? "." : "", kind, "+json", NULL);
	reply->media_type = g_intern_string(type);
}

static void give_token(const struct request *r, struct reply *reply)
{
	g_autofree char *token = cluster_draw(r->cluster);

	reply_header(reply, "upm-token", token);
}

/* ---- entries ---- */

static char *link_of(const struct request *r, const char *path)
{
	return g_strconcat(r->cluster->context, UPM "/", path, NULL);
}

static void set_links(
    const struct request *r, json *value, const char *self, bool modify)
{
	g_autofree char *href = link_of(r, self);
	json *links = json_set(value, "links", json_new_object());

	json_set_string(links, "self", href);
	if (modify)
		json_set_string(links, "modify", href);
}

static void set_usual(json *value, const char *key, bool flag)
{
	if (!json_member(value, key))
		json_set_bool(value, key, flag);
}

static json *app_json(const struct request *r, const json *app)
{
	g_autofree char *self =
	    g_strconcat(json_text(app, "key"), "-key", NULL);
	json *value = json_copy(app);
	bool user_installed = flag_at(app, "userInstalled", false);

	set_usual(value, "optional", user_installed);
	set_usual(value, "static", false);
	set_usual(value, "unloadable", true);
	set_usual(value, "uninstallable", user_installed);
	set_usual(value, "usesLicensing", false);
	set_usual(value, "remotable", false);
	if (!json_member(value, "restartState"))
		set_null(value, "restartState");
	set_links(r, value, self, true);
	return value;
}

/* False: that app is not installed; the reply says so. */
static bool asked_for(
    const struct request *r, const json **app, struct reply *reply)
{
	*app = apps_find(r->cluster, r->part[0]);
	if (!*app)
		reply_error(
		    reply, 404, NULL, "No plugin has the key %s", r->part[0]);
	return *app != NULL;
}

/* ---- requests: apps ---- */

static void get_installed(struct request *r, struct reply *reply)
{
	if (!takes(r, "installed", reply))
		return;
	json *value = json_new_object();
	set_links(r, value, "", false);
	json *list = json_set(value, "plugins", json_new_array());
	json_each (app, cluster_world(r->cluster, "apps"))
		json_append(list, app_json(r, app));
	answer(r, reply, "installed", value);
	give_token(r, reply);
}

/* Only the token is wanted, and no administrator session is needed. */
static void head_installed(struct request *r, struct reply *reply)
{
	reply_empty(reply, 200);
	give_token(r, reply);
}

static void get_app(struct request *r, struct reply *reply)
{
	const json *app;

	if (!takes(r, "plugin", reply) || !asked_for(r, &app, reply))
		return;
	json *value = app_json(r, app);
	set_usual(value, "enabledByDefault", true);
	set_usual(value, "unrecognisedModuleTypes", false);
	if (!json_member(value, "modules"))
		json_set(value, "modules", json_new_array());
	answer(r, reply, "plugin", value);
}

static void put_app(struct request *r, struct reply *reply)
{
	const json *app;
	bool enabled = false;
	g_autoptr(json) wish = json_parse(r->body, r->length, "body", NULL);

	if (!asked_for(r, &app, reply))
		return;
	if (!wish || !json_bool(wish, "enabled", &enabled, NULL)) {
		reply_error(reply, 400, NULL, "enabled: missing");
		return;
	}
	g_autoptr(json) change = json_new_object();
	g_autoptr(GError) error = NULL;
	json_set_string(change, "action", enabled ? "enable" : "disable");
	json_set_string(change, "key", r->part[0]);
	json_set_string(change, "author", r->user);
	if (apps_change(r->cluster, change, &error))
		reply_json(reply, 200, app_json(r, app));
	else
		reply_error(reply, 500, NULL, "%s", error->message);
}

static void get_summary(struct request *r, struct reply *reply)
{
	const json *app;

	if (takes(r, "", reply) && asked_for(r, &app, reply))
		answer(r, reply, "", app_json(r, app));
}

/* ---- requests: the Marketplace's view ---- */

static void get_marketplace(struct request *r, struct reply *reply)
{
	const json *app;

	if (!takes(r, "", reply) || !asked_for(r, &app, reply))
		return;
	json *value = app_json(r, app);
	updates_add(r->cluster, app, version_build(r->node->version), value);
	answer(r, reply, "", value);
}

static void get_installed_marketplace(struct request *r, struct reply *reply)
{
	if (!takes(r, "installed", reply))
		return;
	json *value = json_new_object();
	set_links(r, value, "installed-marketplace", false);
	json *list = json_set(value, "plugins", json_new_array());
	json_each (app, cluster_world(r->cluster, "apps")) {
		json *entry = json_append(list, app_json(r, app));
		updates_add(
		    r->cluster, app, version_build(r->node->version), entry);
	}
	answer(r, reply, "installed", value);
	give_token(r, reply);
}

static void get_pac_status(struct request *r, struct reply *reply)
{
	if (!takes(r, "pac.status", reply))
		return;
	json *value = json_new_object();
	json_set_bool(value, "disabled",
	    cluster_flag(r->cluster, "marketplace.disabled", false));
	json_set_bool(value, "reachable", updates_are_known(r->cluster));
	set_links(r, value, "pac-status", false);
	answer(r, reply, "pac.status", value);
}

static json *host_status(const struct request *r)
{
	bool disabled = cluster_flag(r->cluster, "marketplace.disabled", false);
	json *value = json_new_object();

	json_set_bool(value, "baseUrlInvalid", false);
	json_set_bool(
	    value, "safeMode", cluster_flag(r->cluster, "safe_mode", false));
	json_set_bool(value, "pacDisabled", disabled);
	json_set_bool(value, "pacUnavailable",
	    !disabled && !updates_are_known(r->cluster));
	json_set(value, "hostLicense", json_new_object());
	return value;
}

static bool is_newer(const struct request *r, const json *product)
{
	return version_build(json_text(product, "version")) >
	       version_build(r->node->version);
}

static void get_product_updates(struct request *r, struct reply *reply)
{
	if (!takes(r, "product.updates", reply))
		return;
	json *value = json_new_object();
	set_links(r, value, "product-updates", false);
	json *list = json_set(value, "versions", json_new_array());
	json_each (product, cluster_world(r->cluster, "marketplace.products")) {
		if (!updates_are_known(r->cluster) || !is_newer(r, product))
			continue;
		const char *version = json_text(product, "version");
		g_autofree char *self =
		    g_strdup_printf("product-updates/%" PRId64 "/compatibility",
			version_build(version));
		json *entry = json_append(list, json_new_object());
		json_set_string(entry, "version", version);
		json_set_bool(entry, "recent", true);
		set_links(r, entry, self, false);
	}
	json_set(value, "hostStatus", host_status(r));
	answer(r, reply, "product.updates", value);
}

static json *checked_json(const struct request *r, const json *app)
{
	g_autofree char *self =
	    g_strconcat(json_text(app, "key"), "-key", NULL);
	json *value = json_new_object();

	json_set_string(value, "key", json_text(app, "key"));
	json_set_string(value, "name", json_text(app, "name"));
	json_set(value, "enabled", json_copy(json_member(app, "enabled")));
	set_null(value, "restartState");
	set_links(r, value, self, true);
	return value;
}

/* A build that the Marketplace does not list is no update to check for. */
static bool is_listed(const cluster *c, int64_t build)
{
	json_each (product, cluster_world(c, "marketplace.products"))
		if (version_build(json_text(product, "version")) == build)
			return true;
	return false;
}

static void get_compatibility(struct request *r, struct reply *reply)
{
	uint64_t build = 0;

	if (!takes(r, "compatibility", reply))
		return;
	if (!g_ascii_string_to_unsigned(
		r->part[0], 10, 1, INT32_MAX, &build, NULL)) {
		reply_error(reply, 400, NULL, "%s: no build", r->part[0]);
		return;
	}
	if (updates_are_known(r->cluster) &&
	    !is_listed(r->cluster, (int64_t)build)) {
		reply_error(reply, 404, NULL, "%s: no such build", r->part[0]);
		return;
	}
	g_autofree char *self =
	    g_strconcat("product-updates/", r->part[0], "/compatibility", NULL);
	json *value = json_new_object();
	set_links(r, value, self, false);
	for (int u = 0; u < UPDATE_LISTS; u++)
		json_set(value, update_names[u], json_new_array());
	json_each (app, cluster_world(r->cluster, "apps")) {
		enum update verdict = updates_check(r->cluster, app,
		    version_build(r->node->version), (int64_t)build);
		if (verdict != UPDATE_NOT_CHECKED)
			json_append(
			    (json *)json_member(value, update_names[verdict]),
			    checked_json(r, app));
	}
	answer(r, reply, "compatibility", value);
}

static void get_safe_mode(struct request *r, struct reply *reply)
{
	if (!takes(r, "safe.mode.flag", reply))
		return;
	json *value = json_new_object();
	json_set_bool(
	    value, "enabled", cluster_flag(r->cluster, "safe_mode", false));
	set_links(r, value, "safe-mode", false);
	answer(r, reply, "safe.mode.flag", value);
}

#define GUARDED PERMISSION_ADMIN, ROUTE_SUDO
const struct route plugins_routes[] = {
    {"HEAD", UPM, PERMISSION_ADMIN, 0, head_installed},
    {"GET", UPM, GUARDED, get_installed},
    {"GET", UPM "/installed-marketplace", GUARDED, get_installed_marketplace},
    {"GET", UPM "/product-updates", GUARDED, get_product_updates},
    {"GET", UPM "/product-updates/{}/compatibility", GUARDED,
	get_compatibility},
    {"GET", UPM "/pac-status", GUARDED, get_pac_status},
    {"GET", UPM "/safe-mode", GUARDED, get_safe_mode},
    {"GET", UPM "/{}-key", GUARDED, get_app},
    {"PUT", UPM "/{}-key", PERMISSION_SYS_ADMIN, ROUTE_SUDO, put_app},
    {"GET", UPM "/{}-key/summary", GUARDED, get_summary},
    {"GET", UPM "/{}/marketplace", GUARDED, get_marketplace},
    {0},
};
