#include "port/pg_replication.h"

#include <libpq-fe.h>
#include <poll.h>

#include "base/clock.h"
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

/* Gives the first cell of the answer to COMMAND. */
static char *ask(pg_replication *r, const char *command, GError **error)
{
	if (!PQsendQuery(r->connection, command)) {
		fail_lost(r, error);
		return NULL;
	}
	PGresult *result = take_result(r, PGRES_TUPLES_OK, error);
	bool good = result && PQntuples(result) == 1;
	char *text = good ? g_strdup(PQgetvalue(result, 0, 0)) : NULL;
	if (result && !good)
		fail_server("an answer that is none", error);
	while (result) {
		PQclear(result);
		result = PQgetResult(r->connection);
	}
	return text;
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

/* One row for each tablespace: number, folder, KiB. */
static bool take_size(pg_replication *r, uint64_t *bytes, GError **error)
{
	PGresult *result = take_result(r, PGRES_TUPLES_OK, error);
	enum { COLUMN = 2, KIB = 1024 };

	if (!result)
		return false;
	for (int i = 0; i < PQntuples(result); i++)
		*bytes += KIB * g_ascii_strtoull(
				    PQgetvalue(result, i, COLUMN), NULL, 10);
	PQclear(result);
	return true;
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
	    "LABEL %s, PROGRESS, CHECKPOINT '%s', WAIT false, MANIFEST 'yes', "
	    "MANIFEST_CHECKSUMS 'SHA256'",
	    label, order->fast ? "fast" : "spread");
	if (order->rate_kib)
		g_string_append_printf(
		    sql, ", MAX_RATE %" G_GUINT64_FORMAT, order->rate_kib);
	g_string_append_c(sql, ')');
	return g_string_free(sql, FALSE);
}

bool pg_replication_base(pg_replication *r, const struct pg_base_order *order,
    const struct pg_base_takers *takers, pg_base_begun begun, void *user,
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
	    !take_size(r, &told.bytes, error) ||
	    (begun && !begun(&told, user, error)) ||
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

/* ---- WAL ---- */

char *pg_replication_setting(
    pg_replication *r, const char *name, GError **error)
{
	g_autofree char *command = g_strconcat("SHOW ", name, NULL);

	return ask(r, command, error);
}

char *pg_replication_system(pg_replication *r, GError **error)
{
	return ask(r, "IDENTIFY_SYSTEM", error);
}

bool pg_replication_hold(pg_replication *r, const char *name, GError **error)
{
	g_autofree char *command = g_strdup_printf(
	    "CREATE_REPLICATION_SLOT %s TEMPORARY PHYSICAL (RESERVE_WAL true)",
	    name);
	g_autofree char *made = ask(r, command, error);

	return made != NULL;
}

GBytes *pg_replication_history(
    pg_replication *r, unsigned timeline, GError **error)
{
	g_autofree char *command =
	    g_strdup_printf("TIMELINE_HISTORY %u", timeline);
	GBytes *text = NULL;

	if (!PQsendQuery(r->connection, command)) {
		fail_lost(r, error);
		return NULL;
	}
	PGresult *result = take_result(r, PGRES_TUPLES_OK, error);
	if (result && PQntuples(result) == 1 && PQnfields(result) == 2)
		text = g_bytes_new(
		    PQgetvalue(result, 0, 1), (gsize)PQgetlength(result, 0, 1));
	else if (result)
		fail_server("a timeline that has no history", error);
	while (result) {
		PQclear(result);
		result = PQgetResult(r->connection);
	}
	return text;
}

struct stream {
	pg_replication *r;
	const struct pg_wal_order *order;
	const struct pg_wal_takers *takers;
	void *user;
	uint64_t taken;  /* all WAL before it */
	double answered; /* monotonic: when we last said so */
};

static bool answer(struct stream *s, GError **error)
{
	uint8_t text[PG_WAL_ANSWER];

	pg_wal_answer(text, s->taken, s->order->forget ? s->taken : 0);
	s->answered = clock_monotonic();
	return (PQputCopyData(
		    s->r->connection, (const char *)text, PG_WAL_ANSWER) == 1 &&
		   PQflush(s->r->connection) == 0) ||
	       fail_lost(s->r, error);
}

static bool take_wal(
    struct stream *s, const char *message, size_t length, GError **error)
{
	struct pg_wal_message m;

	if (!pg_wal_read(&m, message, length, error))
		return false;
	if (m.length > 0 && m.start != s->taken)
		return fail_server("WAL with a gap in it", error);
	if (m.length > 0 &&
	    !s->takers->bytes(m.start, m.bytes, m.length, s->user, error))
		return false;
	s->taken += m.length;
	return !m.asks || answer(s, error);
}

/* A server ends it only when it goes, or becomes another timeline. */
static bool fail_ended(struct stream *s, GError **error)
{
	PGresult *result = PQgetResult(s->r->connection);
	const char *said =
	    result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	if (said)
		fail_server(said, error);
	else if (PQstatus(s->r->connection) != CONNECTION_OK)
		fail_lost(s->r, error);
	else
		fail_server("the server ended its WAL", error);
	PQclear(result);
	return false;
}

static bool stream_wal(struct stream *s, GError **error)
{
	static const double answer_s = 10; /* a server waits for 60 s */

	while (!s->takers->enough(s->user)) {
		char *message = NULL;
		int length = PQgetCopyData(s->r->connection, &message, 1);

		if (length < 0)
			return fail_ended(s, error);
		if (clock_monotonic() - s->answered > answer_s &&
		    !answer(s, error))
			length = -1;
		bool good = length > 0
				? take_wal(s, message, (size_t)length, error)
				: length == 0 && wait_for_server(s->r, error);
		PQfreemem(message);
		if (!good)
			return false;
	}
	return true;
}

bool pg_replication_wal(pg_replication *r, const struct pg_wal_order *order,
    const struct pg_wal_takers *takers, void *user, GError **error)
{
	struct stream s = {
	    r, order, takers, user, order->from, clock_monotonic()};
	g_autofree char *from = pg_lsn_text(order->from);
	g_autofree char *command =
	    g_strdup_printf("START_REPLICATION SLOT %s PHYSICAL %s TIMELINE %u",
		order->slot, from, order->timeline);

	if (!PQsendQuery(r->connection, command))
		return fail_lost(r, error);
	return pass_result(r, PGRES_COPY_BOTH, error) && stream_wal(&s, error);
}
