#include "backup/home/foresee.h"

#include <fcntl.h>
#include <time.h>

#include "backup/home/layout.h"
#include "backup/home/stale.h"
#include "backup/home/stamp.h"
#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/home.h"

enum {
	SAMPLE = 100,
	PATIENCE_S = 5, /* fewer will do where each look takes long */
};

struct sample {
	uint64_t repositories, looks;
	double waited_s, worked_s; /* one by one; of it on the processor */
};

static double worked(void)
{
	struct timespec now;

	ignore(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now));
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void look_at(int root, const char *place, struct sample *s)
{
	int folder = layout_open(root, place);
	stamp *stamp = folder < 0 ? NULL : stamp_take(folder);

	/* The first look is another one than those that a freeze takes: what
	 * it has seen just before is still known to the kernel. */
	if (stamp) {
		double begun = clock_monotonic(), cpu = worked();
		int again = layout_open(root, place);
		ignore(stamp_is_same(stamp, folder));
		if (again >= 0)
			ignore(close(again));
		s->waited_s += clock_monotonic() - begun;
		s->worked_s += worked() - cpu;
		s->looks += stamp_looks(stamp);
		s->repositories++;
	}
	stamp_free(stamp);
	if (folder >= 0)
		ignore(close(folder));
}

/* Those that wait, wait together; processors are few. */
static void foretell(struct foresight *f, const struct sample *s)
{
	if (s->repositories == 0 || s->looks == 0)
		return;
	double each = (double)s->repositories;
	double idle = MAX(s->waited_s - s->worked_s, 0);
	/* Two threads of one processor are hardly faster than one. */
	double processors = MAX(g_get_num_processors() / 2, 1);
	double one =
	    s->worked_s / each / processors + idle / each / STAMP_LOOKERS;
	f->looks = s->looks / s->repositories;
	f->look_us = (uint64_t)(s->waited_s / (double)s->looks * 1e6);
	f->still_ms = (uint64_t)((double)f->repositories * one * 1000);
}

void foresight_clear(struct foresight *f)
{
	fs_mount_clear(&f->mount);
	*f = (struct foresight){0};
}

bool foresee(const char *home, struct foresight *f, GError **error)
{
	g_autofree char *place =
	    g_build_filename(home, HOME_REPOSITORIES, NULL);
	struct sample sample = {0};
	double until = clock_monotonic() + PATIENCE_S;

	if (!home_check(home, error) || !fs_mount_of(place, &f->mount, error))
		return false;
	int root = fs_open_folder(home, error);
	int folder = root < 0 ? -1 : fs_open_folder(place, error);
	g_autoptr(GPtrArray) names = folder < 0 ? NULL : fs_names(folder);
	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *path = g_build_filename(
		    HOME_REPOSITORIES, g_ptr_array_index(names, i), NULL);
		const char *rest;
		uint64_t id;
		if (!home_in_repository(path, &id, &rest))
			continue;
		f->repositories++;
		if (i % (names->len / SAMPLE + 1) == 0 &&
		    clock_monotonic() < until)
			look_at(root, path, &sample);
	}
	f->longest_s = stale_s(&f->mount);
	foretell(f, &sample);
	if (root >= 0)
		ignore(close(root));
	if (folder >= 0)
		ignore(close(folder));
	return names || (folder >= 0 && fail_errno(error, "%s", place));
}
