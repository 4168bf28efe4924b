#include "backup/db/tables.h"

#include <errno.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/stop.h"

static void table_free(void *member)
{
	struct table *t = member;

	g_free(t->name);
	g_free(t->columns);
	g_clear_pointer(&t->parts, g_array_unref);
	g_free(t);
}

static void sequence_free(void *member)
{
	struct sequence *s = member;

	g_free(s->name);
	g_free(s->last);
	g_free(s);
}

void tables_clear(struct tables *t)
{
	g_clear_pointer(&t->tables, g_ptr_array_unref);
	g_clear_pointer(&t->sequences, g_ptr_array_unref);
}

struct table *tables_add(struct tables *t, const char *name)
{
	struct table *new = g_new0(struct table, 1);

	if (!t->tables)
		t->tables = g_ptr_array_new_with_free_func(table_free);
	new->name = g_strdup(name);
	g_ptr_array_add(t->tables, new);
	return new;
}

char *table_fill_sql(const char *name, const char *columns)
{
	return g_strdup_printf("COPY %s %s%s%s FROM stdin;\n", name,
	    *columns ? "(" : "", columns, *columns ? ")" : "");
}

void table_add_part(
    struct table *t, uint64_t rows, uint64_t bytes, const char *sha256)
{
	struct table_part part = {rows, bytes, ""};

	g_strlcpy(part.sha256, sha256, sizeof part.sha256);
	if (!t->parts)
		t->parts = g_array_new(FALSE, FALSE, sizeof part);
	g_array_append_val(t->parts, part);
}

struct sequence *tables_add_sequence(struct tables *t, const char *name)
{
	struct sequence *new = g_new0(struct sequence, 1);

	if (!t->sequences)
		t->sequences = g_ptr_array_new_with_free_func(sequence_free);
	new->name = g_strdup(name);
	g_ptr_array_add(t->sequences, new);
	return new;
}

/* ---- the file ---- */

static const char heading[] = "kind\tname\trows\tbytes\tsha256\tcolumns\n";

/* Members begin with their name. */
static int by_name(const void *a, const void *b)
{
	return strcmp(**(char ***)a, **(char ***)b);
}

static guint length_of(const GPtrArray *list)
{
	return list ? list->len : 0;
}

/* A name may hold anything; a field holds no tab and no end of line. */
static char *field_of(const char *text)
{
	return g_strescape(text, "\"");
}

static void write_table(const struct table *t, GString *text)
{
	g_autofree char *name = field_of(t->name);
	g_autofree char *columns = field_of(t->columns);

	g_string_append_printf(text,
	    "table\t%s\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%s\t%s\n",
	    name, t->rows, t->bytes, *t->sha256 ? t->sha256 : "-", columns);
	for (guint i = 0; t->parts && i < t->parts->len; i++) {
		const struct table_part *part =
		    &g_array_index(t->parts, struct table_part, i);
		g_string_append_printf(text,
		    "part\t%s\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT
		    "\t%s\n",
		    name, part->rows, part->bytes, part->sha256);
	}
	if (*t->sum)
		g_string_append_printf(text, "sum\t%s\t%s\n", name, t->sum);
}

bool tables_write(struct tables *t, const char *path, GError **error)
{
	g_autoptr(GString) text = g_string_new(heading);

	if (t->tables)
		g_ptr_array_sort(t->tables, by_name);
	for (guint i = 0; i < length_of(t->tables); i++)
		write_table(g_ptr_array_index(t->tables, i), text);
	if (t->sequences)
		g_ptr_array_sort(t->sequences, by_name);
	for (guint i = 0; i < length_of(t->sequences); i++) {
		const struct sequence *s = g_ptr_array_index(t->sequences, i);
		g_autofree char *name = field_of(s->name);
		g_string_append_printf(text, "sequence\t%s\t%s\t%s\n", name,
		    s->last, s->is_called ? "t" : "f");
	}
	return file_write(path, 0600, text->str, text->len, error);
}

static bool read_counts(
    char **fields, uint64_t *rows, uint64_t *bytes, GError **error)
{
	return g_ascii_string_to_unsigned(
		   fields[2], 10, 0, G_MAXUINT64, rows, error) &&
	       g_ascii_string_to_unsigned(
		   fields[3], 10, 0, G_MAXUINT64, bytes, error);
}

static bool read_table(struct tables *t, char **fields, GError **error)
{
	g_autofree char *name = g_strcompress(fields[1]);
	uint64_t rows = 0, bytes = 0;
	bool in_parts = g_str_equal(fields[4], "-");

	if (!read_counts(fields, &rows, &bytes, error))
		return false;
	if (!in_parts && !hash_is_hex(fields[4]))
		return fail(error, GONOGO_ERROR_DATA, "not a sha256");
	struct table *table = tables_add(t, name);
	table->rows = rows;
	table->bytes = bytes;
	table->columns = g_strcompress(fields[5]);
	if (!in_parts)
		g_strlcpy(table->sha256, fields[4], sizeof(table->sha256));
	return true;
}

