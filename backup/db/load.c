#include "backup/db/load.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/db/contents.h"
#include "backup/db/files.h"
#include "backup/db/fill.h"
#include "backup/db/tables.h"
#include "backup/db/vacant.h"
#include "backup/store/object.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "contract/shape.h"
#include "port/fs.h"

void load_report_clear(struct load_report *r)
{
	g_clear_pointer(&r->differences, g_ptr_array_unref);
	*r = (struct load_report){0};
}

/* ---- files for pg_restore ---- */

/* Gives the set's list, or NULL without an error if it is of another archive
 * version. */
static bool read_list(
    const struct load_source *from, contents **list, GError **error)
{
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(from->toc, LIMIT_DOCUMENT, &length, error);

	if (!bytes)
		return false;
	*list = NULL;
	if (!contents_is_known(bytes, length))
		return true;
	*list = contents_parse(bytes, length, from->toc, error);
	return *list != NULL;
}

/* Gives the names of files that are rows of tables, none without a list. */
static GHashTable *names_of_rows(const contents *list)
{
	GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; list && i < list->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(list->entries, i);
		if (g_str_equal(e->kind, "TABLE DATA") && e->file)
			g_hash_table_add(names, e->file);
	}
	return names;
}

bool load_room(const struct load_source *from, uint64_t *bytes, GError **error)
{
	g_autoptr(contents) list = NULL;

	if (!read_list(from, &list, error))
		return false;
	g_autoptr(GHashTable) rows = names_of_rows(list);
	*bytes = 0;
	for (guint i = 0; i < from->files->len; i++) {
		const struct db_file *f = g_ptr_array_index(from->files, i);
		if (!g_hash_table_contains(rows, f->name))
			*bytes += f->bytes;
	}
	return true;
}

struct laying {
	int fd;
	const char *path;
};

static bool lay(const void *bytes, size_t length, void *user, GError **error)
{
	const struct laying *to = user;

	return file_write_fd(to->fd, to->path, bytes, length, error);
}

static bool lay_file(const store *s, const struct db_file *file,
    const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, file->name, NULL);
	const struct object_source object = {.sha256 = file->sha256,
	    .suffix = file->suffix,
	    .bytes = file->bytes};
	struct laying to = {
	    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), path};

	if (to.fd < 0)
		return fail_errno(error, "%s", path);
	bool good = object_pour(s, &object, lay, &to, error);
	if (close(to.fd) != 0 && good)
		good = fail_errno(error, "closing %s", path);
	return good;
}

static bool lay_dump(const struct load_source *from, const contents *list,
    const char *scratch, GError **error)
{
	g_autoptr(GHashTable) rows = names_of_rows(list);
	g_autofree char *dump = g_build_filename(scratch, "dump", NULL);
	g_autofree char *toc = g_build_filename(dump, "toc.dat", NULL);
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(from->toc, LIMIT_DOCUMENT, &length, error);

	if (!bytes || !fs_make_folders(dump, 0700, error) ||
	    !file_write(toc, 0600, bytes, length, error))
		return false;
	for (guint i = 0; i < from->files->len; i++) {
		const struct db_file *f = g_ptr_array_index(from->files, i);
		bool large = g_str_equal(f->name, DB_LARGE);
		if (!g_hash_table_contains(rows, f->name) &&
		    !lay_file(from->store, f, large ? scratch : dump, error))
			return false;
	}
	return true;
}

/* ---- pg_restore and psql ---- */

struct loading {
	const struct db_login *login;
	const struct load_source *from;
	const char *scratch;
	contents *list; /* NULL: of another version */
	unsigned jobs;
	int server_version;
	tables *saved;    /* what the dump says of them */
	witness *witness; /* NULL: all are read again */
	GPtrArray *differences;
};

/* An index is sorted in memory: there is nothing else for it to be used for. */
static const char options[] = " -c maintenance_work_mem=256MB";

static bool run_well(const struct loading *o, const char *program,
    const char *const *arguments, GError **error)
{
	g_auto(process_result) r = {0};
	g_autofree char *path = NULL;

	if (!db_program(
		o->login, program, o->server_version, &path, NULL, error) ||
	    !db_run(
		o->login, path, arguments, options, o->scratch, 0, &r, error))
		return false;
	if (r.code == 0)
		return true;
	if (strstr(r.err, "No space left")) {
		errno = ENOSPC;
		return fail_errno(error, "%s", path);
	}
	return fail(error, GONOGO_ERROR_SYSTEM, "%s: exit status %d: %s", path,
	    r.code, g_strstrip(r.err));
}

