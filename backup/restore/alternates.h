/*
 * Forks name the objects that they borrow by the absolute path of their folder
 * (docs/sources.md#forks), which is another one when the home moves.
 */
#ifndef GONOGO_BACKUP_RESTORE_ALTERNATES_H
#define GONOGO_BACKUP_RESTORE_ALTERNATES_H

#include "backup/store/entry.h"

/* Is it a repository's list of folders that it borrows from? */
bool alternates_is(const struct entry *e);

/* Gives the list TEXT with each repository's folder below HOME. */
char *alternates_move(const char *text, size_t length, const char *home);

#endif
