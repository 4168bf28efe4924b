/*
 * A set's database on its way back into an empty one: its rows straight from
 * the store, the rest by way of a scratch folder (backup/db/load.h).
 */
#ifndef GONOGO_BACKUP_REFILL_H
#define GONOGO_BACKUP_REFILL_H

#include "backup/db/load.h"
#include "backup/store/set.h"

/* To ask before anything else is restored: does the set hold a database, is
 * there room in $TMPDIR, is the database of L empty or may it be
 * made?  USAGE, REMOTE, SYSTEM. */
bool refill_check(const struct set *set, const struct db_login *l,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* READ_BACK: backup/db/load.h.  DATA: an object of the dump is harmed.  Else as
 * load_run(). */
bool refill_run(const store *s, const struct set *set, const struct db_login *l,
    unsigned jobs, bool read_back, struct load_report *report,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
