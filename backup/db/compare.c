/*
 * A database held against what a dump says of its tables and sequences.
 */
#include "backup/db/login.h"
#include "backup/db/tables.h"
#include "base/error.h"
#include "base/pool.h"
#include "base/stop.h"

struct copied {
	hash *h; /* NULL: the sum alone counts */
	struct row_sum sum;
	uint64_t rows;
};

struct comparing {
	const struct db_login *login;
	pg **connections; /* one a worker; NULL: none yet */
	GMutex mutex;
	GPtrArray *differences; /* under the mutex */
};

static bool take_row(
    const char *bytes, size_t length, void *user, GError **error)
{
	struct copied *c = user;

	c->rows++;
	if (c->h)
		hash_add(c->h, bytes, length);
	else
		row_sum_add(&c->sum, bytes, length);
	return c->rows % 1024 != 0 || !stop_requested(error);
}

static void add_line(struct comparing *c, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static void add_line(struct comparing *c, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *line = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_mutex_lock(&c->mutex);
	g_ptr_array_add(c->differences, line);
	g_mutex_unlock(&c->mutex);
}

static bool is_equal(const struct table *t, const struct copied *found)
{
	char sum[ROW_SUM_HEX + 1];

	if (!found->h) {
		row_sum_hex(&found->sum, sum);
		return g_str_equal(sum, t->sum);
	}
	g_autofree char *hex = hash_end_hex(found->h);
	return g_str_equal(hex, t->sha256);
}

static void compare_table(struct comparing *c, const struct table *t, pg *db)
{
	g_autoptr(hash) h = *t->sum ? NULL : hash_new();
	struct copied found = {.h = h};
	g_autoptr(GError) error = NULL;
	/* A table without columns has rows, too. */
	g_autofree char *sql =
	    g_strdup_printf("COPY %s %s%s%s TO STDOUT", t->name,
		*t->columns ? "(" : "", t->columns, *t->columns ? ")" : "");

	if (!pg_copy_out(db, sql, take_row, &found, &error))
		add_line(c, "%s: %s", t->name, error->message);
	else if (found.rows != t->rows)
		add_line(c,
		    "%s: %" G_GUINT64_FORMAT " rows, not %" G_GUINT64_FORMAT,
		    t->name, found.rows, t->rows);
	else if (!is_equal(t, &found))
		add_line(c, "%s: its rows have another checksum", t->name);
}

static void compare_sequence(
    struct comparing *c, const struct sequence *s, pg *db)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *sql =
	    g_strdup_printf("SELECT last_value, is_called FROM %s", s->name);
	g_autoptr(pg_rows) rows = pg_query(db, sql, NULL, &error);

	if (!rows) {
		add_line(c, "%s: %s", s->name, error->message);
		return;
	}
	const char *last = pg_cell(rows, 0, 0);
	bool is_called = g_str_equal(pg_cell(rows, 0, 1), "t");
	if (!g_str_equal(last, s->last) || is_called != s->is_called)
		add_line(c, "%s: it stands at %s, not at %s", s->name, last,
		    s->last);
}

static bool work(void *job, unsigned worker, void *user, GError **error)
{
	struct comparing *c = user;

	if (!c->connections[worker])
		c->connections[worker] = db_open_plain(c->login, error);
	if (!c->connections[worker])
		return false;
	compare_table(c, job, c->connections[worker]);
	return !stop_requested(error);
}

static int by_bytes(const void *a, const void *b)
{
	const struct table *one = *(struct table *const *)a;
	const struct table *other = *(struct table *const *)b;

	return one->bytes < other->bytes ? 1 : -(one->bytes > other->bytes);
}

static bool compare_all(
    struct comparing *c, const struct tables *t, unsigned jobs, GError **error)
{
	g_autoptr(GPtrArray) sorted =
	    t->tables ? g_ptr_array_copy(t->tables, NULL, NULL)
		      : g_ptr_array_new();
	g_autoptr(pg) db = db_open_plain(c->login, error);

	g_ptr_array_set_free_func(sorted, NULL); /* borrowed ones */
	if (!db)
		return false;
	g_ptr_array_sort(sorted, by_bytes);
	pool *p = pool_new(jobs, work, NULL, c);
	for (guint i = 0; i < sorted->len; i++) {
		struct table *one = g_ptr_array_index(sorted, i);
		if (!one->seen)
			pool_push(p, one);
	}
	if (!pool_end(p, error))
		return false;
	for (guint i = 0; t->sequences && i < t->sequences->len; i++)
		compare_sequence(c, g_ptr_array_index(t->sequences, i), db);
	return !stop_requested(error);
}

bool tables_compare(const struct tables *t, const struct db_login *l,
    unsigned jobs, GPtrArray *differences, GError **error)
{
	struct comparing c = {.login = l, .differences = differences};

	c.connections = g_new0(pg *, jobs);
	g_mutex_init(&c.mutex);
	bool good = compare_all(&c, t, jobs, error);
	for (unsigned i = 0; i < jobs; i++)
		pg_close(c.connections[i]);
	g_mutex_clear(&c.mutex);
	g_free(c.connections);
	return good;
}
