#include "backup/db/point.h"

#include "base/error.h"

void db_point_clear(struct db_point *p)
{
	keepers_close(p->keepers);
	g_free(p->snapshot_id);
	g_free(p->lsn);
	g_free(p->database);
	g_free(p->server_version);
	*p = (struct db_point){0};
}

/* ---- one server ---- */

static bool fail_pooler(const char *why, GError **error)
{
	return fail(error, GONOGO_ERROR_REMOTE,
	    "[database] url: %s\n"
	    "hint: name the server itself there: all connections of a backup "
	    "must see one snapshot",
	    why);
}

/*
 * A pooler answers the login itself, with a process number of its own making;
 * the server behind it knows itself by another one.
 */
static bool is_direct(pg *db, GError **error)
{
	g_autoptr(pg_rows) rows =
	    pg_query(db, "SELECT pg_catalog.pg_backend_pid()", NULL, error);

	if (!rows)
		return false;
	gint64 said = g_ascii_strtoll(pg_cell(rows, 0, 0), NULL, 10);
	return said == pg_backend(db) ||
	       fail_pooler("a connection pooler answers there", error);
}

/* Two servers never started in the same microsecond at the same address. */
static char *server_identity(pg *db, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT pg_catalog.concat_ws(' ', "
	    "pg_catalog.inet_server_addr(), pg_catalog.inet_server_port(), "
	    "pg_catalog.pg_postmaster_start_time())",
	    NULL, error);

	return rows ? g_strdup(pg_cell(rows, 0, 0)) : NULL;
}

static bool pin(struct db_login *l, GError **error)
{
	g_autoptr(pg) db = db_open(l, error);
	char *url = db ? pg_url_pinned(db, l->url, error) : NULL;

	if (!url)
		return false;
	g_free(l->url);
	l->url = url;
	return true;
}

bool db_pin_server(struct db_login *l, GError **error)
{
	enum { TRIES = 3 }; /* a balancer takes turns */
	g_autofree char *first = NULL;

	if (!pin(l, error))
		return false;
	for (int i = 0; i < TRIES; i++) {
		g_autoptr(pg) db = db_open(l, error);
		if (!db || !is_direct(db, error))
			return false;
		g_autofree char *identity = server_identity(db, error);
		if (!identity)
			return false;
		if (first && !g_str_equal(first, identity))
			return fail_pooler("different servers answer there in "
					   "turn",
			    error);
		if (!first)
			first = g_steal_pointer(&identity);
	}
	return true;
}

/* ---- the point ---- */

/* In one statement, so that nothing comes between the parts. */
static const char point_sql[] =
    "SELECT pg_catalog.pg_export_snapshot(), r.standby,"
    " CASE WHEN r.standby THEN pg_catalog.pg_last_wal_replay_lsn()"
    " ELSE pg_catalog.pg_current_wal_lsn() END,"
    " pg_catalog.floor(extract(epoch FROM CASE WHEN r.standby"
    " THEN coalesce(pg_catalog.pg_last_xact_replay_timestamp(),"
    " pg_catalog.clock_timestamp())"
    " ELSE pg_catalog.clock_timestamp() END)),"
    " pg_catalog.current_database(),"
    " pg_catalog.split_part("
    "pg_catalog.current_setting('server_version'), ' ', 1),"
    " pg_catalog.pg_database_size(pg_catalog.current_database())"
    " FROM (SELECT pg_catalog.pg_is_in_recovery() AS standby) r";

bool db_point_take(const struct db_login *l, struct db_point *p, GError **error)
{
	g_autoptr(pg) asked = db_open(l, error);
	g_autoptr(pg_rows) rows = NULL;

	if (!asked || !is_direct(asked, error))
		return false;
	g_clear_pointer(&asked, pg_close);
	p->keepers = keepers_open(l, point_sql, &rows, error);
	if (!p->keepers)
		return false;
	p->snapshot_id = g_strdup(pg_cell(rows, 0, 0));
	p->standby = g_str_equal(pg_cell(rows, 0, 1), "t");
	p->lsn = g_strdup(pg_cell(rows, 0, 2));
	p->at = g_ascii_strtoll(pg_cell(rows, 0, 3), NULL, 10);
	p->database = g_strdup(pg_cell(rows, 0, 4));
	p->server_version = g_strdup(pg_cell(rows, 0, 5));
	p->size_bytes = g_ascii_strtoull(pg_cell(rows, 0, 6), NULL, 10);
	return true;
}

pg *db_point_open(const struct db_point *p, GError **error)
{
	return keepers_join(p->keepers, error);
}

void db_point_end(struct db_point *p)
{
	g_clear_pointer(&p->keepers, keepers_close);
}
