/*
 * A restored copy that may be started beside production.
 *
 *     properties away -> database rewritten -> searched for what is left ->
 *     new properties, the list of changes; then the mark goes
 *
 * Denied by default: what names a place of production is rewritten, or goes,
 * or is an error that names it.  After an error the home has no
 * bitbucket.properties, so nothing starts from it.
 */
#ifndef GONOGO_BACKUP_STAGING_H
#define GONOGO_BACKUP_STAGING_H

#include "backup/db/login.h"
#include "backup/store/set.h"

#define STAGING_CHANGES "gonogo-staging-changes.txt" /* in the home */

struct staging {          /* all of it borrowed */
	const char *url;  /* base URL of the copy */
	const char *home; /* restored, with its mark (restore/tree.h) */
	const struct db_login *login; /* of the restored database */
	const struct set *set;
};

/* To ask before anything is restored.  USAGE: no web URL. */
bool staging_check(const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Prints each change, too.  USAGE: the URL is production's own.  DATA: what
 * can't be rewritten, each thing by name.  REMOTE, SYSTEM, STOPPED. */
bool staging_apply(
    const struct staging *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
