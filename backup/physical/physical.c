#include "backup/physical/physical.h"

#include "backup/physical/cut.h"
#include "backup/physical/own_manifest.h"
#include "backup/physical/wal.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/progress.h"
#include "port/fs.h"

struct physical {
	const struct physical_order *order;
	char *system; /* the server's own number */
	char *role;
	wal *wal;
	cut *cut;
	GString *manifest;
	struct pg_base_result base;
	struct progress progress;
	uint64_t shown; /* bytes */
	pg *rows;
	uint64_t beyond; /* WAL up to here has the point in it */
};

void physical_free(physical *p)
{
	if (!p)
		return;
	progress_end(&p->progress);
	wal_free(p->wal);
	cut_free(p->cut);
	pg_close(p->rows);
	if (p->manifest)
		g_string_free(p->manifest, TRUE);
	g_free(p->system);
	g_free(p->role);
	g_free(p);
}

/* ---- files ---- */

static bool begun(
    const struct pg_base_result *so_far, void *user, GError **error)
{
	physical *p = user;
	g_autofree char *size = g_format_size(so_far->bytes);

	log_say("copying the server's files: about %s", size);
	progress_start(
	    &p->progress, "copying the server", "bytes", so_far->bytes);
	return fs_has_room(store_path(run_store(p->order->run)), so_far->bytes,
		   "a copy of the server", error) &&
	       wal_begin(p->wal, so_far->first_lsn, so_far->timeline, error);
}

static bool take_archive(
    const char *name, const char *folder, void *user, GError **error)
{
	physical *p = user;

	return cut_archive(p->cut, name, folder, error);
}

/* Without its WAL the copy is of no use: no need to go on then. */
static bool take_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	physical *p = user;

	p->shown += length;
	progress_show(&p->progress, p->shown);
	return wal_check(p->wal, error) &&
	       cut_bytes(p->cut, bytes, length, error);
}

static bool take_manifest(
    const void *bytes, size_t length, void *user, GError **error)
{
	physical *p = user;

	(void)error;
	g_string_append_len(p->manifest, bytes, (gssize)length);
	return true;
}

static bool check_manifest(const physical *p, GError **error)
{
	g_autoptr(own_manifest) m =
	    own_manifest_read(p->manifest->str, p->manifest->len, error);

	return m && own_manifest_agrees(m, cut_files(p->cut), error);
}

static bool copy(physical *p, pg_replication *r, GError **error)
{
	static const struct pg_base_takers takers = {
	    take_archive, take_bytes, take_manifest};
	/* The rate that the protocol knows. */
	enum { KIB = 1024, LEAST = 32, MOST = 1 << 20 };
	uint64_t rate = p->order->login->rate;
	g_autofree char *label =
	    g_strconcat("gonogo ", run_id(p->order->run), NULL);
	const struct pg_base_order order = {
	    .label = label,
	    .fast = p->order->fast,
	    .rate_kib = rate ? CLAMP(rate / KIB, LEAST, MOST) : 0,
	};

	log_say(p->order->fast ? "asking the server for a checkpoint at once"
			       : "waiting for a checkpoint that disturbs "
				 "nobody: minutes on a busy server");
	bool good = pg_replication_base(
			r, &order, &takers, begun, p, &p->base, error) &&
		    cut_end(p->cut, error);
	progress_end(&p->progress);
	return good && check_manifest(p, error);
}

physical *physical_copy(const struct physical_order *order, GError **error)
{
	g_autoptr(physical) p = g_new0(struct physical, 1);
	objects *o = run_objects(order->run);

	p->order = order;
	p->cut = cut_new(o);
	p->manifest = g_string_new(NULL);
	pg_replication *link = db_open_replication(order->login, error);
	p->wal = link ? wal_hold(link, o, error) : NULL;
	if (!p->wal)
		return NULL;
	g_autoptr(pg_replication) r = db_open_replication(order->login, error);
	p->system = r ? pg_replication_system(r, error) : NULL;
	if (!p->system || !copy(p, r, error))
		return NULL;
	return g_steal_pointer(&p);
}

/* ---- the point ---- */

/*
 * Whatever the snapshot sees had its commit in the WAL before the place that
 * is then asked for, so recovery to there knows it.
 */
static const char point_sql[] =
    "SELECT pg_catalog.pg_current_wal_insert_lsn(),"
    " pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp())),"
    " pg_catalog.current_database(),"
    " pg_catalog.split_part("
    "pg_catalog.current_setting('server_version'), ' ', 1),"
    " current_user";

