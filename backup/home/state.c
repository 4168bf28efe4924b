#include "backup/home/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/error.h"
#include "base/pool.h"
#include "bitbucket/home.h"

/* ---- repositories ---- */

static int by_id(gconstpointer a, gconstpointer b)
{
	const struct repository *x = *(struct repository *const *)a;
	const struct repository *y = *(struct repository *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* The folder PATH of the home: is it a repository that is not known yet? */
static void find_one(struct home *h, const char *path)
{
	g_autofree char *name = g_path_get_basename(path);
	const char *rest;
	struct stat status;
	uint64_t id;

	if (!home_in_repository(path, &id, &rest) || *rest ||
	    g_hash_table_contains(h->by_id, name) ||
	    fstatat(h->root, path, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISDIR(status.st_mode))
		return;
	struct repository *r = repository_new(&h->site, id, path);
	g_ptr_array_add(h->repositories, r);
	g_hash_table_insert(h->by_id, g_steal_pointer(&name), r);
	/* The folder above `repos` is named after it. */
	if (h->site.kind == &home_mesh) {
		g_auto(GStrv) parts = g_strsplit(path, "/", -1);
		r->hierarchy = g_strdup(parts[3]);
	}
}

/* What is below a star need not be a folder of repositories. */
static bool is_no_way(int number)
{
	return number == ENOENT || number == ENOTDIR || number == ELOOP;
}

/* Adds what lies at the end of WAY below the folder PATH; STARRED: it was
 * found, not named. */
static bool find_below(struct home *h, const char *path, const char *const *way,
    bool starred, GError **error)
{
	bool any = *way && g_str_equal(*way, "*");

	if (*way && !any) {
		g_autofree char *below = g_build_filename(path, *way, NULL);
		return find_below(h, below, way + 1, starred, error);
	}
	int folder = fs_open_beneath(h->root, path, O_RDONLY | O_DIRECTORY, 0);
	if (folder < 0)
		return (starred && is_no_way(errno)) ||
		       fail_errno(error, "%s/%s", h->path, path);
	g_autoptr(GPtrArray) names = fs_names(folder);
	if (!names)
		fail_errno(error, "%s/%s", h->path, path);
	ignore(close(folder));
	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *below =
		    g_build_filename(path, g_ptr_array_index(names, i), NULL);
		if (!any)
			find_one(h, below);
		else if (!find_below(h, below, way + 1, true, error))
			return false;
	}
	return names != NULL;
}

bool state_find(struct home *h, GError **error)
{
	const char *const *way = h->site.kind->way;

	if (way && !find_below(h, "", way, false, error))
		return false;
	g_ptr_array_sort(h->repositories, by_id);
	return true;
}

void state_renumber(struct home *h)
{
	const struct manifest_group *last =
	    h->site.before ? parent_group(h->site.before, "properties") : NULL;
	g_autoptr(GPtrArray) entries =
	    last ? manifest_entries(h->site.before->manifest, last, NULL)
		 : NULL;
	struct stat now;

	if (fstat(h->root, &now) != 0)
		return;
	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind == ENTRY_FOLDER && e->inode == now.st_ino)
			groups_renumber(h->site.groups, e->device, now.st_dev);
	}
}

struct round {
	struct home *home;
	state_work work;
};

static bool one(void *job, unsigned worker, void *user, GError **error)
{
	struct round *round = user;
	struct home *h = round->home;

	if (!round->work(h, job, g_ptr_array_index(h->desks, worker), error))
		return false;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&h->progress.mutex);
	progress_show(&h->progress.line, ++h->progress.done);
	return true;
}

bool state_each(
    struct home *h, const char *what, state_work work, GError **error)
{
	struct round round = {h, work};
	pool *p = pool_new(h->desks->len, one, NULL, &round);

	h->progress.done = 0;
	progress_start(
	    &h->progress.line, what, "repositories", h->repositories->len);
	for (guint i = 0; i < h->repositories->len; i++)
		pool_push(p, g_ptr_array_index(h->repositories, i));
	bool good = pool_end(p, error);
	progress_end(&h->progress.line);
	return good;
}

bool state_is_kept(const struct repository *r)
{
	return r->swept && !r->vanished;
}

static bool are_steady(
    const struct home *h, const struct repository *r, GHashTable *seen)
{
	/* Alternates may form a circle. */
	if (!g_hash_table_add(seen, (gpointer)r))
		return true;
	if (!r->steady || !state_is_kept(r))
		return false;
	for (guint i = 0; i < r->alternates->len; i++) {
		const struct repository *lender = g_hash_table_lookup(
		    h->by_id, g_ptr_array_index(r->alternates, i));
		if (!lender || !are_steady(h, lender, seen))
			return false;
	}
	return true;
}

bool state_is_steady(const struct home *h, const struct repository *r)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	return r->then && r->then->result == REPOSITORY_PROVED &&
	       are_steady(h, r, seen);
}

bool state_finish(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (!state_is_kept(r) ||
	    (state_is_steady(h, r) && repository_finish_same(r, d)))
		return true;
	g_autoptr(closure) c = closure_open(&h->site, h->by_id, r, &why);
	if (!c) {
		repository_flaw(r, "%s", why->message);
		return true;
	}
	return repository_finish(r, d, closure_has_all, c, error);
}
