#include "audit/logs/acknowledged.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

/* The one group that the table knows; each group of the file is read as it. */
#define GROUP "acknowledged"

struct group {
	char *by, *at, *why;
	char **nodes;
	int64_t count;
};

#define AT(member) offsetof(struct group, member)

static const struct config_key keys[] = {
    {GROUP, .what = "a rule's id, or the f1 of an error"},
    {GROUP, "by", CONFIG_TEXT, AT(by), .what = "who looked into it"},
    {GROUP, "at", CONFIG_TEXT, AT(at), .what = "when, RFC 3339"},
    {GROUP, "count", CONFIG_NUMBER, AT(count), .standard = "0",
	.what = "entries that are known"},
    {GROUP, "nodes", CONFIG_LIST, AT(nodes), .what = "where"},
    {GROUP, "why", CONFIG_TEXT, AT(why), .what = "why it may be so"},
    {0},
};

/* ---- one group ---- */

static bool take(const struct group *g, const struct config *c,
    const char *what, GPtrArray **list, GError **error)
{
	const struct {
		const char *key;
		bool missing;
	} must[] = {{"by", !g->by}, {"at", !g->at}, {"why", !g->why},
	    {"count", g->count < 1}, {"nodes", !g->nodes}};
	int64_t at = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(must); i++)
		if (must[i].missing)
			return config_fail(c, GROUP, must[i].key, error,
			    "missing in [%s]", what);
	if (!clock_parse(g->at, &at, error))
		return config_fail(
		    c, GROUP, "at", error, "no time like 2026-11-20T10:00:00Z");
	struct logs_acknowledged *a = shape_add(&logs_acknowledged_shape, list);
	a->what = g_strdup(what);
	a->by = g_strdup(g->by);
	a->why = g_strdup(g->why);
	a->at = number_of(at);
	a->count = number_of(g->count);
	for (char **node = g->nodes; *node; node++)
		strings_add(&a->nodes, *node);
	return true;
}

/* ---- all of them ---- */

/* Gives the name in "[name]"; NULL: the line opens no group. */
static char *opens(const char *line)
{
	g_autofree char *bare = g_strstrip(g_strdup(line));
	size_t length = strlen(bare);

	return length > 2 && bare[0] == '[' && bare[length - 1] == ']'
		   ? g_strndup(bare + 1, length - 2)
		   : NULL;
}

/* Gives lines FROM to TO alone, on the numbers that they have in the file. */
static char *alone(char *const *lines, guint from, guint to)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < to; i++)
		g_string_append_printf(text, "%s\n",
		    i < from    ? ""
		    : i == from ? "[" GROUP "]"
				: lines[i]);
	return g_string_free(text, FALSE);
}

static bool read_group(char *const *lines, guint from, guint to,
    const char *name, GPtrArray **list, GError **error)
{
	g_autofree char *text = alone(lines, from, to);
	g_autofree char *what = opens(lines[from]);
	struct group g = {0};
	g_autoptr(config) c = config_parse(keys, text, name, ".", &g, error);

	bool good = c && take(&g, c, what, list, error);
	config_clear(keys, &g);
	return good;
}

/* A line before the first group that says something. */
static bool is_empty(const char *line)
{
	line += strspn(line, " \t\r");
	return !*line || *line == '#';
}

bool acknowledged_parse(
    const char *text, const char *name, GPtrArray **list, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint length = g_strv_length(lines), from = 0;

	for (; from < length && is_empty(lines[from]); from++)
		;
	while (from < length) {
		char *what = opens(lines[from]);
		guint to = from + 1;
		if (!what)
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s:%u: before the first group", name, from + 1);
		if (!g_hash_table_add(seen, what))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s:%u: a second group of this name", name,
			    from + 1);
		for (; to < length; to++) {
			g_autofree char *next = opens(lines[to]);
			if (next)
				break;
		}
		if (!read_group(lines, from, to, name, list, error))
			return false;
		from = to;
	}
	return true;
}

bool acknowledged_read(const char *path, GPtrArray **list, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);

	return text && acknowledged_parse(text, path, list, error);
}
