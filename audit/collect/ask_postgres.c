/*
 * The database, in one read-only transaction: every row is one query, whose
 * rows the server itself turns into JSON.
 */
#include "audit/collect/ask.h"
#include "audit/collect/rows.h"
#include "base/error.h"
#include "base/stop.h"
#include "bitbucket/schema.h"

static bool check_tables(pg *db, const struct row *row, GError **error)
{
	for (size_t i = 0; row->needs[i]; i++) {
		bool there = false;
		if (!schema_has_table(db, row->needs[i], &there, error))
			return false;
		if (!there)
			return fail(error, GONOGO_ERROR_REMOTE,
			    "no table %s in the search path of this login",
			    row->needs[i]);
	}
	return true;
}

/* Gives the answer to ROW's question as a JSON array. */
static char *query(pg *db, const struct row *row, GError **error)
{
	if (!check_tables(db, row, error))
		return NULL;
	g_autofree char *sql = g_strdup_printf(
	    "SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') FROM (%s) q",
	    row->request);
	g_autoptr(pg_rows) rows = pg_query(db, sql, NULL, error);
	if (!rows)
		return NULL;
	if (pg_rows_length(rows) != 1) {
		fail(error, GONOGO_ERROR_REMOTE, "no answer");
		return NULL;
	}
	return g_strdup(pg_cell(rows, 0, 0));
}

/* DB as NULL: it could not be opened, and SILENCE says why. */
static bool ask_row(struct asking *a, pg *db, const char *silence,
    const struct row *row, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *text = db ? query(db, row, &why) : NULL;

	if (!text)
		return ask_put_failure(
		    a, row, NULL, why ? why->message : silence, error);
	if (g_str_equal(row->what, "database.stores"))
		a->stores = json_parse(text, strlen(text), row->what, NULL);
	return ask_put(a, row, NULL, RAW_JSON, text, error);
}

bool ask_postgres(struct asking *a, GError **error)
{
	const struct settings *s = a->settings;
	g_autoptr(GError) why = NULL;
	g_autoptr(pg) db = NULL;

	if (a->profile != PROFILE_FULL)
		return true;
	if (s->database.url)
		db = pg_open_readonly(
		    s->database.url, a->database_password, &why);
	if (g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_USAGE)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	const char *silence = why ? why->message
				  : "the settings name no database; "
				    "hint: [database] url";
	for (const struct row *row = rows_next(NULL); row; row = rows_next(row))
		if (ask_wants(a, row, "postgres") &&
		    (stop_requested(error) ||
			!ask_row(a, db, silence, row, error)))
			return false;
	return true;
}
