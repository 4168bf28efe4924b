/*
 * What each table and sequence of a dump holds, so that a restored database
 * can be compared with it: `db/TABLES.tsv`.
 *
 *     kind      name             rows  bytes  sha256  columns
 *     table     public.project   5     181    9f86..  "id", "name"
 *     sum       public.project   77ad..
 *     sequence  public.x_id_seq  2000  t
 *
 * The hash is over the text that COPY gives, which is what a dump's data file
 * holds; so it costs no second look at the database.  A table that was copied
 * in parts has none of its own ("-") but one for each part:
 *
 *     part      public.project   5     181    9f86..
 *
 * and the sum (base/row_sum.h) tells whether its rows are all there, wherever
 * they came to lie.
 */
#ifndef GONOGO_BACKUP_DB_TABLES_H
#define GONOGO_BACKUP_DB_TABLES_H

#include <stdint.h>

#include "backup/db/login.h"
#include "base/hash.h"
#include "base/row_sum.h"

struct table_part {
	uint64_t rows, bytes;
	char sha256[HASH_HEX + 1];
};

struct table {
	char *name;    /* schema and name, quoted where needed */
	char *columns; /* of the dump, in its order, quoted */
	uint64_t rows, bytes;
	char sha256[HASH_HEX + 1]; /* of all rows in their order; "": it was
				      copied in parts */
	GArray *parts; /* struct table_part, in their order; NULL: none */
	char sum[ROW_SUM_HEX + 1]; /* of the rows in any order; "": not known */
	bool seen; /* compared when it was filled: tables_compare() leaves it */
};

struct sequence {
	char *name;
	char *last; /* last_value */
	bool is_called;
};

struct tables {
	GPtrArray *tables;    /* struct table, by name */
	GPtrArray *sequences; /* struct sequence, by name */
};

typedef struct tables tables;
void tables_clear(struct tables *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(tables, tables_clear)

/* Each gives a new member, borrowed from *t. */
struct table *tables_add(struct tables *t, const char *name);
struct sequence *tables_add_sequence(struct tables *t, const char *name);

void table_add_part(
    struct table *t, uint64_t rows, uint64_t bytes, const char *sha256);

/* Puts them at PATH, sorted by name.  SYSTEM. */
bool tables_write(struct tables *t, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Reads them into an empty *t.  SYSTEM; DATA with the line. */
bool tables_read(struct tables *t, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Counts and hashes the COPY text in the data file FD of a dump.  SYSTEM;
 * DATA: it does not end as such a file does. */
bool table_measure_file(struct table *t, int fd, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the SQL that a dump's list fills the table NAME with
 * ("COPY public.x (a, b) FROM stdin;\n"). */
char *table_fill_sql(const char *name, const char *columns);

/*
 * Compares every table that is not `seen`, and every sequence, with what the
 * database of L holds now, by JOBS connections.  DIFFERENCES gets a line (char
 * *, owned) for each that differs or can't be read; none: equal.  REMOTE: no
 * connection; STOPPED.
 */
bool tables_compare(const struct tables *t, const struct db_login *l,
    unsigned jobs, GPtrArray *differences,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
