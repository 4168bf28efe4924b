#include "backup/db/copy.h"

#include "backup/db/climb.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "base/throttle.h"

enum {
	BUFFER = 256 << 10,
	TURN_MS = 200,
	PAUSE_MS = 1000,
	TRIES = 10,  /* of one part */
	LOCK_S = 60, /* for a table that we had let go of */
};

struct job {
	struct portion *part;
	unsigned tries;
	uint64_t seen; /* of its weight; under the mutex */
};

struct copy {
	const struct db_login *login;
	keepers *keepers;
	objects *objects;
	throttle *throttle;
	GMutex mutex; /* for what follows */
	GCond changed;
	GQueue *waiting;  /* struct job *, the largest first */
	GPtrArray *jobs;  /* all of them */
	unsigned left;    /* jobs not done */
	unsigned allowed; /* workers that may work */
	unsigned working; /* workers that have not given up */
	uint64_t bytes;   /* of text, so far */
	GError *why;      /* the first failure: all end */
};

struct worker {
	struct copy *c;
	unsigned number;
	GThread *thread;
	pg *db; /* NULL: not connected */
	struct job *job;
	unsigned yields; /* of its table, when it began */
	/* of the part on its way */
	object_draft *draft;
	char *buffer;
	size_t held;
	bool ours; /* what failed was not the server */
};

/* ---- rows ---- */

static bool is_ended(struct copy *c, GError **error)
{
	if (stop_requested(error))
		return true;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&c->mutex);
	return c->why && !fail(error, GONOGO_ERROR_STOPPED, "ended");
}

static void count_seen(struct worker *w, size_t length)
{
	struct copy *c = w->c;

	g_mutex_lock(&c->mutex);
	c->bytes += length;
	w->job->seen = MIN(w->job->seen + length, w->job->part->weight);
	g_mutex_unlock(&c->mutex);
}

static bool pass(
    struct worker *w, const char *bytes, size_t length, GError **error)
{
	struct portion *part = w->job->part;

	w->ours = true;
	if (is_ended(w->c, error))
		return false;
	if (keepers_yields(w->c->keepers, part->table->oid) != w->yields)
		return fail(error, GONOGO_ERROR_BUSY, "let go of %s",
		    part->table->name);
	part->bytes += length;
	if (!object_write(w->draft, bytes, length, error) ||
	    !throttle_take(w->c->throttle, length, error))
		return false;
	w->ours = false;
	count_seen(w, length);
	return true;
}

static bool flush(struct worker *w, GError **error)
{
	size_t length = w->held;

	w->held = 0;
	return length == 0 || pass(w, w->buffer, length, error);
}

static bool take_row(const char *row, size_t length, void *user, GError **error)
{
	struct worker *w = user;
	struct portion *part = w->job->part;

	part->rows++;
	row_sum_add(&part->sum, row, length);
	if (w->held + length > BUFFER && !flush(w, error))
		return false;
	if (length > BUFFER)
		return pass(w, row, length, error);
	memcpy(w->buffer + w->held, row, length);
	w->held += length;
	return true;
}

/* ---- a part ---- */

static bool begin_part(struct worker *w, GError **error)
{
	struct portion *part = w->job->part;

	object_abandon(g_steal_pointer(&w->draft));
	part->rows = part->bytes = 0;
	part->sum = (struct row_sum){0};
	w->held = 0;
	w->ours = true;
	w->yields = keepers_yields(w->c->keepers, part->table->oid);
	w->draft = object_begin(w->c->objects, OBJECT_PROBE, error);
	if (!w->draft)
		return false;
	w->ours = false;
	return true;
}

/* Is the table still the one of the snapshot? */
static bool is_as_it_was(struct worker *w, GError **error)
{
	const struct portion_table *t = w->job->part->table;
	const char *was = keepers_file(w->c->keepers, t->oid);
	const char *const parameters[] = {t->oid, NULL};
	g_autoptr(pg_rows) now = pg_query(w->db,
	    "SELECT coalesce(pg_catalog.pg_relation_filenode($1::oid), 0)",
	    parameters, error);

	if (!now)
		return false;
	w->ours = !g_str_equal(pg_cell(now, 0, 0), was);
	return !w->ours ||
	       fail(error, GONOGO_ERROR_BUSY,
		   "gave way: %s was emptied or rewritten before its rows were "
		   "copied",
		   t->name);
}

static bool read_part(struct worker *w, GError **error)
{
	const struct portion *part = w->job->part;
	g_autofree char *sql = portions_read_sql(part);
	g_autofree char *lock =
	    g_strdup_printf("SAVEPOINT part; SET LOCAL lock_timeout = '%us';"
			    "LOCK TABLE ONLY %s IN ACCESS SHARE MODE",
		(unsigned)LOCK_S, part->table->name);

	return pg_do(w->db, lock, error) && is_as_it_was(w, error) &&
	       pg_copy_out(w->db, sql, take_row, w, error) && flush(w, error) &&
	       /* The lock ends here, the snapshot stays. */
	       pg_do(w->db, "ROLLBACK TO SAVEPOINT part", error);
}

