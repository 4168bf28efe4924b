/*
 * The rows of a database's answer: a table of texts.  Made by port/pg.c only.
 */
#ifndef GONOGO_PORT_PG_ROWS_H
#define GONOGO_PORT_PG_ROWS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct pg_rows pg_rows;

size_t pg_rows_length(const pg_rows *rows);
size_t pg_rows_width(const pg_rows *rows);
const char *pg_rows_name(const pg_rows *rows, size_t column);
/* Borrowed from ROWS; NULL: SQL NULL. */
const char *pg_cell(const pg_rows *rows, size_t row, size_t column);
void pg_rows_free(pg_rows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pg_rows, pg_rows_free)

/* Names first, then the cells row by row; TEXT may be NULL. */
pg_rows *pg_rows_new(void);
void pg_rows_add_name(pg_rows *rows, const char *name);
void pg_rows_add_cell(pg_rows *rows, const char *text);
/* What its texts and cells take. */
size_t pg_rows_bytes(const pg_rows *rows);

#endif
