#include "backup/home/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "base/error.h"
#include "base/stop.h"
#include "bitbucket/home.h"
#include "port/fs.h"

enum {
	/* A portion ends behind a name that its hash picks, so that a file
	 * that comes or goes changes one portion and not all behind it. */
	LEAST = 256,
	PICK = 255,
	MOST = 4096,
};

struct portion {
	const struct tree *tree;
	uint64_t number;
	GPtrArray *paths; /* char *, from the tree's root */
	GArray *statuses; /* struct stat of each */
	GPtrArray *links; /* struct entry */
};

struct walk {
	const struct site *site;
	const struct tree *tree;
	const struct files_hooks *hooks;
	struct notes *notes;
	GHashTable *numbers;
	struct portion *portion; /* that is filled now */
};

uint64_t files_number(GHashTable *numbers, const char *path)
{
	enum { DIGITS = 10 }; /* of its hash: few collide, all are readable */
	g_autofree char *sha256 = hash_hex(path, strlen(path));

	sha256[DIGITS] = 0;
	uint64_t number = g_ascii_strtoull(sha256, NULL, 16);
	while (g_hash_table_contains(numbers, &number))
		number++;
	g_hash_table_add(numbers, g_memdup2(&number, sizeof number));
	return number;
}

void portion_free(portion *p)
{
	if (!p)
		return;
	g_ptr_array_unref(p->paths);
	g_array_unref(p->statuses);
	g_ptr_array_unref(p->links);
	g_free(p);
}

static char *set_path(const struct tree *t, const char *path)
{
	/* The root itself: its prefix without the slash. */
	if (g_str_equal(path, "."))
		return g_strndup(t->prefix, strlen(t->prefix) - 1);
	return g_strconcat(t->prefix, path, NULL);
}

/* PATH is in it, before all others if it is new. */
static struct portion *open_portion(struct walk *w, const char *path)
{
	g_autofree char *name = set_path(w->tree, path);

	if (w->portion)
		return w->portion;
	struct portion *p = w->portion = g_new0(struct portion, 1);
	p->tree = w->tree;
	p->number = files_number(w->numbers, name);
	p->paths = g_ptr_array_new_with_free_func(g_free);
	p->statuses = g_array_new(FALSE, FALSE, sizeof(struct stat));
	p->links = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	return p;
}

static void pass_on(struct walk *w)
{
	struct portion *p = g_steal_pointer(&w->portion);

	if (p)
		w->hooks->portion(p, w->hooks->user);
}

static void add_file(
    struct walk *w, const char *path, const struct stat *status)
{
	struct portion *p = open_portion(w, path);

	g_ptr_array_add(p->paths, g_strdup(path));
	g_array_append_vals(p->statuses, status, 1);
	if (p->paths->len >= MOST ||
	    (p->paths->len >= LEAST && (g_str_hash(path) & PICK) == 0))
		pass_on(w);
}

/* A link is saved as a link: what it names elsewhere is not in the set. */
static void warn_of_a_way_out(struct walk *w, const struct entry *link)
{
	g_autofree char *path =
	    g_build_filename(w->site->real, link->path, NULL);
	g_autofree char *real = realpath(path, NULL);
	size_t length = strlen(w->site->real);

	if (w->tree->is_home && real &&
	    !(strncmp(real, w->site->real, length) == 0 &&
		(real[length] == '/' || !real[length])))
		notes_flaw(w->notes, link->path,
		    "a link that leads out of the home: what it names is not "
		    "in the set");
}

static void add_link(struct walk *w, const struct fs_entry *e)
{
	char target[PATH_MAX];
	ssize_t length =
	    readlinkat(e->folder, e->name, target, sizeof target - 1);

	if (length < 0) {
		notes_vanished(w->notes, e->path);
		return;
	}
	target[length] = 0;
	struct entry *link = g_new0(struct entry, 1);
	link->kind = ENTRY_LINK;
	link->path = set_path(w->tree, e->path);
	link->target = g_strdup(target);
	entry_stat(link, &e->status);
	g_ptr_array_add(open_portion(w, e->path)->links, link);
	warn_of_a_way_out(w, link);
}

/* FD is opened when it is asked for what STATUS does not tell. */
static void add_folder(struct walk *w, const struct stat *status,
    const char *path, int above, const char *name)
{
	g_auto(entry) folder = {.kind = ENTRY_FOLDER};

	folder.path = set_path(w->tree, path);
	entry_stat(&folder, status);
	if (!before_same_entry(w->tree->folders, &folder)) {
		int fd = openat(above, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0) {
			notes_vanished(w->notes, path);
			return;
		}
		folder.xattrs = fs_xattrs(fd);
		ignore(close(fd));
	}
	w->hooks->folder(&folder, w->hooks->user);
}

