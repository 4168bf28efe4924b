#include "base/pool.h"

#include "base/stop.h"

enum { QUEUED = 4 }; /* jobs that wait, for each worker */

struct pool {
	GPtrArray *threads;
	unsigned workers;
	pool_work work;
	GDestroyNotify free_job;
	void *user;

	GMutex mutex; /* for what follows */
	GCond more;   /* a job came, or the end */
	GCond room;   /* a job was taken */
	GQueue jobs;
	bool ended; /* no more jobs come */
	GError *failed;
};

struct worker {
	struct pool *pool;
	unsigned number;
};

static void drop(struct pool *p, void *job)
{
	if (p->free_job)
		p->free_job(job);
}

/* The next job, or NULL when there will be none. */
static void *take(struct pool *p)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&p->mutex);

	while (g_queue_is_empty(&p->jobs) && !p->ended)
		g_cond_wait(&p->more, &p->mutex);
	void *job = g_queue_pop_head(&p->jobs);
	/* Half empty: whoever fills it does not come for each one. */
	if (p->jobs.length <= QUEUED * p->workers / 2)
		g_cond_signal(&p->room);
	return job;
}

static bool has_failed(struct pool *p)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&p->mutex);

	return p->failed || stop_requested(&p->failed);
}

static void note(struct pool *p, GError *error)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&p->mutex);

	if (p->failed)
		g_error_free(error);
	else
		p->failed = error;
}

static gpointer run(gpointer data)
{
	g_autofree struct worker *w = data;
	struct pool *p = w->pool;

	for (void *job; (job = take(p));) {
		GError *error = NULL;
		if (!has_failed(p) && !p->work(job, w->number, p->user, &error))
			note(p, error);
		drop(p, job);
	}
	return NULL;
}

pool *pool_new(
    unsigned workers, pool_work work, GDestroyNotify free_job, void *user)
{
	struct pool *p = g_new0(struct pool, 1);

	p->threads = g_ptr_array_new();
	p->workers = MAX(workers, 1);
	p->work = work;
	p->free_job = free_job;
	p->user = user;
	g_mutex_init(&p->mutex);
	g_cond_init(&p->more);
	g_cond_init(&p->room);
	g_queue_init(&p->jobs);
	for (unsigned i = 0; i < p->workers; i++) {
		struct worker *w = g_new(struct worker, 1);
		*w = (struct worker){p, i};
		g_ptr_array_add(p->threads, g_thread_new("worker", run, w));
	}
	return p;
}

void pool_push(pool *p, void *job)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&p->mutex);

	while (p->jobs.length >= QUEUED * p->workers && !p->failed)
		g_cond_wait(&p->room, &p->mutex);
	g_queue_push_tail(&p->jobs, job);
	g_cond_signal(&p->more);
}

bool pool_end(pool *p, GError **error)
{
	g_mutex_lock(&p->mutex);
	p->ended = true;
	g_cond_broadcast(&p->more);
	g_mutex_unlock(&p->mutex);
	for (guint i = 0; i < p->threads->len; i++)
		g_thread_join(g_ptr_array_index(p->threads, i));
	bool good = !p->failed;
	if (!good)
		g_propagate_error(error, p->failed);
	g_ptr_array_unref(p->threads);
	g_mutex_clear(&p->mutex);
	g_cond_clear(&p->more);
	g_cond_clear(&p->room);
	g_free(p);
	return good;
}
