#include "backup/verify/case.h"

struct job {
	verify_step step;
	void *what;
	GDestroyNotify free_what;
};

static void free_job(gpointer data)
{
	struct job *j = data;

	if (j->free_what)
		j->free_what(j->what);
	g_free(j);
}

static bool work(void *job, unsigned worker, void *user, GError **error)
{
	const struct job *j = job;

	(void)worker;
	return j->step(user, j->what, error);
}

void verify_begin(struct verify *v)
{
	v->workers = pool_new(v->jobs, work, free_job, v);
}

void verify_push(
    struct verify *v, verify_step step, void *what, GDestroyNotify free_what)
{
	struct job *j = g_new(struct job, 1);

	*j = (struct job){step, what, free_what};
	pool_push(v->workers, j);
}

bool verify_end(struct verify *v, GError **error)
{
	return pool_end(g_steal_pointer(&v->workers), error);
}

void verify_count(struct verify *v, uint64_t bytes)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&v->mutex);

	v->proof.bytes.value += (int64_t)bytes;
	progress_show(&v->progress, (uint64_t)v->proof.bytes.value);
}
