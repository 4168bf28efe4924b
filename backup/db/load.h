/*
 * A dump on its way back into an empty database, and the proof that it came:
 * every table's rows and checksum and every sequence are compared afterwards.
 */
#ifndef GONOGO_BACKUP_DB_LOAD_H
#define GONOGO_BACKUP_DB_LOAD_H

#include "backup/db/login.h"

/*
 * Can a dump be loaded by L: is the database empty, or not there and may it be
 * made?  To ask before anything else is restored.  USAGE: it holds something.
 * REMOTE: no connection, no right.
 */
bool load_check(
    const struct db_login *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct load_report {
	uint64_t tables, rows, sequences; /* compared */
	GPtrArray *differences; /* char *: what is not as it was; NULL: none */
};
typedef struct load_report load_report;
void load_report_clear(struct load_report *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(load_report, load_report_clear)

/*
 * Makes the database if it is not there, and loads it from SCRATCH/dump
 * (toc.dat and the data files, plain) and SCRATCH/large-objects.sql where that
 * is there, by JOBS workers (0: two).  SAVED: path of the set's TABLES.tsv.
 * All of it belongs to the role of the login.  USAGE: the database holds
 * something already.  SYSTEM: a program is missing or failed.
 */
bool load_run(const struct db_login *l, const char *scratch, const char *tables,
    unsigned jobs, struct load_report *report,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
