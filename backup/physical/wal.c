#include "backup/physical/wal.h"

#include "base/error.h"
#include "base/stop.h"

struct wal {
	pg_replication *link;
	objects *objects;
	GPtrArray *parts;
	char *slot;
	uint64_t segment; /* bytes of a file */
	bool forget;
	struct pg_wal_order order;

	/* Of the thread alone while it runs: */
	object_draft *part; /* NULL: none is open */
	uint64_t at;        /* all before it was taken */

	GThread *thread; /* NULL: not begun, or joined */
	GMutex mutex;    /* for what follows */
	uint64_t until;  /* take all before it; 0: nobody knows yet */
	bool leave;      /* at once */
	GError *failed;
};

/* ---- before ---- */

static bool read_segment(wal *w, GError **error)
{
	g_autofree char *text =
	    pg_replication_setting(w->link, "wal_segment_size", error);
	char *unit = NULL;

	if (!text)
		return false;
	w->segment = g_ascii_strtoull(text, &unit, 10);
	if (g_str_equal(unit, "MB"))
		w->segment <<= 20;
	else if (g_str_equal(unit, "GB"))
		w->segment <<= 30;
	return pg_wal_is_segment(w->segment) ||
	       fail(error, GONOGO_ERROR_REMOTE,
		   "database: wal_segment_size is '%s'", text);
}

/*
 * Whoever says that WAL is safe with him may be taken for the standby that a
 * commit waits for, where any name is one.  Then the server keeps it all.
 */
static bool read_names(wal *w, GError **error)
{
	g_autofree char *names =
	    pg_replication_setting(w->link, "synchronous_standby_names", error);

	w->forget = names && !strchr(names, '*');
	return names != NULL;
}

wal *wal_hold(pg_replication *r, objects *o, GError **error)
{
	g_autoptr(wal) w = g_new0(struct wal, 1);

	w->link = r;
	w->objects = o;
	w->parts = db_files_new();
	g_mutex_init(&w->mutex);
	w->slot =
	    g_strdup_printf("gonogo_%d_%08x", (int)getpid(), g_random_int());
	if (!read_segment(w, error) || !read_names(w, error) ||
	    !pg_replication_hold(w->link, w->slot, error))
		return NULL;
	return g_steal_pointer(&w);
}

/* ---- the thread ---- */

static bool end_part(wal *w, GError **error)
{
	struct object made;
	g_autofree char *name =
	    pg_wal_name(w->order.timeline, w->at - 1, w->segment);

	if (!object_end(g_steal_pointer(&w->part), &made, error))
		return false;
	db_files_add(w->parts, made.sha256, made.suffix, made.bytes, name);
	return true;
}

static bool add(wal *w, const char *bytes, size_t length, GError **error)
{
	while (length > 0) {
		size_t step =
		    (size_t)MIN(w->segment - w->at % w->segment, length);
		if (!w->part)
			w->part =
			    object_begin(w->objects, OBJECT_PRESSED, error);
		if (!w->part || !object_write(w->part, bytes, step, error))
			return false;
		w->at += step;
		bytes += step;
		length -= step;
		if (w->at % w->segment == 0 && !end_part(w, error))
			return false;
	}
	return true;
}

static bool take(
    uint64_t at, const void *bytes, size_t length, void *user, GError **error)
{
	(void)at;
	return add(user, bytes, length, error);
}

static bool is_enough(void *user)
{
	wal *w = user;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&w->mutex);

	return w->leave || (w->until && w->at >= w->until);
}

/* A file that is not full ends in zeros, as a server makes it. */
static bool fill(wal *w, GError **error)
{
	enum { STEP = 64 << 10 };
	g_autofree char *zeros = g_malloc0(STEP);

	while (w->part)
		if (!add(w, zeros,
			(size_t)MIN(STEP, w->segment - w->at % w->segment),
			error))
			return false;
	return true;
}

static void *run(void *user)
{
	static const struct pg_wal_takers takers = {take, is_enough};
	wal *w = user;
	GError *why = NULL;
	bool good = pg_replication_wal(w->link, &w->order, &takers, w, &why) &&
		    fill(w, &why);

	/* The slot goes with its connection. */
	g_clear_pointer(&w->link, pg_replication_close);
	if (!good) {
		g_autoptr(GMutexLocker) held = g_mutex_locker_new(&w->mutex);
		w->failed = why;
	}
	return NULL;
}

/* ---- from outside ---- */

static bool add_history(wal *w, unsigned timeline, GError **error)
{
	g_autoptr(GBytes) text = NULL;
	struct object made;
	gsize length;

	if (timeline == 1)
		return true;
	text = pg_replication_history(w->link, timeline, error);
	if (!text)
		return false;
	const void *bytes = g_bytes_get_data(text, &length);
	g_autofree char *name = pg_wal_history_name(timeline);
	if (!objects_add_bytes(
		w->objects, bytes, length, OBJECT_VERBATIM, &made, error))
		return false;
	db_files_add(w->parts, made.sha256, made.suffix, made.bytes, name);
	return true;
}

bool wal_begin(wal *w, uint64_t from, unsigned timeline, GError **error)
{
	w->at = from - from % w->segment;
	w->order = (struct pg_wal_order){w->slot, w->at, timeline, w->forget};
	if (!add_history(w, timeline, error))
		return false;
	w->thread = g_thread_new("wal", run, w);
	return true;
}

bool wal_check(wal *w, GError **error)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&w->mutex);

	if (w->failed && error)
		*error = g_error_copy(w->failed);
	return !w->failed;
}

static void join(wal *w)
{
	if (w->thread)
		g_thread_join(w->thread);
	w->thread = NULL;
}

bool wal_end(wal *w, uint64_t lsn, GError **error)
{
	g_mutex_lock(&w->mutex);
	w->until = lsn;
	g_mutex_unlock(&w->mutex);
	join(w);
	return wal_check(w, error);
}

void wal_free(wal *w)
{
	if (!w)
		return;
	g_mutex_lock(&w->mutex);
	w->leave = true;
	g_mutex_unlock(&w->mutex);
	join(w);
	pg_replication_close(w->link);
	object_abandon(w->part);
	g_ptr_array_unref(w->parts);
	g_clear_error(&w->failed);
	g_mutex_clear(&w->mutex);
	g_free(w->slot);
	g_free(w);
}

GPtrArray *wal_parts(wal *w)
{
	return w->parts;
}

uint64_t wal_total(const wal *w)
{
	uint64_t bytes = 0;

	for (guint i = 0; i < w->parts->len; i++) {
		const struct db_file *f = g_ptr_array_index(w->parts, i);
		bytes += f->bytes;
	}
	return bytes;
}
