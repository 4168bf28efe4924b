/*
 * Where a repository finds its objects: in itself and in those it borrows
 * from, as far as they are in the copy.
 */
#ifndef GONOGO_BACKUP_HOME_CLOSURE_H
#define GONOGO_BACKUP_HOME_CLOSURE_H

#include "backup/home/repository.h"

typedef struct closure closure;

/* ALL: id (char *) -> struct repository.  SYSTEM, DATA. */
closure *closure_open(const struct site *s, GHashTable *all,
    struct repository *r, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void closure_close(closure *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(closure, closure_close)

bool closure_has(const closure *c, const struct oid *oid);
/* A cache_has: USER is the closure. */
bool closure_has_all(const struct oid *oids, size_t length, void *user);

#endif
