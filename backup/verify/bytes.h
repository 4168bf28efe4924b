/*
 * The bytes of stored files, read back: what lies there, and what it is when
 * plain.
 */
#ifndef GONOGO_BACKUP_VERIFY_BYTES_H
#define GONOGO_BACKUP_VERIFY_BYTES_H

#include "backup/verify/case.h"

/* Reads what is a record, and what is marked to be read, several files at a
 * time, in the order of the disk, and leaves no page of it in the cache.
 * SYSTEM, STOPPED; all else is a flaw. */
bool bytes_check(struct verify *v, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
