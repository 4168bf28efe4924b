#include "backup/db/assemble.h"

#include "backup/db/contents.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "contract/shape.h"

static GHashTable *index_tables(const contents *c)
{
	GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < c->entries->len; i++) {
		struct contents_entry *e = g_ptr_array_index(c->entries, i);
		if (g_str_equal(e->kind, "TABLE"))
			g_hash_table_insert(index, e->oid, e);
	}
	return index;
}

static void add_table(
    contents *c, const struct contents_entry *e, const struct portion_table *t)
{
	g_autofree char *sql = table_fill_sql(t->name, t->columns);
	int first = contents_add_rows(c, e, sql, t->parts->len);

	for (guint i = 0; i < t->parts->len; i++) {
		struct portion *part = g_ptr_array_index(t->parts, i);
		part->id = first + (int)i;
	}
}

static void add_all(contents *c, portions *p, GPtrArray **flaws)
{
	g_autoptr(GHashTable) index = index_tables(c);

	for (guint i = 0; i < p->tables->len; i++) {
		const struct portion_table *t = g_ptr_array_index(p->tables, i);
		const struct contents_entry *e =
		    g_hash_table_lookup(index, t->oid);
		if (e) {
			add_table(c, e, t);
			continue;
		}
		g_autofree char *flaw =
		    g_strdup_printf("pg_dump leaves out the table %s", t->name);
		strings_add(flaws, flaw);
	}
}

bool assemble(const char *path, portions *p, GPtrArray **flaws, GError **error)
{
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(contents) c =
	    bytes ? contents_parse(bytes, length, path, error) : NULL;

	if (!c)
		return false;
	add_all(c, p, flaws);
	g_autoptr(GByteArray) out = contents_print(c);
	return file_write(path, 0600, out->data, out->len, error);
}
