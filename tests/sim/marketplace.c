#include "tests/sim/marketplace.h"

/* ---- the listing ---- */

const json *marketplace_listing(const cluster *c, const char *key)
{
	json_each (listing, cluster_world(c, "marketplace.apps"))
		if (g_strcmp0(json_text(listing, "key"), key) == 0)
			return listing;
	return NULL;
}

static bool is_data_center(const json *listing)
{
	return flag_at(listing, "data_center", false);
}

bool marketplace_fits(const json *listing, const json *version, int64_t build)
{
	const json *range = json_member(
	    version, is_data_center(listing) ? "data_center" : "server");

	return range && build >= version_build(json_text(range, "0")) &&
	       build <= version_build(json_text(range, "1"));
}

/* ---- its JSON ---- */

static json *link_to(const char *href)
{
	json *link = json_new_object();

	json_set_string(link, "href", href);
	return link;
}

static void set_self(json *value, const char *href)
{
	json *links = json_set(value, "_links", json_new_object());

	json_set(links, "self", link_to(href));
}

static json *product_json(const json *product)
{
	const char *version = json_text(product, "version");
	int64_t build = version_build(version);
	g_autofree char *self = g_strdup_printf(
	    "/rest/2/applications/bitbucket/versions/build/%" PRId64, build);
	json *value = json_new_object();

	set_self(value, self);
	json_set_i64(value, "buildNumber", build);
	json_set_string(value, "version", version);
	json_set_string(value, "releaseDate", json_text(product, "released"));
	json_set_string(value, "status", "published");
	json_set_bool(value, "dataCenterCompatible", true);
	return value;
}

static int64_t app_build(const json *version)
{
	return number_at(
	    version, "build", version_build(json_text(version, "version")));
}

static json *edge_json(const char *version)
{
	json *edge = json_new_object();

	json_set_i64(edge, "build", version_build(version));
	json_set_string(edge, "version", version);
	return edge;
}

static void set_range(json *hosting, const char *key, const json *range)
{
	if (!range)
		return;
	json *value = json_set(hosting, key, json_new_object());
	json_set(value, "min", edge_json(json_text(range, "0")));
	json_set(value, "max", edge_json(json_text(range, "1")));
}

static json *version_json(const json *listing, const json *version)
{
	g_autofree char *self =
	    g_strdup_printf("/rest/2/addons/%s/versions/build/%" PRId64,
		json_text(listing, "key"), app_build(version));
	const json *server = json_member(version, "server");
	const json *data_center = json_member(version, "data_center");
	json *value = json_new_object();

	set_self(value, self);
	json_set_string(value, "name", json_text(version, "version"));
	json_set_i64(value, "buildNumber", app_build(version));
	json *release = json_set(value, "release", json_new_object());
	json_set_string(release, "date", json_text(version, "released"));
	json *deployment = json_set(value, "deployment", json_new_object());
	json_set_bool(deployment, "server", server != NULL);
	json_set_bool(deployment, "dataCenter", data_center != NULL);
	json_set_bool(deployment, "cloud", false);
	json *list = json_set(value, "compatibilities", json_new_array());
	json *entry = json_append(list, json_new_object());
	json_set_string(entry, "application", "bitbucket");
	json *hosting = json_set(entry, "hosting", json_new_object());
	set_range(hosting, "server", server);
	set_range(hosting, "dataCenter", data_center);
	json_set_bool(hosting, "cloud", false);
	return value;
}

/* ---- what a request selects ---- */

static bool is_wanted_hosting(const struct request *r, const json *version)
{
	const char *hosting = request_argument(r, "hosting");

	if (!hosting)
		return true;
	if (g_str_equal(hosting, "datacenter"))
		return json_member(version, "data_center") != NULL;
	return g_str_equal(hosting, "server") &&
	       json_member(version, "server") != NULL;
}

