/*
 * A dump on its way back into an empty database, and the proof that it came:
 * every table's rows and sum and every sequence are compared.
 *
 *     pg_restore: tables -> our COPY: rows, from the store, compared on their
 *     way, indexes of small tables -> pg_restore: sequences, large objects, all
 *     other indexes and constraints
 *
 * Rows are held against the dump as the server takes them; only a rehearsal
 * (`read_back`) reads them from it again.
 *
 * A dump whose list we don't understand goes through files and pg_restore.
 */
#ifndef GONOGO_BACKUP_DB_LOAD_H
#define GONOGO_BACKUP_DB_LOAD_H

#include "backup/db/login.h"
#include "backup/store/store.h"

struct load_report {
	uint64_t tables, rows, sequences; /* compared */
	GPtrArray *differences; /* char *: what is not as it was; NULL: none */
};
typedef struct load_report load_report;
void load_report_clear(struct load_report *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(load_report, load_report_clear)

struct load_source { /* borrowed */
	const store *store;
	const char *toc, *tables; /* paths of the set's toc.dat, TABLES.tsv */
	const GPtrArray *files;   /* struct db_file */
	bool read_back;           /* compare with what the server has then */
};

/* How much of the empty folder SCRATCH load_run() will take.  DATA, SYSTEM. */
bool load_room(const struct load_source *from, uint64_t *bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Makes the database if it is not there, and loads it by JOBS connections (0:
 * as many as there are processors here).  All of it belongs to the role of the
 * login.  SCRATCH: an empty folder.  USAGE: the database holds something
 * already.  DATA: an object is harmed.  SYSTEM: a program is missing or failed.
 */
bool load_run(const struct db_login *l, const struct load_source *from,
    const char *scratch, unsigned jobs, struct load_report *report,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
