#include "backup/home/others.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/home/files.h"
#include "base/error.h"
#include "base/pool.h"
#include "bitbucket/home.h"

/* Beyond all numbers of portions: folders come behind what is in them. */
static const uint64_t BEHIND = UINT64_C(1) << 40;

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
    struct saving *s, const struct tree *tree, group *g, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = note_flaw, .user = &s->home->notes};
	const struct desk *d = g_ptr_array_index(s->home->desks, 0);

	if (tree->folders && before_is_whole(tree->folders) &&
	    before_length(tree->folders) == s->folders->len) {
		before_carry(tree->folders, g);
		return true;
	}
	saver_begin(d->saver, g, FRAME_FOLDERS, &hooks);
	for (guint i = 0; i < s->folders->len; i++)
		saver_add(d->saver, g_ptr_array_index(s->folders, i));
	return saver_end(d->saver, error);
}

/* Saves what is in TREE; NUMBERS holds those of its portions. */
static bool save_tree(
    struct home *h, struct tree *tree, GHashTable *numbers, GError **error)
{
	struct saving s = {.home = h};
	enum group_class class = tree->is_home ? GROUP_FOLDERS : tree->class;
	group *g = groups_get(h->site.groups, class,
	    tree->is_home ? 0 : files_number(numbers, tree->prefix) + BEHIND);
	const struct files_hooks hooks = {pass_portion, keep_folder, &s};
	GError *failed = NULL;

	s.folders = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	tree->folders = before_open(&h->site, g, FRAME_FOLDERS);
	s.pool = pool_new(
	    h->desks->len, save_portion, (GDestroyNotify)portion_free, &s);
	bool walked =
	    files_walk(&h->site, tree, numbers, &hooks, &h->notes, &failed);
	bool good = pool_end(s.pool, walked ? error : NULL) && walked;
	if (!walked)
		g_propagate_error(error, failed);
	good = good && save_folders(&s, tree, g, error);
	g_clear_pointer(&tree->folders, before_close);
	g_ptr_array_unref(s.folders);
	return good;
}

static bool save_also(
    struct home *h, const char *path, GHashTable *numbers, GError **error)
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
	bool good = save_tree(h, &tree, numbers, error);
	ignore(close(tree.root));
	return good;
}

/* Are both what they were in the set before? */
static bool last_is_same(struct home *h, group *g, int fd)
{
	g_autoptr(before) b = before_open(&h->site, g, FRAME_MUTABLE);
	struct stat file, folder;
	bool same =
	    b && fstat(h->root, &folder) == 0 && before_same(b, ".", &folder) &&
	    (fd < 0 || (fstat(fd, &file) == 0 &&
			   before_same(b, h->site.kind->properties, &file))) &&
	    before_is_whole(b);

	if (same)
		before_carry(b, g);
	return same;
}

bool others_save_last(struct home *h, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = note_flaw, .user = &h->notes};
	const struct desk *d = g_ptr_array_index(h->desks, 0);
	group *g = groups_get(h->site.groups, GROUP_PROPERTIES, 0);
	struct stat status;
	const char *properties = h->site.kind->properties;
	int fd = fs_open_beneath(h->root, properties, O_RDONLY, 0);

	if (fd < 0 && errno != ENOENT)
		notes_flaw(&h->notes, properties, g_strerror(errno));
	if (last_is_same(h, g, fd)) {
		if (fd >= 0)
			ignore(close(fd));
		return true;
	}
	struct entry folder = {.kind = ENTRY_FOLDER, .path = g_strdup(".")};
	saver_begin(d->saver, g, FRAME_MUTABLE, &hooks);
	if (fd >= 0) {
		const struct saver_file file = {
		    .fd = fd, .path = properties, .class = SAVER_MUTABLE};
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

static GHashTable *no_numbers(void)
{
	return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

bool others_save(struct home *h, GError **error)
{
	struct tree tree = {.root = h->root,
	    .prefix = "",
	    .is_home = true,
	    .class = GROUP_FILES};
	g_autoptr(GHashTable) numbers = no_numbers();
	g_autoptr(GHashTable) also = no_numbers();

	if (h->still)
		tree.done = h->still->done;
	if (!save_tree(h, &tree, numbers, error))
		return false;
	for (char **path = h->also; path && *path; path++)
		if (!save_also(h, *path, also, error))
			return false;
	return h->still || others_save_last(h, error);
}
