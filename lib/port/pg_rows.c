#include "port/pg_rows.h"

struct pg_rows {
	GPtrArray *names;    /* char *, owned by texts */
	GPtrArray *cells;    /* char *, owned by texts; row by row */
	GStringChunk *texts; /* all of it */
	size_t bytes;
};

pg_rows *pg_rows_new(void)
{
	pg_rows *rows = g_new0(struct pg_rows, 1);

	rows->names = g_ptr_array_new();
	rows->cells = g_ptr_array_new();
	rows->texts = g_string_chunk_new(16 << 10);
	return rows;
}

void pg_rows_free(pg_rows *rows)
{
	if (!rows)
		return;
	g_ptr_array_unref(rows->names);
	g_ptr_array_unref(rows->cells);
	g_string_chunk_free(rows->texts);
	g_free(rows);
}

void pg_rows_add_name(pg_rows *rows, const char *name)
{
	g_ptr_array_add(rows->names, g_string_chunk_insert(rows->texts, name));
}

void pg_rows_add_cell(pg_rows *rows, const char *text)
{
	char *copy = text ? g_string_chunk_insert(rows->texts, text) : NULL;

	g_ptr_array_add(rows->cells, copy);
	rows->bytes += sizeof copy + (text ? strlen(text) : 0);
}

size_t pg_rows_bytes(const pg_rows *rows)
{
	return rows->bytes;
}

size_t pg_rows_width(const pg_rows *rows)
{
	return rows->names->len;
}

size_t pg_rows_length(const pg_rows *rows)
{
	return rows->names->len ? rows->cells->len / rows->names->len : 0;
}

const char *pg_rows_name(const pg_rows *rows, size_t column)
{
	g_assert(column < rows->names->len);
	return rows->names->pdata[column];
}

const char *pg_cell(const pg_rows *rows, size_t row, size_t column)
{
	g_assert(column < rows->names->len);
	g_assert(row < pg_rows_length(rows));
	return rows->cells->pdata[row * rows->names->len + column];
}
