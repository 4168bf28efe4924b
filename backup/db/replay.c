#include "backup/db/replay.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/stop.h"
#include "bitbucket/schema.h"

enum { LOOK_MS = 20 };

static bool is_writing(pg *db, bool *yes, GError **error)
{
	g_autoptr(pg_rows) rows =
	    pg_query(db, "SELECT pg_catalog.pg_is_in_recovery()", NULL, error);

	if (!rows)
		return false;
	*yes = g_str_equal(pg_cell(rows, 0, 0), "f");
	return true;
}

static bool is_same(const struct db_login *standby, pg *primary, GError **error)
{
	g_autofree char *here = NULL, *there = NULL;
	g_autoptr(pg) db = db_open_bitbucket(standby, error);

	if (!db || !schema_property(db, "server.id", &here, error) ||
	    !schema_property(primary, "server.id", &there, error))
		return false;
	return g_strcmp0(here, there) == 0 ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "[database] primary: server.id is %s there and %s in "
		   "[database] url\n"
		   "hint: name the server that this standby follows",
		   there ? there : "not set", here ? here : "not set");
}

bool replay_check(const struct db_login *standby,
    const struct db_login *primary, GError **error)
{
	g_autoptr(pg) db = db_open_bitbucket(primary, error);
	bool writing = false;

	if (!db || !is_writing(db, &writing, error)) {
		g_prefix_error(error, "[database] primary: ");
		return false;
	}
	if (!writing)
		return fail(error, GONOGO_ERROR_USAGE,
		    "[database] primary: that is a standby, too\n"
		    "hint: name the server that writes");
	return is_same(standby, db, error);
}

/* Asks SQL about LSN until the answer is `t` or it is UNTIL. */
static bool wait_for(pg *db, const char *sql, const char *lsn, double until,
    bool *reached, GError **error)
{
	const char *const parameters[] = {lsn, NULL};

	for (;;) {
		g_autoptr(pg_rows) rows = pg_query(db, sql, parameters, error);
		if (!rows)
			return false;
		*reached = g_strcmp0(pg_cell(rows, 0, 0), "t") == 0;
		if (*reached || clock_monotonic() >= until)
			return true;
		if (!stop_wait(LOOK_MS, error))
			return false;
	}
}

/* A commit that did not wait for the disk is flushed a moment later; what is
 * inserted may end behind the header of a page that is still empty. */
static const char flushed_sql[] =
    "SELECT pg_catalog.pg_wal_lsn_diff($1::pg_lsn,"
    " pg_catalog.pg_current_wal_flush_lsn()) <= 40";
static const char replayed_sql[] =
    "SELECT pg_catalog.pg_last_wal_replay_lsn() >= $1::pg_lsn";

bool replay_wait(const struct db_login *standby, const struct db_login *primary,
    unsigned most_s, bool *reached, GError **error)
{
	double until = clock_monotonic() + most_s;
	g_autoptr(pg) from = db_open(primary, error);
	g_autoptr(pg) to = from ? db_open(standby, error) : NULL;

	if (!to)
		return false;
	g_autoptr(pg_rows) inserted = pg_query(
	    from, "SELECT pg_catalog.pg_current_wal_insert_lsn()", NULL, error);
	if (!inserted || !wait_for(from, flushed_sql, pg_cell(inserted, 0, 0),
			     until, reached, error))
		return false;
	if (!*reached)
		return true;
	g_autoptr(pg_rows) flushed = pg_query(
	    from, "SELECT pg_catalog.pg_current_wal_flush_lsn()", NULL, error);
	return flushed && wait_for(to, replayed_sql, pg_cell(flushed, 0, 0),
			      until, reached, error);
}
