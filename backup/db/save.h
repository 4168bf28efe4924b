/*
 * A dump on its way into a set: its data files as objects, the rest into the
 * set's `db/` (backup/db/files.h).
 */
#ifndef GONOGO_BACKUP_DB_SAVE_H
#define GONOGO_BACKUP_DB_SAVE_H

#include "backup/db/dump.h"
#include "backup/store/run.h"

/*
 * Takes the files out of scratch space one by one as they are saved, and tells
 * the records of the set what they hold and from which POINT.  SYSTEM.
 */
bool dump_save(run *r, const struct dump *d, const struct db_point *point,
    struct snapshot *set, struct evidence *how,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
