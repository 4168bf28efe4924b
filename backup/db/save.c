#include "backup/db/save.h"

#include <fcntl.h>

#include "backup/db/files.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/stop.h"

/* ---- files ---- */

static bool add_object(run *r, const char *path, const char *name,
    GPtrArray *files, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct object object = {0};

	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool added = objects_add_fd(
	    run_objects(r), fd, path, OBJECT_PROBE, &object, error);
	ignore(close(fd));
	if (!added)
		return false;
	db_files_add(files, object.sha256, object.suffix, object.bytes, name);
	/* Scratch space and store need not hold all of it at once. */
	ignore(unlink(path));
	return true;
}

static bool add_verbatim(
    run *r, const char *path, const char *name, GError **error)
{
	g_autofree char *to = g_build_filename(run_folder(r), name, NULL);
	size_t length = 0;
	g_autofree char *bytes =
	    file_read(path, LIMIT_DOCUMENT, &length, error);

	return bytes && file_write(to, 0600, bytes, length, error);
}

static bool add_data(
    run *r, const struct dump *d, GPtrArray *files, GError **error)
{
	g_autoptr(GDir) folder = g_dir_open(d->folder, 0, error);
	const char *name;

	if (!folder)
		return false;
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(d->folder, name, NULL);
		if (g_str_equal(name, "toc.dat"))
			continue;
		if (stop_requested(error) ||
		    !add_object(r, path, name, files, error))
			return false;
	}
	return true;
}

/* Rows that lie in the store already. */
static void add_parts(const portions *p, GPtrArray *files)
{
	for (guint i = 0; p && i < p->tables->len; i++) {
		const struct portion_table *t = g_ptr_array_index(p->tables, i);
		for (guint k = 0; k < t->parts->len; k++) {
			const struct portion *part =
			    g_ptr_array_index(t->parts, k);
			g_autofree char *name =
			    g_strdup_printf("%d.dat", part->id);
			if (part->id)
				db_files_add(files, part->object.sha256,
				    part->object.suffix, part->object.bytes,
				    name);
		}
	}
}

static bool add_files(
    run *r, const struct dump *d, struct tables *sorted, GError **error)
{
	g_autoptr(GPtrArray) files = db_files_new();
	g_autofree char *toc = g_build_filename(d->folder, "toc.dat", NULL);
	g_autofree char *list = g_build_filename(run_folder(r), DB_FILES, NULL);
	g_autofree char *measured =
	    g_build_filename(run_folder(r), DB_TABLES, NULL);

	add_parts(d->portions, files);
	return add_data(r, d, files, error) &&
	       add_verbatim(r, toc, DB_TOC, error) &&
	       (!d->large || add_object(r, d->large, DB_LARGE, files, error)) &&
	       (!d->globals.roles ||
		   add_verbatim(r, d->globals.roles, DB_GLOBALS, error)) &&
	       (!d->globals.passwords || add_verbatim(r, d->globals.passwords,
					     DB_PASSWORDS, error)) &&
	       db_files_write(files, list, error) &&
	       tables_write(sorted, measured, error);
}

/* ---- records ---- */

static void tell_database(const struct dump *d, const struct db_point *point,
    struct snapshot_database *to)
{
	uint64_t rows = 0, bytes = 0;

	for (guint i = 0; i < list_length(d->tables.tables); i++) {
		const struct table *t = g_ptr_array_index(d->tables.tables, i);
		rows += t->rows;
		bytes += t->bytes;
	}
	to->kind = g_strdup("postgresql");
	to->name = g_strdup(point->database);
	to->server_version = g_strdup(point->server_version);
	to->dump_version = g_strdup(d->version);
	to->method =
	    g_strdup(d->portions ? "COPY in parts, else pg_dump -Fd -Z0"
				 : "pg_dump -Fd -Z0");
	to->snapshot_id = g_strdup(point->snapshot_id);
	to->lsn = g_strdup(point->lsn);
	to->tables = number_of(list_length(d->tables.tables));
	to->rows = number_of((int64_t)rows);
	to->bytes = number_of((int64_t)bytes);
}

static void tell_parts(const struct table *t, struct evidence_table *to)
{
	for (guint i = 0; t->parts && i < t->parts->len; i++) {
		const struct table_part *part =
		    &g_array_index(t->parts, struct table_part, i);
		struct evidence_part *e =
		    shape_add(&evidence_part_shape, &to->parts);
		e->rows = number_of((int64_t)part->rows);
		e->bytes = number_of((int64_t)part->bytes);
		e->sha256 = g_strdup(part->sha256);
	}
}

static void tell_evidence(
    const struct dump *d, const struct db_point *point, struct evidence *to)
{
	to->point_at = number_of(point->at);
	to->lsn = g_strdup(point->lsn);
	to->snapshot_id = g_strdup(point->snapshot_id);
	to->server = g_strdup_printf("PostgreSQL %s", point->server_version);
	to->standby = flag_of(point->standby);
	for (guint i = 0; i < list_length(d->tables.tables); i++) {
		const struct table *t = g_ptr_array_index(d->tables.tables, i);
		struct evidence_table *e =
		    shape_add(&evidence_table_shape, &to->tables);
		e->name = g_strdup(t->name);
		e->rows = number_of((int64_t)t->rows);
		e->bytes = number_of((int64_t)t->bytes);
		if (*t->sha256)
			e->sha256 = g_strdup(t->sha256);
		if (*t->sum)
			e->sum = g_strdup(t->sum);
		tell_parts(t, e);
	}
	for (guint i = 0; i < list_length(d->notes); i++)
		strings_add(&to->notes, g_ptr_array_index(d->notes, i));
}

bool dump_save(run *r, const struct dump *d, const struct db_point *point,
    struct snapshot *set, struct evidence *how, GError **error)
{
	struct tables sorted = d->tables; /* its lists are sorted in place */

	if (!add_files(r, d, &sorted, error))
		return false;
	tell_database(d, point, &set->database);
	tell_evidence(d, point, how);
	for (guint i = 0; i < list_length(d->flaws); i++)
		snapshot_add_flaw(set, "database", point->database, "%s",
		    (char *)g_ptr_array_index(d->flaws, i));
	return true;
}
