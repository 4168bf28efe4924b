/*
 * Alternates: a fork names the objects of the repository it borrows from by
 * the absolute path of their folder.  docs/sources.md#forks
 */
#ifndef GONOGO_BACKUP_HOME_LENDER_H
#define GONOGO_BACKUP_HOME_LENDER_H

#include "backup/home/site.h"

/* Gives the id of the repository whose objects LINE of the alternates of
 * repository BORROWER names; NULL: none of this home. */
char *lender_find(const struct site *s, uint64_t borrower, const char *line);

#endif
