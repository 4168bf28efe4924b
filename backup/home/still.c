#include "backup/home/still.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/home/others.h"
#include "base/error.h"
#include "bitbucket/home.h"

enum {
	SMALL = 1 << 20, /* read at once */
	MOST_PINNED = 512,
};

static const char *const places[] = {"config", "plugins"};

struct pin {
	int fd;
	char *path;
};

static void pin_free(gpointer data)
{
	struct pin *p = data;

	if (p->fd >= 0)
		ignore(close(p->fd));
	g_free(p->path);
	g_free(p);
}

void still_free(struct still *s)
{
	if (!s)
		return;
	g_hash_table_unref(s->done);
	g_ptr_array_unref(s->pinned);
	g_free(s);
}

/* ---- while nothing writes ---- */

static void flawed(const char *path, const char *why, void *user)
{
	notes_flaw(user, path, why);
}

static void vanished(const char *path, void *user)
{
	notes_vanished(user, path);
}

struct visit {
	struct home *home;
	const char *place;
	saver *saver;
};

static bool take(struct visit *v, const char *path, int fd,
    const struct stat *status, GError **error)
{
	struct still *s = v->home->still;

	g_hash_table_add(s->done, g_strdup(path));
	if (status->st_size > SMALL && s->pinned->len < MOST_PINNED) {
		struct pin *p = g_new0(struct pin, 1);
		p->fd = fd;
		p->path = g_strdup(path);
		g_ptr_array_add(s->pinned, p);
		return true;
	}
	const struct saver_file file = {
	    .fd = fd, .path = path, .class = SAVER_MUTABLE};
	return saver_file(v->saver, &file, error);
}

static enum fs_step visit(const struct fs_entry *e, void *user, GError **error)
{
	struct visit *v = user;
	g_autofree char *path = g_build_filename(v->place, e->path, NULL);

	if (v->home->site.kind->is_left_out(path, S_ISDIR(e->status.st_mode)))
		return FS_SKIP;
	/* All else is for later: its names say nothing about the point. */
	if (!S_ISREG(e->status.st_mode))
		return FS_ON;
	int fd = openat(
	    e->folder, e->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return FS_ON;
	return take(v, path, fd, &e->status, error) ? FS_ON : FS_STOP;
}

static bool take_place(struct visit *v, GError **error)
{
	int root =
	    fs_open_beneath(v->home->root, v->place, O_RDONLY | O_DIRECTORY, 0);

	if (root < 0 && errno == ENOENT)
		return true;
	if (root < 0) {
		notes_flaw(&v->home->notes, v->place, g_strerror(errno));
		return true;
	}
	bool good = fs_walk(root, visit, NULL, v, error);
	ignore(close(root));
	return good;
}

/* The sitting for the next portion of files. */
static saver *begin(struct home *h, const struct saver_hooks *hooks)
{
	const struct desk *d = g_ptr_array_index(h->desks, 0);
	group *g =
	    groups_get(h->site.groups, GROUP_FILES, ++h->still->portions);

	saver_begin(d->saver, g, FRAME_MUTABLE, hooks);
	return d->saver;
}

bool still_save(struct home *h, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = flawed, .vanished = vanished, .user = &h->notes};

	h->still->done =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	h->still->pinned = g_ptr_array_new_with_free_func(pin_free);
	struct visit v = {.home = h, .saver = begin(h, &hooks)};
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		v.place = places[i];
		if (!take_place(&v, error))
			return false;
	}
	return saver_end(v.saver, error) && others_save_last(h, error);
}

/* ---- later ---- */

bool still_save_pinned(struct home *h, GError **error)
{
	const struct saver_hooks hooks = {
	    .flawed = flawed, .vanished = vanished, .user = &h->notes};
	GPtrArray *pinned = h->still->pinned;

	if (pinned->len == 0)
		return true;
	saver *s = begin(h, &hooks);
	for (guint i = 0; i < pinned->len; i++) {
		struct pin *p = g_ptr_array_index(pinned, i);
		const struct saver_file file = {
		    .fd = p->fd, .path = p->path, .class = SAVER_MUTABLE};
		p->fd = -1; /* taken */
		if (!saver_file(s, &file, error))
			return false;
	}
	g_ptr_array_set_size(pinned, 0);
	return saver_end(s, error);
}
