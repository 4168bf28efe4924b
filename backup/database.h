/*
 * The database's part of a backup: its point, the dump of it, the rows that
 * the home is held against.
 */
#ifndef GONOGO_BACKUP_DATABASE_H
#define GONOGO_BACKUP_DATABASE_H

#include "backup/job.h"

/* All that takes long and may come before the point: a physical copy's
 * files. */
bool database_copy(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Takes the point T0: from now on the database is seen as it was then.  In a
 * set without a database T0 is now.
 */
bool database_point(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BUSY: somebody waited for us, and the point had to be given up.  Then
 * database_forget() makes room for another one. */
bool database_dump(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void database_forget(struct job *j);

/* Puts what was dumped into the set. */
bool database_save(struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Holds the copied home against the rows of the point. */
bool database_cross_check(
    struct job *j, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
