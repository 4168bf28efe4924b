#include "backup/db/keepers.h"

#include "backup/db/blocking.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "contract/shape.h"

enum {
	KEEPERS = 2,
	TRIES = 3,
	PAUSE_MS = 500,
	BATCH = 200,        /* tables of one LOCK */
	LOCKS_TWICE = 2000, /* more tables are locked by the first alone */
};

struct kept {
	char *oid, *name, *file;
	unsigned yields; /* not locked any more if not 0 */
};

struct keepers {
	const struct db_login *login;
	GMutex mutex;        /* for all but `login` and `watch` */
	GPtrArray *tables;   /* struct kept */
	GHashTable *by_oid;  /* borrowed from `tables` */
	pg *keeper[KEEPERS]; /* NULL: lost */
	char *snapshot;      /* exported by keeper[0] */
	GPtrArray *notes;    /* char * */
	blocking *watch;
};

static void kept_free(void *member)
{
	struct kept *t = member;

	g_free(t->oid);
	g_free(t->name);
	g_free(t->file);
	g_free(t);
}

/* ---- tables ---- */

/* What pg_dump locks; what others have in temporary schemas is not ours. */
static const char tables_sql[] =
    "SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname),"
    " c.relfilenode,"
    " coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'"
    " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
    " ORDER BY 1";

static struct kept *add_table(struct keepers *k, const pg_rows *rows, size_t i)
{
	struct kept *t = g_new0(struct kept, 1);

	t->oid = g_strdup(pg_cell(rows, i, 0));
	t->name = g_strdup(pg_cell(rows, i, 1));
	t->file = g_strdup(pg_cell(rows, i, 2));
	g_ptr_array_add(k->tables, t);
	g_hash_table_insert(k->by_oid, t->oid, t);
	return t;
}

static bool lock_batch(pg *db, const GString *names, GError **error)
{
	g_autofree char *sql =
	    g_strdup_printf("LOCK TABLE %s IN ACCESS SHARE MODE", names->str);

	if (names->len == 0 || pg_do(db, sql, error))
		return true;
	if (!pg_said(db, "55P03"))
		return false;
	g_clear_error(error);
	return fail(error, GONOGO_ERROR_BUSY,
	    "gave way: another session holds a lock that the dump would have "
	    "had to wait for");
}

static bool lock_tables(pg *db, const GPtrArray *tables, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < tables->len; i++) {
		const struct kept *t = g_ptr_array_index(tables, i);
		if (t->yields)
			continue;
		g_string_append_printf(
		    names, "%sONLY %s", names->len ? ", " : "", t->name);
		if (i % BATCH != BATCH - 1)
			continue;
		if (!lock_batch(db, names, error))
			return false;
		g_string_truncate(names, 0);
	}
	return lock_batch(db, names, error);
}

static bool begin(const struct db_login *l, pg *db, GError **error)
{
	g_autofree char *sql =
	    g_strdup_printf("SET lock_timeout = '%us';"
			    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		MAX(l->patience_s, 1u));

	return pg_do(db, sql, error);
}

/*
 * In the snapshot: tables that came between the list and it are locked, too.
 * What was rewritten between snapshot and lock looks empty from here.
 */
static bool check_tables(struct keepers *k, pg *db, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(db, tables_sql, NULL, error);
	g_autoptr(GPtrArray) late = g_ptr_array_new();

	for (size_t i = 0; rows && i < pg_rows_length(rows); i++)
		if (!g_hash_table_contains(k->by_oid, pg_cell(rows, i, 0)))
			g_ptr_array_add(late, add_table(k, rows, i));
	if (!rows || !lock_tables(db, late, error))
		return false;
	g_autoptr(pg_rows) now = pg_query(db, tables_sql, NULL, error);
	for (size_t i = 0; now && i < pg_rows_length(now); i++) {
		struct kept *t =
		    g_hash_table_lookup(k->by_oid, pg_cell(now, i, 0));
		g_assert(t); /* one snapshot, one list */
		g_free(t->file);
		t->file = g_strdup(pg_cell(now, i, 2));
		if (!g_str_equal(t->file, pg_cell(now, i, 3)))
			return fail(error, GONOGO_ERROR_BUSY,
			    "gave way: %s was rewritten at that very moment",
			    t->name);
	}
	return now != NULL;
}

