/*
 * Who may have to wait while we read the home: Bitbucket's users, as its own
 * page /status tells, and all who look for a name on the home's file system.
 */
#ifndef GONOGO_BACKUP_COURTESY_H
#define GONOGO_BACKUP_COURTESY_H

#include "backup/pace.h"
#include "contract/settings.h"

typedef struct courtesy courtesy;

/* URL: the node to ask; NULL: none.  HOME: NULL: none is read. */
courtesy *courtesy_begin(
    const struct settings *s, const char *url, const char *home);
/* What reading passes through; borrowed. */
throttle *courtesy_throttle(courtesy *c);
/* Gives what is to be said at the end; NULL: nobody had to wait longer. */
char *courtesy_end(courtesy *c);
void courtesy_free(courtesy *c);

#endif
