/*
 * Which rows we copy ourselves, and in which parts.
 *
 *     table of 2,500 pages: [0, 1024) [1024, 2048) [2048, end)
 *     from page 65,536 on they have 2,048 pages, from 131,072 on 4,096, ...
 *
 * The parts of a table begin at fixed pages, however large it is, so that the
 * pages that nobody touched give the same object the next night.  Rows are
 * added at the end: the last part is a 32nd of the table or less, and the
 * parts are still few.
 */
#ifndef GONOGO_BACKUP_DB_PORTIONS_H
#define GONOGO_BACKUP_DB_PORTIONS_H

#include "backup/db/tables.h"
#include "backup/store/object.h"
#include "base/row_sum.h"

struct portion_table {
	char *oid, *schema, *plain_name;
	char *name;       /* both, quoted where needed */
	char *columns;    /* of the dump, in its order, quoted; "": none */
	uint64_t weight;  /* bytes on the server's disk, without indexes */
	GPtrArray *parts; /* struct portion, in the order of their pages */
};

struct portion {
	const struct portion_table *table;
	uint64_t first, end; /* pages; an `end` of 0: to the table's end */
	bool whole;          /* the table has no other part */
	uint64_t weight;
	/* what came of it */
	uint64_t rows, bytes; /* of the COPY text */
	char sha256[HASH_HEX + 1];
	struct row_sum sum;
	struct object object;
	int id; /* of its entry in the dump's list; 0: it has none */
};

typedef struct portions portions;
struct portions {
	GPtrArray *tables; /* struct portion_table, the largest first */
	uint64_t weight;
};
void portions_free(portions *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(portions, portions_free)

/* Gives the plan for the database that DB sees.  REMOTE. */
portions *portions_make(pg *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Adds to ARGUMENTS (char *, owned) what keeps pg_dump from dumping the rows of
 * these tables, and of no other: their names, never a pattern that could match
 * more.  What has no room on a command line, the smallest tables, leaves *p:
 * pg_dump sees to them.
 */
void portions_exclude(portions *p, GPtrArray *arguments);

/* Gives the SQL that reads PART. */
char *portions_read_sql(const struct portion *part);

/* Tells what came of the parts: one row of *t for each table. */
void portions_tell(const portions *p, struct tables *t);

#endif
