#include "tests/sim/route.h"

static bool segment_fits(const char *wanted, const char *given)
{
	if (g_str_equal(wanted, "~"))
		return g_str_equal(given, "latest") ||
		       g_str_equal(given, "1.0");
	const char *hole = strstr(wanted, "{}");
	if (!hole)
		return g_str_equal(wanted, given);
	size_t before = (size_t)(hole - wanted);
	return strlen(given) > before + strlen(hole + 2) &&
	       strncmp(wanted, given, before) == 0 &&
	       g_str_has_suffix(given, hole + 2);
}

/* What stood for `{}` in a segment that fits. */
static char *hole_of(const char *wanted, const char *given)
{
	const char *hole = strstr(wanted, "{}");
	size_t before = (size_t)(hole - wanted);

	return g_strndup(
	    given + before, strlen(given) - before - strlen(hole + 2));
}

static bool path_fits(const char *wanted, struct request *r)
{
	g_auto(GStrv) want = g_strsplit(wanted, "/", -1);
	g_auto(GStrv) have = g_strsplit(r->path, "/", -1);
	guint count = g_strv_length(want), holes = 0;

	if (g_strv_length(have) != count)
		return false;
	for (guint i = 0; i < count; i++)
		if (!segment_fits(want[i], have[i]))
			return false;
	for (guint i = 0; i < count; i++)
		if (strstr(want[i], "{}") && holes < G_N_ELEMENTS(r->part)) {
			g_free(r->part[holes]);
			r->part[holes++] = hole_of(want[i], have[i]);
		}
	return true;
}

const struct route *route_find(
    const struct route *table, struct request *r, bool *other_method)
{
	bool head = g_str_equal(r->method, "HEAD");

	for (const struct route *route = table; route->method; route++) {
		if (!path_fits(route->path, r))
			continue;
		if (g_str_equal(route->method, r->method) ||
		    (head && g_str_equal(route->method, "GET")))
			return route;
		*other_method = true;
	}
	return NULL;
}
