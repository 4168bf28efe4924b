/*
 * The disk, by folder descriptors: nothing here follows a link that it was not
 * asked to follow.
 */
#ifndef GONOGO_PORT_FS_H
#define GONOGO_PORT_FS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* Opens folder PATH (O_DIRECTORY|O_CLOEXEC).  SYSTEM. */
int fs_open_folder(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Opens NAME below the folder ROOT so that no link on the way and no ".." can
 * leave ROOT (openat2 RESOLVE_BENEATH|NO_SYMLINKS|NO_MAGICLINKS).  -1: errno.
 */
int fs_open_beneath(int root, const char *name, int flags, mode_t mode);

/* Makes PATH and what is missing above it, with MODE.  SYSTEM. */
bool fs_make_folders(
    const char *path, mode_t mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives PATH, or the nearest folder above it that is there. */
char *fs_nearest_folder(const char *path);

/* Is PATH a folder without entries, or not there at all? */
bool fs_is_vacant(
    const char *path, bool *vacant, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes PATH and all below it, following no link.  SYSTEM. */
bool fs_remove_tree(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

struct fs_space {
	uint64_t free_bytes; /* for us, not for root */
	uint64_t size_bytes;
	char filesystem[32]; /* "ext4", "nfs", "xfs", ... or "0x..." */
};
bool fs_space(const char *path, struct fs_space *space,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Is there room for BYTES where PATH is, or will be?  WHAT needs them: "the
 * dump".  SYSTEM: there is not, with both figures and a hint. */
bool fs_has_room(const char *path, uint64_t bytes, const char *what,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for so many new files and folders. */
bool fs_has_inodes(const char *path, uint64_t count, const char *what,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The mount that PATH lies on, as /proc/self/mountinfo says.  Where it is
 * hidden (a chroot that is no mount of its own) only the kind of file system
 * is known, and the rest is NULL.  SYSTEM.
 */
typedef struct fs_mount fs_mount;
struct fs_mount {
	char *point, *filesystem, *source, *options;
};
bool fs_mount_of(const char *path, struct fs_mount *mount,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void fs_mount_clear(struct fs_mount *mount);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fs_mount, fs_mount_clear)

/*
 * Gives what a copy keeps of FD's extended attributes: user.* and POSIX ACLs;
 * NULL when there are none or the file system has none.  Other name spaces
 * belong to the host (labels, capabilities) and are left there.
 */
GBytes *fs_xattrs(int fd);
/* Steps through them: *at begins as 0; false at the end. */
struct fs_xattr {
	const char *name;
	const void *value; /* borrowed */
	size_t length;
};
bool fs_xattr_next(GBytes *xattrs, size_t *at, struct fs_xattr *xattr);
/* Adds one to a block that is on its way. */
void fs_xattr_add(
    GByteArray *block, const char *name, const void *value, size_t length);
/* Puts them on FD.  SYSTEM: the first that it refused; the rest are set. */
bool fs_set_xattrs(
    int fd, GBytes *xattrs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the names in FOLDER, open for reading and moved to its end, sorted;
 * NULL with errno. */
GPtrArray *fs_names(int folder);

/*
 * Goes through the tree below folder ROOT: each entry once, a folder before
 * what is in it, entries of a folder sorted by name, no link followed.
 */
struct fs_entry {
	int folder;       /* descriptor of the folder it is in */
	const char *name; /* in that folder */
	const char *path; /* from ROOT: "data/repositories/1/HEAD" */
	struct stat status;
};
enum fs_step { FS_ON, FS_SKIP, FS_STOP }; /* SKIP: do not go into it */
/* STOP with *error set is an error, without it an end. */
typedef enum fs_step (*fs_visit)(
    const struct fs_entry *entry, void *user, GError **error);
/* An entry that vanished is passed over; LOST gets what can't be read. */
typedef void (*fs_lost)(const char *path, int error_number, void *user);
bool fs_walk(int root, fs_visit visit, fs_lost lost, void *user,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same, but nothing is asked of the disk about a PATH that WANT (may be
 * NULL) does not want. */
typedef bool (*fs_want)(const char *path, void *user);
bool fs_walk_wanted(int root, fs_want want, fs_visit visit, fs_lost lost,
    void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
