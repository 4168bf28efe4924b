/*
 * Is this host one that people work on?
 */
#ifndef GONOGO_BACKUP_DRILL_HERE_H
#define GONOGO_BACKUP_DRILL_HERE_H

#include <glib.h>
#include <stdbool.h>

/* Gives the number of a process that is Bitbucket; 0: none can be seen. */
int here_bitbucket(void);

#endif
