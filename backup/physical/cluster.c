#include "backup/physical/cluster.h"

#include "base/error.h"

void cluster_clear(struct cluster *c)
{
	g_clear_pointer(&c->databases, g_ptr_array_unref);
	*c = (struct cluster){0};
}

static bool is_primary(pg *db, GError **error)
{
	g_autoptr(pg_rows) rows =
	    pg_query(db, "SELECT pg_catalog.pg_is_in_recovery()", NULL, error);

	if (!rows)
		return false;
	return g_str_equal(pg_cell(rows, 0, 0), "f") ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "[database] url: a standby server: of its files no point "
		   "can be had that belongs to the home's files\n"
		   "hint: name the primary there, or save the rows "
		   "([database] form = logical)");
}

/* Templates are everybody's, and so is the database of that name. */
static const char databases_sql[] =
    "SELECT datname,"
    " datname NOT IN ('postgres', 'template0', 'template1',"
    " pg_catalog.current_database()),"
    " CASE WHEN pg_catalog.has_database_privilege(oid, 'CONNECT')"
    " THEN pg_catalog.pg_database_size(oid) ELSE 0 END"
    " FROM pg_catalog.pg_database ORDER BY datname";

static bool look(pg *db, struct cluster *c, GPtrArray *others, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(db, databases_sql, NULL, error);

	if (!rows)
		return false;
	c->databases = g_ptr_array_new_with_free_func(g_free);
	for (size_t i = 0; i < pg_rows_length(rows); i++) {
		const char *name = pg_cell(rows, i, 0);
		g_ptr_array_add(c->databases, g_strdup(name));
		if (g_str_equal(pg_cell(rows, i, 1), "t"))
			g_ptr_array_add(others, g_strdup(name));
		c->bytes += g_ascii_strtoull(pg_cell(rows, i, 2), NULL, 10);
	}
	return true;
}

static bool is_alone(GPtrArray *others, GError **error)
{
	if (others->len == 0)
		return true;
	g_ptr_array_add(others, NULL);
	g_autofree char *names = g_strjoinv(", ", (char **)others->pdata);
	return fail(error, GONOGO_ERROR_USAGE,
	    "the server holds other databases, too: %s\n"
	    "hint: --whole-cluster ([database] whole_cluster = yes) copies and "
	    "restores them all at once; else save the rows of this one alone",
	    names);
}

bool cluster_check(const struct db_login *l, pg *db, bool whole,
    struct cluster *c, GError **error)
{
	g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(g_free);

	if (!is_primary(db, error) || !look(db, c, others, error) ||
	    !(whole || is_alone(others, error)))
		return false;
	g_autoptr(pg_replication) r = db_open_replication(l, error);
	return r != NULL;
}
