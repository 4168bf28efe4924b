#include "backup/db/blocking.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

enum { TURN_S = 1 };

struct blocking {
	const struct db_login *login;
	struct blocking_options options;
	pg *db; /* NULL: lost */
	bool told;
	GThread *thread;
	GMutex mutex;
	GCond wake;
	bool end;
	GHashTable *waited;  /* pid text -> seconds, of who waits now */
	GHashTable *yielded; /* "pid oid": to whom we gave way for what */
	GError *ended;       /* under `mutex`: why we ended it all */
};

/* pg_locks first: pg_blocking_pids() is dear, and hardly anyone waits. */
static const char waiting_sql[] =
    "SELECT w.pid, coalesce(a.usename, '?'), w.relation"
    " FROM (SELECT pid, pg_catalog.min(relation::bigint) AS relation"
    " FROM pg_catalog.pg_locks WHERE NOT granted GROUP BY pid) w"
    " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = w.pid"
    " WHERE a.application_name IS DISTINCT FROM $1"
    " AND pg_catalog.pg_blocking_pids(w.pid) && ARRAY("
    "SELECT o.pid FROM pg_catalog.pg_stat_activity o"
    " WHERE o.application_name = $1 AND o.usename = current_user)";
static const char xmin_sql[] =
    "SELECT coalesce(pg_catalog.max(pg_catalog.age(backend_xmin)), 0)"
    " FROM pg_catalog.pg_stat_activity"
    " WHERE application_name = $1 AND usename = current_user";
static const char end_all_sql[] =
    "SELECT pg_catalog.pg_terminate_backend(pid)"
    " FROM pg_catalog.pg_stat_activity"
    " WHERE application_name = $1 AND usename = current_user"
    " AND pid <> pg_catalog.pg_backend_pid()";

static void end_all(struct blocking *b, GError *why)
{
	const char *const parameters[] = {b->login->name, NULL};
	g_autoptr(GError) error = NULL;

	g_mutex_lock(&b->mutex);
	b->ended = why;
	g_mutex_unlock(&b->mutex);
	g_autoptr(pg_rows) ended =
	    pg_query(b->db, end_all_sql, parameters, &error);
	if (!ended)
		log_warn("giving way: %s", error->message);
}

static bool yield_alone(
    struct blocking *b, const char *pid, const char *oid, const char *who)
{
	/* Who still waits after that waits for more than this table. */
	return b->options.yield && oid &&
	       g_hash_table_add(b->yielded, g_strconcat(pid, " ", oid, NULL)) &&
	       b->options.yield(oid, who, b->options.user);
}

/* Gives the seconds that count from now on. */
static unsigned give_way(struct blocking *b, const char *pid, const char *role,
    const char *oid, unsigned seconds)
{
	g_autofree char *who = g_strdup_printf(
	    "process %s (%s) waited %u s for us", pid, role, seconds);

	if (yield_alone(b, pid, oid, who))
		return 0;
	end_all(b,
	    g_error_new(GONOGO_ERROR, GONOGO_ERROR_BUSY, "gave way: %s", who));
	return seconds;
}

static void look_at_waiting(struct blocking *b, const pg_rows *rows)
{
	GHashTable *now =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (size_t i = 0; i < pg_rows_length(rows) && !b->ended; i++) {
		const char *pid = pg_cell(rows, i, 0);
		guint seconds =
		    GPOINTER_TO_UINT(g_hash_table_lookup(b->waited, pid));
		if (seconds >= b->login->patience_s)
			seconds = give_way(b, pid, pg_cell(rows, i, 1),
			    pg_cell(rows, i, 2), seconds);
		g_hash_table_insert(
		    now, g_strdup(pid), GUINT_TO_POINTER(seconds + TURN_S));
	}
	g_hash_table_unref(b->waited);
	b->waited = now;
}

static void look_at_age(struct blocking *b, const pg_rows *rows)
{
	uint64_t age = g_ascii_strtoull(pg_cell(rows, 0, 0), NULL, 10);

	if (b->ended || b->login->most_xmin == 0 || age <= b->login->most_xmin)
		return;
	end_all(b, g_error_new(GONOGO_ERROR, GONOGO_ERROR_REMOTE,
		       "database: our snapshot is %" PRIu64
		       " transactions old: as long as it is held, the server "
		       "can't clean up behind them\n"
		       "hint: back up at a quieter time, or raise [database] "
		       "max_xmin_age",
		       age));
}

static void look(struct blocking *b)
{
	const char *const parameters[] = {b->login->name, NULL};
	g_autoptr(GError) error = NULL;

	/* Its own connection may be cut like any other. */
	if (b->db && pg_is_lost(b->db))
		g_clear_pointer(&b->db, pg_close);
	if (!b->db)
		b->db = db_open(b->login, &error);
	g_autoptr(pg_rows) waiting =
	    b->db ? pg_query(b->db, waiting_sql, parameters, &error) : NULL;
	g_autoptr(pg_rows) age =
	    waiting ? pg_query(b->db, xmin_sql, parameters, &error) : NULL;
	if (age) {
		look_at_waiting(b, waiting);
		look_at_age(b, age);
	} else if (!stop_signal() && !b->told) {
		log_warn(
		    "can't see just now who waits for us: %s", error->message);
		b->told = true;
	}
}

static void *watch(void *user)
{
	struct blocking *b = user;

	g_mutex_lock(&b->mutex);
	while (!b->end) {
		gint64 until =
		    g_get_monotonic_time() + TURN_S * G_TIME_SPAN_SECOND;
		while (!b->end && g_cond_wait_until(&b->wake, &b->mutex, until))
			continue;
		if (b->end || b->ended)
			continue;
		g_mutex_unlock(&b->mutex);
		if (b->options.turn)
			b->options.turn(b->options.user);
		look(b);
		g_mutex_lock(&b->mutex);
	}
	g_mutex_unlock(&b->mutex);
	return NULL;
}

blocking *blocking_start(const struct db_login *l,
    const struct blocking_options *options, GError **error)
{
	g_autoptr(pg) db = db_open(l, error);

	if (!db)
		return NULL;
	struct blocking *b = g_new0(struct blocking, 1);
	b->login = l;
	b->options = *options;
	b->db = g_steal_pointer(&db);
	b->waited =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	b->yielded =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_mutex_init(&b->mutex);
	g_cond_init(&b->wake);
	b->thread = g_thread_new("blocking", watch, b);
	return b;
}

bool blocking_check(blocking *b, GError **error)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&b->mutex);

	if (!b->ended)
		return true;
	g_propagate_error(error, g_error_copy(b->ended));
	return false;
}

void blocking_stop(blocking *b)
{
	if (!b)
		return;
	g_mutex_lock(&b->mutex);
	b->end = true;
	g_cond_signal(&b->wake);
	g_mutex_unlock(&b->mutex);
	g_thread_join(b->thread);
	pg_close(b->db);
	g_hash_table_unref(b->waited);
	g_hash_table_unref(b->yielded);
	g_clear_error(&b->ended);
	g_mutex_clear(&b->mutex);
	g_cond_clear(&b->wake);
	g_free(b);
}
