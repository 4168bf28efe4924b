/*
 * A physical copy on its way back: a data folder that PostgreSQL starts on,
 * and that ends its recovery at the point of the set.
 *
 *     parts --> files, folders --> held against backup_manifest --> WAL,
 *     recovery settings --> made durable; then global/pg_control gets its name
 *
 * So no server starts on half of one.  Tablespaces are laid where they are told
 * to, else beside the data folder, in FOLDER.tablespaces: a link to where the
 * old server had them would lead to the old server's files.
 */
#ifndef GONOGO_BACKUP_PHYSICAL_LAY_H
#define GONOGO_BACKUP_PHYSICAL_LAY_H

#include "backup/physical/laying.h"

struct lay_counts {
	uint64_t files, bytes;
};

/* To ask before anything is written: a set of that kind, places that are
 * vacant, room.  USAGE, DATA, SYSTEM. */
bool lay_check(const struct lay *l, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* DATA: an object is harmed, or what came is not what backup_manifest says;
 * SYSTEM, STOPPED. */
bool lay_run(const struct lay *l, struct lay_counts *counts,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
