#include "backup/db/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "backup/db/blocking.h"
#include "backup/db/large.h"
#include "backup/db/toc.h"
#include "base/error.h"
#include "contract/shape.h"
#include "port/fs.h"

enum { PATIENCE_S = 5 }; /* nobody waits longer for us */

void dump_clear(struct dump *d)
{
	g_free(d->folder);
	g_free(d->large);
	g_free(d->globals);
	g_free(d->version);
	pg_rows_free(d->catalogue);
	tables_clear(&d->tables);
	g_clear_pointer(&d->flaws, g_ptr_array_unref);
	g_clear_pointer(&d->notes, g_ptr_array_unref);
	*d = (struct dump){0};
}

void dump_programs_clear(struct dump_programs *p)
{
	g_free(p->pg_dump);
	g_free(p->pg_restore);
	g_free(p->pg_dumpall);
	g_free(p->version);
	*p = (struct dump_programs){0};
}

bool dump_programs_find(const struct db_login *l, int server_version,
    struct dump_programs *p, GError **error)
{
	g_auto(dump_programs) mine = {0};

	if (!db_program(l, "pg_dump", server_version, &mine.pg_dump,
		&mine.version, error) ||
	    !db_program(l, "pg_restore", server_version, &mine.pg_restore, NULL,
		error) ||
	    !db_program(
		l, "pg_dumpall", server_version, &mine.pg_dumpall, NULL, error))
		return false;
	*p = mine;
	mine = (struct dump_programs){0};
	return true;
}

/* ---- before ---- */

static const char problems_sql[] =
    "SELECT CASE"
    " WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
    "  THEN 'may not use the schema of '"
    " WHEN c.relkind <> 'S'"
    "  AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')"
    "  THEN 'may not read '"
    " WHEN c.relkind = 'S'"
    "  AND NOT pg_catalog.has_sequence_privilege(c.oid, 'SELECT')"
    "  THEN 'may not read '"
    " ELSE 'sees not every row (row security) of ' END"
    " || pg_catalog.format('%I.%I', n.nspname, c.relname)"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,"
    " pg_catalog.pg_roles me"
    " WHERE me.rolname = current_user AND c.relkind IN ('r', 'p', 'S', 'm')"
    " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
    " AND (NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')"
    "  OR (c.relkind <> 'S'"
    "   AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT'))"
    "  OR (c.relkind = 'S'"
    "   AND NOT pg_catalog.has_sequence_privilege(c.oid, 'SELECT'))"
    "  OR (c.relrowsecurity AND NOT me.rolsuper AND NOT me.rolbypassrls"
    "   AND (c.relforcerowsecurity"
    "    OR NOT pg_catalog.pg_has_role(c.relowner, 'USAGE'))))"
    " ORDER BY 1";

/* Liquibase's own lock: an upgrade of the schema is under way, or broke off. */
static bool is_migrating(pg *db, bool *yes, GError **error)
{
	/* A NULL of a table that is not there answers no row. */
	g_autoptr(pg_rows) readable = pg_query(db,
	    "SELECT 1 WHERE pg_catalog.has_table_privilege("
	    "pg_catalog.to_regclass('databasechangeloglock'), 'SELECT')",
	    NULL, error);

	*yes = false;
	if (!readable)
		return false;
	if (pg_rows_length(readable) == 0)
		return true;
	g_autoptr(pg_rows) locked = pg_query(db,
	    "SELECT 1 FROM databasechangeloglock WHERE locked", NULL, error);
	if (!locked)
		return false;
	*yes = pg_rows_length(locked) > 0;
	return true;
}

bool dump_problems(pg *db, GPtrArray *problems, GError **error)
{
	g_autoptr(pg_rows) closed = pg_query(db, problems_sql, NULL, error);
	bool migrating = false;

	if (!closed || !is_migrating(db, &migrating, error))
		return false;
	for (size_t i = 0; i < pg_rows_length(closed); i++)
		g_ptr_array_add(problems,
		    g_strdup_printf("the role %s", pg_cell(closed, i, 0)));
	if (migrating)
		g_ptr_array_add(problems,
		    g_strdup("databasechangeloglock is locked: a change of the "
			     "schema is under way or broke off"));
	return true;
}

/* ---- pg_dump ---- */