/* Has it a way of its own, or none at all, into the set? */
static bool is_passed_over(const struct walk *w, const struct fs_entry *e)
{
	bool is_folder = S_ISDIR(e->status.st_mode);
	const char *rest;
	uint64_t id;

	return w->tree->is_home &&
	       (w->site->kind->is_left_out(e->path, is_folder) ||
		   (is_folder && home_in_repository(e->path, &id, &rest)) ||
		   g_str_equal(e->path, w->site->kind->properties));
}

static enum fs_step visit(const struct fs_entry *e, void *user, GError **error)
{
	struct walk *w = user;

	if (stop_requested(error))
		return FS_STOP;
	if (is_passed_over(w, e))
		return FS_SKIP;
	switch (e->status.st_mode & S_IFMT) {
	case S_IFREG:
		if (!w->tree->done ||
		    !g_hash_table_contains(w->tree->done, e->path))
			add_file(w, e->path, &e->status);
		break;
	case S_IFLNK:
		add_link(w, e);
		break;
	case S_IFDIR:
		add_folder(w, &e->status, e->path, e->folder, e->name);
		break;
	default:
		notes_left_out(w->notes, e->path);
	}
	return FS_ON;
}

static void lost(const char *path, int number, void *user)
{
	struct walk *w = user;

	notes_flaw(w->notes, path, g_strerror(number));
}

bool files_walk(const struct site *s, const struct tree *tree,
    GHashTable *numbers, const struct files_hooks *hooks, struct notes *notes,
    GError **error)
{
	struct walk w = {s, tree, hooks, notes, numbers, NULL};
	struct stat status;
	bool good = true;

	if (tree->only) {
		if (fstatat(tree->root, tree->only, &status, 0) == 0)
			add_file(&w, tree->only, &status);
		else
			notes_vanished(notes, tree->only);
	} else {
		good = fs_walk(tree->root, visit, lost, &w, error);
	}
	/* The home's own folder comes last of all: backup/home/home.c. */
	if (good && !tree->only && !tree->is_home &&
	    fstat(tree->root, &status) == 0)
		add_folder(&w, &status, ".", tree->root, ".");
	pass_on(&w);
	return good;
}

/* ---- saving ---- */

static void flawed(const char *path, const char *why, void *user)
{
	notes_flaw(user, path, why);
}

static void vanished(const char *path, void *user)
{
	notes_vanished(user, path);
}

static bool take(struct portion *p, const struct desk *d, const char *path,
    struct notes *notes, GError **error)
{
	g_autofree char *name = set_path(p->tree, path);
	int fd = fs_open_beneath(
	    p->tree->root, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);

	if (fd < 0 && (errno == ENOENT || errno == ESTALE)) {
		notes_vanished(notes, name);
		return true;
	}
	if (fd < 0) {
		notes_flaw(notes, name, g_strerror(errno));
		return true;
	}
	const struct saver_file file = {
	    .fd = fd, .path = name, .class = SAVER_MUTABLE};
	return saver_file(d->saver, &file, error);
}

struct saving {
	struct portion *portion;
	const struct desk *desk;
	struct notes *notes;
};

/* The store could not give its bytes: NAME is read. */
static bool again(const char *name, void *user, GError **error)
{
	struct saving *s = user;

	return take(s->portion, s->desk,
	    name + strlen(s->portion->tree->prefix), s->notes, error);
}

/* Takes what is new or another; *same: there is no such thing. */
static bool take_changed(
    struct saving *s, before *b, bool *same, GError **error)
{
	struct portion *p = s->portion;

	*same = b != NULL;
	for (guint i = 0; i < p->paths->len; i++) {
		const char *path = g_ptr_array_index(p->paths, i);
		g_autofree char *name = set_path(p->tree, path);
		if (before_same(
			b, name, &g_array_index(p->statuses, struct stat, i)))
			continue;
		*same = false;
		if (!take(p, s->desk, path, s->notes, error))
			return false;
	}
	for (guint i = 0; i < p->links->len; i++) {
		struct entry *link = g_ptr_array_index(p->links, i);
		if (before_same_entry(b, link))
			continue;
		*same = false;
		saver_add(s->desk->saver, link);
	}
	*same = *same && before_is_whole(b);
	return true;
}

bool portion_save(
    portion *p, const struct desk *d, struct notes *notes, GError **error)
{
	struct saving saving = {p, d, notes};
	const struct saver_hooks hooks = {
	    .flawed = flawed, .vanished = vanished, .user = notes};
	const struct before_hooks passing = {.again = again, .user = &saving};
	group *g = groups_get(d->site->groups, p->tree->class, p->number);
	g_autoptr(before) b = before_open(d->site, g, FRAME_MUTABLE);
	bool same;

	saver_begin(d->saver, g, FRAME_MUTABLE, &hooks);
	if (!take_changed(&saving, b, &same, error))
		return false;
	if (same)
		before_carry(b, g);
	else if (b && !before_pass_on(b, g, d->saver, &passing, error))
		return false;
	return saver_end(d->saver, error);
}
