#include "backup/home/state.h"

#include "base/pool.h"

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

bool state_finish(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (!state_is_kept(r))
		return true;
	g_autoptr(closure) c = closure_open(&h->site, h->by_id, r, &why);
	if (!c) {
		repository_flaw(r, "%s", why->message);
		return true;
	}
	return repository_finish(r, d, closure_has_all, c, error);
}
