#include "tests/sim/routes.h"

#include "tests/sim/audit.h"
#include "tests/sim/auth.h"
#include "tests/sim/farm.h"
#include "tests/sim/instance.h"
#include "tests/sim/maintenance.h"
#include "tests/sim/pages.h"
#include "tests/sim/plugins.h"
#include "tests/sim/ratelimit.h"
#include "tests/sim/support.h"
#include "tests/sim/zdu.h"

static const struct route *const tables[] = {
    instance_routes,
    maintenance_routes,
    zdu_routes,
    audit_routes,
    plugins_routes,
    farm_routes,
    support_routes,
    pages_routes,
    ratelimit_routes,
};

static const struct route *find(struct request *r, struct reply *reply)
{
	bool other_method = false;

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		const struct route *route =
		    route_find(tables[i], r, &other_method);
		if (route)
			return route;
	}
	if (other_method)
		reply_error(reply, 405, NULL, "HTTP method not supported");
	else if (g_str_has_prefix(r->path, "/rest/"))
		reply_error(reply, 404, NULL, "null for uri: %s", r->path);
	else
		reply_html(reply, 404, "Not found",
		    "The page you are looking for does not exist.");
	return NULL;
}

void routes_serve(struct request *r, struct reply *reply)
{
	const struct route *route = find(r, reply);
	bool up = node_serves(r->node);

	if (!up && !(route && route->flags & ROUTE_WHILE_STARTING)) {
		reply_html(reply, 503, "Bitbucket is starting up",
		    "This node does not serve requests at the moment.");
		return;
	}
	if (maintenance_is_locked(r->cluster) &&
	    !(route && route->flags & ROUTE_WHILE_LOCKED)) {
		reply_html(reply, 503, "Bitbucket is down for maintenance",
		    "An administrator has locked the system.");
		return;
	}
	if (!route || !auth_identify(r, reply) || !ratelimit_spend(r, reply) ||
	    !auth_permits(r, route, reply))
		return;
	route->serve(r, reply);
}
