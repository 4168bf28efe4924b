/*
 * git's own checksums: a pack, its index and what lies beside it each end in
 * the SHA-1 of all that stands before.
 */
#ifndef GONOGO_BACKUP_HOME_SEAL_H
#define GONOGO_BACKUP_HOME_SEAL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct seal seal;

/* Does a file of this NAME end in such a sum? */
bool seal_is_on(const char *name);

seal *seal_new(void);
void seal_add(seal *s, const void *bytes, size_t length);
/* Was the sum right?  Frees S. */
bool seal_end(seal *s);

#endif
