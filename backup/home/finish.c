#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "backup/home/cache.h"
#include "backup/home/layout.h"
#include "backup/home/repository.h"
#include "base/error.h"
#include "base/file.h"
#include "bitbucket/home.h"
#include "port/fs.h"

enum { KEEP_BYTES = 4096 }; /* of a .keep file's reason */

struct finish {
	struct repository *repository;
	const struct desk *desk;
	repository_has has;
	void *user;
	int folder;
	GHashTable *packs; /* "pack-<sum>.pack": in the copy */
	/* Which caches are whole: */
	bool graph, graphs;
	char list[OID_HEX + 1]; /* sum of the multi-pack-index; "": not */
};

static void flawed(const char *path, const char *why, void *user)
{
	struct finish *f = user;

	repository_flaw(f->repository, "%s: %s", repository_inside(path), why);
}

/* ---- which caches are whole ---- */

static bool find_packs(struct finish *f, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    group_entries(f->desk->site->groups, f->repository->group, error);

	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (g_str_has_suffix(e->path, ".pack"))
			g_hash_table_add(
			    f->packs, g_path_get_basename(e->path));
	}
	return entries != NULL;
}

static bool has_pack(const char *name, void *user)
{
	return g_hash_table_contains(user, name);
}

static int open_inside(const struct finish *f, const char *path, int flags)
{
	return fs_open_beneath(f->folder, path, flags | O_NOFOLLOW, 0);
}

static bool graph_is_whole(const struct finish *f, const char *path)
{
	int fd = open_inside(f, path, O_RDONLY);

	if (fd < 0)
		return false;
	bool whole = cache_graph_is_whole(fd, f->has, f->user);
	ignore(close(fd));
	return whole;
}

/* A chain of graphs is one thing: all of its layers or none. */
static bool graphs_are_whole(const struct finish *f)
{
	static const char place[] = "objects/info/commit-graphs";
	int folder = open_inside(f, place, O_RDONLY | O_DIRECTORY);
	g_autoptr(GPtrArray) names = folder < 0 ? NULL : fs_names(folder);
	bool whole = names != NULL;

	for (guint i = 0; whole && i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		g_autofree char *path = g_strdup_printf("%s/%s", place, name);
		if (g_str_has_suffix(name, ".graph"))
			whole = graph_is_whole(f, path);
	}
	if (folder >= 0)
		ignore(close(folder));
	return whole;
}

static void judge_caches(struct finish *f)
{
	int list = open_inside(f, "objects/pack/multi-pack-index", O_RDONLY);

	if (list >= 0 &&
	    !cache_packs_are_whole(list, has_pack, f->packs, f->list))
		*f->list = 0;
	if (list >= 0)
		ignore(close(list));
	f->graph = graph_is_whole(f, "objects/info/commit-graph");
	f->graphs = graphs_are_whole(f);
}

/* While git receives, a .keep says so; it goes when git is done. */
static bool is_passing_keep(const struct fs_entry *e)
{
	int fd = openat(e->folder, e->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return true;
	g_autofree char *text =
	    file_read_fd(fd, e->name, KEEP_BYTES, NULL, NULL);
	ignore(close(fd));
	return text && (g_str_has_prefix(text, "receive-pack ") ||
			   g_str_has_prefix(text, "fetch-pack "));
}

static bool is_wanted(const struct finish *f, const struct fs_entry *e)
{
	static const char list[] = "objects/pack/multi-pack-index";

	if (g_str_equal(e->path, "objects/info/commit-graph"))
		return f->graph;
	if (g_str_has_prefix(e->path, "objects/info/commit-graphs/"))
		return f->graphs;
	if (g_str_equal(e->path, list))
		return *f->list;
	if (g_str_has_prefix(e->path, list))
		return *f->list && strstr(e->name, f->list);
	if (g_str_has_suffix(e->name, ".keep"))
		return !is_passing_keep(e);
	return true;
}

/* ---- saving ---- */

static char *set_path(const struct finish *f, const char *inside)
{
	return g_strdup_printf(HOME_REPOSITORIES "/%" PRIu64 "%s%s",
	    f->repository->id, *inside ? "/" : "", inside);
}

static bool take_file(
    struct finish *f, const struct fs_entry *e, GError **error)
{
	g_autofree char *path = set_path(f, e->path);
	int fd = openat(
	    e->folder, e->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return true; /* a cache that went; nothing rests on it */
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
	folder.xattrs = fs_xattrs(fd);
	entry_stat(&folder, &status);
	saver_add(f->desk->saver, &folder);
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
		if (fd < 0)
			return FS_SKIP;
		take_folder(f, fd, e->path);
		ignore(close(fd));
	} else if (layout == LAYOUT_CACHE && S_ISREG(e->status.st_mode) &&
		   is_wanted(f, e)) {
		good = take_file(f, e, error);
	}
	return good ? FS_ON : FS_STOP;
}

static bool save(struct finish *f, GError **error)
{
	const struct saver_hooks hooks = {.flawed = flawed, .user = f};
	saver *s = f->desk->saver;

	group_drop_frames(f->repository->group, FRAME_FOLDERS);
	saver_begin(s, f->repository->group, FRAME_FOLDERS, &hooks);
	if (!fs_walk(f->folder, visit, NULL, f, error))
		return false;
	take_folder(f, f->folder, "");
	return saver_end(s, error);
}

bool repository_finish(struct repository *r, const struct desk *d,
    repository_has has, void *user, GError **error)
{
	struct finish f = {
	    .repository = r, .desk = d, .has = has, .user = user};

	f.folder = layout_open(d->site->root, r->id);
	if (f.folder < 0) {
		r->vanished = errno == ENOENT || errno == ESTALE;
		if (!r->vanished)
			repository_flaw(r, "%s", g_strerror(errno));
		return true;
	}
	f.packs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	bool good = find_packs(&f, error);
	if (good)
		judge_caches(&f);
	good = good && save(&f, error);
	g_hash_table_unref(f.packs);
	ignore(close(f.folder));
	return good;
}
