#include "port/pg_replication.h"

#include <libpq-fe.h>
#include <poll.h>

#include "base/error.h"
#include "base/stop.h"
#include "port/pg_text.h"
#include "port/pg_url.h"

enum {
	TURN_MS = 200, /* how often the stop flag is looked at */
	FIRST_VERSION = 150000,
};

struct pg_replication {
	PGconn *connection;
};

void pg_replication_close(pg_replication *r)
{
	if (!r)
		return;
	PQfinish(r->connection);
	g_free(r);
}

bool pg_lsn_read(const char *text, uint64_t *lsn, GError **error)
{
	g_auto(GStrv) halves = g_strsplit(text, "/", 3);
	uint64_t high = 0, low = 0;

	if (g_strv_length(halves) != 2 ||
	    !g_ascii_string_to_unsigned(
		halves[0], 16, 0, G_MAXUINT32, &high, NULL) ||
	    !g_ascii_string_to_unsigned(
		halves[1], 16, 0, G_MAXUINT32, &low, NULL))
		return fail(error, GONOGO_ERROR_DATA,
		    "'%s': not an LSN like 0/16B3748", text);
	*lsn = high << 32 | low;
	return true;
}

/* ---- errors ---- */

static const char *hint_of(const char *words)
{
	if (strstr(words, "no pg_hba.conf entry"))
		return "\nhint: the server's pg_hba.conf needs a line for the "
		       "database 'replication' and this user";
	if (strstr(words, "must be superuser or replication role") ||
	    strstr(words, "permission denied"))
		return "\nhint: ALTER ROLE ... REPLICATION;";
	if (strstr(words, "max_wal_senders"))
		return "\nhint: the server's max_wal_senders is used up";
	return "";
}

/* With the server's words on one line, without grade. */
static bool fail_server(const char *said, GError **error)
{
	g_autofree char *words = g_strdup(said ? said : "");

	g_strdelimit(g_strstrip(words), "\r\n", ' ');
	return fail(error, GONOGO_ERROR_REMOTE, "database: replication: %s%s",
	    words, hint_of(words));
}

static bool fail_lost(const pg_replication *r, GError **error)
{
	return fail_server(PQerrorMessage(r->connection), error);
}

/* ---- connecting ---- */

static void no_notice(void *user, const PGresult *result)
{
	(void)user;
	(void)result;
}

pg_replication *pg_replication_open(
    const char *url, const secret *password, GError **error)
{
	g_autofree char *words = pg_url_words(url, error);

	if (!words)
		return NULL;
	/* What stands before dbname gives way to the URL; the rest does not. */
	const char *const names[] = {"connect_timeout", "keepalives_idle",
	    "keepalives_interval", "keepalives_count", "tcp_user_timeout",
	    "dbname", "replication", password ? "password" : NULL, NULL};
	const char *const values[] = {"10", "30", "10", "3", "60000", words,
	    "true", password ? secret_reveal(password) : NULL, NULL};
	g_autoptr(pg_replication) r = g_new0(struct pg_replication, 1);

	r->connection = PQconnectdbParams(names, values, 1);
	if (PQstatus(r->connection) != CONNECTION_OK) {
		fail_lost(r, error);
		return NULL;
	}
	PQsetNoticeReceiver(r->connection, no_notice, NULL);
	int version = PQserverVersion(r->connection);
	if (version < FIRST_VERSION) {
		fail(error, GONOGO_ERROR_REMOTE,
		    "database: PostgreSQL %d: copies of its files are made of "
		    "15 and later\n"
		    "hint: save this one by its rows: that is the default",
		    version / 10000);
		return NULL;
	}
	return g_steal_pointer(&r);
}

/* ---- results ---- */

/* Until the server said something. */
static bool wait_for_server(pg_replication *r, GError **error)
{
	struct pollfd door = {PQsocket(r->connection), POLLIN, 0};

	if (stop_requested(error))
		return false;
	if (poll(&door, 1, TURN_MS) <= 0)
		return true;
	return PQconsumeInput(r->connection) || fail_lost(r, error);
}

