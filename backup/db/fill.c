#include "backup/db/fill.h"

#include "backup/db/copy.h"
#include "backup/db/indexes.h"
#include "backup/store/object.h"
#include "base/error.h"
#include "base/pool.h"
#include "base/progress.h"

struct filling {
	const struct db_login *login;
	const store *store;
	witness *witness;  /* NULL: none */
	GHashTable *files; /* name -> struct db_file, borrowed */
	pg **connections;  /* one a worker; NULL: none yet */
	GMutex mutex;      /* for what follows */
	struct progress progress;
	uint64_t done;
};

/* What one worker does at a time: a table, or a part of a large one. */
struct job {
	GPtrArray *entries; /* struct contents_entry, borrowed */
	GPtrArray *indexes; /* the same, to be built then; NULL: none */
	bool whole;         /* all rows of the table */
	uint64_t bytes;
};

static void job_free(void *member)
{
	struct job *j = member;

	g_ptr_array_unref(j->entries);
	g_clear_pointer(&j->indexes, g_ptr_array_unref);
	g_free(j);
}

/* ---- rows ---- */

/* Files of one table, as one COPY takes them. */
struct source {
	struct filling *f;
	const GPtrArray *entries; /* struct contents_entry */
	pg *db;
	passing passing;
	/* of the file on its way */
	uint64_t left; /* bytes of rows */
	GString *tail; /* what came behind them */
};

static bool give(const void *bytes, size_t length, void *user, GError **error)
{
	struct source *to = user;
	struct filling *f = to->f;
	const char *rows = bytes;
	size_t step = (size_t)MIN(length, to->left);

	if (!pg_put(to->db, rows, step, error))
		return false;
	if (f->witness)
		passing_add(&to->passing, rows, step);
	to->left -= step;
	g_string_append_len(to->tail, rows + step, (gssize)(length - step));
	g_mutex_lock(&f->mutex);
	f->done += length;
	progress_show(&f->progress, f->done);
	g_mutex_unlock(&f->mutex);
	return true;
}

/* The server takes the mark behind the rows for the end of all. */
static bool pour_file(
    struct source *from, const struct contents_entry *e, GError **error)
{
	const struct db_file *file =
	    g_hash_table_lookup(from->f->files, e->file);

	if (!file)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: the set has no such file of %s", e->file, e->tag);
	if (file->bytes < strlen(COPY_END))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: it does not end as a dump's data does", e->file);
	const struct object_source object = {.sha256 = file->sha256,
	    .suffix = file->suffix,
	    .bytes = file->bytes};
	from->left = file->bytes - strlen(COPY_END);
	g_string_truncate(from->tail, 0);
	if (!object_pour(from->f->store, &object, give, from, error))
		return false;
	return g_str_equal(from->tail->str, COPY_END) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: it does not end as a dump's data does", e->file);
}

static bool pour(pg *db, void *user, GError **error)
{
	struct source *from = user;

	from->db = db;
	for (guint i = 0; i < from->entries->len; i++)
		if (!pour_file(
			from, g_ptr_array_index(from->entries, i), error))
			return false;
	return true;
}

/* Fills the table of ENTRIES, or a part of it, by one COPY. */
static bool copy_rows(struct filling *f, pg *db, const GPtrArray *entries,
    bool frozen, GError **error)
{
	static const char end[] = ";\n";
	const struct contents_entry *e = g_ptr_array_index(entries, 0);
	g_autoptr(GString) tail = g_string_new(NULL);
	struct source from = {.f = f, .entries = entries, .tail = tail};
	uint64_t rows = 0;

	if (!e->copy_sql || !g_str_has_suffix(e->copy_sql, end))
		return fail(error, GONOGO_ERROR_DATA, "%s: not understood: %s",
		    e->tag, e->copy_sql ? e->copy_sql : "");
	g_autofree char *sql =
	    g_strndup(e->copy_sql, strlen(e->copy_sql) - strlen(end));
	g_autofree char *whole =
	    g_strconcat(sql, frozen ? " WITH (FREEZE)" : "", NULL);
	bool good = pg_copy_in(db, whole, pour, &from, &rows, error);
	if (good && f->witness)
		witness_take(f->witness, e->copy_sql, &from.passing, rows);
	passing_clear(&from.passing);
	if (!good)
		g_prefix_error(error, "%s: ", e->tag);
	return good;
}

/* ---- a table ---- */

/*
 * Emptied and filled in one transaction, rows need no log where the server
 * keeps none for archives, and no second look later on.
 */
static bool fill_whole(
    struct filling *f, pg *db, const struct job *j, GError **error)
{
	const struct contents_entry *e = g_ptr_array_index(j->entries, 0);
	g_autofree char *schema = pg_quote_name(e->schema ? e->schema : "");
	g_autofree char *name = pg_quote_name(e->tag);
	g_autofree char *begin =
	    g_strdup_printf("BEGIN; TRUNCATE TABLE ONLY %s.%s", schema, name);

	return pg_do(db, begin, error) &&
	       copy_rows(f, db, j->entries, true, error) &&
	       pg_do(db, "COMMIT", error);
}

static pg *connection_of(struct filling *f, unsigned worker, GError **error)
{
	if (f->connections[worker])
		return f->connections[worker];
	g_autoptr(pg) db = db_open_plain(f->login, error);
	/* An index is sorted in memory, and lies where no other is told. */
	if (!db || !pg_do(db,
		       "SET synchronous_commit = off;"
		       "SET default_tablespace = '';"
		       "SET maintenance_work_mem = '256MB'",
		       error))
		return NULL;
	f->connections[worker] = g_steal_pointer(&db);
	return f->connections[worker];
}

