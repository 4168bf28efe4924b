#include "port/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "base/error.h"

int fs_open_folder(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail_errno(error, "%s", path);
	return fd;
}

int fs_open_beneath(int root, const char *name, int flags, mode_t mode)
{
	struct open_how how = {
	    .flags = (uint64_t)(flags | O_CLOEXEC),
	    .mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0,
	    .resolve =
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, name, &how, sizeof how);
}

bool fs_make_folders(const char *path, mode_t mode, GError **error)
{
	g_autofree char *copy = g_strdup(path);

	for (char *slash = copy;; slash++) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = 0;
		if (mkdir(copy, mode) != 0 && errno != EEXIST)
			return fail_errno(error, "making folder %s", copy);
		if (!slash)
			break;
		*slash = '/';
		if (!slash[1])
			break;
	}
	struct stat status;
	if (stat(path, &status) != 0)
		return fail_errno(error, "%s", path);
	errno = ENOTDIR;
	return S_ISDIR(status.st_mode) || fail_errno(error, "%s", path);
}

char *fs_nearest_folder(const char *path)
{
	char *at = g_strdup(path);

	/* A relative path ends at ".", an absolute one at "/". */
	while (!g_file_test(at, G_FILE_TEST_IS_DIR) && !g_str_equal(at, "/") &&
	       !g_str_equal(at, ".")) {
		char *above = g_path_get_dirname(at);
		g_free(at);
		at = above;
	}
	return at;
}

bool fs_is_vacant(const char *path, bool *vacant, GError **error)
{
	DIR *folder = opendir(path);

	if (!folder && errno == ENOENT) {
		*vacant = true;
		return true;
	}
	if (!folder)
		return fail_errno(error, "%s", path);
	*vacant = true;
	for (struct dirent *e; *vacant && (e = readdir(folder));)
		*vacant =
		    g_str_equal(e->d_name, ".") || g_str_equal(e->d_name, "..");
	closedir(folder);
	return true;
}

/* Removes the entry NAME of FOLDER; a folder with all that is in it. */
static bool remove_entry(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return false;
	int fd = openat(
	    folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *inside = fd < 0 ? NULL : fdopendir(fd);
	if (!inside) {
		if (fd >= 0)
			ignore(close(fd));
		return false;
	}
	bool good = true;
	for (struct dirent *e; good && (e = readdir(inside));)
		if (!g_str_equal(e->d_name, ".") &&
		    !g_str_equal(e->d_name, ".."))
			good = remove_entry(dirfd(inside), e->d_name);
	int saved = errno;
	closedir(inside);
	errno = saved;
	return good && unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

bool fs_remove_tree(const char *path, GError **error)
{
	return remove_entry(AT_FDCWD, path) ||
	       fail_errno(error, "removing %s", path);
}

struct walk {
	fs_visit visit;
	fs_lost lost;
	void *user;
	GError **error;
};

static void lose(struct walk *w, const char *path, int number)
{
	if (number != ENOENT && w->lost)
		w->lost(path, number, w->user);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *fs_names(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	if (!listing) {
		int saved = errno;
		if (fd >= 0)
			ignore(close(fd));
		errno = saved;
		return NULL;
	}
	errno = 0;
	for (struct dirent *e; (e = readdir(listing)); errno = 0)
		if (!g_str_equal(e->d_name, ".") &&
		    !g_str_equal(e->d_name, ".."))
			g_ptr_array_add(names, g_strdup(e->d_name));
	int saved = errno;
	closedir(listing);
	errno = saved;
	if (saved)
		return NULL;
	g_ptr_array_sort(names, by_name);
	return g_steal_pointer(&names);
}

/* PATH is the path of FOLDER and serves for those of its entries. */
static enum fs_step walk(struct walk *w, int folder, GString *path)
{
	g_autoptr(GPtrArray) names = fs_names(folder);
	size_t length = path->len;

	if (!names) {
		lose(w, path->str, errno);
		return FS_ON;
	}
	for (guint i = 0; i < names->len; i++) {
		struct fs_entry entry = {.folder = folder};
		entry.name = g_ptr_array_index(names, i);
		g_string_truncate(path, length);
		if (length)
			g_string_append_c(path, '/');
		entry.path = g_string_append(path, entry.name)->str;
		if (fstatat(folder, entry.name, &entry.status,
			AT_SYMLINK_NOFOLLOW) != 0) {
			lose(w, entry.path, errno);
			continue;
		}
		enum fs_step step = w->visit(&entry, w->user, w->error);
		if (step == FS_STOP)
			return FS_STOP;
		if (step == FS_SKIP || !S_ISDIR(entry.status.st_mode))
			continue;
		int inner = openat(folder, entry.name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0) {
			lose(w, entry.path, errno);
			continue;
		}
		step = walk(w, inner, path);
		ignore(close(inner));
		if (step == FS_STOP)
			return FS_STOP;
	}
	return FS_ON;
}

bool fs_walk(int root, fs_visit visit, fs_lost lost, void *user, GError **error)
{
	GError *stopped = NULL;
	struct walk w = {visit, lost, user, &stopped};
	g_autoptr(GString) path = g_string_new(NULL);

	walk(&w, root, path);
	if (!stopped)
		return true;
	g_propagate_error(error, stopped);
	return false;
}
