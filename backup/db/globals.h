/*
 * What belongs to the whole server, and is no part of the point: roles and
 * tablespaces.
 *
 *     SCRATCH/globals.sql     without passwords, where the role may list them
 *     SCRATCH/passwords.sql   the roles' password hashes, where it may read
 *                             them: apart, so that the former can be shown
 */
#ifndef GONOGO_BACKUP_DB_GLOBALS_H
#define GONOGO_BACKUP_DB_GLOBALS_H

#include "backup/db/login.h"

struct globals {
	char *roles, *passwords; /* paths, mode 0600; NULL: not made */
	char *why;               /* roles were not saved; NULL: they were */
};
typedef struct globals globals;
void globals_clear(struct globals *g);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(globals, globals_clear)

/* PG_DUMPALL: its path.  SYSTEM; REMOTE. */
bool globals_dump(const struct db_login *l, const char *database,
    const char *pg_dumpall, const char *scratch, struct globals *g,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
