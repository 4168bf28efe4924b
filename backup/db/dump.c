#include "backup/db/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "backup/db/assemble.h"
#include "backup/db/copy.h"
#include "backup/db/large.h"
#include "backup/db/toc.h"
#include "base/error.h"
#include "base/log.h"
#include "contract/shape.h"
#include "port/fs.h"

/* A list that strings_add() made. */
static void free_strings(GPtrArray *list)
{
	if (!list)
		return;
	g_ptr_array_set_free_func(list, g_free);
	g_ptr_array_unref(list);
}

void dump_clear(struct dump *d)
{
	g_free(d->folder);
	g_free(d->large);
	globals_clear(&d->globals);
	g_free(d->version);
	pg_rows_free(d->catalogue);
	tables_clear(&d->tables);
	g_clear_pointer(&d->portions, portions_free);
	free_strings(d->flaws);
	free_strings(d->notes);
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

struct making {
	const struct db_login *login;
	struct db_point *point;
	const struct dump_programs *programs;
	const char *scratch;
	enum large_way way;
};

static bool fail_locked(GError **error)
{
	return fail(error, GONOGO_ERROR_BUSY,
	    "gave way: another session holds a lock that the dump would have "
	    "had to wait for");
}

/* pg_dump ended with an error: was it because of a lock, or of its loss? */
static bool dump_failed(
    const struct process_result *r, keepers *k, bool *again, GError **error)
{
	if (!keepers_check(k, error))
		return false;
	/* How pg_dump keeps its --lock-wait-timeout. */
	if (strstr(r->err, "statement timeout") && strstr(r->err, "LOCK TABLE"))
		return fail_locked(error);
	if (strstr(r->err, "No space left")) {
		errno = ENOSPC;
		return fail_errno(error, "pg_dump");
	}
	*again = strstr(r->err, "terminating connection") ||
		 strstr(r->err, "server closed the connection") ||
		 strstr(r->err, "invalid snapshot identifier");
	return fail(error, GONOGO_ERROR_SYSTEM, "pg_dump: exit status %d: %s",
	    r->code, g_strstrip(r->err));
}

/* PLAN: whose rows it is not to dump; NULL: it dumps all. */
static bool run_pg_dump(
    const struct making *m, portions *p, bool *again, GError **error)
{
	g_autofree char *snapshot = keepers_snapshot(m->point->keepers, error);
	g_autoptr(GPtrArray) arguments = g_ptr_array_new_with_free_func(g_free);
	g_auto(process_result) r = {0};

	/* The user that it runs as may have no way there from the root, and it
	 * loses its current folder: it gets ours as a descriptor. */
	int folder = snapshot ? fs_open_folder(m->scratch, error) : -1;
	if (folder < 0)
		return false;
	const char *const fixed[] = {"-Fd", "-Z0", "-j1", "-f/dev/fd/1/dump",
	    "--encoding=UTF8", "--no-sync",
	    m->way == LARGE_DUMP ? "--blobs" : "--no-blobs"};
	for (size_t i = 0; i < G_N_ELEMENTS(fixed); i++)
		g_ptr_array_add(arguments, g_strdup(fixed[i]));
	g_ptr_array_add(arguments, g_strconcat("--snapshot=", snapshot, NULL));
	g_ptr_array_add(arguments, g_strdup_printf("--lock-wait-timeout=%u",
				       MAX(m->login->patience_s, 1u) * 1000));
	if (p)
		portions_exclude(p, arguments);
	g_ptr_array_add(arguments, NULL);
	bool ran = db_run(m->login, m->programs->pg_dump,
	    (const char *const *)arguments->pdata, NULL, m->scratch, folder, &r,
	    error);
	ignore(close(folder));
	return ran && (r.code == 0 ||
			  dump_failed(&r, m->point->keepers, again, error));
}

/* What a broken try has left is in its way. */
static bool dump_schema(const struct making *m, portions *p, GError **error)
{
	enum { TRIES = 3 };
	g_autofree char *folder = g_build_filename(m->scratch, "dump", NULL);

	for (int left = TRIES;; left--) {
		g_autoptr(GError) why = NULL;
		bool again = false;
		if (run_pg_dump(m, p, &again, &why))
			return true;
		if (!again || left == 1) {
			g_propagate_error(error, g_steal_pointer(&why));
			return false;
		}
		log_say("%s; dumping again", why->message);
		if (!fs_remove_tree(folder, error))
			return false;
	}
}

static bool dump_large(const struct making *m, pg *db, uint64_t count,
    struct dump *d, GError **error)
{
	g_autofree char *path =
	    g_build_filename(m->scratch, "large-objects.sql", NULL);

	if (m->way == LARGE_CLOSED) {
		g_autofree char *flaw = g_strdup_printf(
		    "%" G_GUINT64_FORMAT " large objects: the role may not "
		    "read pg_largeobject; GRANT pg_read_all_data to it",
		    count);
		strings_add(&d->flaws, flaw);
	}
	if (m->way != LARGE_SQL)
		return true;
	if (!large_write(db, path, error))
		return false;
	d->large = g_steal_pointer(&path);
	return true;
}

/* ---- the whole ---- */

/* The archive version that we can add to: contents.h. */
static bool is_understood(const struct dump_programs *programs)
{
	enum { FIRST = 12, LAST = 15 };
	gint64 major = g_ascii_strtoll(programs->version, NULL, 10);

	return major >= FIRST && major <= LAST;
}

static bool has_room(const struct making *m, pg *db, GError **error)
{
	enum { LISTS = 64 << 20 }; /* what a dump without rows may take */
	g_autoptr(pg_rows) rows = pg_query(db,
	    "SELECT pg_catalog.pg_table_size('pg_catalog.pg_largeobject')",
	    NULL, error);

	if (!rows)
		return false;
	uint64_t large = g_ascii_strtoull(pg_cell(rows, 0, 0), NULL, 10);
	return fs_has_room(m->scratch,
	    is_understood(m->programs) ? LISTS + 2 * large
				       : m->point->size_bytes,
	    "the dump", error);
}

/* Gives the plan in d->portions, or NULL with the reason noted. */
static bool make_plan(
    const struct making *m, pg *db, struct dump *d, GError **error)
{
	if (!is_understood(m->programs)) {
		g_autofree char *note = g_strdup_printf(
		    "pg_dump %s writes another archive version than 1.14: it "
		    "dumped all rows itself, by one connection and not in "
		    "parts",
		    m->programs->version);
		strings_add(&d->notes, note);
		return true;
	}
	d->portions = portions_make(db, error);
	return d->portions != NULL;
}

/* What is asked on one connection inside the snapshot. */
static bool look_around(
    struct making *m, pg *db, struct dump *d, GError **error)
{
	uint64_t count = 0;

	if (!has_room(m, db, error) || !db_give(m->login, m->scratch, error) ||
	    !large_way(db, &m->way, &count, error) ||
	    !make_plan(m, db, d, error))
		return false;
	d->catalogue = toc_catalogue(db, error);
	return d->catalogue && dump_large(m, db, count, d, error);
}

/* All that needs the snapshot. */
static bool make(struct making *m, objects *o, struct dump *d, GError **error)
{
	g_autoptr(pg) db = db_point_open(m->point, error);

	if (!db)
		return false;
	if (!look_around(m, db, d, error)) {
		if (pg_said(db, "55P03")) {
			g_clear_error(error);
			fail_locked(error);
		}
		return false;
	}
	g_clear_pointer(&db, pg_close);
	return dump_schema(m, d->portions, error) &&
	       (!d->portions || copy_all(m->login, m->point->keepers, o,
				    d->portions, error));
}

bool dump_make(const struct db_login *l, struct db_point *point,
    const struct dump_programs *programs, const char *scratch, objects *o,
    struct dump *d, GError **error)
{
	struct making m = {l, point, programs, scratch, LARGE_DUMP};
	g_auto(dump) mine = {
	    .folder = g_build_filename(scratch, "dump", NULL),
	    .version = g_strdup(programs->version),
	};

	if (!make(&m, o, &mine, error)) {
		/* Why we were made to end says more than what then failed. */
		g_autoptr(GError) watch = NULL;
		if (!keepers_check(point->keepers, &watch)) {
			g_clear_error(error);
			g_propagate_error(error, g_steal_pointer(&watch));
		}
		return false;
	}
	g_autoptr(GPtrArray) notes = keepers_notes(point->keepers);
	for (guint i = 0; i < notes->len; i++)
		strings_add(&mine.notes, g_ptr_array_index(notes, i));
	*d = mine;
	mine = (struct dump){0};
	return true;
}

bool dump_finish(const struct db_login *l, const struct db_point *point,
    const struct dump_programs *programs, const char *scratch, struct dump *d,
    GError **error)
{
	g_autofree char *list = g_build_filename(d->folder, "toc.dat", NULL);

	if (!globals_dump(l, point->database, programs->pg_dumpall, scratch,
		&d->globals, error))
		return false;
	if (d->globals.why)
		strings_add(&d->notes, d->globals.why);
	if (!toc_tables(programs->pg_restore, d->folder, d->catalogue,
		&d->tables, error))
		return false;
	if (!d->portions)
		return true;
	if (!assemble(list, d->portions, &d->flaws, error))
		return false;
	portions_tell(d->portions, &d->tables);
	return true;
}
