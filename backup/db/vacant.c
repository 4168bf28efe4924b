#include "backup/db/vacant.h"

#include "base/error.h"

/* Anything that a person could miss; what extensions bring is no data. */
static const char occupied_sql[] =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d"
    " WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.objid = c.oid AND d.deptype = 'e')"
    " UNION ALL SELECT 'large object ' || oid"
    " FROM pg_catalog.pg_largeobject_metadata"
    " ORDER BY 1 LIMIT 1";

static bool is_empty(const struct db_login *l, GError **error)
{
	g_autoptr(pg) db = db_open(l, error);
	g_autoptr(pg_rows) rows =
	    db ? pg_query(db, occupied_sql, NULL, error) : NULL;

	if (!rows)
		return false;
	if (pg_rows_length(rows) == 0)
		return true;
	g_autofree char *name = pg_url_value(l->url, "dbname");
	return fail(error, GONOGO_ERROR_USAGE,
	    "the database %s is not empty: it holds %s\n"
	    "hint: name one that is not there: it is made",
	    name ? name : l->url, pg_cell(rows, 0, 0));
}

/* Gives a connection to the server's own database; *name is ours. */
static pg *open_server(const struct db_login *l, char **name, GError **error)
{
	g_autofree char *ours = pg_url_value(l->url, "dbname");
	struct db_login server = *l; /* borrows all but the url */

	if (!ours || !*ours) {
		fail(error, GONOGO_ERROR_USAGE,
		    "the URL of the database to restore to names no database");
		return NULL;
	}
	server.url = pg_url_with(l->url, "dbname", "postgres", error);
	pg *db = server.url ? db_open(&server, error) : NULL;
	g_free(server.url);
	if (db)
		*name = g_steal_pointer(&ours);
	return db;
}

static bool is_there(pg *server, const char *name, bool *there, GError **error)
{
	const char *const parameters[] = {name, NULL};
	g_autoptr(pg_rows) rows = pg_query(server,
	    "SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1",
	    parameters, error);

	if (!rows)
		return false;
	*there = pg_rows_length(rows) > 0;
	return true;
}

static bool may_make(pg *server, const char *name, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(server,
	    "SELECT rolcreatedb OR rolsuper, rolname"
	    " FROM pg_catalog.pg_roles WHERE rolname = current_user",
	    NULL, error);

	if (!rows)
		return false;
	return g_str_equal(pg_cell(rows, 0, 0), "t") ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "the database %s is not there, and the role %s may not "
		   "make it\n"
		   "hint: CREATE DATABASE %s OWNER %s TEMPLATE template0 "
		   "ENCODING 'UTF8';",
		   name, pg_cell(rows, 0, 1), name, pg_cell(rows, 0, 1));
}

bool vacant_check(const struct db_login *l, GError **error)
{
	g_autofree char *name = NULL;
	g_autoptr(pg) server = open_server(l, &name, error);
	bool there = false;

	if (!server || !is_there(server, name, &there, error))
		return false;
	return there ? is_empty(l, error) : may_make(server, name, error);
}

bool vacant_make(const struct db_login *l, GError **error)
{
	g_autofree char *name = NULL;
	g_autoptr(pg) server = open_server(l, &name, error);
	bool there = false;

	if (!server || !is_there(server, name, &there, error))
		return false;
	if (there)
		return is_empty(l, error);
	g_autofree char *quoted = pg_quote_name(name);
	/* template1 may hold what a site put there. */
	g_autofree char *sql = g_strdup_printf(
	    "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'", quoted);
	return pg_do(server, sql, error);
}
