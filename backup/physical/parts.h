/*
 * What a physical copy is called in `db/FILES.tsv` of its set:
 *
 *     base.tar.00000001        a part of the data folder's archive
 *     16384.tar.00000001       of a tablespace's, by its number
 *     000000010000000000000002 a file of WAL
 *     00000002.history         where a timeline comes from
 *
 * All parts of an archive, one behind the other in the order of their names,
 * are the tar archive that the server sent.  Beside it `db/backup_manifest` as
 * it came, and `db/TABLESPACES.tsv`: number, folder.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_PARTS_H
#define GONOGO_BACKUP_PHYSICAL_PARTS_H

#include "backup/db/files.h"

#define PHYSICAL_MANIFEST "db/backup_manifest"
#define PHYSICAL_TABLESPACES "db/TABLESPACES.tsv"
#define PHYSICAL_BASE "base" /* the archive of the data folder */

enum part_kind { PART_ARCHIVE, PART_WAL, PART_HISTORY, PART_UNKNOWN };
enum part_kind part_kind(const char *name);

/* Gives "base.tar.00000001". */
char *part_name(const char *archive, unsigned number);
/* Gives "base" of it; its NUMBER. */
char *part_archive(const char *name, unsigned *number);

struct tablespace {
	char *number, *folder;
};
/* A list of struct tablespace *; unreffing it frees them. */
GPtrArray *tablespaces_new(void);
void tablespaces_add(GPtrArray *list, const char *number, const char *folder);
bool tablespaces_write(const GPtrArray *list, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* SYSTEM; DATA with the line. */
GPtrArray *tablespaces_read(
    const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
