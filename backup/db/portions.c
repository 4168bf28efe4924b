#include "backup/db/portions.h"

#include "base/error.h"
#include "contract/shape.h"

enum {
	FEWEST = 1024, /* pages of one part: 8 MiB */
	MOST = 8192,
	SHARE = 32,               /* of what lies before it, a part is one */
	RANGES_SINCE = 140000,    /* the server finds pages without a scan */
	LONGEST_ARGUMENT = 16384, /* the kernel takes 128 KiB */
	ARGUMENTS = 512 << 10,    /* all of them; the kernel takes 2 MiB */
};

static void table_free(void *member)
{
	struct portion_table *t = member;

	g_free(t->oid);
	g_free(t->schema);
	g_free(t->plain_name);
	g_free(t->name);
	g_free(t->columns);
	g_ptr_array_unref(t->parts);
	g_free(t);
}

void portions_free(portions *p)
{
	if (!p)
		return;
	g_ptr_array_unref(p->tables);
	g_free(p);
}

/* ---- making it ---- */

/*
 * Ordinary tables and leaf partitions, as pg_dump takes them.  Of what belongs
 * to an extension pg_dump alone knows which rows are data; a standby has no
 * unlogged ones.
 */
static char *tables_sql(pg *db)
{
	bool generated = pg_server_version(db) >= 120000;

	return g_strdup_printf(
	    "SELECT c.oid, n.nspname, c.relname,"
	    " pg_catalog.format('%%I.%%I', n.nspname, c.relname),"
	    " coalesce((SELECT pg_catalog.string_agg("
	    "pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)"
	    " FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid"
	    " AND a.attnum > 0 AND NOT a.attisdropped%s), ''),"
	    " coalesce(pg_catalog.pg_table_size(c.oid), 0),"
	    " coalesce(pg_catalog.pg_relation_size(c.oid), 0) /"
	    " pg_catalog.current_setting('block_size')::bigint"
	    " FROM pg_catalog.pg_class c"
	    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	    " WHERE c.relkind = 'r' AND c.relpersistence <> 't'"
	    " AND (c.relpersistence = 'p'"
	    " OR NOT pg_catalog.pg_is_in_recovery())"
	    " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
	    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d"
	    " WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
	    " AND d.objid = c.oid AND d.deptype = 'e')"
	    " ORDER BY 6 DESC, c.oid",
	    generated ? " AND a.attgenerated = ''" : "");
}

static void add_part(
    struct portion_table *t, uint64_t first, uint64_t end, uint64_t weight)
{
	struct portion *part = g_new0(struct portion, 1);

	part->table = t;
	part->first = first;
	part->end = end;
	part->weight = weight;
	g_ptr_array_add(t->parts, part);
}

/* Where the part that begins at page FIRST ends, in every table. */
static uint64_t end_of_part(uint64_t first)
{
	uint64_t length = FEWEST;

	while (length < MOST && first >= 2 * length * SHARE)
		length *= 2;
	return first + length;
}

static void cut(struct portion_table *t, uint64_t pages, bool ranges)
{
	uint64_t first = 0, end;

	for (; ranges && (end = end_of_part(first)) < pages; first = end)
		add_part(t, first, end,
		    (uint64_t)((double)t->weight * (double)(end - first) /
			       (double)pages));
	add_part(t, first, 0,
	    pages ? (uint64_t)((double)t->weight * (double)(pages - first) /
			       (double)pages)
		  : t->weight);
	((struct portion *)g_ptr_array_index(t->parts, 0))->whole = first == 0;
}

