/*
 * The writer of a set's lists: MANIFEST.zst, FRAMES.tsv.zst, OBJECTS.tsv.zst
 * (backup/store/manifest.h), from the groups of a run.
 */
#ifndef GONOGO_BACKUP_STORE_INVENTORY_H
#define GONOGO_BACKUP_STORE_INVENTORY_H

#include "backup/store/group.h"

struct inventory_totals {
	uint64_t files, folders, links, bytes, repositories;
};

/* Writes them into the set's FOLDER, from finished groups; gives the index.
 * SYSTEM. */
struct manifest *inventory_write(groups *g, const char *folder,
    struct inventory_totals *totals, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
