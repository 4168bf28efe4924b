/*
 * The list of contents of a dump, told of the rows that we copied ourselves, so
 * that pg_restore finds all in one place.
 */
#ifndef GONOGO_BACKUP_DB_ASSEMBLE_H
#define GONOGO_BACKUP_DB_ASSEMBLE_H

#include "backup/db/portions.h"

/*
 * Adds P's tables to the list at PATH, and gives each part its number: its rows
 * are to lie in "<id>.dat" beside it.  A table that the list does not have adds
 * a line to *FLAWS.  DATA: it is no such list; SYSTEM.
 */
bool assemble(const char *path, portions *p, GPtrArray **flaws,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
