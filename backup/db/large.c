#include "backup/db/large.h"

#include <stdio.h>

#include "base/error.h"

static const char way_sql[] =
    "SELECT pg_catalog.count(*),"
    " coalesce(pg_catalog.bool_and(pg_catalog.pg_has_role(lomowner, 'USAGE')),"
    "  true),"
    " pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')"
    " FROM pg_catalog.pg_largeobject_metadata";

bool large_way(pg *db, enum large_way *way, uint64_t *count, GError **error)
{
	g_autoptr(pg_rows) rows = pg_query(db, way_sql, NULL, error);

	if (!rows)
		return false;
	*count = g_ascii_strtoull(pg_cell(rows, 0, 0), NULL, 10);
	if (g_str_equal(pg_cell(rows, 0, 1), "t"))
		*way = LARGE_DUMP;
	else
		*way = g_str_equal(pg_cell(rows, 0, 2), "t") ? LARGE_SQL
							     : LARGE_CLOSED;
	return true;
}

static bool take_line(
    const char *bytes, size_t length, void *user, GError **error)
{
	return fwrite(bytes, 1, length, user) == length ||
	       fail_errno(error, "writing large objects");
}

/* COPY's text escapes nothing here: there is no backslash in it. */
static const char create_sql[] =
    "COPY (SELECT 'SELECT pg_catalog.lo_create(' || oid || ');'"
    " FROM pg_catalog.pg_largeobject_metadata ORDER BY oid) TO STDOUT";
static const char put_sql[] =
    "COPY (SELECT 'SELECT pg_catalog.lo_put(' || loid || ', ' ||"
    " pageno::bigint * 2048 || ', pg_catalog.decode(''' ||"
    " pg_catalog.encode(data, 'hex') || ''', ''hex''));'"
    " FROM pg_catalog.pg_largeobject ORDER BY loid, pageno) TO STDOUT";

bool large_write(pg *db, const char *path, GError **error)
{
	FILE *out = fopen(path, "wxe");

	if (!out)
		return fail_errno(error, "%s", path);
	bool written = fputs("BEGIN;\n", out) >= 0;
	if (!written)
		fail_errno(error, "%s", path);
	written = written &&
		  pg_copy_out(db, create_sql, take_line, out, error) &&
		  pg_copy_out(db, put_sql, take_line, out, error);
	if (written && fputs("COMMIT;\n", out) < 0)
		written = fail_errno(error, "%s", path);
	if (fclose(out) != 0 && written)
		written = fail_errno(error, "%s", path);
	return written;
}
