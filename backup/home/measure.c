/*
 * How much there is: one walk, in which workers take the repositories.  It is
 * the first look at a home that may be cold, and waits for the disk as often as
 * there are folders.
 */
#include <fcntl.h>

#include "backup/home/home.h"
#include "backup/home/state.h"
#include "base/error.h"
#include "base/pool.h"
#include "bitbucket/home.h"

enum {
	/* A day's changes are a small part; who changes more has a disk that
	 * is told full before anything is published. */
	PART = 8,
	LOOKERS = 16, /* they wait, they do not work */
};

struct measure {
	const struct home *home;
	pool *pool;
	GMutex mutex; /* for what follows */
	uint64_t files, bytes;
};

struct count {
	uint64_t files, bytes;
};

static void count(struct count *c, const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return;
	c->files++;
	c->bytes += (uint64_t)status->st_size;
}

static void add(struct measure *m, const struct count *c)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&m->mutex);

	m->files += c->files;
	m->bytes += c->bytes;
}

/* ---- one repository ---- */

static enum fs_step inside(const struct fs_entry *e, void *user, GError **error)
{
	(void)error;
	count(user, &e->status);
	return FS_ON;
}

static bool measure_repository(
    void *path, unsigned worker, void *user, GError **error)
{
	struct measure *m = user;
	struct count c = {0};
	int folder =
	    fs_open_beneath(m->home->root, path, O_RDONLY | O_DIRECTORY, 0);

	(void)worker;
	/* It went, or can't be read: that is told when it is to be saved. */
	if (folder < 0)
		return true;
	bool good = fs_walk(folder, inside, NULL, &c, error);
	ignore(close(folder));
	add(m, &c);
	return good;
}

/* ---- the rest ---- */

struct rest {
	struct measure *measure;
	struct count count;
};

static enum fs_step outside(
    const struct fs_entry *e, void *user, GError **error)
{
	struct rest *r = user;
	bool is_folder = S_ISDIR(e->status.st_mode);
	const char *rest;
	uint64_t id;

	(void)error;
	if (r->measure->home->site.kind->is_left_out(e->path, is_folder))
		return FS_SKIP;
	if (is_folder && home_in_repository(e->path, &id, &rest)) {
		pool_push(r->measure->pool, g_strdup(e->path));
		return FS_SKIP;
	}
	count(&r->count, &e->status);
	return FS_ON;
}

bool home_measure(home *h, uint64_t *files, uint64_t *bytes, GError **error)
{
	struct measure m = {.home = h};
	struct rest rest = {.measure = &m};
	GError *failed = NULL;

	if (h->site.before) {
		const struct snapshot_home *then =
		    &h->site.before->set->snapshot.home;
		*files = (uint64_t)then->files.value;
		*bytes = (uint64_t)then->bytes.value / PART;
		return true;
	}
	g_mutex_init(&m.mutex);
	m.pool = pool_new(LOOKERS, measure_repository, g_free, &m);
	bool walked = fs_walk(h->root, outside, NULL, &rest, &failed);
	bool good = pool_end(m.pool, walked ? error : NULL) && walked;
	if (!walked)
		g_propagate_error(error, failed);
	g_mutex_clear(&m.mutex);
	*files = m.files + rest.count.files;
	*bytes = m.bytes + rest.count.bytes;
	return good;
}
