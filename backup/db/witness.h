/*
 * Rows on their way into a database, held against what the dump says of their
 * tables, so that none has to be read from there again.
 *
 *     bytes -> rows, their sum --with the server's own count-->
 *     witness: the table's rows and sum, against TABLES.tsv
 */
#ifndef GONOGO_BACKUP_DB_WITNESS_H
#define GONOGO_BACKUP_DB_WITNESS_H

#include "backup/db/tables.h"

/* Rows, as far as they have passed; {0}: none yet. */
struct passing {
	uint64_t rows;
	struct row_sum sum;
	GByteArray *begun; /* the row that is not whole yet; NULL: none */
};
typedef struct passing passing;
void passing_add(struct passing *p, const char *bytes, size_t length);
void passing_clear(struct passing *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(passing, passing_clear)

typedef struct witness witness;
/* SAVED: what the dump says; borrowed. */
witness *witness_new(tables *saved);
void witness_free(witness *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(witness, witness_free)

/* Rows have passed, of the table that COPY_SQL ("COPY public.x (a, b)
 * FROM stdin;\n") fills; the server says that it took TAKEN.  Any thread. */
void witness_take(
    witness *w, const char *copy_sql, const struct passing *p, uint64_t taken);

/* All have passed: adds to DIFFERENCES a line (char *, owned) for each table
 * that got other rows, and marks what needs no second look (`seen`). */
void witness_end(witness *w, GPtrArray *differences);

#endif