static bool end_part(struct worker *w, GError **error)
{
	struct portion *part = w->job->part;
	g_autofree char *hex = object_sum_so_far(w->draft);

	g_strlcpy(part->sha256, hex, sizeof part->sha256);
	w->ours = true;
	return object_write(w->draft, COPY_END, strlen(COPY_END), error) &&
	       object_end(g_steal_pointer(&w->draft), &part->object, error);
}

/* ---- what failed ---- */

/* The part may be tried again: its connection, or its lock, was lost. */
static bool is_passing(const struct worker *w, const GError *why)
{
	const char *const states[] = {
	    "57014", /* somebody cancelled it */
	    "55P03", /* a lock that it waited for */
	};

	if (w->ours)
		return g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_BUSY) &&
		       !g_str_has_prefix(why->message, "gave way");
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (pg_said(w->db, states[i]))
			return true;
	return pg_is_lost(w->db) && !pg_said(w->db, "40001");
}

/* A standby replays what its primary cleaned up, and ends who still reads. */
static GError *conflict(const GError *why)
{
	GError *told = NULL;

	fail(&told, GONOGO_ERROR_BUSY,
	    "the standby ended our reading, as it conflicts with what it has "
	    "to replay: %s\n"
	    "hint: hot_standby_feedback = on there, or a larger "
	    "max_standby_streaming_delay; or back up the primary",
	    why->message);
	return told;
}

/* Rows are sent as text, and the server can't make more than 1 GB of one. */
static GError *told_of(const struct portion_table *t, GError *why)
{
	bool too_long = strstr(why->message, "memory alloc request size") ||
			strstr(why->message, "string buffer");

	g_prefix_error(&why, "%s: ", t->name);
	if (too_long) {
		GError *told = NULL;
		fail(&told, GONOGO_ERROR_REMOTE,
		    "%s\nhint: a row of it is longer than 1 GB as text (binary "
		    "values take two bytes each), which pg_dump can't dump "
		    "either; a physical copy can hold it",
		    why->message);
		g_error_free(why);
		why = told;
	}
	return why;
}

static void end_all(struct copy *c, GError *why)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&c->mutex);

	if (c->why)
		g_error_free(why);
	else
		c->why = why;
	g_cond_broadcast(&c->changed);
}

/* Takes WHY: the part goes back into the line, or all ends. */
static void part_failed(struct worker *w, GError *why)
{
	struct copy *c = w->c;
	GError *watch = NULL;

	if (!keepers_check(c->keepers, &watch)) {
		g_error_free(why);
		end_all(c, watch);
		return;
	}
	if (!w->ours && pg_said(w->db, "40001")) {
		end_all(c, conflict(why));
		g_error_free(why);
		return;
	}
	if (!is_passing(w, why) || ++w->job->tries >= TRIES) {
		end_all(c, w->ours ? why : told_of(w->job->part->table, why));
		return;
	}
	if (pg_is_lost(w->db) ||
	    !pg_do(w->db, "ROLLBACK TO SAVEPOINT part", NULL))
		g_clear_pointer(&w->db, pg_close);
	log_say("%s: %s; reading it again", w->job->part->table->name,
	    why->message);
	g_error_free(why);
	g_mutex_lock(&c->mutex);
	w->job->seen = 0;
	g_queue_push_tail(c->waiting, w->job);
	g_cond_broadcast(&c->changed);
	g_mutex_unlock(&c->mutex);
}

static void work_on(struct worker *w)
{
	GError *why = NULL;

	if (!begin_part(w, &why) || !read_part(w, &why) || !end_part(w, &why)) {
		part_failed(w, why);
		return;
	}
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&w->c->mutex);
	w->job->seen = w->job->part->weight;
	w->c->left--;
	g_cond_broadcast(&w->c->changed);
}

/* ---- workers ---- */

/* Gives the next job; NULL: there is none any more. */
static struct job *next_job(struct worker *w)
{
	struct copy *c = w->c;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&c->mutex);

	while (!c->why && c->left > 0 && !stop_signal()) {
		struct job *job = w->number < c->allowed
				      ? g_queue_pop_head(c->waiting)
				      : NULL;
		if (job)
			return job;
		g_cond_wait_until(&c->changed, &c->mutex,
		    g_get_monotonic_time() + TURN_MS * 1000);
	}
	return NULL;
}

