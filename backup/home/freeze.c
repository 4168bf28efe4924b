/*
 * The sweep in two halves: home_sweep_ahead() and home_sweep_still().
 */
#include "backup/home/home.h"
#include "backup/home/layout.h"
#include "backup/home/still.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/pool.h"

enum { SLICE = 8 }; /* repositories that one looks at in a row */

/* ---- ahead ---- */

static bool ahead(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	/* What the harvest complained of may be gone: the next one tells. */
	g_ptr_array_set_size(r->flaws, 0);
	return repository_sweep(r, d, true, error);
}

bool home_sweep_ahead(home *h, GError **error)
{
	return state_find(h, error) &&
	       state_each(h, "sweep ahead", ahead, error);
}

/* ---- while nothing writes ---- */

static bool look(void *job, unsigned worker, void *user, GError **error)
{
	const struct home *h = user;
	guint first = GPOINTER_TO_UINT(job) - 1;
	guint end = MIN(first + SLICE, h->repositories->len);

	(void)worker;
	(void)error;
	for (guint i = first; i < end; i++) {
		struct repository *r = g_ptr_array_index(h->repositories, i);
		int folder = r->stamp ? layout_open(h->root, r->folder) : -1;
		r->stands = folder >= 0 && stamp_holds(r->stamp, folder);
		if (folder >= 0)
			ignore(close(folder));
	}
	return true;
}

static bool look_at_all(struct home *h, GError **error)
{
	pool *p = pool_new(STAMP_LOOKERS, look, NULL, h);

	for (guint i = 0; i < h->repositories->len; i += SLICE)
		pool_push(p, GUINT_TO_POINTER(i + 1));
	return pool_end(p, error);
}

static bool sweep_changed(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	if (r->stands)
		return true;
	/* Nothing moved after the point: this is the point. */
	g_ptr_array_set_size(r->flaws, 0);
	r->swept = r->vanished = false;
	return repository_sweep(r, d, false, error);
}

bool home_sweep_still(home *h, GError **error)
{
	still_free(h->still);
	h->still = g_new0(struct still, 1);
	h->sweep_started_at = clock_now();
	bool good =
	    still_save(h, error) && state_find(h, error) &&
	    look_at_all(h, error) &&
	    state_each(h, "sweep of what changed", sweep_changed, error);
	h->sweep_ended_at = clock_now();
	h->still->looked = h->repositories->len;
	for (guint i = 0; i < h->repositories->len; i++) {
		const struct repository *r =
		    g_ptr_array_index(h->repositories, i);
		h->still->changed += !r->stands;
	}
	return good;
}
