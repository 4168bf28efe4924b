/*
 * Those of git's caches (backup/home/cache.h) that name nothing but what is in
 * the copy, held open: what was judged is what is saved, though git may have
 * put another file in its place meanwhile.
 */
#ifndef GONOGO_BACKUP_HOME_PINNED_H
#define GONOGO_BACKUP_HOME_PINNED_H

#include "backup/home/cache.h"

typedef struct pinned pinned;

/* Judges the caches of the open repository FOLDER.  PACKS: names of the packs
 * in the copy; HAS answers for its objects. */
pinned *pinned_judge(int folder, GHashTable *packs, cache_has has, void *user);
void pinned_free(pinned *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pinned, pinned_free)

/* Is PATH, from the repository down, one that is judged? */
bool pinned_is_judged(const char *path);
/* Gives its descriptor, at its beginning; -1: it is not to be saved. */
int pinned_take(pinned *p, const char *path);

#endif
