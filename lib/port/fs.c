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
	enum { STALE_TRIES = 3 };
	int fd = -1;

	/* A server that has put another in its place is asked by name again. */
	for (int left = STALE_TRIES; left > 0; left--) {
		fd = (int)syscall(SYS_openat2, root, name, &how, sizeof how);
		if (fd >= 0 || errno != ESTALE)
			break;
	}
	return fd;
}

static bool make_all(const char *path, mode_t mode, GError **error)
{
	g_autofree char *copy = g_strdup(path);

	for (char *slash = copy;; slash++) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = 0;
		if (mkdir(copy, mode) != 0 && errno != EEXIST)
			return fail_errno(error, "making folder %s", copy);
		if (!slash)
			return true;
		*slash = '/';
		if (!slash[1])
			return true;
	}
}

bool fs_make_folders(const char *path, mode_t mode, GError **error)
{
	struct stat status;

	/* Most often only the last one is missing, or none. */
	if (mkdir(path, mode) == 0)
		return true;
	if (errno == ENOENT)
		return make_all(path, mode, error);
	if (errno != EEXIST)
		return fail_errno(error, "making folder %s", path);
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

/* ---- listing ---- */

enum { LISTING = 64 * 1024 }; /* bytes of names read at a time */

/* As the kernel gives it: getdents64(2). */
struct listed {
	uint64_t inode;
	int64_t next;
	unsigned short length;
	unsigned char type;
	char name[];
};

struct name {
	char *text;
	uint64_t inode;
	unsigned char type; /* DT_... */
};

static void name_clear(gpointer data)
{
	g_free(((struct name *)data)->text);
}

static bool is_itself(const char *name)
{
	return g_str_equal(name, ".") || g_str_equal(name, "..");
}

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(
	    ((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* Gives struct name of all that is in the open FOLDER, which was not read yet,
 * sorted; NULL with errno. */
static GArray *list(int folder)
{
	g_autofree char *buffer = g_malloc(LISTING);
	g_autoptr(GArray) names =
	    g_array_new(FALSE, FALSE, sizeof(struct name));

	g_array_set_clear_func(names, name_clear);
	for (;;) {
		long got = syscall(SYS_getdents64, folder, buffer, LISTING);
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		for (long at = 0; at < got;) {
			const struct listed *one =
			    (const struct listed *)(void *)(buffer + at);
			at += one->length;
			if (is_itself(one->name))
				continue;
			struct name name = {
			    g_strdup(one->name), one->inode, one->type};
			g_array_append_val(names, name);
		}
	}
	g_array_sort(names, by_text);
	return g_steal_pointer(&names);
}

static int open_again(int folder)
{
	return openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

GPtrArray *fs_names(int folder)
{
	g_autoptr(GArray) listed =
	    lseek(folder, 0, SEEK_SET) < 0 ? NULL : list(folder);

	if (!listed)
		return NULL;
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < listed->len; i++)
		g_ptr_array_add(
		    names, g_steal_pointer(
			       &g_array_index(listed, struct name, i).text));
	return names;
}

/* ---- walking ---- */

struct walk {
	fs_want want;
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

/* What is known of an entry before it is visited. */
struct look {
	const struct name *name;
	struct stat status;
	int trouble; /* errno of it; -1: it is not wanted */
};

static int by_inode(const void *a, const void *b)
{
	uint64_t x = (*(struct look *const *)a)->name->inode;
	uint64_t y = (*(struct look *const *)b)->name->inode;

	return x < y ? -1 : x > y;
}

/*
 * Looks at all entries of FOLDER in the order of their inodes: that is how
 * they lie on a disk.
 */
static struct look *look_at(
    const struct walk *w, int folder, const GArray *names, GString *path)
{
	struct look *looks = g_new(struct look, names->len + 1);
	g_autofree struct look **order = g_new(struct look *, names->len + 1);
	size_t length = path->len;

	for (guint i = 0; i < names->len; i++) {
		struct look *l = order[i] = &looks[i];
		l->name = &g_array_index(names, struct name, i);
		l->trouble = 0;
		if (!w->want)
			continue;
		g_string_truncate(path, length);
		if (length)
			g_string_append_c(path, '/');
		g_string_append(path, l->name->text);
		if (!w->want(path->str, w->user))
			l->trouble = -1;
	}
	g_string_truncate(path, length);
	qsort(order, names->len, sizeof *order, by_inode);
	for (guint i = 0; i < names->len; i++)
		if (order[i]->trouble == 0 &&
		    fstatat(folder, order[i]->name->text, &order[i]->status,
			AT_SYMLINK_NOFOLLOW) != 0)
			order[i]->trouble = errno;
	return looks;
}

static enum fs_step walk(struct walk *w, int folder, GString *path);

/* PATH is that of the entry. */
static enum fs_step walk_entry(
    struct walk *w, int folder, const struct look *l, GString *path)
{
	struct fs_entry entry = {.folder = folder,
	    .name = l->name->text,
	    .path = path->str,
	    .status = l->status};

	if (l->trouble) {
		lose(w, path->str, l->trouble);
		return FS_ON;
	}
	enum fs_step step = w->visit(&entry, w->user, w->error);
	if (step != FS_ON || !S_ISDIR(l->status.st_mode))
		return step;
	int inner = openat(folder, l->name->text,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inner < 0) {
		lose(w, path->str, errno);
		return FS_ON;
	}
	step = walk(w, inner, path);
	ignore(close(inner));
	return step;
}

/* PATH is the path of FOLDER and serves for those of its entries. */
static enum fs_step walk(struct walk *w, int folder, GString *path)
{
	g_autoptr(GArray) names = list(folder);
	size_t length = path->len;
	enum fs_step step = FS_ON;

	if (!names) {
		lose(w, path->str, errno);
		return FS_ON;
	}
	g_autofree struct look *looks = look_at(w, folder, names, path);
	for (guint i = 0; i < names->len && step != FS_STOP; i++) {
		if (looks[i].trouble < 0)
			continue;
		if (length)
			g_string_append_c(path, '/');
		g_string_append(path, looks[i].name->text);
		step = walk_entry(w, folder, &looks[i], path);
		g_string_truncate(path, length);
	}
	return step == FS_STOP ? FS_STOP : FS_ON;
}

bool fs_walk_wanted(int root, fs_want want, fs_visit visit, fs_lost lost,
    void *user, GError **error)
{
	GError *stopped = NULL;
	struct walk w = {want, visit, lost, user, &stopped};
	g_autoptr(GString) path = g_string_new(NULL);
	int folder = open_again(root);

	if (folder < 0) {
		lose(&w, "", errno);
		return true;
	}
	walk(&w, folder, path);
	ignore(close(folder));
	if (!stopped)
		return true;
	g_propagate_error(error, stopped);
	return false;
}

bool fs_walk(int root, fs_visit visit, fs_lost lost, void *user, GError **error)
{
	return fs_walk_wanted(root, NULL, visit, lost, user, error);
}