static bool is_wanted(
    const struct request *r, const json *listing, const json *version)
{
	const char *after = request_argument(r, "afterVersion");
	int64_t build = request_number(r, "applicationBuild", 0, INT32_MAX);

	return is_wanted_hosting(r, version) &&
	       (!build || marketplace_fits(listing, version, build)) &&
	       (!after || version_build(json_text(version, "version")) >
			      version_build(after));
}

static void not_found(struct reply *reply, const char *what)
{
	json *value = json_new_object();
	json *list = json_set(value, "errors", json_new_array());
	json *error = json_append(list, json_new_object());

	json_set_string(error, "message", what);
	reply_json(reply, 404, value);
}

static const json *wanted_listing(const struct request *r, struct reply *reply)
{
	const json *listing = marketplace_listing(r->cluster, r->part[0]);

	if (!listing)
		not_found(reply, "No such app");
	return listing;
}

/* A collection in the Marketplace's form; takes ALL, an array. */
static void reply_collection(
    struct reply *reply, const struct request *r, json *all)
{
	enum { USUAL = 10, MOST = 50 };
	int64_t offset = request_number(r, "offset", 0, INT32_MAX);
	int64_t limit = request_number(r, "limit", USUAL, MOST);
	g_autofree char *by_name = g_strconcat(r->path, "/name/{name}", NULL);
	g_autofree char *by_build =
	    g_strconcat(r->path, "/build/{pluginBuildNumber}", NULL);
	json *value = json_new_object();
	int64_t place = 0;

	set_self(value, r->path);
	json *links = json_set(value, "_links", json_new_object());
	json_set(links, "self", link_to(r->path));
	json_set(links, "byName", link_to(by_name));
	json_set(links, "byBuild", link_to(by_build));
	json *embedded = json_set(value, "_embedded", json_new_object());
	json *page = json_set(embedded, "versions", json_new_array());
	json_each (entry, all) {
		if (place >= offset && place < offset + limit)
			json_append(page, json_copy(entry));
		place++;
	}
	if (limit > 0 && offset + limit < place) {
		g_autofree char *next =
		    g_strdup_printf("%s?offset=%" PRId64 "&limit=%" PRId64,
			r->path, offset + limit, limit);
		json_set(links, "next", link_to(next));
	}
	json_set_i64(value, "count", place);
	json_free(all);
	reply_json(reply, 200, value);
}

/* ---- requests ---- */

static void get_root(struct request *r, struct reply *reply)
{
	json *value = json_new_object();

	(void)r;
	set_self(value, "/rest/2");
	json *links = json_set(value, "_links", json_new_object());
	json_set(links, "self", link_to("/rest/2"));
	json_set(links, "addons", link_to("/rest/2/addons"));
	json_set(links, "applications", link_to("/rest/2/applications"));
	reply_json(reply, 200, value);
}

static void get_products(struct request *r, struct reply *reply)
{
	json *all = json_new_array();

	json_each (product, cluster_world(r->cluster, "marketplace.products"))
		json_append(all, product_json(product));
	reply_collection(reply, r, all);
}

static void get_latest_product(struct request *r, struct reply *reply)
{
	const json *latest = NULL;

	json_each (product, cluster_world(r->cluster, "marketplace.products"))
		if (!latest || version_build(json_text(product, "version")) >
				   version_build(json_text(latest, "version")))
			latest = product;
	if (latest)
		reply_json(reply, 200, product_json(latest));
	else
		not_found(reply, "No versions");
}

static void get_product(struct request *r, struct reply *reply)
{
	json_each (product, cluster_world(r->cluster, "marketplace.products")) {
		const char *version = json_text(product, "version");
		g_autofree char *build =
		    g_strdup_printf("%" PRId64, version_build(version));
		if (g_strcmp0(version, r->part[0]) == 0 ||
		    g_strcmp0(build, r->part[0]) == 0) {
			reply_json(reply, 200, product_json(product));
			return;
		}
	}
	not_found(reply, "No such version");
}

