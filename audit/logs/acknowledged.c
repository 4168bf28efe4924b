#include "audit/logs/acknowledged.h"

#include "base/clock.h"
#include "base/config_groups.h"
#include "base/error.h"

struct group {
	char *by, *at, *why;
	char **nodes;
	int64_t count;
};

#define AT(member) offsetof(struct group, member)

static const struct config_key keys[] = {
    {"", "by", CONFIG_TEXT, AT(by), .what = "who looked into it"},
    {"", "at", CONFIG_TEXT, AT(at), .what = "when, RFC 3339"},
    {"", "count", CONFIG_NUMBER, AT(count), .standard = "0",
	.what = "entries that are known"},
    {"", "nodes", CONFIG_LIST, AT(nodes), .what = "where"},
    {"", "why", CONFIG_TEXT, AT(why), .what = "why it may be so"},
    {0},
};

static bool take(const config *c, const char *what, const void *value,
    void *data, GError **error)
{
	const struct group *g = value;
	const struct {
		const char *key;
		bool missing;
	} must[] = {{"by", !g->by}, {"at", !g->at}, {"why", !g->why},
	    {"count", g->count < 1}, {"nodes", !g->nodes}};
	int64_t at = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(must); i++)
		if (must[i].missing)
			return config_fail(
			    c, what, must[i].key, error, "missing");
	if (!clock_parse(g->at, &at, error))
		return config_fail(
		    c, what, "at", error, "no time like 2026-11-20T10:00:00Z");
	struct logs_acknowledged *a = shape_add(&logs_acknowledged_shape, data);
	a->what = g_strdup(what);
	a->by = g_strdup(g->by);
	a->why = g_strdup(g->why);
	a->at = number_of(at);
	a->count = number_of(g->count);
	for (char **node = g->nodes; *node; node++)
		strings_add(&a->nodes, *node);
	return true;
}

bool acknowledged_read(const char *path, GPtrArray **list, GError **error)
{
	return config_groups_read(
	    keys, sizeof(struct group), path, take, list, error);
}