/* ---- keepers ---- */

static bool import(pg *db, const char *snapshot, GError **error)
{
	g_autofree char *id = pg_quote_text(snapshot);
	g_autofree char *sql =
	    g_strconcat("SET TRANSACTION SNAPSHOT ", id, NULL);

	return pg_do(db, sql, error);
}

/* Gives one more keeper of the snapshot, with or without locks. */
static pg *open_keeper(struct keepers *k, bool locks, GError **error)
{
	g_autoptr(pg) db = db_open(k->login, error);

	if (!db || !begin(k->login, db, error) ||
	    !import(db, k->snapshot, error) ||
	    (locks && !lock_tables(db, k->tables, error)))
		return NULL;
	return g_steal_pointer(&db);
}

static bool export(struct keepers *k, pg *db, GError **error)
{
	g_autoptr(pg_rows) rows =
	    pg_query(db, "SELECT pg_catalog.pg_export_snapshot()", NULL, error);

	if (!rows)
		return false;
	g_free(k->snapshot);
	k->snapshot = g_strdup(pg_cell(rows, 0, 0));
	return true;
}

static bool is_alive(pg *db)
{
	g_autoptr(pg_rows) rows =
	    db ? pg_query(db, "SELECT 1", NULL, NULL) : NULL;

	return rows != NULL;
}

static bool locks_twice(const struct keepers *k)
{
	return k->tables->len <= LOCKS_TWICE;
}

/* The mutex is held.  Whoever is lost is replaced by one more who joins. */
static bool mend(struct keepers *k, GError **error)
{
	for (int i = 0; i < KEEPERS; i++)
		if (k->keeper[i] && !is_alive(k->keeper[i]))
			g_clear_pointer(&k->keeper[i], pg_close);
	if (!k->keeper[0]) {
		k->keeper[0] = g_steal_pointer(&k->keeper[1]);
		if (!k->keeper[0])
			return fail(error, GONOGO_ERROR_BUSY,
			    "the connections that kept the snapshot were lost");
		if (!export(k, k->keeper[0], error))
			return false;
		log_say("a connection was lost; the snapshot was kept");
	}
	if (!k->keeper[1]) {
		g_autoptr(GError) why = NULL;
		k->keeper[1] = open_keeper(k, locks_twice(k), &why);
		if (!k->keeper[1])
			log_warn("one connection alone keeps the snapshot: %s",
			    why->message);
	}
	return true;
}

/* New keepers without its lock take over; the mutex is held. */
static bool replace(struct keepers *k)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(pg) first = open_keeper(k, true, &why);

	if (!first || !export(k, first, &why)) {
		log_warn("letting go of a table: %s", why->message);
		return false;
	}
	for (int i = 0; i < KEEPERS; i++)
		g_clear_pointer(&k->keeper[i], pg_close);
	k->keeper[0] = g_steal_pointer(&first);
	k->keeper[1] = open_keeper(k, locks_twice(k), NULL);
	return true;
}

static bool yield_table(const char *oid, const char *who, void *user)
{
	struct keepers *k = user;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&k->mutex);
	struct kept *t = g_hash_table_lookup(k->by_oid, oid);

	if (!t)
		return false;
	t->yields++;
	if (!replace(k))
		return false;
	char *note =
	    g_strdup_printf("gave way: %s; let go of %s", who, t->name);
	g_ptr_array_add(k->notes, note);
	log_say("%s", note);
	return true;
}

/* One that is lost is replaced before the other one can be lost, too. */
static void mend_now(void *user)
{
	struct keepers *k = user;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&k->mutex);
	g_autoptr(GError) why = NULL;

	/* When both are lost, whoever asks for them next is told. */
	ignore(mend(k, &why));
}

/* ---- the snapshot ---- */

static bool take_snapshot(
    struct keepers *k, const char *point_sql, pg_rows **told, GError **error)
{
	g_autoptr(pg) db = db_open(k->login, error);
	g_autoptr(pg_rows) rows =
	    db ? pg_query(db, tables_sql, NULL, error) : NULL;