/* One connection more than the server gives is no failure. */
static void may_do_without(struct worker *w, GError *why)
{
	struct copy *c = w->c;

	g_mutex_lock(&c->mutex);
	bool others = c->working > 1 && w->number > 0;
	if (others) {
		c->working--;
	}
	g_mutex_unlock(&c->mutex);
	if (others) {
		log_say("one connection less copies: %s", why->message);
		g_error_free(why);
	} else {
		end_all(c, why);
	}
}

static bool connect_worker(struct worker *w)
{
	GError *why = NULL;

	if (w->db)
		return true;
	w->db = keepers_join(w->c->keepers, &why);
	/* Names inside values are written in full, as pg_dump has them. */
	if (w->db && pg_do(w->db, "SET search_path = ''", &why))
		return true;
	g_clear_pointer(&w->db, pg_close);
	GError *watch = NULL;
	if (!keepers_check(w->c->keepers, &watch)) {
		g_error_free(why);
		why = watch;
	}
	may_do_without(w, why);
	return false;
}

static void *work(void *user)
{
	struct worker *w = user;
	struct copy *c = w->c;

	w->buffer = g_malloc(BUFFER);
	while ((w->job = next_job(w))) {
		if (connect_worker(w)) {
			work_on(w);
			continue;
		}
		g_mutex_lock(&c->mutex);
		g_queue_push_head(c->waiting, w->job);
		g_mutex_unlock(&c->mutex);
		break;
	}
	object_abandon(w->draft);
	g_free(w->buffer);
	pg_close(w->db);
	return NULL;
}

/* ---- all ---- */

static uint64_t sum_seen(const struct copy *c)
{
	uint64_t seen = 0;

	for (guint i = 0; i < c->jobs->len; i++)
		seen += ((struct job *)g_ptr_array_index(c->jobs, i))->seen;
	return seen;
}

/* Lets more workers in as long as that helps. */
static void supervise(struct copy *c, GPtrArray *workers)
{
	struct climb climb = {0};
	struct progress progress = {0};
	uint64_t total = 0;

	for (guint i = 0; i < c->jobs->len; i++)
		total +=
		    ((struct job *)g_ptr_array_index(c->jobs, i))->part->weight;
	climb_start(&climb, c->login->jobs, db_login_is_local(c->login),
	    g_get_num_processors(), c->jobs->len);
	progress_start(&progress, "copying rows", "bytes", total);
	g_mutex_lock(&c->mutex);
	while (c->left > 0 && !c->why && !stop_signal()) {
		/* One that got no connection won't get it later. */
		if (c->working < workers->len)
			climb_end(&climb, c->working);
		c->allowed = climb_step(&climb, clock_monotonic(), c->bytes);
		while (workers->len < c->allowed) {
			struct worker *w = g_new0(struct worker, 1);
			w->c = c;
			w->number = workers->len;
			c->working++;
			g_ptr_array_add(workers, w);
			w->thread = g_thread_new("copy", work, w);
		}
		g_cond_wait_until(&c->changed, &c->mutex,
		    g_get_monotonic_time() + TURN_MS * 1000);
		progress_show(&progress, sum_seen(c));
	}
	g_mutex_unlock(&c->mutex);
	progress_end(&progress);
	if (climb.measured && !c->login->jobs && c->left == 0)
		log_say("%u connections copied", climb.allowed);
}

static void add_jobs(struct copy *c, const portions *p)
{
	for (guint i = 0; i < p->tables->len; i++) {
		const struct portion_table *t = g_ptr_array_index(p->tables, i);
		for (guint k = 0; k < t->parts->len; k++) {
			struct job *job = g_new0(struct job, 1);
			job->part = g_ptr_array_index(t->parts, k);
			g_ptr_array_add(c->jobs, job);
			g_queue_push_tail(c->waiting, job);
		}
	}
	c->left = c->jobs->len;
}

bool copy_all(const struct db_login *l, keepers *k, objects *o, portions *p,
    GError **error)
{
	g_autoptr(throttle) throttle = throttle_new(l->rate);
	struct copy c = {
	    .login = l, .keepers = k, .objects = o, .throttle = throttle};
	g_autoptr(GPtrArray) workers = g_ptr_array_new_with_free_func(g_free);

	g_mutex_init(&c.mutex);
	g_cond_init(&c.changed);
	c.waiting = g_queue_new();
	c.jobs = g_ptr_array_new_with_free_func(g_free);
	add_jobs(&c, p);
	supervise(&c, workers);
	for (guint i = 0; i < workers->len; i++)
		g_thread_join(
		    ((struct worker *)g_ptr_array_index(workers, i))->thread);
	g_queue_free(c.waiting);
	g_ptr_array_unref(c.jobs);
	g_mutex_clear(&c.mutex);
	g_cond_clear(&c.changed);
	if (stop_requested(error)) {
		g_clear_error(&c.why);
		return false;
	}
	if (c.why)
		g_propagate_error(error, c.why);
	return !c.why;
}
