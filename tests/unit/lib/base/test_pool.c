#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"

static bool refuse(GError **error, int job)
{
	return fail(error, GONOGO_ERROR_DATA, "job %d is bad", job);
}

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

enum { WORKERS = 3, JOBS = 500, BAD = 40 };

struct tally {
	gint done, freed, per_worker[WORKERS];
	bool strict; /* the job BAD fails */
};

static struct tally tally;

static bool work(void *job, unsigned worker, void *user, GError **error)
{
	struct tally *t = user;

	g_assert(worker < WORKERS);
	if (t->strict && GPOINTER_TO_INT(job) == BAD)
		return refuse(error, BAD);
	g_atomic_int_inc(&t->done);
	g_atomic_int_inc(&t->per_worker[worker]);
	return true;
}

static void free_job(gpointer job)
{
	(void)job;
	g_atomic_int_inc(&tally.freed);
}

static bool run(bool strict, GError **error)
{
	tally = (struct tally){.strict = strict};
	pool *p = pool_new(WORKERS, work, free_job, &tally);

	for (int i = 1; i <= JOBS; i++)
		pool_push(p, GINT_TO_POINTER(i));
	return pool_end(p, error);
}

static void every_job_is_done_once(void **state)
{
	(void)state;
	gint sum = 0;

	assert_true(run(false, NULL));
	assert_int_equal(tally.done, JOBS);
	assert_int_equal(tally.freed, JOBS);
	for (int i = 0; i < WORKERS; i++)
		sum += tally.per_worker[i];
	assert_int_equal(sum, JOBS);
}

static void the_first_failure_ends_it_and_no_job_leaks(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	assert_false(run(true, &error));
	assert_string_equal(error->message, "job 40 is bad");
	assert_true(tally.done < JOBS);
	assert_int_equal(tally.freed, JOBS);
}

static void a_pool_without_jobs_ends_well(void **state)
{
	(void)state;
	assert_true(pool_end(pool_new(2, work, NULL, &tally), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_job_is_done_once),
	    cmocka_unit_test(the_first_failure_ends_it_and_no_job_leaks),
	    cmocka_unit_test(a_pool_without_jobs_ends_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
