#include "tests/sim/updates.h"

#include "tests/sim/marketplace.h"

const char *const update_names[UPDATE_LISTS] = {
    [UPDATE_COMPATIBLE] = "compatible",
    [UPDATE_BEFORE] = "updateRequired",
    [UPDATE_AFTER] = "updateRequiredAfterProductUpdate",
    [UPDATE_INCOMPATIBLE] = "incompatible",
    [UPDATE_UNKNOWN] = "unknown",
};

bool updates_are_known(const cluster *c)
{
	return cluster_flag(c, "marketplace.reachable", true) &&
	       !cluster_flag(c, "marketplace.disabled", false);
}

static bool is_named(const cluster *c, const char *list, const char *key)
{
	json_each (entry, cluster_world(c, list))
		if (g_strcmp0(json_text(entry, ""), key) == 0)
			return true;
	return false;
}

/* Apps that users installed, and that no application brought along. */
static bool is_checked(const json *app)
{
	return flag_at(app, "userInstalled", false) &&
	       !json_text(app, "applicationKey");
}

static bool is_newer(const json *version, const char *than)
{
	return version_build(json_text(version, "version")) >
	       version_build(than);
}

static bool installed_fits(
    const json *listing, const char *installed, int64_t build)
{
	json_each (version, json_member(listing, "versions"))
		if (g_strcmp0(json_text(version, "version"), installed) == 0)
			return marketplace_fits(listing, version, build);
	return false;
}

enum update updates_check(
    const cluster *c, const json *app, int64_t now, int64_t target)
{
	const char *key = json_text(app, "key");
	const char *installed = json_text(app, "version");
	const json *listing = marketplace_listing(c, key);
	enum update best = UPDATE_INCOMPATIBLE;

	if (!is_checked(app) || !updates_are_known(c) ||
	    is_named(c, "marketplace.dropped", key))
		return UPDATE_NOT_CHECKED;
	if (!listing || is_named(c, "marketplace.failing", key))
		return UPDATE_UNKNOWN;
	if (installed_fits(listing, installed, target))
		return UPDATE_COMPATIBLE;
	json_each (version, json_member(listing, "versions")) {
		if (!is_newer(version, installed) ||
		    !marketplace_fits(listing, version, target))
			continue;
		if (marketplace_fits(listing, version, now))
			return UPDATE_BEFORE;
		best = UPDATE_AFTER;
	}
	/* The look-up may be so strict that it finds nothing at all. */
	if (best == UPDATE_INCOMPATIBLE &&
	    cluster_flag(c, "marketplace.strict", false))
		return UPDATE_UNKNOWN;
	return best;
}

void updates_add(const cluster *c, const json *app, int64_t now, json *value)
{
	const char *installed = json_text(app, "version");
	const json *listing = marketplace_listing(c, json_text(app, "key"));
	const json *update = NULL;

	if (!listing || !updates_are_known(c))
		return;
	json_each (version, json_member(listing, "versions"))
		if (!update && is_newer(version, installed) &&
		    marketplace_fits(listing, version, now))
			update = version; /* they are listed newest first */
	json_set_bool(value, "updateAvailable", update != NULL);
	json_set_bool(
	    value, "incompatible", !installed_fits(listing, installed, now));
	if (!update)
		return;
	json *entry = json_set(value, "update", json_new_object());
	json_set_string(entry, "version", json_text(update, "version"));
	json_set(entry, "links", json_new_object());
}
