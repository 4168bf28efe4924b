/*
 * What lies in the store beside the set that is verified: told by name, and no
 * flaw of the set, which is whole without it.
 *
 *     proofs that were harmed       they prove nothing any more
 *     folders without a record      a run that was cut off, or a set that is
 *                                   lost
 *     objects, segments             that no set uses
 *
 * What lies in tmp/, trash/ and lock/ belongs to no set and is not read.
 */
#ifndef GONOGO_BACKUP_VERIFY_SURPLUS_H
#define GONOGO_BACKUP_VERIFY_SURPLUS_H

#include "backup/verify/case.h"

/* SYSTEM. */
bool surplus_tell(
    const struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
