#include "backup/db/blocking.h"

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

enum { TURN_S = 1 };

struct blocking {
	pg *db;
	char *name;
	unsigned patience_s;
	GThread *thread;
	GMutex mutex;
	GCond wake;
	bool end;
	GHashTable *waited; /* pid text -> seconds, of who waits now */
	char *gave_way;
};

/* pg_locks first: pg_blocking_pids() is dear, and hardly anyone waits. */
static const char waiting_sql[] =
    "SELECT w.pid, coalesce(a.usename, '?')"
    " FROM (SELECT DISTINCT pid FROM pg_catalog.pg_locks WHERE NOT granted) w"
    " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = w.pid"
    " WHERE pg_catalog.pg_blocking_pids(w.pid) && ARRAY("
    "SELECT o.pid FROM pg_catalog.pg_stat_activity o"
    " WHERE o.application_name = $1 AND o.usename = current_user"
    " AND o.pid <> w.pid)";
static const char give_way_sql[] =
    "SELECT pg_catalog.pg_terminate_backend(pid)"
    " FROM pg_catalog.pg_stat_activity"
    " WHERE application_name = $1 AND usename = current_user"
    " AND pid <> pg_catalog.pg_backend_pid()";

static void give_way(
    struct blocking *b, const char *pid, const char *role, unsigned seconds)
{
	const char *const parameters[] = {b->name, NULL};
	g_autoptr(GError) error = NULL;

	b->gave_way = g_strdup_printf(
	    "process %s (%s) waited %u s for our dump", pid, role, seconds);
	g_autoptr(pg_rows) ended =
	    pg_query(b->db, give_way_sql, parameters, &error);
	if (!ended)
		log_warn("giving way: %s", error->message);
}

/* False: there is nothing more to watch. */
static bool look(struct blocking *b)
{
	const char *const parameters[] = {b->name, NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(pg_rows) rows =
	    pg_query(b->db, waiting_sql, parameters, &error);
	GHashTable *now =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (!rows && !stop_signal())
		log_warn("not watching any more who waits for us: %s",
		    error->message);
	for (size_t i = 0; rows && i < pg_rows_length(rows); i++) {
		const char *pid = pg_cell(rows, i, 0);
		guint before =
		    GPOINTER_TO_UINT(g_hash_table_lookup(b->waited, pid));
		if (before >= b->patience_s && !b->gave_way)
			give_way(b, pid, pg_cell(rows, i, 1), before);
		g_hash_table_insert(
		    now, g_strdup(pid), GUINT_TO_POINTER(before + TURN_S));
	}
	g_hash_table_unref(b->waited);
	b->waited = now;
	return rows && !b->gave_way;
}

static void *watch(void *user)
{
	struct blocking *b = user;
	bool on = true;

	g_mutex_lock(&b->mutex);
	while (!b->end) {
		gint64 until =
		    g_get_monotonic_time() + TURN_S * G_TIME_SPAN_SECOND;
		while (!b->end && g_cond_wait_until(&b->wake, &b->mutex, until))
			continue;
		if (b->end || !on)
			continue;
		g_mutex_unlock(&b->mutex);
		on = look(b);
		g_mutex_lock(&b->mutex);
	}
	g_mutex_unlock(&b->mutex);
	return NULL;
}

blocking *blocking_start(
    const struct db_login *l, unsigned patience_s, GError **error)
{
	g_autoptr(pg) db = db_open(l, error);

	if (!db)
		return NULL;
	struct blocking *b = g_new0(struct blocking, 1);
	b->db = g_steal_pointer(&db);
	b->name = g_strdup(l->name);
	b->patience_s = patience_s;
	b->waited =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_mutex_init(&b->mutex);
	g_cond_init(&b->wake);
	b->thread = g_thread_new("blocking", watch, b);
	return b;
}

char *blocking_stop(blocking *b)
{
	if (!b)
		return NULL;
	g_mutex_lock(&b->mutex);
	b->end = true;
	g_cond_signal(&b->wake);
	g_mutex_unlock(&b->mutex);
	g_thread_join(b->thread);
	char *gave_way = g_steal_pointer(&b->gave_way);
	pg_close(b->db);
	g_free(b->name);
	g_hash_table_unref(b->waited);
	g_mutex_clear(&b->mutex);
	g_cond_clear(&b->wake);
	g_free(b);
	return gave_way;
}
