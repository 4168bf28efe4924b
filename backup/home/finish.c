#include <errno.h>
#include <fcntl.h>

#include "backup/home/before.h"
#include "backup/home/layout.h"
#include "backup/home/pinned.h"
#include "backup/home/repository.h"
#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"

enum { KEEP_BYTES = 4096 }; /* of a .keep file's reason */

struct finish {
	struct repository *repository;
	const struct desk *desk;
	int folder;
	GHashTable *packs; /* "pack-<sum>.pack": in the copy */
	GHashTable *refs;  /* paths of swept files, refs among them */
	pinned *caches;
	before *before; /* nothing is read: is all as it was? */
};

static void flawed(const char *path, const char *why, void *user)
{
	struct finish *f = user;

	repository_flaw(f->repository, "%s: %s", repository_inside(path), why);
}

static bool find_packs(struct finish *f, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    group_entries(f->desk->site->groups, f->repository->group, error);

	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (g_str_has_suffix(e->path, ".pack"))
			g_hash_table_add(
			    f->packs, g_path_get_basename(e->path));
		else if (e->kind == ENTRY_FILE)
			g_hash_table_add(f->refs, g_strdup(e->path));
	}
	return entries != NULL;
}

/* While git receives, a .keep says so; it goes when git is done. */
static bool is_passing_keep(const struct fs_entry *e)
{
	if (!g_str_has_suffix(e->name, ".keep"))
		return false;
	int fd = openat(e->folder, e->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return true;
	g_autofree char *text =
	    file_read_fd(fd, e->name, KEEP_BYTES, NULL, NULL);
	ignore(close(fd));
	return text && (g_str_has_prefix(text, "receive-pack ") ||
			   g_str_has_prefix(text, "fetch-pack "));
}

/* ---- saving ---- */

static char *set_path(const struct finish *f, const char *inside)
{
	return *inside ? g_build_filename(f->repository->folder, inside, NULL)
		       : g_strdup(f->repository->folder);
}

static bool take_file(
    struct finish *f, const struct fs_entry *e, GError **error)
{
	g_autofree char *path = set_path(f, e->path);
	int fd = -1;

	if (pinned_is_judged(e->path))
		fd = pinned_take(f->caches, e->path);
	else if (!is_passing_keep(e))
		fd = openat(e->folder, e->name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	/* A cache that is not whole, or went: nothing rests on it. */
	if (fd < 0)
		return true;
	const struct saver_file file = {
	    .fd = fd, .path = path, .class = SAVER_MUTABLE};
	return saver_file(f->desk->saver, &file, error);
}

static void take_folder(struct finish *f, int fd, const char *inside)
{
	struct stat status;
	g_auto(entry) folder = {.kind = ENTRY_FOLDER};

	if (fstat(fd, &status) != 0)
		return;
	folder.path = set_path(f, inside);
	/* The branch a went after the sweep, and a/b came: the set has a. */
	if (g_hash_table_contains(f->refs, folder.path))
		return;
	folder.xattrs = fs_xattrs(fd);
	entry_stat(&folder, &status);
	saver_add(f->desk->saver, &folder);
}

/* Git needs some folders even when they are empty. */
static void lost(const char *path, int number, void *user)
{
	struct finish *f = user;

	if (number != ENOENT)
		repository_flaw(
		    f->repository, "%s: %s", path, g_strerror(number));
}

static enum fs_step visit(const struct fs_entry *e, void *user, GError **error)
{
	struct finish *f = user;
	enum layout layout = layout_of(e->path);
	bool good = true;

	if (layout == LAYOUT_SKIP)
		return FS_SKIP;
	if (S_ISDIR(e->status.st_mode)) {
		int fd = openat(e->folder, e->name,
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0) {
			lost(e->path, errno, f);
			return FS_SKIP;
		}
		take_folder(f, fd, e->path);
		ignore(close(fd));
		if (f->repository->only_objects && layout_is_fan_path(e->path))
			return FS_SKIP;
	} else if (layout == LAYOUT_CACHE && S_ISREG(e->status.st_mode)) {
		good = take_file(f, e, error);
	}
	return good ? FS_ON : FS_STOP;
}

/* Loose objects are in the set, or not: nothing more is asked about them. */
static bool want(const char *path, void *user)
{
	(void)user;
	return layout_of(path) != LAYOUT_OBJECT;
}

/* ---- nothing is read of what is as it was ---- */

static enum fs_step hold(const struct fs_entry *e, void *user, GError **error)
{
	struct finish *f = user;
	enum layout layout = layout_of(e->path);

	(void)error;
	if (layout == LAYOUT_SKIP)
		return FS_SKIP;
	if (!S_ISDIR(e->status.st_mode) &&
	    (layout != LAYOUT_CACHE || !S_ISREG(e->status.st_mode)))
		return FS_ON;
	g_autofree char *path = set_path(f, e->path);
	if (!before_same(f->before, path, &e->status))
		return FS_STOP;
	/* Nothing came into a folder whose time is what it was. */
	return f->desk->site->local && layout_is_fan_path(e->path) ? FS_SKIP
								   : FS_ON;
}

/* A cache that was left out then is not there now, or its folder's time is
 * another. */
static bool is_as_before(struct finish *f)
{
	group *g = f->repository->group;
	g_autofree char *path = set_path(f, "");
	struct stat status;

	f->before = before_open(f->desk->site, g, FRAME_FOLDERS);
	bool same = f->before && fstat(f->folder, &status) == 0 &&
		    before_same(f->before, path, &status) &&
		    fs_walk_wanted(f->folder, want, hold, NULL, f, NULL) &&
		    before_is_whole(f->before);
	if (same) {
		group_drop_frames(g, FRAME_FOLDERS);
		before_carry(f->before, g);
	}
	g_clear_pointer(&f->before, before_close);
	return same;
}

static bool save(struct finish *f, GError **error)
{
	const struct saver_hooks hooks = {.flawed = flawed, .user = f};
	saver *s = f->desk->saver;

	group_drop_frames(f->repository->group, FRAME_FOLDERS);
	saver_begin(s, f->repository->group, FRAME_FOLDERS, &hooks);
	if (!fs_walk_wanted(f->folder, want, visit, lost, f, error))
		return false;
	take_folder(f, f->folder, "");
	return saver_end(s, error);
}

bool repository_finish_same(struct repository *r, const struct desk *d)
{
	struct finish f = {.repository = r, .desk = d};

	if (!r->same_refs || !repository_same_objects(r))
		return false;
	if (r->same_folders) {
		group_drop_frames(r->group, FRAME_FOLDERS);
		group_carry_all(r->group, FRAME_FOLDERS);
		return true;
	}
	f.folder = layout_open(d->site->root, r->folder);
	bool same = f.folder >= 0 && is_as_before(&f);
	if (f.folder >= 0)
		ignore(close(f.folder));
	return same;
}

bool repository_finish(struct repository *r, const struct desk *d,
    cache_has has, void *user, GError **error)
{
	struct finish f = {.repository = r, .desk = d};

	f.folder = layout_open(d->site->root, r->folder);
	if (f.folder < 0) {
		r->vanished = errno == ENOENT || errno == ESTALE;
		if (!r->vanished)
			repository_flaw(r, "%s", g_strerror(errno));
		return true;
	}
	f.packs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	f.refs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bool good = find_packs(&f, error);
	f.caches = pinned_judge(f.folder, f.packs, has, user);
	good = good && save(&f, error);
	pinned_free(f.caches);
	g_hash_table_unref(f.packs);
	g_hash_table_unref(f.refs);
	ignore(close(f.folder));
	return good;
}
