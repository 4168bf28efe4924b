#include "backup/db/indexes.h"

#include "base/error.h"

/* Gives the ids of what has an entry without a section of its own behind it:
 * pg_restore takes that for a part of whatever stands before it. */
static GHashTable *with_company(const contents *c)
{
	GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < c->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(c->entries, i);
		for (guint k = 0;
		     e->section == CONTENTS_NONE && k < e->needs->len; k++)
			g_hash_table_add(ids, g_ptr_array_index(e->needs, k));
	}
	return ids;
}

/* Gives the oid of each table by the id of its entry. */
static GHashTable *tables_by_id(const contents *c)
{
	GHashTable *tables =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < c->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(c->entries, i);
		if (g_strcmp0(e->kind, "TABLE") == 0 && e->oid)
			g_hash_table_insert(
			    tables, g_strdup_printf("%d", e->id), e->oid);
	}
	return tables;
}

static bool may_be_built(const struct contents_entry *e, GHashTable *company)
{
	g_autofree char *id = g_strdup_printf("%d", e->id);

	return (g_strcmp0(e->kind, "INDEX") == 0 ||
		   g_strcmp0(e->kind, "CONSTRAINT") == 0) &&
	       e->sql && *e->sql && (!e->tablespace || !*e->tablespace) &&
	       !g_hash_table_contains(company, id);
}

/* The first table that E needs; NULL: none. */
static char *table_of(const struct contents_entry *e, GHashTable *tables)
{
	char *oid = NULL;

	for (guint i = 0; !oid && i < e->needs->len; i++)
		oid =
		    g_hash_table_lookup(tables, g_ptr_array_index(e->needs, i));
	return oid;
}

GHashTable *indexes_by_table(const contents *c)
{
	g_autoptr(GHashTable) company = with_company(c);
	g_autoptr(GHashTable) tables = tables_by_id(c);
	GHashTable *all = g_hash_table_new_full(
	    g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < c->entries->len; i++) {
		struct contents_entry *e = g_ptr_array_index(c->entries, i);
		char *oid =
		    may_be_built(e, company) ? table_of(e, tables) : NULL;
		if (!oid)
			continue;
		GPtrArray *some = g_hash_table_lookup(all, oid);
		if (!some) {
			some = g_ptr_array_new();
			g_hash_table_insert(all, oid, some);
		}
		g_ptr_array_add(some, e);
	}
	return all;
}

bool indexes_build(pg *db, const GPtrArray *entries, GError **error)
{
	for (guint i = 0; i < entries->len; i++) {
		const struct contents_entry *e = g_ptr_array_index(entries, i);
		if (!pg_do(db, e->sql, error)) {
			g_prefix_error(error, "%s %s: ", e->kind, e->tag);
			return false;
		}
	}
	return true;
}
