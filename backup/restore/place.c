#include "backup/restore/place.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/unpack.h"
#include "base/error.h"
#include "port/fs.h"

static bool can_open_beneath(int root, const char *path, GError **error)
{
	int fd = fs_open_beneath(root, ".", O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0)
		ignore(close(fd));
	return fd >= 0 ||
	       fail(error, GONOGO_ERROR_SYSTEM,
		   "%s: %s: this system can't open a name without following "
		   "links (openat2), and nothing is restored without that\n"
		   "hint: restore on Linux 5.6 or later, where no sandbox "
		   "forbids it; or use restore.sh",
		   path, g_strerror(errno));
}

bool place_open(
    struct place *p, const char *path, bool allow_setuid, GError **error)
{
	p->folder = -1;
	p->allow_setuid = allow_setuid;
	p->is_root = geteuid() == 0;
	p->root = fs_open_folder(path, error);
	return p->root >= 0 && can_open_beneath(p->root, path, error);
}

static void forget(struct place *p)
{
	if (p->folder >= 0)
		ignore(close(p->folder));
	p->folder = -1;
	g_clear_pointer(&p->folder_path, g_free);
}

void place_close(struct place *p)
{
	forget(p);
	if (p->root >= 0)
		ignore(close(p->root));
	p->root = -1;
}

/* ---- names ---- */

/* Opens the folder PATH, making what is missing of it.  -1: *error. */
static int open_folder(struct place *p, const char *path, GError **error)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = fs_open_beneath(p->root, *path ? path : ".", flags, 0);

	if (fd >= 0 || errno != ENOENT) {
		if (fd < 0)
			fail_errno(error, "%s", path);
		return fd;
	}
	g_autofree char *above = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	int parent =
	    open_folder(p, g_str_equal(above, ".") ? "" : above, error);
	if (parent < 0)
		return -1;
	/* Its own mode comes with its entry, after all that is in it. */
	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		fail_errno(error, "%s", path);
	else if ((fd = fs_open_beneath(parent, name, flags, 0)) < 0)
		fail_errno(error, "%s", path);
	ignore(close(parent));
	return fd;
}

/* The folder that PATH lies in (borrowed from P), and its name there. */
static int folder_of(
    struct place *p, const char *path, const char **name, GError **error)
{
	const char *slash = strrchr(path, '/');
	g_autofree char *above =
	    slash ? g_strndup(path, (gsize)(slash - path)) : g_strdup("");

	*name = slash ? slash + 1 : path;
	if (p->folder_path && g_str_equal(p->folder_path, above))
		return p->folder;
	forget(p);
	p->folder = open_folder(p, above, error);
	if (p->folder >= 0)
		p->folder_path = g_steal_pointer(&above);
	return p->folder;
}

/* Of a new place only the set itself has filled any name. */
static bool taken(const struct entry *e, GError **error)
{
	return errno == EEXIST
		   ? fail(error, GONOGO_ERROR_DATA,
			 "%s: the set has two entries of this name", e->path)
		   : fail_errno(error, "%s", e->path);
}

int place_file(struct place *p, const struct entry *e, GError **error)
{
	const char *name;
	int folder = folder_of(p, unpack_name(e), &name, error);

	if (folder < 0)
		return -1;
	int fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		taken(e, error);
	return fd;
}

/* ---- what an entry says besides its content ---- */

static struct timespec time_of(const struct entry *e)
{
	static const int64_t second = 1000000000;
	int64_t rest = ((e->mtime_ns % second) + second) % second;

	return (struct timespec){
	    .tv_sec = (e->mtime_ns - rest) / second, .tv_nsec = rest};
}

static bool dress(
    const struct place *p, int fd, const struct entry *e, GError **error)
{
	const struct timespec times[2] = {time_of(e), time_of(e)};
	mode_t mode = p->allow_setuid ? e->mode : e->mode & 01777;

	/* The owner first: changing it clears setuid bits. */
	if (p->is_root && fchown(fd, e->uid, e->gid) != 0)
		return fail_errno(error, "%s: owner", e->path);
	if (fchmod(fd, mode) != 0)
		return fail_errno(error, "%s: mode", e->path);
	if (e->xattrs && !fs_set_xattrs(fd, e->xattrs, error)) {
		g_prefix_error(error, "%s: ", e->path);
		return false;
	}
	return futimens(fd, times) == 0 ||
	       fail_errno(error, "%s: time", e->path);
}

bool place_end_file(struct place *p, int fd, bool written,
    const struct entry *e, GError **error)
{
	bool good = written && dress(p, fd, e, error);

	if (close(fd) != 0 && good)
		good = fail_errno(error, "closing %s", e->path);
	return good;
}

/* ---- links and folders ---- */

bool place_stand_in(
    struct place *p, const struct entry *e, const char *target, GError **error)
{
	const char *name;
	int folder = folder_of(p, unpack_name(e), &name, error);

	return folder >= 0 &&
	       (symlinkat(target, folder, name) == 0 || taken(e, error));
}

bool place_link(struct place *p, const struct entry *e, GError **error)
{
	const struct timespec times[2] = {time_of(e), time_of(e)};

	if (!place_stand_in(p, e, e->target, error))
		return false;
	const char *name = strrchr(unpack_name(e), '/');
	name = name ? name + 1 : unpack_name(e);
	if (p->is_root &&
	    fchownat(p->folder, name, e->uid, e->gid, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_errno(error, "%s: owner", e->path);
	return utimensat(p->folder, name, times, AT_SYMLINK_NOFOLLOW) == 0 ||
	       fail_errno(error, "%s: time", e->path);
}

bool place_hard_link(struct place *p, const struct entry *e, GError **error)
{
	const char *first = e->target + strspn(e->target, "/"), *name;
	g_autofree char *above = g_path_get_dirname(first);
	g_autofree char *first_name = g_path_get_basename(first);
	int from = open_folder(p, g_str_equal(above, ".") ? "" : above, error);
	bool good = false;

	if (from < 0)
		return false;
	int folder = folder_of(p, unpack_name(e), &name, error);
	if (folder >= 0)
		good = linkat(from, first_name, folder, name, 0) == 0 ||
		       taken(e, error);
	ignore(close(from));
	return good;
}

bool place_folder(struct place *p, const struct entry *e, GError **error)
{
	int fd = open_folder(p, unpack_name(e), error);
	bool good = fd >= 0 && dress(p, fd, e, error);

	if (fd >= 0)
		ignore(close(fd));
	return good;
}
