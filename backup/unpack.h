/*
 * A group's small files, out of the frames of segments that they lie in.
 *
 *     frames --> members --> those that the entries name, checked
 *
 * Verify and restore both read by it, so that what the one has found sound is
 * what the other writes.
 */
#ifndef GONOGO_BACKUP_UNPACK_H
#define GONOGO_BACKUP_UNPACK_H

#include "backup/store/manifest.h"
#include "backup/store/store.h"

struct unpack {
	const store *store;
	/* Is this file asked for?  NULL: all are. */
	bool (*wants)(const struct entry *e, void *user);
	/* Gets each one's whole content, once; NULL: it is only checked. */
	bool (*file)(const struct entry *e, const void *bytes, size_t length,
	    void *user, GError **error);
	void *user;
};

/*
 * Reads the small files among ENTRIES (struct entry *) of G; frames that hold
 * none of them are not read.  DATA: a frame is harmed, or a file is not in it
 * with the bytes that its entry says; SYSTEM; the hook's error.  Any thread.
 */
bool unpack_group(const struct unpack *u, const struct manifest_group *g,
    const GPtrArray *entries, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Asks the disk for the group's frames, so that they come while those before
 * are read. */
void unpack_ask_ahead(const store *s, const struct manifest_group *g);

/* An entry's path without the slash that names outside of the home begin
 * with: what tar calls it. */
const char *unpack_name(const struct entry *e);

#endif
