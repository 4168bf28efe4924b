/*
 * Has anything that can change in a repository changed since it was looked at?
 * Told by its folders and files alone: none is opened or listed again.
 *
 *     stamp_take .. read its refs .. lock .. stamp_holds?
 *                                            yes: what was read still stands
 *
 * git replaces a ref, and each other file of its own, by renaming another one
 * to its name, which shows in the folder: so folders are looked at, and of
 * files all but refs (a log of refs is added to in place).  Objects are not
 * looked at: they are only ever added, and a harvest comes after.
 */
#ifndef GONOGO_BACKUP_HOME_STAMP_H
#define GONOGO_BACKUP_HOME_STAMP_H

#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>

typedef struct stamp stamp;

/* Looks at the repository whose open folder is FOLDER, before it is read.
 * NULL: it could not be looked at as a whole. */
stamp *stamp_take(int folder);
void stamp_free(stamp *s);
/* The same by looks that another takes: each path below FOLDER ("": itself) and
 * what was seen there; those that do not belong into a stamp are passed over.
 */
stamp *stamp_begin(void);
void stamp_add(stamp *s, const char *path, const struct stat *status);
void stamp_end(stamp *s);

/*
 * Is FOLDER as it was?  False also when somebody wrote in the very moment it
 * was looked at: a clock's tick may hide what came after.
 */
bool stamp_holds(const stamp *s, int folder);

/* The same without that doubt. */
bool stamp_is_same(const stamp *s, int folder);

/* How many looks that takes. */
unsigned stamp_looks(const stamp *s);

/* How many may look at a time: they wait for the file system, not for a
 * processor. */
enum { STAMP_LOOKERS = 64 };

#endif