static const json *newest_wanted(const struct request *r, const json *listing)
{
	json_each (version, json_member(listing, "versions"))
		if (is_wanted(r, listing, version))
			return version; /* they are listed newest first */
	return NULL;
}

static void get_addon(struct request *r, struct reply *reply)
{
	const json *listing = wanted_listing(r, reply);

	if (!listing)
		return;
	const json *version = newest_wanted(r, listing);
	if (!version) {
		not_found(reply, "No version of the app fits");
		return;
	}
	g_autofree char *self =
	    g_strconcat("/rest/2/addons/", r->part[0], NULL);
	json *value = json_new_object();
	set_self(value, self);
	json_set_string(value, "key", json_text(listing, "key"));
	json_set_string(value, "name", json_text(listing, "name"));
	json *embedded = json_set(value, "_embedded", json_new_object());
	json *vendor = json_set(embedded, "vendor", json_new_object());
	json_set_string(vendor, "name", json_text(listing, "vendor"));
	if (g_strcmp0(request_argument(r, "withVersion"), "true") == 0)
		json_set(embedded, "version", version_json(listing, version));
	reply_json(reply, 200, value);
}

static void get_versions(struct request *r, struct reply *reply)
{
	const json *listing = wanted_listing(r, reply);

	if (!listing)
		return;
	json *all = json_new_array();
	json_each (version, json_member(listing, "versions"))
		if (is_wanted(r, listing, version))
			json_append(all, version_json(listing, version));
	reply_collection(reply, r, all);
}

static void get_latest(struct request *r, struct reply *reply)
{
	const json *listing = wanted_listing(r, reply);

	if (!listing)
		return;
	const json *version = newest_wanted(r, listing);
	if (version)
		reply_json(reply, 200, version_json(listing, version));
	else
		not_found(reply, "No version of the app fits");
}

static void get_version(struct request *r, struct reply *reply)
{
	const json *listing = wanted_listing(r, reply);

	if (!listing)
		return;
	json_each (version, json_member(listing, "versions")) {
		g_autofree char *build =
		    g_strdup_printf("%" PRId64, app_build(version));
		if (g_strcmp0(json_text(version, "version"), r->part[1]) == 0 ||
		    g_strcmp0(build, r->part[1]) == 0) {
			reply_json(reply, 200, version_json(listing, version));
			return;
		}
	}
	not_found(reply, "No such version");
}

#define PRODUCTS "/rest/2/applications/bitbucket/versions"
#define ADDON "/rest/2/addons/{}"
static const struct route routes[] = {
    {"GET", "/rest/2", PERMISSION_NONE, 0, get_root},
    {"GET", PRODUCTS, PERMISSION_NONE, 0, get_products},
    {"GET", PRODUCTS "/latest", PERMISSION_NONE, 0, get_latest_product},
    {"GET", PRODUCTS "/build/{}", PERMISSION_NONE, 0, get_product},
    {"GET", PRODUCTS "/name/{}", PERMISSION_NONE, 0, get_product},
    {"GET", ADDON, PERMISSION_NONE, 0, get_addon},
    {"GET", ADDON "/versions", PERMISSION_NONE, 0, get_versions},
    {"GET", ADDON "/versions/latest", PERMISSION_NONE, 0, get_latest},
    {"GET", ADDON "/versions/name/{}", PERMISSION_NONE, 0, get_version},
    {"GET", ADDON "/versions/build/{}", PERMISSION_NONE, 0, get_version},
    {0},
};

void marketplace_serve(struct request *r, struct reply *reply)
{
	bool other_method = false;
	const struct route *route = route_find(routes, r, &other_method);

	if (!cluster_flag(r->cluster, "marketplace.reachable", true))
		reply_html(reply, 502, "Bad Gateway", "No route to host.");
	else if (route)
		route->serve(r, reply);
	else
		not_found(reply, other_method ? "Wrong method" : "Not found");
}