/* Roles of the old server need not be here.  WHICH, and more, may be NULL. */
static bool run_restore(const struct loading *o, const char *which,
    const char *more, bool jobs, GError **error)
{
	g_autofree char *workers =
	    g_strdup_printf("--jobs=%u", jobs ? o->jobs : 1u);
	const char *const arguments[] = {"--no-owner", "--no-privileges",
	    "--exit-on-error", workers, "dump", which, more, NULL};

	return run_well(o, "pg_restore", arguments, error);
}

static bool run_large(const struct loading *o, GError **error)
{
	g_autofree char *file = g_build_filename(o->scratch, DB_LARGE, NULL);
	const char *const arguments[] = {"--no-psqlrc", "--quiet",
	    "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--file=" DB_LARGE,
	    NULL};

	return !g_file_test(file, G_FILE_TEST_EXISTS) ||
	       run_well(o, "psql", arguments, error);
}

/* Gives in SCRATCH the list of what pg_restore is to see to. */
static bool write_list(const struct loading *o, const char *name,
    const GString *lines, GError **error)
{
	g_autofree char *path = g_build_filename(o->scratch, name, NULL);

	return file_write(path, 0600, lines->str, lines->len, error) &&
	       db_give(o->login, o->scratch, error);
}

/* Sequences and large objects: all data but rows. */
static bool run_other_data(const struct loading *o, GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < o->list->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(o->list->entries, i);
		if (e->section == CONTENTS_DATA &&
		    !g_str_equal(e->kind, "TABLE DATA"))
			g_string_append_printf(lines, "%d;\n", e->id);
	}
	return lines->len == 0 ||
	       (write_list(o, "data.list", lines, error) &&
		   run_restore(o, "--use-list=data.list", NULL, false, error));
}

/* What comes behind the rows, but what is BUILT. */
static bool run_post_data(
    const struct loading *o, GPtrArray *built, GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);

	for (guint i = 0; i < o->list->entries->len; i++) {
		const struct contents_entry *e =
		    g_ptr_array_index(o->list->entries, i);
		if (!g_ptr_array_find(built, e, NULL))
			g_string_append_printf(lines, "%d;\n", e->id);
	}
	return write_list(o, "post-data.list", lines, error) &&
	       run_restore(o, "--section=post-data",
		   "--use-list=post-data.list", true, error);
}

static bool run_all(const struct loading *o, GError **error)
{
	g_autoptr(GPtrArray) built = g_ptr_array_new();

	if (!o->list)
		return run_restore(o, NULL, NULL, true, error) &&
		       run_large(o, error);
	return run_restore(o, "--section=pre-data", NULL, false, error) &&
	       fill_tables(o->login, o->from->store, o->list, o->from->files,
		   o->jobs, o->witness, built, error) &&
	       run_other_data(o, error) && run_large(o, error) &&
	       run_post_data(o, built, error);
}

/* ---- the whole ---- */

static bool compare(
    const struct loading *o, struct load_report *report, GError **error)
{
	if (o->witness)
		witness_end(o->witness, o->differences);
	if (!tables_compare(o->saved, o->login, o->jobs, o->differences, error))
		return false;
	report->tables = list_length(o->saved->tables);
	report->sequences = list_length(o->saved->sequences);
	for (guint i = 0; i < list_length(o->saved->tables); i++) {
		const struct table *t = g_ptr_array_index(o->saved->tables, i);
		report->rows += t->rows;
	}
	return true;
}

static bool load(struct loading *o, struct load_report *report, GError **error)
{
	if (!vacant_make(o->login, error))
		return false;
	g_autoptr(pg) db = db_open(o->login, error);
	if (!db)
		return false;
	o->server_version = pg_server_version(db);
	g_clear_pointer(&db, pg_close);
	return lay_dump(o->from, o->list, o->scratch, error) &&
	       db_give(o->login, o->scratch, error) && run_all(o, error) &&
	       compare(o, report, error);
}

bool load_run(const struct db_login *l, const struct load_source *from,
    const char *scratch, unsigned jobs, struct load_report *report,
    GError **error)
{
	g_auto(load_report) mine = {0};
	g_auto(tables) saved = {0};
	g_autoptr(contents) list = NULL;

	if (!read_list(from, &list, error) ||
	    !tables_read(&saved, from->tables, error))
		return false;
	g_autoptr(witness) w = from->read_back ? NULL : witness_new(&saved);
	mine.differences = g_ptr_array_new_with_free_func(g_free);
	struct loading o = {.login = l,
	    .from = from,
	    .scratch = scratch,
	    .list = list,
	    .jobs = jobs ? jobs : g_get_num_processors(),
	    .saved = &saved,
	    .witness = w,
	    .differences = mine.differences};
	if (!load(&o, &mine, error))
		return false;
	*report = mine;
	mine = (struct load_report){0};
	return true;
}
