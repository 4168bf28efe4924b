#include "tests/sim/pages.h"

static void get_projects(struct request *r, struct reply *reply)
{
	reply_page(reply, r, cluster_world(r->cluster, "projects"));
}

static void get_dashboard(struct request *r, struct reply *reply)
{
	reply_html(reply, 200, "Dashboard - Bitbucket", r->user);
}

static void get_banner(struct request *r, struct reply *reply)
{
	const json *banner = cluster_world(r->cluster, "banner");

	if (banner && json_kind(banner) == JSON_OBJECT)
		reply_json(reply, 200, json_copy(banner));
	else
		reply_empty(reply, 204);
}

static void put_banner(struct request *r, struct reply *reply)
{
	json *banner = json_parse(r->body, r->length, "banner", NULL);

	if (!banner || !json_text(banner, "message")) {
		json_free(banner);
		reply_error(reply, 400, NULL, "message: missing");
		return;
	}
	json_set(r->cluster->world, "banner", banner);
	reply_empty(reply, 204);
}

static void delete_banner(struct request *r, struct reply *reply)
{
	json_remove(r->cluster->world, "banner");
	reply_empty(reply, 204);
}

const struct route pages_routes[] = {
    {"GET", "/dashboard", PERMISSION_USER, 0, get_dashboard},
    {"GET", "/rest/api/~/projects", PERMISSION_USER, 0, get_projects},
    {"GET", "/rest/api/~/admin/banner", PERMISSION_ADMIN, 0, get_banner},
    {"PUT", "/rest/api/~/admin/banner", PERMISSION_ADMIN, 0, put_banner},
    {"DELETE", "/rest/api/~/admin/banner", PERMISSION_ADMIN, 0, delete_banner},
    {0},
};
