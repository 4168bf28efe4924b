#include "base/config.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

static const int64_t most_exact = (INT64_C(1) << 53) - 1;

struct config {
	char *name;        /* of the file, for errors */
	GHashTable *lines; /* "group\nkey" or "group" -> line number */
};

void config_free(config *c)
{
	if (!c)
		return;
	g_free(c->name);
	g_hash_table_unref(c->lines);
	g_free(c);
}

static char *place(const char *group, const char *key)
{
	return key ? g_strconcat(group, "\n", key, NULL) : g_strdup(group);
}

static guint line_of(const config *c, const char *group, const char *key)
{
	g_autofree char *name = place(group, key);

	return GPOINTER_TO_UINT(g_hash_table_lookup(c->lines, name));
}

bool config_fail(const config *c, const char *group, const char *key,
    GError **error, const char *format, ...)
{
	g_autoptr(GString) text = g_string_new(c->name);
	guint line = line_of(c, group, key);
	va_list arguments;

	if (line)
		g_string_append_printf(text, ":%u", line);
	g_string_append_printf(
	    text, ": [%s]%s%s: ", group, key ? " " : "", key ? key : "");
	va_start(arguments, format);
	g_string_append_vprintf(text, format, arguments);
	va_end(arguments);
	return fail(error, GONOGO_ERROR_USAGE, "%s", text->str);
}

/* ---- the nearest known name ---- */

/* Changes of one character that lead from A to B. */
static guint distance(const char *a, const char *b)
{
	size_t length = strlen(b);
	g_autofree guint *row = g_new(guint, length + 1);

	for (size_t j = 0; j <= length; j++)
		row[j] = (guint)j;
	for (size_t i = 0; a[i]; i++) {
		guint corner = row[0];
		row[0] = (guint)i + 1;
		for (size_t j = 1; j <= length; j++) {
			guint above = row[j];
			guint kept = corner + (a[i] != b[j - 1]);
			row[j] = MIN(MIN(above, row[j - 1]) + 1, kept);
			corner = above;
		}
	}
	return row[length];
}

/* GROUP NULL: among the groups; else among the keys of that group. */
static const char *nearest(
    const struct config_key *keys, const char *group, const char *name)
{
	const char *best = NULL;
	guint least = (guint)strlen(name) / 2 + 1;

	for (const struct config_key *k = keys; k->group; k++) {
		const char *known = group ? k->key : k->group;
		if (!known || (group && !g_str_equal(group, k->group)))
			continue;
		guint far = distance(name, known);
		if (far < least) {
			least = far;
			best = known;
		}
	}
	return best;
}

static bool knows_group(const struct config_key *keys, const char *group)
{
	for (const struct config_key *k = keys; k->group; k++)
		if (g_str_equal(k->group, group))
			return true;
	return false;
}

static const struct config_key *find_key(
    const struct config_key *keys, const char *group, const char *key)
{
	for (const struct config_key *k = keys; k->group; k++)
		if (k->key && g_str_equal(k->key, key) &&
		    (!group || g_str_equal(k->group, group)))
			return k;
	return NULL;
}

static bool refuse_group(const config *c, const struct config_key *keys,
    const char *group, GError **error)
{
	const char *near = nearest(keys, NULL, group);

	return config_fail(c, group, NULL, error, "unknown group%s%s%s",
	    near ? "\nhint: did you mean [" : "", near ? near : "",
	    near ? "]?" : "");
}

static bool refuse_key(const config *c, const struct config_key *keys,
    const char *group, const char *key, GError **error)
{
	const struct config_key *elsewhere = find_key(keys, NULL, key);
	const char *near = nearest(keys, group, key);

	if (elsewhere)
		return config_fail(c, group, key, error,
		    "unknown key\nhint: '%s' belongs to [%s]", key,
		    elsewhere->group);
	return config_fail(c, group, key, error, "unknown key%s%s%s",
	    near ? "\nhint: did you mean '" : "", near ? near : "",
	    near ? "'?" : "");
}

/* ---- the look at the lines, before GKeyFile takes them ---- */

