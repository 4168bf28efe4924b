#include "backup/db/globals.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

void globals_clear(struct globals *g)
{
	g_free(g->roles);
	g_free(g->passwords);
	g_free(g->why);
	*g = (struct globals){0};
}

/* Roles are the whole server's: not every role may list them. */
static bool dump_roles(const struct db_login *l, const char *database,
    const char *pg_dumpall, const char *scratch, struct globals *g,
    GError **error)
{
	g_autofree char *path = g_build_filename(scratch, "globals.sql", NULL);
	g_autofree char *from = g_strconcat("--database=", database, NULL);
	const char *const arguments[] = {
	    "--globals-only", "--no-role-passwords", from, NULL};
	g_auto(process_result) r = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool ran =
	    db_run(l, pg_dumpall, arguments, NULL, scratch, fd, &r, error);
	ignore(close(fd));
	if (ran && r.code == 0)
		g->roles = g_steal_pointer(&path);
	else if (ran)
		g->why =
		    g_strdup_printf("roles and tablespaces were not saved: %s",
			g_strstrip(r.err));
	return ran;
}

/* The server takes a hash for what it is, and keeps it as it was. */
static const char hashes_sql[] =
    "SELECT pg_catalog.format('ALTER ROLE %I PASSWORD %L;', rolname,"
    " rolpassword) FROM pg_catalog.pg_authid"
    " WHERE rolpassword IS NOT NULL AND rolname !~ '^pg_' ORDER BY rolname";

static bool dump_passwords(const struct db_login *l, const char *scratch,
    struct globals *g, GError **error)
{
	g_autofree char *path =
	    g_build_filename(scratch, "passwords.sql", NULL);
	g_autoptr(pg) db = db_open(l, error);
	g_autoptr(pg_rows) may =
	    db ? pg_query(db,
		     "SELECT 1 WHERE pg_catalog.has_table_privilege("
		     "'pg_catalog.pg_authid', 'SELECT')",
		     NULL, error)
	       : NULL;

	if (!may)
		return false;
	if (pg_rows_length(may) == 0)
		return true;
	g_autoptr(pg_rows) hashes = pg_query(db, hashes_sql, NULL, error);
	if (!hashes)
		return false;
	g_autoptr(GString) lines = g_string_new(NULL);
	for (size_t i = 0; i < pg_rows_length(hashes); i++)
		g_string_append_printf(lines, "%s\n", pg_cell(hashes, i, 0));
	if (lines->len == 0)
		return true;
	if (!file_write(path, 0600, lines->str, lines->len, error))
		return false;
	g->passwords = g_steal_pointer(&path);
	return true;
}

bool globals_dump(const struct db_login *l, const char *database,
    const char *pg_dumpall, const char *scratch, struct globals *g,
    GError **error)
{
	g_auto(globals) mine = {0};

	if (!dump_roles(l, database, pg_dumpall, scratch, &mine, error) ||
	    !dump_passwords(l, scratch, &mine, error))
		return false;
	*g = mine;
	mine = (struct globals){0};
	return true;
}
