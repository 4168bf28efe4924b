/*
 * A handful of workers that share a stream of jobs.
 *
 *     pool_new --> pool_push, pool_push, ... --> pool_end
 *
 * The first job that fails ends it: those behind it are not begun.  So does a
 * signal that asks us to stop.
 */
#ifndef GONOGO_BASE_POOL_H
#define GONOGO_BASE_POOL_H

#include <glib.h>
#include <stdbool.h>

typedef struct pool pool;

/* Does JOB as worker number WORKER (from 0), so that each may have its own
 * tools. */
typedef bool (*pool_work)(
    void *job, unsigned worker, void *user, GError **error);

/* FREE_JOB may be NULL: jobs are borrowed. */
pool *pool_new(
    unsigned workers, pool_work work, GDestroyNotify free_job, void *user);
/* Takes JOB; waits while many are queued. */
void pool_push(pool *p, void *job);
/* Waits until all is done and frees P.  The first failure, or STOPPED. */
bool pool_end(pool *p, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
