#include "backup/home/trace.h"

#include "base/file.h"

enum { NAMED = 200 }; /* refs that are told by name, then "and more" */

static GHashTable *by_name(char **lines)
{
	GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);

	for (char **line = lines; *line; line++) {
		char *space = strchr(*line, ' ');
		if (!space)
			continue;
		*space = 0;
		g_hash_table_insert(table, *line, space + 1);
	}
	return table;
}

static void tell(GPtrArray *names, const char *name)
{
	if (names->len < NAMED)
		g_ptr_array_add(names, g_strdup(name));
	else if (names->len == NAMED)
		g_ptr_array_add(names, g_strdup("and more"));
}

bool trace_compare(const char *folder, const struct refs *refs,
    GPtrArray *moved, GPtrArray *deleted, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "refs", NULL);
	g_autofree char *kept = file_read(path, G_MAXINT32, NULL, error);

	if (!kept)
		return false;
	g_auto(GStrv) old_lines = g_strsplit(kept, "\n", -1);
	g_autoptr(GPtrArray) now_lines = refs_lines(refs);
	g_ptr_array_add(now_lines, NULL);
	g_autoptr(GHashTable) old = by_name(old_lines);
	g_autoptr(GHashTable) now = by_name((char **)now_lines->pdata);
	GHashTableIter iter;
	gpointer name, value;
	g_hash_table_iter_init(&iter, old);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		const char *other = g_hash_table_lookup(now, name);
		if (!other)
			tell(deleted, name);
		else if (!g_str_equal(other, value))
			tell(moved, name);
	}
	g_hash_table_iter_init(&iter, now);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		if (!g_hash_table_contains(old, name))
			tell(moved, name);
	return true;
}

bool trace_keep(const char *folder, const struct refs *refs, uint64_t *names,
    uint64_t *tips, GError **error)
{
	g_autoptr(GPtrArray) lines = refs_lines(refs);
	g_autoptr(GArray) oids = refs_tips(refs);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(
		    text, "%s\n", (char *)g_ptr_array_index(lines, i));
	*names = lines->len;
	*tips = oids->len;
	return have_keep(folder, "refs", text->str, text->len, error) &&
	       have_keep(folder, "tips", oids->data,
		   (size_t)oids->len * OID_BYTES, error);
}

GArray *trace_tips(const char *folder, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	size_t length;
	g_autofree char *bytes = file_read(path, G_MAXINT32, &length, error);

	if (!bytes)
		return NULL;
	GArray *tips = g_array_new(FALSE, FALSE, sizeof(struct oid));
	g_array_append_vals(tips, bytes, (guint)(length / OID_BYTES));
	return tips;
}