/* Notes that GROUP, KEY stands at LINE; once only. */
static bool note(
    config *c, const char *group, const char *key, guint line, GError **error)
{
	guint before = line_of(c, group, key);

	if (before) {
		g_autofree char *name = place(group, key);
		g_hash_table_replace(
		    c->lines, g_steal_pointer(&name), GUINT_TO_POINTER(line));
		return config_fail(c, group, key, error,
		    "given twice, first in line %u", before);
	}
	g_hash_table_insert(
	    c->lines, place(group, key), GUINT_TO_POINTER(line));
	return true;
}

static bool scan_line(config *c, const struct config_key *keys, char *line,
    guint number, char **group, GError **error)
{
	g_strstrip(line);
	if (*line == '\0' || *line == '#')
		return true;
	size_t length = strlen(line);
	if (*line == '[' && line[length - 1] == ']') {
		g_free(*group);
		*group = g_strndup(line + 1, length - 2);
		return note(c, *group, NULL, number, error) &&
		       (knows_group(keys, *group) ||
			   refuse_group(c, keys, *group, error));
	}
	char *equals = strchr(line, '=');
	if (!equals || equals == line)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s:%u: neither [group] nor key = value nor # comment",
		    c->name, number);
	if (!*group)
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s:%u: a key before the first [group]", c->name, number);
	*equals = '\0';
	g_strchomp(line);
	return note(c, *group, line, number, error) &&
	       (find_key(keys, *group, line) ||
		   refuse_key(c, keys, *group, line, error));
}

static bool scan(
    config *c, const struct config_key *keys, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *group = NULL;

	for (guint i = 0; lines[i]; i++) {
		if (!g_utf8_validate(lines[i], -1, NULL))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s:%u: not UTF-8", c->name, i + 1);
		if (!scan_line(c, keys, lines[i], i + 1, &group, error))
			return false;
	}
	return true;
}

