/*
 * `verify` of an asserted set: its own record is all that can be read here.
 */
#ifndef GONOGO_BACKUP_ASSERTED_VERIFY_H
#define GONOGO_BACKUP_ASSERTED_VERIFY_H

#include "backup/store/set.h"

/*
 * Holds the record against its checksums, prints what was not read, and writes
 * no proof: of what nobody read there is none.  Gives UNKNOWN's exit code, or
 * NO-GO's when the record was changed; -1 with *error set.
 */
int asserted_verify(const store *s, const struct set *set, GError **error);

#endif
