/*
 * Alternates: a fork names the objects of the repository it borrows from by
 * the absolute path of their folder.  docs/sources.md#forks
 */
#ifndef GONOGO_BACKUP_HOME_LENDER_H
#define GONOGO_BACKUP_HOME_LENDER_H

#include "backup/home/site.h"

/* Gives the id of the repository whose objects LINE names, of the alternates
 * of the repository in the folder BORROWER; NULL: none of this home. */
char *lender_find(const struct site *s, const char *borrower, const char *line);

#endif
