/*
 * The archives of a server's base backup on their way into the store.
 *
 *     tar    | header header B B B B | pad header C C | pad ...
 *     parts  | 1             | 2     | 3          | 4 | 5
 *
 * A file of 1 MiB or more is a part of its own, and a part is an object: one
 * that is as it was yesterday costs nothing today, and its name is the checksum
 * that the server's own manifest has of it.  What lies between goes together.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_CUT_H
#define GONOGO_BACKUP_PHYSICAL_CUT_H

#include "backup/physical/parts.h"
#include "backup/store/object.h"

/* A file as the server's manifest names it: "base/5/1259",
 * "pg_tblspc/16384/PG_15_202209061/5/16385". */
struct cut_file {
	char *path;
	uint64_t bytes;
	char sha256[HASH_HEX + 1];
};

typedef struct cut cut;
cut *cut_new(objects *o);
void cut_free(cut *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cut, cut_free)

/* The archive NAME ("base.tar") of FOLDER ("": the data folder) begins; bytes
 * are of the last one; that was all.  DATA: no such archive.  SYSTEM. */
bool cut_archive(cut *c, const char *name, const char *folder,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool cut_bytes(cut *c, const void *bytes, size_t length,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool cut_end(cut *c, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What came so far; borrowed.  struct db_file of each part; path -> struct
 * cut_file; struct tablespace; bytes of all archives. */
GPtrArray *cut_parts(cut *c);
GHashTable *cut_files(cut *c);
GPtrArray *cut_tablespaces(cut *c);
uint64_t cut_total(const cut *c);

#endif