portions *portions_make(pg *db, GError **error)
{
	g_autofree char *sql = tables_sql(db);
	g_autoptr(pg_rows) rows = pg_query(db, sql, NULL, error);

	if (!rows)
		return NULL;
	portions *p = g_new0(struct portions, 1);
	p->tables = g_ptr_array_new_with_free_func(table_free);
	for (size_t i = 0; i < pg_rows_length(rows); i++) {
		struct portion_table *t = g_new0(struct portion_table, 1);
		t->oid = g_strdup(pg_cell(rows, i, 0));
		t->schema = g_strdup(pg_cell(rows, i, 1));
		t->plain_name = g_strdup(pg_cell(rows, i, 2));
		t->name = g_strdup(pg_cell(rows, i, 3));
		t->columns = g_strdup(pg_cell(rows, i, 4));
		t->weight = g_ascii_strtoull(pg_cell(rows, i, 5), NULL, 10);
		t->parts = g_ptr_array_new_with_free_func(g_free);
		cut(t, g_ascii_strtoull(pg_cell(rows, i, 6), NULL, 10),
		    pg_server_version(db) >= RANGES_SINCE);
		p->weight += t->weight;
		g_ptr_array_add(p->tables, t);
	}
	return p;
}

/* ---- pg_dump's part ---- */

/* In a pattern what stands between quotes means itself. */
static void end_argument(GPtrArray *arguments, GString *pattern)
{
	if (pattern->len == 0)
		return;
	g_ptr_array_add(arguments,
	    g_strdup_printf("--exclude-table-data=%s)", pattern->str));
	g_string_truncate(pattern, 0);
}

void portions_exclude(portions *p, GPtrArray *arguments)
{
	g_autoptr(GString) pattern = g_string_new(NULL);
	const char *schema = NULL;
	size_t bytes = 0;
	guint i = 0;

	for (; i < p->tables->len; i++) {
		const struct portion_table *t = g_ptr_array_index(p->tables, i);
		g_autofree char *name = pg_quote_name(t->plain_name);
		bool other = !schema || !g_str_equal(schema, t->schema);
		if (bytes > ARGUMENTS)
			break;
		if (other || pattern->len > LONGEST_ARGUMENT)
			end_argument(arguments, pattern);
		size_t before = pattern->len;
		if (pattern->len == 0) {
			g_autofree char *quoted = pg_quote_name(t->schema);
			g_string_append_printf(pattern, "%s.(", quoted);
			schema = t->schema;
		} else {
			g_string_append_c(pattern, '|');
		}
		g_string_append(pattern, name);
		bytes += pattern->len - before;
	}
	end_argument(arguments, pattern);
	for (guint left = i; left < p->tables->len; left++) {
		const struct portion_table *t =
		    g_ptr_array_index(p->tables, left);
		p->weight -= t->weight;
	}
	g_ptr_array_set_size(p->tables, (gint)i);
}

/* ---- SQL ---- */

char *portions_read_sql(const struct portion *part)
{
	const struct portion_table *t = part->table;
	g_autofree char *to = NULL;

	if (part->whole)
		return g_strdup_printf("COPY %s%s%s%s TO STDOUT", t->name,
		    *t->columns ? " (" : "", t->columns,
		    *t->columns ? ")" : "");
	if (part->end)
		to = g_strdup_printf(
		    " AND ctid < '(%" G_GUINT64_FORMAT ",0)'", part->end);
	return g_strdup_printf(
	    "COPY (SELECT %s FROM ONLY %s WHERE ctid >= '(%" G_GUINT64_FORMAT
	    ",0)'%s) TO STDOUT",
	    t->columns, t->name, part->first, to ? to : "");
}

/* ---- records ---- */

void portions_tell(const portions *p, struct tables *to)
{
	for (guint i = 0; i < p->tables->len; i++) {
		const struct portion_table *t = g_ptr_array_index(p->tables, i);
		struct table *row = tables_add(to, t->name);
		struct row_sum sum = {0};
		row->columns = g_strdup(t->columns);
		for (guint k = 0; k < t->parts->len; k++) {
			const struct portion *part =
			    g_ptr_array_index(t->parts, k);
			row->rows += part->rows;
			row->bytes += part->bytes;
			row_sum_join(&sum, &part->sum);
			if (part->whole)
				g_strlcpy(row->sha256, part->sha256,
				    sizeof row->sha256);
			else
				table_add_part(
				    row, part->rows, part->bytes, part->sha256);
		}
		row_sum_hex(&sum, row->sum);
	}
}