/* ---- values ---- */

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit seconds[] = {
    {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {0}};
static const struct unit millis[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {0}};
static const struct unit bytes[] = {{"", 1}, {"K", 1 << 10}, {"M", 1 << 20},
    {"G", 1 << 30}, {"T", INT64_C(1) << 40}, {0}};

static bool read_units(const char *text, const struct unit *units, int64_t *out)
{
	g_autofree char *digits = g_strndup(text, strspn(text, "0123456789"));
	const char *unit = text + strlen(digits);
	guint64 count;

	for (; units->name; units++)
		if (g_str_equal(units->name, unit))
			break;
	if (!units->name ||
	    !g_ascii_string_to_unsigned(digits, 10, 0,
		(guint64)(most_exact / units->factor), &count, NULL))
		return false;
	*out = (int64_t)count * units->factor;
	return true;
}

bool config_bytes(const char *text, int64_t *value)
{
	return read_units(text, bytes, value);
}

/* One key of one file, whose value is being read. */
struct reading {
	const config *file; /* NULL: a default, which is always good */
	const struct config_key *key;
	const char *folder; /* where relative paths start */
	GError **error;
};

static bool refuse(const struct reading *r, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static bool refuse(const struct reading *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return r->file && config_fail(r->file, r->key->group, r->key->key,
			      r->error, "%s", why);
}

static bool read_number(const struct reading *r, const char *text, int64_t *out)
{
	int64_t least = r->key->least;
	int64_t most = r->key->most ? r->key->most : most_exact;

	return g_ascii_string_to_signed(text, 10, least, most, out, NULL) ||
	       refuse(r, "'%s' is no whole number from %" PRId64 " to %" PRId64,
		   text, least, most);
}

static bool read_choice(const struct reading *r, const char *text, char **out)
{
	g_autofree char *words = g_strjoinv(", ", (char **)r->key->words);

	if (!g_strv_contains(r->key->words, text))
		return refuse(r, "'%s' is none of: %s", text, words);
	*out = g_strdup(text);
	return true;
}

static void read_list(const char *text, char ***out)
{
	g_auto(GStrv) parts = g_strsplit(text, ";", -1);
	g_autoptr(GStrvBuilder) list = g_strv_builder_new();
	guint count = 0;

	for (guint i = 0; parts[i]; i++)
		if (*g_strstrip(parts[i])) {
			g_strv_builder_add(list, parts[i]);
			count++;
		}
	*out = count ? g_strv_builder_end(list) : NULL;
}

/* Puts TEXT into the key's member at INTO, which is empty. */
static bool read_value(const struct reading *r, const char *text, void *into)
{
	void *at = (char *)into + r->key->offset;

	if (*text == '\0' && r->key->kind != CONFIG_LIST)
		return refuse(
		    r, "no value\nhint: put a # before it to leave it out");
	switch (r->key->kind) {
	case CONFIG_TEXT:
		*(char **)at = g_strdup(text);
		return true;
	case CONFIG_PATH:
		*(char **)at = g_canonicalize_filename(text, r->folder);
		return true;
	case CONFIG_CHOICE:
		return read_choice(r, text, at);
	case CONFIG_FLAG:
		*(bool *)at = g_str_equal(text, "yes");
		return *(bool *)at || g_str_equal(text, "no") ||
		       refuse(r, "'%s' is neither yes nor no", text);
	case CONFIG_NUMBER:
		return read_number(r, text, at);
	case CONFIG_SECONDS:
		return read_units(text, seconds, at) ||
		       refuse(r, "'%s' is no span of time like 90s 15m 12h 7d",
			   text);
	case CONFIG_MILLIS:
		return read_units(text, millis, at) ||
		       refuse(
			   r, "'%s' is no span of time like 250ms 5s 2m", text);
	case CONFIG_BYTES:
		return read_units(text, bytes, at) ||
		       refuse(
			   r, "'%s' is no size like 4096 64K 20M 4G 1T", text);
	case CONFIG_LIST:
		read_list(text, at);
		return true;
	}
	return false;
}

static void read_default(const struct config_key *key, void *into)
{
	const struct reading r = {.key = key};

	if (key->standard)
		g_assert(read_value(&r, key->standard, into));
}

static bool read_given(const struct reading *r, GKeyFile *file, void *into)
{
	g_autoptr(GError) bad = NULL;
	g_autofree char *text =
	    g_key_file_get_string(file, r->key->group, r->key->key, &bad);

	/* Lines, names and UTF-8 were looked at: only an escape is left. */
	if (!text || bad)
		return refuse(r, "a backslash is written \\\\");
	return read_value(r, g_strstrip(text), into);
}

void config_defaults(const struct config_key *keys, void *into)
{
	for (const struct config_key *k = keys; k->group; k++)
		if (k->key)
			read_default(k, into);
}

void config_clear(const struct config_key *keys, void *value)
{
	for (const struct config_key *k = keys; k->group; k++) {
		void *at = (char *)value + k->offset;
		if (!k->key)
			continue;
		if (k->kind == CONFIG_TEXT || k->kind == CONFIG_PATH ||
		    k->kind == CONFIG_CHOICE)
			g_clear_pointer((char **)at, g_free);
		else if (k->kind == CONFIG_LIST)
			g_clear_pointer((char ***)at, g_strfreev);
		else if (k->kind == CONFIG_FLAG)
			*(bool *)at = false;
		else
			*(int64_t *)at = 0;
	}
}

/* ---- the whole ---- */

static bool read_values(const config *c, const struct config_key *keys,
    GKeyFile *file, const char *folder, void *into, GError **error)
{
	for (const struct config_key *k = keys; k->group; k++) {
		const struct reading r = {c, k, folder, error};
		if (k->key && line_of(c, k->group, k->key) == 0)
			read_default(k, into);
		else if (k->key && !read_given(&r, file, into))
			return false;
	}
	return true;
}

config *config_parse(const struct config_key *keys, const char *text,
    const char *name, const char *folder, void *into, GError **error)
{
	g_autoptr(config) c = g_new0(struct config, 1);
	g_autoptr(GKeyFile) file = g_key_file_new();

	c->name = g_strdup(name);
	c->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!scan(c, keys, text, error))
		return NULL;
	if (!g_key_file_load_from_data(
		file, text, strlen(text), G_KEY_FILE_NONE, error)) {
		g_prefix_error(error, "%s: ", name);
		return NULL;
	}
	if (!read_values(c, keys, file, folder, into, error)) {
		config_clear(keys, into);
		return NULL;
	}
	return g_steal_pointer(&c);
}

config *config_read(
    const struct config_key *keys, const char *path, void *into, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);
	g_autofree char *full = g_canonicalize_filename(path, NULL);
	g_autofree char *folder = g_path_get_dirname(full);

	return text ? config_parse(keys, text, path, folder, into, error)
		    : NULL;
}
