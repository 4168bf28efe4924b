/*
 * The store's trash: what no set needs any more, until nobody can want it back.
 *
 *     trash/<seq>-<utc>[-n]/      of one run: the number of the newest set
 *         snapshots/ objects/ segments/    then, and when; laid as in the store
 *
 * Moving is renaming, so nothing is ever half there.  `cp -an trash/X/. .` in
 * the store brings all of it back.
 */
#ifndef GONOGO_BACKUP_EXPIRE_TRASH_H
#define GONOGO_BACKUP_EXPIRE_TRASH_H

#include "backup/store/store.h"

typedef struct trash trash;
struct trash {
	const store *store;
	char *name; /* "trash/<seq>-<utc>" */
};

/* A folder for what goes now; it is made when the first thing does. */
void trash_begin(struct trash *t, const store *s, uint64_t newest, int64_t now);
void trash_clear(struct trash *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(trash, trash_clear)

/* Moves PATH of the store there, durably when trash_settle() has returned. */
bool trash_take(struct trash *t, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool trash_settle(struct trash *t, GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct trash_folder {
	char *name;
	uint64_t newest;
	int64_t since;
};
/* Gives struct trash_folder * of what lies in the trash, oldest first; other
 * names are passed over.  SYSTEM. */
GPtrArray *trash_folders(
    const store *s, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Brings PATH back from any of FOLDERS; *found: it was there. */
bool trash_bring_back(const store *s, const GPtrArray *folders,
    const char *path, bool *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes a folder for good. */
bool trash_empty(const store *s, const struct trash_folder *folder,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