static bool work(void *job, unsigned worker, void *user, GError **error)
{
	struct filling *f = user;
	const struct job *j = job;
	pg *db = connection_of(f, worker, error);

	if (!db)
		return false;
	if (!j->whole)
		return copy_rows(f, db, j->entries, false, error);
	return fill_whole(f, db, j, error) &&
	       (!j->indexes || indexes_build(db, j->indexes, error));
}

/* ---- all of them ---- */

static uint64_t bytes_of(
    const struct filling *f, const struct contents_entry *e)
{
	const struct db_file *file = g_hash_table_lookup(f->files, e->file);

	return file ? file->bytes : 0;
}

static struct job *add_job(GPtrArray *jobs, bool whole)
{
	struct job *j = g_new0(struct job, 1);

	j->entries = g_ptr_array_new();
	j->whole = whole;
	g_ptr_array_add(jobs, j);
	return j;
}

static GPtrArray *by_table(const struct filling *f, const contents *c)
{
	GPtrArray *jobs = g_ptr_array_new();
	g_autoptr(GHashTable) tables =
	    g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < c->entries->len; i++) {
		struct contents_entry *e = g_ptr_array_index(c->entries, i);
		if (!g_str_equal(e->kind, "TABLE DATA"))
			continue;
		struct job *j = g_hash_table_lookup(tables, e->oid);
		if (!j) {
			j = add_job(jobs, true);
			g_hash_table_insert(tables, e->oid, j);
		}
		g_ptr_array_add(j->entries, e);
		j->bytes += bytes_of(f, e);
	}
	return jobs;
}

static int by_bytes(const void *a, const void *b)
{
	const struct job *one = *(struct job *const *)a;
	const struct job *other = *(struct job *const *)b;

	return one->bytes < other->bytes ? 1 : -(one->bytes > other->bytes);
}

/* T's files in runs of about BYTES, each for one COPY. */
static void cut_table(const struct filling *f, const struct job *t,
    uint64_t bytes, GPtrArray *jobs)
{
	struct job *run = NULL;

	for (guint i = 0; i < t->entries->len; i++) {
		struct contents_entry *e = g_ptr_array_index(t->entries, i);
		if (!run || run->bytes >= bytes)
			run = add_job(jobs, false);
		g_ptr_array_add(run->entries, e);
		run->bytes += bytes_of(f, e);
	}
}

/*
 * Largest first.  A table goes through one COPY, which costs the server far
 * less than one for each file, and its rows are frozen; one that would keep a
 * worker busy for twice as long as all others is cut.
 */
static GPtrArray *make_jobs(
    const struct filling *f, const contents *c, unsigned workers)
{
	g_autoptr(GPtrArray) tables = by_table(f, c);
	GPtrArray *jobs = g_ptr_array_new();
	uint64_t all = 0;

	for (guint i = 0; i < tables->len; i++)
		all += ((struct job *)g_ptr_array_index(tables, i))->bytes;
	uint64_t share = all / workers;
	for (guint i = 0; i < tables->len; i++) {
		struct job *t = g_ptr_array_index(tables, i);
		if (t->bytes / 2 <= share) {
			g_ptr_array_add(jobs, t);
			continue;
		}
		cut_table(f, t, share / 2, jobs);
		job_free(t);
	}
	g_ptr_array_sort(jobs, by_bytes);
	return jobs;
}

/*
 * Small tables get their indexes at once, while larger ones are filled.  Those
 * of a large one are built at the end, several at a time.
 */
static void add_indexes(const GPtrArray *jobs, const contents *c,
    uint64_t bytes, unsigned workers, GPtrArray *built)
{
	g_autoptr(GHashTable) indexes = indexes_by_table(c);

	for (guint i = 0; i < jobs->len; i++) {
		struct job *j = g_ptr_array_index(jobs, i);
		const struct contents_entry *e =
		    g_ptr_array_index(j->entries, 0);
		GPtrArray *some = g_hash_table_lookup(indexes, e->oid);
		if (!some || !j->whole || j->bytes > bytes / workers / 2)
			continue;
		j->indexes = g_ptr_array_ref(some);
		g_ptr_array_extend(built, some, NULL, NULL);
	}
}

static bool run_jobs(struct filling *f, const contents *c, unsigned workers,
    GPtrArray *built, GError **error)
{
	g_autoptr(GPtrArray) jobs = make_jobs(f, c, workers);
	uint64_t all = 0;

	for (guint i = 0; i < jobs->len; i++)
		all += ((struct job *)g_ptr_array_index(jobs, i))->bytes;
	add_indexes(jobs, c, all, workers, built);
	progress_start(&f->progress, "restoring rows", "bytes", all);
	pool *p = pool_new(workers, work, job_free, f);
	for (guint i = 0; i < jobs->len; i++)
		pool_push(p, g_ptr_array_index(jobs, i));
	bool good = pool_end(p, error);
	progress_end(&f->progress);
	return good;
}

bool fill_tables(const struct db_login *l, const store *s, const contents *c,
    const GPtrArray *files, unsigned jobs, witness *w, GPtrArray *built,
    GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	struct filling f = {
	    .login = l, .store = s, .files = names, .witness = w};

	for (guint i = 0; i < files->len; i++) {
		struct db_file *file = g_ptr_array_index(files, i);
		g_hash_table_insert(names, file->name, file);
	}
	f.connections = g_new0(pg *, jobs);
	g_mutex_init(&f.mutex);
	bool good = run_jobs(&f, c, jobs, built, error);
	for (unsigned i = 0; i < jobs; i++)
		pg_close(f.connections[i]);
	g_mutex_clear(&f.mutex);
	g_free(f.connections);
	return good;
}
