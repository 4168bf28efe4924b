#include "port/pg.h"

#include <libpq-fe.h>
#include <poll.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/stop.h"

enum { TURN_MS = 200 }; /* how often the stop flag is looked at */

struct pg {
	PGconn *connection;
	bool readonly; /* inside one transaction, a savepoint per query */
	char state[6]; /* of the last error that the server told; "": none */
};

void pg_close(pg *db)
{
	if (!db)
		return;
	PQfinish(db->connection);
	g_free(db);
}

int pg_server_version(const pg *db)
{
	return PQserverVersion(db->connection);
}

int pg_backend(const pg *db)
{
	return PQbackendPID(db->connection);
}

bool pg_is_lost(const pg *db)
{
	return PQstatus(db->connection) != CONNECTION_OK;
}

bool pg_said(const pg *db, const char *state)
{
	return g_str_equal(db->state, state);
}

/* Adds the rows of RESULT to ROWS.  REMOTE: more than LIMIT_ROWS. */
static bool take_rows(pg_rows *rows, const PGresult *result, GError **error)
{
	int width = PQnfields(result);

	if (pg_rows_width(rows) == 0)
		for (int column = 0; column < width; column++)
			pg_rows_add_name(rows, PQfname(result, column));
	for (int row = 0; row < PQntuples(result); row++)
		for (int column = 0; column < width; column++)
			pg_rows_add_cell(
			    rows, PQgetisnull(result, row, column)
				      ? NULL
				      : PQgetvalue(result, row, column));
	return pg_rows_bytes(rows) <= LIMIT_ROWS ||
	       fail(error, GONOGO_ERROR_REMOTE,
		   "database: an answer of more than %u bytes", LIMIT_ROWS);
}

/* ---- errors ---- */