/* The next result, which has to be of STATUS; NULL with *error set. */
static PGresult *take_result(
    pg_replication *r, ExecStatusType status, GError **error)
{
	while (PQisBusy(r->connection))
		if (!wait_for_server(r, error))
			return NULL;
	PGresult *result = PQgetResult(r->connection);
	if (result && PQresultStatus(result) == status)
		return result;
	const char *said =
	    result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	if (said)
		fail_server(said, error);
	else if (PQstatus(r->connection) != CONNECTION_OK)
		fail_lost(r, error);
	else
		fail_server("an answer of another kind than asked for", error);
	PQclear(result);
	return NULL;
}

static bool pass_result(
    pg_replication *r, ExecStatusType status, GError **error)
{
	PGresult *result = take_result(r, status, error);

	PQclear(result);
	return result != NULL;
}

/* One row: an LSN and its timeline. */
static bool take_place(
    pg_replication *r, uint64_t *lsn, unsigned *timeline, GError **error)
{
	PGresult *result = take_result(r, PGRES_TUPLES_OK, error);
	uint64_t number = 0;

	if (!result)
		return false;
	bool good = PQntuples(result) == 1 && PQnfields(result) >= 2 &&
		    pg_lsn_read(PQgetvalue(result, 0, 0), lsn, NULL) &&
		    g_ascii_string_to_unsigned(PQgetvalue(result, 0, 1), 10, 1,
			G_MAXUINT32, &number, NULL);
	PQclear(result);
	*timeline = (unsigned)number;
	return good || fail_server("a place in the WAL that is none", error);
}

/* ---- the base backup ---- */

static bool take_messages(pg_replication *r, pg_base *b, GError **error)
{
	for (;;) {
		char *message = NULL;
		int length = PQgetCopyData(r->connection, &message, 1);

		if (length == 0) {
			if (!wait_for_server(r, error))
				return false;
			continue;
		}
		if (length == -1)
			return true;
		if (length < 0)
			return fail_lost(r, error);
		bool good = !stop_requested(error) &&
			    pg_base_take(b, message, (size_t)length, error);
		PQfreemem(message);
		if (!good)
			return false;
	}
}

static char *base_command(const struct pg_base_order *order)
{
	g_autofree char *label = pg_quote_text(order->label);
	GString *sql = g_string_new("BASE_BACKUP (");

	g_string_append_printf(sql,
	    "LABEL %s, PROGRESS, CHECKPOINT '%s', WAIT true, MANIFEST 'yes', "
	    "MANIFEST_CHECKSUMS 'SHA256', TABLESPACE_MAP",
	    label, order->fast ? "fast" : "spread");
	if (order->rate_kib)
		g_string_append_printf(
		    sql, ", MAX_RATE %" G_GUINT64_FORMAT, order->rate_kib);
	g_string_append_c(sql, ')');
	return g_string_free(sql, FALSE);
}

bool pg_replication_base(pg_replication *r, const struct pg_base_order *order,
    const struct pg_base_takers *takers, void *user,
    struct pg_base_result *result, GError **error)
{
	g_autofree char *command = base_command(order);
	g_autoptr(pg_base) b = pg_base_new(takers, user);
	struct pg_base_result told = {0};
	unsigned timeline = 0;

	if (!PQsendQuery(r->connection, command))
		return fail_lost(r, error);
	/* Where it begins, the tablespaces, the files, where it ends. */
	if (!take_place(r, &told.first_lsn, &told.timeline, error) ||
	    !pass_result(r, PGRES_TUPLES_OK, error) ||
	    !pass_result(r, PGRES_COPY_OUT, error) ||
	    !take_messages(r, b, error) ||
	    !take_place(r, &told.last_lsn, &timeline, error) ||
	    !pass_result(r, PGRES_COMMAND_OK, error) || !pg_base_end(b, error))
		return false;
	if (timeline != told.timeline)
		return fail_server(
		    "the timeline changed while its files were copied", error);
	*result = told;
	return true;
}
