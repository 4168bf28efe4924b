/*
 * WAL on its way into the store, by a thread of its own, for as long as a base
 * backup is copied and until it reaches the point.
 *
 *     wal_hold .. wal_begin .. (thread: segment --> object) .. wal_end
 */
#ifndef GONOGO_BACKUP_PHYSICAL_WAL_H
#define GONOGO_BACKUP_PHYSICAL_WAL_H

#include "backup/physical/parts.h"
#include "backup/store/object.h"
#include "port/pg_replication.h"

typedef struct wal wal;

/* Takes R, and has the server keep its WAL from now on.  REMOTE. */
wal *wal_hold(
    pg_replication *r, objects *o, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the thread, and the server may forget. */
void wal_free(wal *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wal, wal_free)

/* Begins to take what was written from the file on that FROM lies in.
 * REMOTE. */
bool wal_begin(wal *w, uint64_t from, unsigned timeline,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Does the thread still do well?  Its error. */
bool wal_check(wal *w, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until all before LSN has come.  The thread's error, STOPPED. */
bool wal_end(wal *w, uint64_t lsn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* struct db_file of each file; borrowed, after wal_end(). */
GPtrArray *wal_parts(wal *w);
/* Bytes of them. */
uint64_t wal_total(const wal *w);

#endif
