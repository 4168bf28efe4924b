#include "base/config_groups.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

struct groups {
	const struct config_key *keys;
	size_t size;
	const char *name; /* of the file */
	config_group_taker take;
	void *data;
	GHashTable *seen;
};

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
		g_string_append_printf(text, "%s\n", i < from ? "" : lines[i]);
	return g_string_free(text, FALSE);
}

/* Gives the table with GROUP for the name of each of its keys. */
static struct config_key *keys_of(
    const struct config_key *keys, const char *group)
{
	guint length = 0;

	while (keys[length].group)
		length++;
	struct config_key *own = g_new0(struct config_key, length + 1);
	for (guint i = 0; i < length; i++) {
		own[i] = keys[i];
		own[i].group = group;
	}
	return own;
}

static bool read_group(const struct groups *g, char *const *lines, guint from,
    guint to, GError **error)
{
	g_autofree char *text = alone(lines, from, to);
	g_autofree char *group = opens(lines[from]);
	g_autofree struct config_key *keys = keys_of(g->keys, group);
	g_autofree void *value = g_malloc0(g->size);
	g_autofree char *full = g_canonicalize_filename(g->name, NULL);
	g_autofree char *folder = g_path_get_dirname(full);
	g_autoptr(config) c =
	    config_parse(keys, text, g->name, folder, value, error);
	bool good = c && g->take(c, group, value, g->data, error);

	config_clear(keys, value);
	return good;
}

/* A line before the first group that says nothing. */
static bool is_empty(const char *line)
{
	line += strspn(line, " \t\r");
	return !*line || *line == '#';
}

/* Gives where the group that LINES[FROM] opens ends. */
static guint end_of(char *const *lines, guint from)
{
	guint to = from + 1;

	for (; lines[to]; to++) {
		g_autofree char *next = opens(lines[to]);
		if (next)
			break;
	}
	return to;
}

static bool read_all(const struct groups *g, char *const *lines, GError **error)
{
	guint from = 0;

	while (lines[from] && is_empty(lines[from]))
		from++;
	while (lines[from]) {
		char *group = opens(lines[from]);
		guint to = end_of(lines, from);
		if (!group)
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s:%u: before the first [group]", g->name,
			    from + 1);
		if (!g_hash_table_add(g->seen, group))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s:%u: a second group of this name", g->name,
			    from + 1);
		if (!read_group(g, lines, from, to, error))
			return false;
		from = to;
	}
	return true;
}

bool config_groups_parse(const struct config_key *keys, size_t size,
    const char *text, const char *name, config_group_taker take, void *data,
    GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const struct groups g = {keys, size, name, take, data, seen};

	return read_all(&g, lines, error);
}

bool config_groups_read(const struct config_key *keys, size_t size,
    const char *path, config_group_taker take, void *data, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);

	return text &&
	       config_groups_parse(keys, size, text, path, take, data, error);
}