/* Lines that add to a table stand behind it. */
static struct table *last_table(
    struct tables *t, const char *field, GError **error)
{
	g_autofree char *name = g_strcompress(field);
	guint length = length_of(t->tables);
	struct table *last =
	    length ? g_ptr_array_index(t->tables, length - 1) : NULL;

	if (last && g_str_equal(last->name, name))
		return last;
	fail(error, GONOGO_ERROR_DATA, "it does not stand behind its table");
	return NULL;
}

static bool read_part(struct tables *t, char **fields, GError **error)
{
	struct table *table = last_table(t, fields[1], error);
	uint64_t rows = 0, bytes = 0;

	if (!table || !read_counts(fields, &rows, &bytes, error))
		return false;
	if (!hash_is_hex(fields[4]))
		return fail(error, GONOGO_ERROR_DATA, "not a sha256");
	table_add_part(table, rows, bytes, fields[4]);
	return true;
}

static bool read_sum(struct tables *t, char **fields, GError **error)
{
	struct table *table = last_table(t, fields[1], error);

	if (!table)
		return false;
	if (!row_sum_is_hex(fields[2]))
		return fail(error, GONOGO_ERROR_DATA, "not a sum");
	g_strlcpy(table->sum, fields[2], sizeof table->sum);
	return true;
}

static bool read_sequence(struct tables *t, char **fields, GError **error)
{
	g_autofree char *name = g_strcompress(fields[1]);
	gint64 last = 0;

	if (!g_ascii_string_to_signed(
		fields[2], 10, G_MININT64, G_MAXINT64, &last, error))
		return false;
	struct sequence *s = tables_add_sequence(t, name);
	s->last = g_strdup(fields[2]);
	s->is_called = g_str_equal(fields[3], "t");
	return true;
}

static bool read_line(struct tables *t, const char *line, GError **error)
{
	g_auto(GStrv) fields = g_strsplit(line, "\t", -1);
	guint count = g_strv_length(fields);

	if (count == 6 && g_str_equal(fields[0], "table"))
		return read_table(t, fields, error);
	if (count == 5 && g_str_equal(fields[0], "part"))
		return read_part(t, fields, error);
	if (count == 3 && g_str_equal(fields[0], "sum"))
		return read_sum(t, fields, error);
	if (count == 4 && g_str_equal(fields[0], "sequence"))
		return read_sequence(t, fields, error);
	return fail(
	    error, GONOGO_ERROR_DATA, "neither table, part, sum nor sequence");
}

bool tables_read(struct tables *t, const char *path, GError **error)
{
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, error);
	g_auto(tables) mine = {0};

	if (!text)
		return false;
	if (!g_str_has_prefix(text, heading))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: it does not begin with its heading", path);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 1; lines[i] && *lines[i]; i++) {
		g_autoptr(GError) why = NULL;
		if (!read_line(&mine, lines[i], &why))
			return fail(error, GONOGO_ERROR_DATA, "%s:%u: %s", path,
			    i + 1, why->message);
	}
	for (guint i = 0; i < length_of(mine.tables); i++) {
		const struct table *one = g_ptr_array_index(mine.tables, i);
		if (!*one->sha256 && !*one->sum)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: %s has neither checksum nor sum", path,
			    one->name);
	}
	*t = mine;
	mine = (struct tables){0};
	return true;
}

/* ---- measuring ---- */

/* COPY writes an end of line inside a value as \n: a line is a row. */
static uint64_t count_lines(const char *bytes, size_t length)
{
	const char *end = bytes + length;
	uint64_t lines = 0;

	while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
		lines++;
		bytes++;
	}
	return lines;
}

bool table_measure_file(
    struct table *t, int fd, const char *name, GError **error)
{
	/* What ends the file: behind the last row, or alone. */
	static const char end[] = "\\.\n\n\n";
	enum { END = sizeof(end) - 1, STEP = 1 << 20 };
	g_autofree char *buffer = g_malloc(END + STEP);
	g_autoptr(hash) h = hash_new();
	size_t held = 0; /* at the buffer's start: it may be the end */

	t->rows = t->bytes = 0;
	for (;;) {
		ssize_t got = read(fd, buffer + held, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(error, "%s", name);
		size_t all = held + (size_t)got;
		if (got == 0 && (all != END || memcmp(buffer, end, END) != 0))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: it does not end as a dump's data does", name);
		if (got == 0)
			break;
		held = MIN(all, (size_t)END);
		hash_add(h, buffer, all - held);
		t->rows += count_lines(buffer, all - held);
		t->bytes += all - held;
		memmove(buffer, buffer + all - held, held);
	}
	g_autofree char *hex = hash_end_hex(h);
	g_strlcpy(t->sha256, hex, sizeof(t->sha256));
	return true;
}
