#include "backup/db/toc.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/stop.h"
#include "port/process.h"

struct reading {
	const char *pg_restore, *folder;
	const pg_rows *catalogue;
	GHashTable *row_of_oid; /* text -> row + 1 of it */
	struct tables *t;
};

static bool run(const struct reading *r, const char *const *arguments,
    const char *input, char **out, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new();
	g_auto(process_result) result = {0};

	g_ptr_array_add(argv, (char *)r->pg_restore);
	for (; *arguments; arguments++)
		g_ptr_array_add(argv, (char *)*arguments);
	g_ptr_array_add(argv, (char *)r->folder);
	g_ptr_array_add(argv, NULL);
	const struct process p = {
	    .argv = (const char *const *)argv->pdata,
	    .input = input,
	    .input_length = input ? strlen(input) : 0,
	};
	if (!process_run_ok(&p, &result, error))
		return false;
	*out = g_steal_pointer(&result.out);
	return true;
}

/* ---- tables ---- */

/* Names by number: a line of the list can't be taken apart safely. */
pg_rows *toc_catalogue(pg *db, GError **error)
{
	bool generated = pg_server_version(db) >= 120000;
	g_autofree char *sql = g_strdup_printf(
	    "SELECT c.oid, pg_catalog.format('%%I.%%I', n.nspname, c.relname),"
	    " coalesce((SELECT pg_catalog.string_agg("
	    "pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)"
	    " FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid"
	    " AND a.attnum > 0 AND NOT a.attisdropped%s), '')"
	    " FROM pg_catalog.pg_class c"
	    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
	    " WHERE c.relkind = 'r'",
	    generated ? " AND a.attgenerated = ''" : "");

	return pg_query(db, sql, NULL, error);
}

static GHashTable *index_catalogue(const pg_rows *catalogue)
{
	GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

	for (size_t i = 0; i < pg_rows_length(catalogue); i++)
		g_hash_table_insert(index, (char *)pg_cell(catalogue, i, 0),
		    GSIZE_TO_POINTER(i + 1));
	return index;
}

static bool measure(
    struct reading *r, const char *id, size_t row, GError **error)
{
	struct table *t = tables_add(r->t, pg_cell(r->catalogue, row, 1));
	g_autofree char *path = g_strdup_printf("%s/%s.dat", r->folder, id);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	t->columns = g_strdup(pg_cell(r->catalogue, row, 2));
	if (fd < 0)
		return fail_errno(error, "%s: the rows of %s", path, t->name);
	bool measured = table_measure_file(t, fd, path, error);
	ignore(close(fd));
	return measured;
}

/* "3605; 0 16388 TABLE DATA public project bitbucket" */
static bool take_line(struct reading *r, const char *line, GError **error)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 4);

	if (g_strv_length(words) < 4 ||
	    !g_str_has_prefix(words[3], "TABLE DATA ") ||
	    !g_str_has_suffix(words[0], ";"))
		return true;
	words[0][strlen(words[0]) - 1] = '\0';
	size_t row =
	    GPOINTER_TO_SIZE(g_hash_table_lookup(r->row_of_oid, words[2]));
	if (row == 0)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: it has rows of a table with the number %s, which the "
		    "database does not know",
		    r->folder, words[2]);
	return measure(r, words[0], row - 1, error);
}

/* ---- sequences ---- */

/* SELECT pg_catalog.setval('public."X_seq"', 2000, true); */
static bool take_setval(struct reading *r, const char *line, GError **error)
{
	static const char lead[] = "SELECT pg_catalog.setval('";
	const char *name = line + strlen(lead);
	g_auto(GStrv) tail = NULL;

	if (!g_str_has_prefix(line, lead))
		return true;
	const char *end = g_strrstr(name, "', ");
	if (end)
		tail = g_strsplit(end + strlen("', "), ", ", 2);
	if (!tail || g_strv_length(tail) != 2)
		return fail(error, GONOGO_ERROR_DATA, "%s: not understood: %s",
		    r->folder, line);
	g_autofree char *quoted = g_strndup(name, (gsize)(end - name));
	g_auto(GStrv) parts = g_strsplit(quoted, "''", -1);
	g_autofree char *plain = g_strjoinv("'", parts);
	struct sequence *s = tables_add_sequence(r->t, plain);
	s->last = g_strdup(tail[0]);
	s->is_called = g_str_has_prefix(tail[1], "true");
	return true;
}

static bool read_sequences(struct reading *r, const char *list, GError **error)
{
	const char *const arguments[] = {
	    "--file=-", "--use-list=/dev/stdin", NULL};
	g_autofree char *sql = NULL;

	if (!*list)
		return true;
	if (!run(r, arguments, list, &sql, error))
		return false;
	g_auto(GStrv) lines = g_strsplit(sql, "\n", -1);
	for (guint i = 0; lines[i]; i++)
		if (!take_setval(r, lines[i], error))
			return false;
	return true;
}

/* ---- both ---- */

static bool read_list(struct reading *r, GError **error)
{
	const char *const arguments[] = {"--list", NULL};
	g_autoptr(GString) sequences = g_string_new(NULL);
	g_autofree char *list = NULL;

	if (!run(r, arguments, NULL, &list, error))
		return false;
	g_auto(GStrv) lines = g_strsplit(list, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		if (strstr(lines[i], " SEQUENCE SET "))
			g_string_append_printf(sequences, "%s\n", lines[i]);
		if (stop_requested(error) || !take_line(r, lines[i], error))
			return false;
	}
	return read_sequences(r, sequences->str, error);
}

bool toc_tables(const char *pg_restore, const char *folder,
    const pg_rows *catalogue, struct tables *t, GError **error)
{
	struct reading r = {.pg_restore = pg_restore,
	    .folder = folder,
	    .catalogue = catalogue,
	    .row_of_oid = index_catalogue(catalogue),
	    .t = t};
	bool good = read_list(&r, error);

	g_hash_table_unref(r.row_of_oid);
	return good;
}
