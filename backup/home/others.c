#include "backup/home/others.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/home/files.h"
#include "base/error.h"
#include "base/pool.h"
#include "bitbucket/home.h"

struct saving {
	struct home *home;
	pool *pool;
	GPtrArray *folders; /* struct entry */
};

static void pass_portion(portion *p, void *user)
{
	struct saving *s = user;

	pool_push(s->pool, p);
}

static void keep_folder(struct entry *e, void *user)
{
	struct saving *s = user;

	g_ptr_array_add(s->folders, g_memdup2(e, sizeof *e));
	*e = (struct entry){0};
}

static bool save_portion(void *job, unsigned worker, void *user, GError **error)
{
	struct saving *s = user;

	return portion_save(job, g_ptr_array_index(s->home->desks, worker),
	    &s->home->notes, error);
}

static void note_flaw(const char *path, const char *why, void *user)
{
	notes_flaw(user, path, why);
}

/* Folders of TREE come when all that is in them has come. */
static bool save_folders(
    struct saving *s, enum group_class class, uint64_t number, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = note_flaw, .user = &s->home->notes};
	const struct desk *d = g_ptr_array_index(s->home->desks, 0);

	saver_begin(d->saver, groups_get(s->home->site.groups, class, number),
	    FRAME_FOLDERS, &hooks);
	for (guint i = 0; i < s->folders->len; i++)
		saver_add(d->saver, g_ptr_array_index(s->folders, i));
	return saver_end(d->saver, error);
}

/* Saves what is in TREE; *NUMBER counts its portions. */
static bool save_tree(
    struct home *h, const struct tree *tree, uint64_t *number, GError **error)
{
	struct saving s = {.home = h};
	const struct files_hooks hooks = {pass_portion, keep_folder, &s};
	GError *failed = NULL;

	s.folders = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	s.pool = pool_new(
	    h->desks->len, save_portion, (GDestroyNotify)portion_free, &s);
	bool walked =
	    files_walk(&h->site, tree, number, &hooks, &h->notes, &failed);
	bool good = pool_end(s.pool, walked ? error : NULL) && walked;
	if (!walked)
		g_propagate_error(error, failed);
	good = good &&
	       save_folders(&s, tree->is_home ? GROUP_FOLDERS : tree->class,
		   (*number)++, error);
	g_ptr_array_unref(s.folders);
	return good;
}

static bool save_also(
    struct home *h, const char *path, uint64_t *number, GError **error)
{
	struct stat status;
	g_autofree char *folder = NULL, *only = NULL;

	if (stat(path, &status) != 0)
		return fail_errno(error, "%s", path);
	if (S_ISDIR(status.st_mode)) {
		folder = g_canonicalize_filename(path, "/");
	} else {
		folder = g_path_get_dirname(path);
		only = g_path_get_basename(path);
	}
	g_autofree char *prefix =
	    g_strconcat(folder, g_str_has_suffix(folder, "/") ? "" : "/", NULL);
	struct tree tree = {.prefix = prefix,
	    .only = only,
	    .class = GROUP_ALSO,
	    .root = fs_open_folder(folder, error)};
	if (tree.root < 0)
		return false;
	bool good = save_tree(h, &tree, number, error);
	ignore(close(tree.root));
	return good;
}

bool others_save_last(struct home *h, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = note_flaw, .user = &h->notes};
	const struct desk *d = g_ptr_array_index(h->desks, 0);
	struct entry folder = {.kind = ENTRY_FOLDER, .path = g_strdup(".")};
	struct stat status;

	saver_begin(d->saver, groups_get(h->site.groups, GROUP_PROPERTIES, 0),
	    FRAME_MUTABLE, &hooks);
	int fd = fs_open_beneath(h->root, HOME_PROPERTIES, O_RDONLY, 0);
	if (fd < 0 && errno != ENOENT)
		notes_flaw(&h->notes, HOME_PROPERTIES, g_strerror(errno));
	if (fd >= 0) {
		const struct saver_file file = {
		    .fd = fd, .path = HOME_PROPERTIES, .class = SAVER_MUTABLE};
		if (!saver_file(d->saver, &file, error)) {
			entry_clear(&folder);
			return false;
		}
	}
	if (fstat(h->root, &status) == 0)
		entry_stat(&folder, &status);
	folder.xattrs = fs_xattrs(h->root);
	saver_add(d->saver, &folder);
	return saver_end(d->saver, error);
}

bool others_save(struct home *h, GError **error)
{
	struct tree tree = {.root = h->root,
	    .prefix = "",
	    .is_home = true,
	    .class = GROUP_FILES};
	uint64_t number = 1;

	if (h->still) {
		tree.done = h->still->done;
		number = h->still->portions + 1;
	}
	if (!save_tree(h, &tree, &number, error))
		return false;
	number = 1;
	for (char **path = h->also; path && *path; path++)
		if (!save_also(h, *path, &number, error))
			return false;
	return h->still || others_save_last(h, error);
}
