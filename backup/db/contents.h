/*
 * The list of contents of a directory dump, toc.dat, in archive version 1.14
 * (pg_dump of PostgreSQL 12 to 15): read, added to, written again.
 *
 *     "PGDMP" 1 14 0, sizes, format | header | count | entry, entry, ...
 *     int: sign byte and 4 bytes, least first;  text: length (-1: NULL), bytes
 *
 * pg_dump sees to all but the rows of most tables; the entries that tell
 * pg_restore where those rows lie are ours.
 */
#ifndef GONOGO_BACKUP_DB_CONTENTS_H
#define GONOGO_BACKUP_DB_CONTENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum contents_section {
	CONTENTS_NONE = 1, /* comments, rights: belongs to another entry */
	CONTENTS_PRE_DATA,
	CONTENTS_DATA,
	CONTENTS_POST_DATA,
};

struct contents_entry { /* texts may be NULL */
	int id;
	int has_data;
	char *catalogue, *oid; /* which catalogue, which row of it */
	char *tag, *kind;      /* "project", "TABLE DATA" */
	int section;
	char *sql, *drop_sql, *copy_sql;
	char *schema, *tablespace, *method, *owner, *with_oids;
	GPtrArray *needs; /* char *: ids of other entries */
	char *file;       /* "": none */
};

typedef struct contents contents;
struct contents {
	GByteArray *head;   /* all before the count, as it was */
	GPtrArray *entries; /* struct contents_entry * */
	int last_id;        /* the highest */
};

void contents_free(contents *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(contents, contents_free)

/* Are these the first bytes of an archive that we understand? */
bool contents_is_known(const void *bytes, size_t length);

/* Gives what LENGTH bytes at BYTES, known as NAME, say.  DATA. */
contents *contents_parse(const void *bytes, size_t length, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives its bytes. */
GByteArray *contents_print(const contents *a);

/*
 * Adds entries for a TABLE's rows in PARTS files, named "<id>.dat"; gives the
 * id of the first, the others follow it.
 *
 *     TABLE <- part 1 <- part 2, part 3, ... <- index, constraint, ...
 *
 * Part 1 alone empties the table (in a parallel pg_restore), so all others wait
 * for it; and what waits for the table's rows waits for all of them.
 */
int contents_add_rows(contents *a, const struct contents_entry *table,
    const char *copy_sql, unsigned parts);

#endif