	if (!rows)
		return false;
	g_hash_table_remove_all(k->by_oid);
	g_ptr_array_set_size(k->tables, 0);
	for (size_t i = 0; i < pg_rows_length(rows); i++)
		add_table(k, rows, i);
	/* LOCK takes no snapshot; the first question does. */
	if (!begin(k->login, db, error) || !lock_tables(db, k->tables, error)) {
		/* Undefined table: it went away meanwhile. */
		if (pg_said(db, "42P01")) {
			g_clear_error(error);
			fail(error, GONOGO_ERROR_BUSY,
			    "gave way: a table was dropped at that moment");
		}
		return false;
	}
	g_autoptr(pg_rows) row = pg_query(db, point_sql, NULL, error);
	if (!row || !check_tables(k, db, error))
		return false;
	g_free(k->snapshot);
	k->snapshot = g_strdup(pg_cell(row, 0, 0));
	k->keeper[0] = g_steal_pointer(&db);
	k->keeper[1] = open_keeper(k, locks_twice(k), error);
	if (!k->keeper[1])
		return false;
	*told = g_steal_pointer(&row);
	return true;
}

keepers *keepers_open(const struct db_login *l, const char *point_sql,
    pg_rows **told, GError **error)
{
	g_autoptr(keepers) k = g_new0(struct keepers, 1);
	g_autoptr(pg_rows) row = NULL;

	k->login = l;
	g_mutex_init(&k->mutex);
	k->tables = g_ptr_array_new_with_free_func(kept_free);
	k->by_oid = g_hash_table_new(g_str_hash, g_str_equal);
	k->notes = g_ptr_array_new_with_free_func(g_free);
	if (!take_snapshot(k, point_sql, &row, error))
		return NULL;
	const struct blocking_options options = {
	    .yield = yield_table, .turn = mend_now, .user = k};
	k->watch = blocking_start(l, &options, error);
	if (!k->watch)
		return NULL;
	*told = g_steal_pointer(&row);
	return g_steal_pointer(&k);
}

void keepers_close(keepers *k)
{
	if (!k)
		return;
	blocking_stop(k->watch);
	for (int i = 0; i < KEEPERS; i++)
		pg_close(k->keeper[i]);
	g_hash_table_unref(k->by_oid);
	g_ptr_array_unref(k->tables);
	g_ptr_array_unref(k->notes);
	g_free(k->snapshot);
	g_mutex_clear(&k->mutex);
	g_free(k);
}

bool keepers_check(keepers *k, GError **error)
{
	return blocking_check(k->watch, error);
}

char *keepers_snapshot(keepers *k, GError **error)
{
	if (!keepers_check(k, error))
		return NULL;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&k->mutex);

	return mend(k, error) ? g_strdup(k->snapshot) : NULL;
}

static pg *try_to_join(keepers *k, GError **error)
{
	g_autofree char *snapshot = keepers_snapshot(k, error);
	g_autoptr(pg) db = snapshot ? db_open_bitbucket(k->login, error) : NULL;

	if (!db || !begin(k->login, db, error) || !import(db, snapshot, error))
		return NULL;
	return g_steal_pointer(&db);
}

pg *keepers_join(keepers *k, GError **error)
{
	for (int left = TRIES; left > 0; left--) {
		g_autoptr(GError) why = NULL;
		pg *db = try_to_join(k, &why);
		if (db)
			return db;
		bool last = left == 1 || g_error_matches(why, GONOGO_ERROR,
					     GONOGO_ERROR_BUSY);
		if (last || !stop_wait(PAUSE_MS, NULL)) {
			g_propagate_error(error, g_steal_pointer(&why));
			return NULL;
		}
	}
	g_assert_not_reached();
}

unsigned keepers_yields(keepers *k, const char *oid)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&k->mutex);
	const struct kept *t = g_hash_table_lookup(k->by_oid, oid);

	return t ? t->yields : 0;
}

const char *keepers_file(const keepers *k, const char *oid)
{
	const struct kept *t = g_hash_table_lookup(k->by_oid, oid);

	return t ? t->file : "";
}

GPtrArray *keepers_notes(keepers *k)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&k->mutex);
	GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < k->notes->len; i++)
		g_ptr_array_add(
		    notes, g_strdup(g_ptr_array_index(k->notes, i)));
	return notes;
}
