/*
 * The restored database, held against the evidence and the restored home.
 */
#ifndef GONOGO_BACKUP_DRILL_ROWS_H
#define GONOGO_BACKUP_DRILL_ROWS_H

#include "backup/db/login.h"
#include "backup/drill/case.h"

/*
 * Are the tables that the backup counted and hashed (EVIDENCE.json) those that
 * a restore is compared with (TABLES.tsv)?  What differs is a flaw.  SYSTEM.
 */
bool rows_check_tables(
    struct drill *d, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The cross-check, on what came back: each repository's row has its folder and
 * each folder its row, and each commit that an open pull request names is
 * there.  What the set's own records tell already is no flaw of the drill.
 * REMOTE, SYSTEM, STOPPED.
 */
bool rows_check(struct drill *d, const struct db_login *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