/* Gives libpq's words on one line, without its grades. */
static char *plain_words(const char *words)
{
	g_auto(GStrv) lines = g_strsplit(words ? words : "", "\n", -1);
	g_autoptr(GString) text = g_string_new(NULL);

	for (size_t i = 0; lines[i]; i++) {
		g_strstrip(lines[i]);
		/* The last is libpq's own hint; ours are better. */
		if (!*lines[i] || g_str_has_prefix(lines[i], "Is the server"))
			continue;
		g_string_append_printf(
		    text, "%s%s", text->len ? "; " : "", lines[i]);
	}
	g_string_replace(text, "FATAL:  ", "", 0);
	g_string_replace(text, "ERROR:  ", "", 0);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static const char *connection_hint(const char *words)
{
	static const struct {
		const char *words, *hint;
	} hints[] = {
	    {"password authentication failed",
		"check user and password: [database] url and password_file"},
	    {"no password supplied", "set [database] password_file"},
	    {"Peer authentication failed",
		"run as the system user of that name, or set another user in "
		"[database] url and [database] password_file"},
	    {"no pg_hba.conf entry",
		"the server's pg_hba.conf must allow this user from here"},
	    {"Connection refused",
		"is PostgreSQL up, and does it listen on that host and port?"},
	    {"No such file or directory",
		"is PostgreSQL up, and is that the folder of its socket?"},
	    {"could not translate host name",
		"check the host in [database] url"},
	    {"timeout expired", "is the port reachable from here?"},
	    {"\" does not exist", "check [database] url"},
	    {"too many clients", "the server's max_connections is used up"},
	    {"remaining connection slots",
		"the server's max_connections is used up"},
	    {"does not support SSL",
		"TLS is asked for unless sslmode in [database] url says else"},
	    {"certificate", "check sslmode and sslrootcert in [database] url"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
		if (strstr(words, hints[i].words))
			return hints[i].hint;
	return NULL;
}

static bool fail_connect(PGconn *connection, GError **error)
{
	g_autofree char *words = plain_words(PQerrorMessage(connection));
	const char *hint = connection_hint(words);

	return fail(error, GONOGO_ERROR_REMOTE, "database: %s%s%s", words,
	    hint ? "\nhint: " : "", hint ? hint : "");
}

static bool fail_lost(const pg *db, GError **error)
{
	g_autofree char *words = plain_words(PQerrorMessage(db->connection));

	return fail(error, GONOGO_ERROR_REMOTE, "database: %s", words);
}

static char *result_hint(const pg *db, const char *state)
{
	const char *user = PQuser(db->connection);

	if (g_str_equal(state, "42501")) {
		g_autofree char *role = pg_quote_name(user ? user : "");

		return PQserverVersion(db->connection) >= 140000
			   ? g_strdup_printf(
				 "GRANT pg_read_all_data TO %s;", role)
			   : g_strdup_printf("GRANT SELECT ON ALL TABLES IN "
					     "SCHEMA public TO %s;",
				 role);
	}
	if (g_str_equal(state, "57014"))
		return g_strdup("it took too long, or somebody cancelled it");
	if (g_str_equal(state, "55P03"))
		return g_strdup("another session holds a lock on it; see "
				"pg_stat_activity and pg_locks");
	return NULL;
}

static bool fail_result(pg *db, const PGresult *result, GError **error)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

	if (!state || !words)
		return fail_lost(db, error);
	g_strlcpy(db->state, state, sizeof db->state);
	g_autofree char *hint = result_hint(db, state);
	return fail(error, GONOGO_ERROR_REMOTE, "database: %s%s%s (%s)%s%s",
	    words, detail ? ": " : "", detail ? detail : "", state,
	    hint ? "\nhint: " : "", hint ? hint : "");
}

/* ---- waiting, with an ear for signals ---- */

static void cancel(pg *db)
{
	PGcancel *handle = PQgetCancel(db->connection);
	char words[256];

	if (!handle)
		return;
	ignore(PQcancel(handle, words, sizeof words));
	PQfreeCancel(handle);
}

/* Until the server said something. */
static bool wait_for_server(pg *db, GError **error)
{
	struct pollfd door = {PQsocket(db->connection), POLLIN, 0};

	if (stop_requested(error)) {
		cancel(db);
		return false;
	}
	if (poll(&door, 1, TURN_MS) <= 0)
		return true;
	return PQconsumeInput(db->connection) || fail_lost(db, error);
}

/* The next result in *result; NULL: that was all. */
static bool next_result(pg *db, PGresult **result, GError **error)
{
	while (PQisBusy(db->connection))
		if (!wait_for_server(db, error))
			return false;
	*result = PQgetResult(db->connection);
	return true;
}

/*
 * Takes all results of what was sent; rows go into ROWS (NULL: passed over).
 * The first error is the one that is told.
 */
static bool take_results(pg *db, pg_rows *rows, GError **error)
{
	bool good = true;

	for (;;) {
		PGresult *result = NULL;

		if (!next_result(db, &result, good ? error : NULL))
			return false;
		if (!result)
			return good;
		ExecStatusType status = PQresultStatus(result);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
		    status == PGRES_COPY_BOTH) {
			PQclear(result);
			return good && fail(error, GONOGO_ERROR_INTERNAL,
					   "database: a COPY was not asked");
		}
		bool data =
		    status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
		if (good && data && rows)
			good = take_rows(rows, result, error);
		else if (good && !data && status != PGRES_COMMAND_OK &&
			 status != PGRES_EMPTY_QUERY)
			good = fail_result(db, result, error);
		PQclear(result);
	}
}

static bool command(pg *db, const char *sql, GError **error)
{
	if (!PQsendQuery(db->connection, sql))
		return fail_lost(db, error);
	return take_results(db, NULL, error);
}

/*
 * A failed query would spoil the transaction for all that come after it, so
 * each has a savepoint.
 */
static bool begin_query(pg *db, GError **error)
{
	db->state[0] = '\0';
	return !db->readonly || command(db, "SAVEPOINT query", error);
}

static bool end_query(pg *db, bool good, GError **error)
{
	if (!db->readonly)
		return good;
	if (!good) {
		ignore(command(db, "ROLLBACK TO SAVEPOINT query", NULL));
		return false;
	}
	return command(db, "RELEASE SAVEPOINT query", error);
}

/* ---- connecting ---- */

static void no_notice(void *user, const PGresult *result)
{
	(void)user;
	(void)result;
}

static pg *connect_to(const char *url, const secret *password, bool readonly,
    const char *settings, GError **error)
{
	g_autofree char *words = pg_url_words(url, error);

	if (!words)
		return NULL;
	/* What stands before dbname gives way to the URL; the rest does not. */
	const char *const names[] = {"tcp_user_timeout", "dbname",
	    "client_encoding", password ? "password" : NULL, NULL};
	const char *const values[] = {"60000", words, "UTF8",
	    password ? secret_reveal(password) : NULL, NULL};
	g_autoptr(pg) db = g_new0(struct pg, 1);

	db->connection = PQconnectdbParams(names, values, 1);
	if (PQstatus(db->connection) != CONNECTION_OK) {
		fail_connect(db->connection, error);
		return NULL;
	}
	PQsetNoticeReceiver(db->connection, no_notice, NULL);
	if (!command(db, settings, error))
		return NULL;
	db->readonly = readonly;
	return g_steal_pointer(&db);
}

pg *pg_open(const char *url, const secret *password, GError **error)
{
	/* The server's own limits are for other users than a backup. */
	return connect_to(url, password, false,
	    "SET statement_timeout = 0;"
	    "SET idle_in_transaction_session_timeout = 0",
	    error);
}

pg *pg_open_readonly(const char *url, const secret *password, GError **error)
{
	return connect_to(url, password, true,
	    "SET default_transaction_read_only = on;"
	    "SET statement_timeout = '60s';"
	    "SET lock_timeout = '5s';"
	    "SET idle_in_transaction_session_timeout = 0;"
	    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
	    error);
}

/* ---- asking ---- */

bool pg_do(pg *db, const char *sql, GError **error)
{
	return begin_query(db, error) &&
	       end_query(db, command(db, sql, error), error);
}

static bool ask(pg *db, const char *sql, const char *const *parameters,
    pg_rows *rows, GError **error)
{
	int count = 0;

	while (parameters && parameters[count])
		count++;
	if (!PQsendQueryParams(
		db->connection, sql, count, NULL, parameters, NULL, NULL, 0) ||
	    !PQsetSingleRowMode(db->connection))
		return fail_lost(db, error);
	return take_results(db, rows, error);
}

pg_rows *pg_query(
    pg *db, const char *sql, const char *const *parameters, GError **error)
{
	g_autoptr(pg_rows) rows = pg_rows_new();

	if (!begin_query(db, error) ||
	    !end_query(db, ask(db, sql, parameters, rows, error), error))
		return NULL;
	return g_steal_pointer(&rows);
}

/* Gives each row to SINK until the last, or until it has enough. */
static bool copy_rows(pg *db, pg_sink sink, void *user, GError **error)
{
	for (;;) {
		char *row = NULL;
		int length = PQgetCopyData(db->connection, &row, 1);

		if (length == 0) {
			if (!wait_for_server(db, error))
				return false;
			continue;
		}
		if (length == -1)
			return take_results(db, NULL, error);
		if (length < 0)
			return fail_lost(db, error);
		bool go_on = sink(row, (size_t)length, user, error);
		PQfreemem(row);
		if (!go_on)
			return false;
	}
}

/* Throws away what is still on its way. */
static void abandon(pg *db)
{
	char *row = NULL;
	PGresult *result;

	/* Else the cancel could meet the next query. */
	if (PQtransactionStatus(db->connection) == PQTRANS_ACTIVE)
		cancel(db);
	while (PQgetCopyData(db->connection, &row, 0) > 0)
		PQfreemem(row);
	while ((result = PQgetResult(db->connection)))
		PQclear(result);
}

static bool copy(
    pg *db, const char *sql, pg_sink sink, void *user, GError **error)
{
	PGresult *result = NULL;

	if (!PQsendQuery(db->connection, sql))
		return fail_lost(db, error);
	if (!next_result(db, &result, error))
		return false;
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_COPY_OUT;
	if (!good && (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK))
		fail(error, GONOGO_ERROR_INTERNAL,
		    "database: not a COPY TO STDOUT: %s", sql);
	else if (!good)
		fail_result(db, result, error);
	PQclear(result);
	if (good && copy_rows(db, sink, user, error))
		return true;
	abandon(db);
	return false;
}

bool pg_copy_out(
    pg *db, const char *sql, pg_sink sink, void *user, GError **error)
{
	return begin_query(db, error) &&
	       end_query(db, copy(db, sql, sink, user, error), error);
}

/* ---- giving rows ---- */

/* Until the server takes more; what it says meanwhile is kept for later. */
static bool wait_for_room(pg *db, GError **error)
{
	struct pollfd door = {PQsocket(db->connection), POLLIN | POLLOUT, 0};

	if (stop_requested(error))
		return false;
	if (poll(&door, 1, TURN_MS) <= 0)
		return true;
	if (door.revents & POLLIN && !PQconsumeInput(db->connection))
		return fail_lost(db, error);
	return true;
}

/* The library would keep what the server can't take yet in one long buffer,
 * and move all of it at each call. */
static bool drain(pg *db, GError **error)
{
	int left;

	while ((left = PQflush(db->connection)) > 0)
		if (!wait_for_room(db, error))
			return false;
	return left == 0 || fail_lost(db, error);
}

bool pg_put(pg *db, const char *bytes, size_t length, GError **error)
{
	enum { MOST = 64 << 10 };

	while (length > 0) {
		int step = (int)MIN(length, (size_t)MOST);
		int put = PQputCopyData(db->connection, bytes, step);
		if (put < 0)
			return fail_lost(db, error);
		if (!drain(db, error))
			return false;
		if (put == 0)
			continue;
		bytes += step;
		length -= (size_t)step;
	}
	return true;
}

/* WHY: NULL, or what the server is told when the rows are to be dropped. */
static bool end_rows(pg *db, const char *why, GError **error)
{
	int ended;

	while ((ended = PQputCopyEnd(db->connection, why)) == 0)
		if (!wait_for_room(db, error))
			return false;
	return ended > 0 ? drain(db, error) : fail_lost(db, error);
}

static bool take_count(pg *db, uint64_t *rows, GError **error)
{
	PGresult *result = NULL;

	if (!next_result(db, &result, error))
		return false;
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (good)
		*rows = g_ascii_strtoull(PQcmdTuples(result), NULL, 10);
	else
		fail_result(db, result, error);
	PQclear(result);
	return take_results(db, NULL, good ? error : NULL) && good;
}

static bool feed_rows(pg *db, const char *sql, pg_feed feed, void *user,
    uint64_t *rows, GError **error)
{
	PGresult *result = NULL;

	if (!PQsendQuery(db->connection, sql))
		return fail_lost(db, error);
	if (!next_result(db, &result, error))
		return false;
	bool good = PQresultStatus(result) == PGRES_COPY_IN;
	if (!good)
		fail_result(db, result, error);
	PQclear(result);
	if (!good) {
		abandon(db);
		return false;
	}
	if (feed(db, user, error))
		return end_rows(db, NULL, error) && take_count(db, rows, error);
	/* What the server has against a row is the better reason, but it is
	 * only told in the end. */
	g_autoptr(GError) why = NULL;
	uint64_t none = 0;
	if (end_rows(db, "given up", NULL) && !take_count(db, &none, &why) &&
	    !strstr(why->message, "given up")) {
		g_clear_error(error);
		g_propagate_error(error, g_steal_pointer(&why));
	}
	return false;
}

bool pg_copy_in(pg *db, const char *sql, pg_feed feed, void *user,
    uint64_t *rows, GError **error)
{
	if (!begin_query(db, error))
		return false;
	PQsetnonblocking(db->connection, 1);
	bool good = feed_rows(db, sql, feed, user, rows, error);
	PQsetnonblocking(db->connection, 0);
	return end_query(db, good, error);
}

char *pg_url_pinned(const pg *db, const char *url, GError **error)
{
	const char *host = PQhost(db->connection);
	const char *address = PQhostaddr(db->connection);
	bool local = host && (*host == '/' || *host == '@');
	g_autofree char *at_host = host && *host
				       ? pg_url_with(url, "host", host, error)
				       : g_strdup(url);
	g_autofree char *at_address =
	    at_host && address && *address && !local
		? pg_url_with(at_host, "hostaddr", address, error)
		: g_strdup(at_host);

	return at_address ? pg_url_with(at_address, "port",
				PQport(db->connection), error)
			  : NULL;
}