/* A transaction's end is flushed by itself, and waits for no standby. */
static bool write_beyond(physical *p, GError **error)
{
	g_autoptr(pg) db = db_open(p->order->login, error);

	if (!db || !pg_do(db, "SET synchronous_commit = local", error))
		return false;
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT pg_catalog.pg_logical_emit_message(true, 'gonogo', 'T0')",
	    NULL, error);
	return rows && pg_lsn_read(pg_cell(rows, 0, 0), &p->beyond, error);
}

bool physical_point(physical *p, struct db_point *point, GError **error)
{
	uint64_t lsn;

	p->rows = db_open_bitbucket(p->order->login, error);
	if (!p->rows ||
	    !pg_do(p->rows, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		error))
		return false;
	g_autoptr(pg_rows) rows = pg_query(p->rows, point_sql, NULL, error);
	if (!rows || !pg_lsn_read(pg_cell(rows, 0, 0), &lsn, error))
		return false;
	if (lsn < p->base.last_lsn)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "database: another server answers than the one whose "
		    "files were copied");
	point->lsn = g_strdup(pg_cell(rows, 0, 0));
	point->at = g_ascii_strtoll(pg_cell(rows, 0, 1), NULL, 10);
	point->database = g_strdup(pg_cell(rows, 0, 2));
	point->server_version = g_strdup(pg_cell(rows, 0, 3));
	p->role = g_strdup(pg_cell(rows, 0, 4));
	return write_beyond(p, error);
}

pg *physical_rows(physical *p)
{
	return p->rows;
}

bool physical_end(physical *p, GError **error)
{
	g_clear_pointer(&p->rows, pg_close);
	return wal_end(p->wal, p->beyond, error);
}

/* ---- the set ---- */

static void add_all(GPtrArray *to, const GPtrArray *from)
{
	for (guint i = 0; i < from->len; i++) {
		const struct db_file *f = g_ptr_array_index(from, i);
		db_files_add(to, f->sha256, f->suffix, f->bytes, f->name);
	}
}

static bool write_lists(const physical *p, GError **error)
{
	const char *folder = run_folder(p->order->run);
	g_autofree char *list = g_build_filename(folder, DB_FILES, NULL);
	g_autofree char *manifest =
	    g_build_filename(folder, PHYSICAL_MANIFEST, NULL);
	g_autofree char *spaces =
	    g_build_filename(folder, PHYSICAL_TABLESPACES, NULL);
	g_autoptr(GPtrArray) files = db_files_new();

	add_all(files, cut_parts(p->cut));
	add_all(files, wal_parts(p->wal));
	return db_files_write(files, list, error) &&
	       file_write(
		   manifest, 0600, p->manifest->str, p->manifest->len, error) &&
	       tablespaces_write(cut_tablespaces(p->cut), spaces, error);
}

static void tell_copy(const physical *p, struct evidence_physical *to)
{
	const GPtrArray *spaces = cut_tablespaces(p->cut);

	to->system = g_strdup(p->system);
	to->role = g_strdup(p->role);
	to->first_lsn = pg_lsn_text(p->base.first_lsn);
	to->last_lsn = pg_lsn_text(p->base.last_lsn);
	to->timeline = number_of(p->base.timeline);
	to->checkpoint = g_strdup(p->order->fast ? "fast" : "spread");
	to->files = number_of(g_hash_table_size(cut_files(p->cut)));
	to->bytes = number_of((int64_t)cut_total(p->cut));
	to->wal_bytes = number_of((int64_t)wal_total(p->wal));
	for (guint i = 0; i < p->order->databases->len; i++)
		strings_add(
		    &to->databases, g_ptr_array_index(p->order->databases, i));
	for (guint i = 0; i < spaces->len; i++) {
		const struct tablespace *t = g_ptr_array_index(spaces, i);
		strings_add(&to->tablespaces, t->folder);
	}
}

bool physical_save(const physical *p, const struct db_point *point,
    struct snapshot *set, struct evidence *how, GError **error)
{
	struct snapshot_database *to = &set->database;

	if (!write_lists(p, error))
		return false;
	to->kind = g_strdup("postgresql");
	to->form = g_strdup(SNAPSHOT_FORM_PHYSICAL);
	to->name = g_strdup(point->database);
	to->server_version = g_strdup(point->server_version);
	to->method = g_strdup("BASE_BACKUP and WAL up to the point");
	to->lsn = g_strdup(point->lsn);
	to->bytes = number_of((int64_t)(cut_total(p->cut) + wal_total(p->wal)));
	how->point_at = number_of(point->at);
	how->lsn = g_strdup(point->lsn);
	how->server = g_strdup_printf("PostgreSQL %s", point->server_version);
	how->standby = flag_of(false);
	tell_copy(p, &how->physical);
	return true;
}
