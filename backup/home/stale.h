/*
 * How old what a mount shows may be.
 */
#ifndef GONOGO_BACKUP_HOME_STALE_H
#define GONOGO_BACKUP_HOME_STALE_H

#include "port/fs.h"

/* Seconds; 0: a local disk, or one without caches.  nfs(5). */
unsigned stale_s(const struct fs_mount *mount);

#endif
