/*
 * A group as the set before has it, held against what the home shows now.
 *
 *     before_open --> before_same, before_same, ... --> before_carry
 *                                                   \-> before_pass_on
 *
 * What is the same is not read.  A frame is taken over when all that is in it
 * is the same, so that its members are always those of the set; what is the
 * same in other frames is written anew, out of the store.
 */
#ifndef GONOGO_BACKUP_HOME_BEFORE_H
#define GONOGO_BACKUP_HOME_BEFORE_H

#include "backup/home/site.h"

typedef struct before before;

/* Of G, above all what is in frames of KIND; NULL: the set before has no such
 * group, or it can't be read. */
before *before_open(const struct site *s, const group *g, enum frame_kind kind);
void before_close(before *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(before, before_close)

/* What it says of PATH; NULL: nothing. */
const struct entry *before_find(const before *b, const char *path);

/* The largest that lies in the store as it is, or by its difference from such
 * a one, and whose name ends in SUFFIX; NULL: none. */
const struct entry *before_largest(const before *b, const char *suffix);

/*
 * Is PATH, which has STATUS now, what it was: size, times, inode, device,
 * rights, and its change not so late that there may be another in the same
 * tick?  And are its bytes still in the store?  Then it is marked.
 */
bool before_same(before *b, const char *path, const struct stat *status);

/* The same for what has its entry, but for xattrs, which it gets if it is the
 * same. */
bool before_same_entry(before *b, struct entry *now);

/*
 * Marks all files in the folder PATH, which has STATUS now, when nothing can
 * have come into it or gone since: for files that are never changed in place.
 */
bool before_same_folder(before *b, const char *path, const struct stat *status);

/*
 * Is all of the open FOLDER, known as PATH, what it was, but for objects? Looks
 * at every file and folder of then and lists nothing: where a name came or went
 * the folder's time is another.  SEEN gets what is below PATH, and is "" of
 * FOLDER itself.
 */
typedef void (*before_seen)(
    const char *path, const struct stat *status, void *user);
bool before_stands(
    before *b, int folder, const char *path, before_seen seen, void *user);

/* Was every entry of that kind marked? */
bool before_is_whole(const before *b);
unsigned before_length(const before *b);

/* Takes over all frames; all was marked. */
void before_carry(const before *b, group *g);

/*
 * Takes over the frames that are marked whole; of others it gives to SAVER,
 * which has a sitting, what is marked in them.  AGAIN gets the paths whose
 * bytes the store can't give any more: they are to be read.  TEE (may be NULL)
 * gets the rest.
 */
struct before_hooks {
	bool (*again)(const char *path, void *user, GError **error);
	bool (*tee)(const struct entry *e, const void *bytes, void *user,
	    GError **error);
	void *user;
};
bool before_pass_on(before *b, group *g, saver *s,
    const struct before_hooks *hooks, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