/* pg_dump ended: was it because of a lock, ours or another's? */
static bool dump_failed(
    const struct process_result *r, char *gave_way, GError **error)
{
	if (gave_way)
		return fail(error, GONOGO_ERROR_BUSY, "gave way: %s", gave_way);
	/* How pg_dump keeps its --lock-wait-timeout. */
	if (strstr(r->err, "statement timeout") && strstr(r->err, "LOCK TABLE"))
		return fail(error, GONOGO_ERROR_BUSY,
		    "gave way: another session holds a lock that the dump "
		    "would have had to wait for");
	if (strstr(r->err, "No space left")) {
		errno = ENOSPC;
		return fail_errno(error, "pg_dump");
	}
	return fail(error, GONOGO_ERROR_SYSTEM, "pg_dump: exit status %d: %s",
	    r->code, g_strstrip(r->err));
}

static bool run_pg_dump(const struct db_login *l, const struct db_point *point,
    const struct dump_programs *programs, const char *scratch, bool large,
    GError **error)
{
	g_autofree char *snapshot =
	    g_strconcat("--snapshot=", point->snapshot_id, NULL);
	g_autofree char *timeout =
	    g_strdup_printf("--lock-wait-timeout=%d", PATIENCE_S * 1000);
	const char *const arguments[] = {"-Fd", "-Z0", "-j1", "-fdump",
	    "--encoding=UTF8", "--no-sync", snapshot, timeout,
	    large ? "--blobs" : "--no-blobs", NULL};
	g_auto(process_result) r = {0};
	blocking *watch = blocking_start(l, PATIENCE_S, error);

	if (!watch)
		return false;
	bool ran =
	    db_run(l, programs->pg_dump, arguments, scratch, 0, &r, error);
	g_autofree char *gave_way = blocking_stop(watch);
	if (!ran)
		return false;
	return r.code == 0 || dump_failed(&r, gave_way, error);
}

/* Roles are the whole server's: not every role may list them. */
static bool dump_globals(const struct db_login *l, const struct db_point *point,
    const struct dump_programs *programs, const char *scratch, struct dump *d,
    GError **error)
{
	g_autofree char *path = g_build_filename(scratch, "globals.sql", NULL);
	g_autofree char *database =
	    g_strconcat("--database=", point->database, NULL);
	const char *const arguments[] = {
	    "--globals-only", "--no-role-passwords", database, NULL};
	g_auto(process_result) r = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool ran =
	    db_run(l, programs->pg_dumpall, arguments, scratch, fd, &r, error);
	ignore(close(fd));
	if (!ran)
		return false;
	if (r.code == 0) {
		d->globals = g_steal_pointer(&path);
		return true;
	}
	g_autofree char *note = g_strdup_printf(
	    "roles and tablespaces were not saved: %s", g_strstrip(r.err));
	strings_add(&d->notes, note);
	return true;
}

static bool dump_large(struct db_point *point, const char *scratch,
    enum large_way way, uint64_t count, struct dump *d, GError **error)
{
	g_autofree char *path =
	    g_build_filename(scratch, "large-objects.sql", NULL);

	if (way == LARGE_CLOSED) {
		g_autofree char *flaw = g_strdup_printf(
		    "%" G_GUINT64_FORMAT " large objects: the role may not "
		    "read pg_largeobject; GRANT pg_read_all_data to it",
		    count);
		strings_add(&d->flaws, flaw);
	}
	if (way != LARGE_SQL)
		return true;
	if (!large_write(point->keeper, path, error))
		return false;
	d->large = g_steal_pointer(&path);
	return true;
}

bool dump_make(const struct db_login *l, struct db_point *point,
    const struct dump_programs *programs, const char *scratch, struct dump *d,
    GError **error)
{
	g_auto(dump) mine = {
	    .folder = g_build_filename(scratch, "dump", NULL),
	    .version = g_strdup(programs->version),
	};
	enum large_way way = LARGE_DUMP;
	uint64_t count = 0;

	if (!fs_has_room(scratch, point->size_bytes, "the dump", error) ||
	    !db_give(l, scratch, error) ||
	    !large_way(point->keeper, &way, &count, error) ||
	    !run_pg_dump(
		l, point, programs, scratch, way == LARGE_DUMP, error) ||
	    !dump_large(point, scratch, way, count, &mine, error))
		return false;
	mine.catalogue = toc_catalogue(point->keeper, error);
	if (!mine.catalogue)
		return false;
	*d = mine;
	mine = (struct dump){0};
	return true;
}

bool dump_finish(const struct db_login *l, const struct db_point *point,
    const struct dump_programs *programs, const char *scratch, struct dump *d,
    GError **error)
{
	return dump_globals(l, point, programs, scratch, d, error) &&
	       toc_tables(programs->pg_restore, d->folder, d->catalogue,
		   &d->tables, error);
}
