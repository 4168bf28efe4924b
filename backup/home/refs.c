#include "backup/home/refs.h"

bool refs_is_loose(const char *path)
{
	return g_str_equal(path, "HEAD") || g_str_has_prefix(path, "refs/") ||
	       g_str_has_prefix(path, "stash-refs/");
}

bool refs_is_packed(const char *path)
{
	return g_str_equal(path, "packed-refs") ||
	       g_str_equal(path, "stash-packed-refs");
}

static void put(GHashTable **table, const char *name, char *value)
{
	if (!*table)
		*table = g_hash_table_new_full(
		    g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_replace(*table, g_strdup(name), value);
}

static void list(GPtrArray **names, char *taken)
{
	if (!*names)
		*names = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(*names, taken);
}

static bool is_oid(const char *text, size_t length)
{
	struct oid oid;

	return length == OID_HEX && oid_parse(text, &oid);
}

void refs_add_loose(
    struct refs *r, const char *path, const char *text, size_t length)
{
	while (length > 0 && g_ascii_isspace(text[length - 1]))
		length--;
	if (is_oid(text, length) ||
	    (length > 5 && memcmp(text, "ref: ", 5) == 0))
		put(&r->loose, path, g_strndup(text, length));
	else
		list(&r->broken, g_strdup(path));
}

/* "<hex> <name>"; "^<hex>" behind a tag is what that tag's object names. */
static void add_line(struct refs *r, const char *line, size_t length)
{
	if (length == 0 || *line == '#' || *line == '^')
		return;
	if (length > OID_HEX + 1 && line[OID_HEX] == ' ' &&
	    is_oid(line, OID_HEX)) {
		g_autofree char *name =
		    g_strndup(line + OID_HEX + 1, length - OID_HEX - 1);
		put(&r->packed, name, g_strndup(line, OID_HEX));
	} else {
		list(&r->broken, g_strndup(line, MIN(length, 80)));
	}
}

void refs_add_packed(struct refs *r, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		add_line(r, text, (size_t)(stop - text));
		text = stop + 1;
	}
}

/* Lines "<old> <new> who when<tab>why". */
void refs_add_log(
    struct refs *r, const char *path, const char *text, size_t length)
{
	const char *name = path + strlen("logs/");

	while (length > 0 && text[length - 1] == '\n')
		length--;
	const char *before =
	    length ? g_strrstr_len(text, (gssize)length, "\n") : NULL;
	const char *line = before ? before + 1 : text;
	const char *value = line + OID_HEX + 1;
	if (g_str_has_prefix(name, "refs/") &&
	    length - (size_t)(line - text) > 2 * OID_HEX + 1 &&
	    is_oid(value, OID_HEX))
		put(&r->logged, name, g_strndup(value, OID_HEX));
}

static bool has(GHashTable *table, const char *name)
{
	return table && g_hash_table_contains(table, name);
}

const char *refs_conflict(const struct refs *r)
{
	GHashTable *const tables[] = {r->loose, r->packed};

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		GHashTableIter iter;
		gpointer name;
		if (!tables[i])
			continue;
		g_hash_table_iter_init(&iter, tables[i]);
		while (g_hash_table_iter_next(&iter, &name, NULL)) {
			g_autofree char *above = g_strdup(name);
			for (char *slash; (slash = strrchr(above, '/'));) {
				*slash = 0;
				if (has(r->loose, above) ||
				    has(r->packed, above))
					return name;
			}
		}
	}
	return NULL;
}

static const char *value_of(const struct refs *r, const char *name)
{
	const char *loose =
	    r->loose ? g_hash_table_lookup(r->loose, name) : NULL;

	return loose || !r->packed ? loose
				   : g_hash_table_lookup(r->packed, name);
}

bool refs_logs_agree(const struct refs *r)
{
	GHashTableIter iter;
	gpointer name, logged;

	if (!r->logged)
		return true;
	g_hash_table_iter_init(&iter, r->logged);
	while (g_hash_table_iter_next(&iter, &name, &logged))
		if (g_strcmp0(value_of(r, name), logged) != 0)
			return false;
	return true;
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *refs_lines(const struct refs *r)
{
	GHashTable *const tables[] = {r->loose, r->packed};
	GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		GHashTableIter iter;
		gpointer name, value;
		if (!tables[i])
			continue;
		g_hash_table_iter_init(&iter, tables[i]);
		while (g_hash_table_iter_next(&iter, &name, &value))
			if (i == 0 || !has(r->loose, name))
				g_ptr_array_add(
				    lines, g_strdup_printf("%s %s",
					       (char *)name, (char *)value));
	}
	g_ptr_array_sort(lines, by_text);
	return lines;
}

static int by_bytes(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, OID_BYTES);
}

GArray *refs_tips(const struct refs *r)
{
	g_autoptr(GPtrArray) lines = refs_lines(r);
	GArray *tips = g_array_new(FALSE, FALSE, sizeof(struct oid));
	guint kept = 0;

	/* A packed value behind a loose one is history, and may be gone. */
	for (guint i = 0; i < lines->len; i++) {
		struct oid oid;
		const char *line = g_ptr_array_index(lines, i);
		if (oid_parse(strchr(line, ' ') + 1, &oid))
			g_array_append_val(tips, oid);
	}
	g_array_sort(tips, by_bytes);
	for (guint i = 0; i < tips->len; i++) {
		struct oid *oid = &g_array_index(tips, struct oid, i);
		if (kept == 0 || by_bytes(oid, &g_array_index(tips, struct oid,
						   kept - 1)) != 0)
			g_array_index(tips, struct oid, kept++) = *oid;
	}
	g_array_set_size(tips, kept);
	return tips;
}

void refs_clear(struct refs *r)
{
	g_clear_pointer(&r->loose, g_hash_table_unref);
	g_clear_pointer(&r->packed, g_hash_table_unref);
	g_clear_pointer(&r->logged, g_hash_table_unref);
	g_clear_pointer(&r->broken, g_ptr_array_unref);
}
