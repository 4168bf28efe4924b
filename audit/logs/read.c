#include "audit/logs/read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "audit/logs/guess.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/pool.h"
#include "base/stop.h"
#include "port/archive.h"
#include "port/compress.h"
#include "port/inflate.h"

enum { MAGIC = 512, READ_BYTES = 256 << 10, BEYOND = 64 << 10 };

struct reader {
	const struct log_reading *reading;
	const struct log_taker *taker;
	const struct log_inputs *inputs;
	GMutex mutex;
};

/* Where the bytes of one input go. */
struct drain {
	const struct log_taker *taker;
	void *to;
};

/* One thing for one thread: part of a plain file, or all of one that can only
 * be read from its beginning, with all its members. */
struct job {
	guint input, members;
	enum log_wrap wrap;
	enum log_kind kind;
	bool part;
	uint64_t from, to;
	guint parts;
};

/* ---- losses ---- */

/* The first reason stays; an archive's members may be many. */
static void lose(struct reader *reader, guint at, const char *why)
{
	struct log_input *i = g_ptr_array_index(reader->inputs->list, at);
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&reader->mutex);

	if (!i->lost)
		i->lost = g_strdup(why);
}

/* ---- reading ---- */

static int open_input(const struct log_input *i)
{
	return g_str_equal(i->path, "-")
		   ? dup(STDIN_FILENO)
		   : open(i->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

static ssize_t read_some(int fd, char *to, size_t length)
{
	ssize_t got;

	do
		got = read(fd, to, length);
	while (got < 0 && errno == EINTR);
	return got;
}

static ssize_t read_from(int fd, char *to, size_t length, uint64_t at)
{
	ssize_t got;

	do
		got = pread(fd, to, length, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool to_drain(
    const void *bytes, size_t length, void *user, GError **error)
{
	const struct drain *d = user;
	const char *from = bytes;

	while (length > 0 && !d->taker->is_done(d->to)) {
		size_t room;
		char *to = d->taker->room(d->to, &room);
		size_t most = MIN(room, length);
		memcpy(to, from, most);
		d->taker->filled(d->to, most);
		from += most;
		length -= most;
	}
	return !stop_requested(error);
}

/* A part of a plain file, and what its last entry has behind it. */
static bool read_part(struct reader *reader, const struct job *job,
    struct drain *d, int fd, GError **error)
{
	const struct log_input *i =
	    g_ptr_array_index(reader->inputs->list, job->input);
	/* One byte before: does a line begin at `from`? */
	uint64_t at = job->from ? job->from - 1 : 0;
	bool last = job->to >= i->bytes;

	posix_fadvise(
	    fd, (off_t)at, (off_t)(job->to - at), POSIX_FADV_SEQUENTIAL);
	while (!d->taker->is_done(d->to)) {
		size_t room;
		char *to = d->taker->room(d->to, &room);
		uint64_t want = at < job->to ? job->to - at + BEYOND : BEYOND;
		if (last && at >= i->bytes)
			return true; /* what is written since then is later */
		if (last)
			want = MIN(want, i->bytes - at);
		ssize_t got =
		    read_from(fd, to, (size_t)MIN(want, (uint64_t)room), at);
		if (got < 0)
			return fail_errno(error, "reading");
		if (got == 0) {
			if (at < MIN(job->to, i->bytes))
				return fail(error, GONOGO_ERROR_DATA,
				    "it became shorter while it was read");
			return true;
		}
		at += (uint64_t)got;
		d->taker->filled(d->to, (size_t)got);
		if (stop_requested(error))
			return false;
	}
	return true;
}

/* Bytes that are packed in no way, or in one that is no folder. */
struct unpacking {
	inflate *inflate;
	decompress *zstd;
	struct drain *plain;
};

static bool unpack_add(
    struct unpacking *u, const char *bytes, size_t length, GError **error)
{
	if (u->inflate)
		return inflate_add(u->inflate, bytes, length, error);
	if (u->zstd)
		return decompress_add(u->zstd, bytes, length, error);
	return to_drain(bytes, length, u->plain, error);
}

static bool unpack_begin(struct unpacking *u, const char *bytes, size_t length,
    struct drain *d, GError **error)
{
	enum log_wrap wrap = log_wrap_of(bytes, length);

	*u = (struct unpacking){.plain = d};
	if (wrap == WRAP_GZIP)
		u->inflate = inflate_new(LIMIT_LOG_UNPACKED, to_drain, d);
	else if (wrap == WRAP_ZSTD)
		u->zstd = decompress_new(LIMIT_LOG_UNPACKED, to_drain, d);
	else if (wrap != WRAP_PLAIN)
		return fail(error, GONOGO_ERROR_DATA,
		    "packed inside another in a way that is not read; unpack "
		    "it first");
	return true;
}

static bool unpack_end(struct unpacking *u, bool good, GError **error)
{
	if (good && u->inflate)
		good = inflate_end(u->inflate, error);
	if (good && u->zstd)
		good = decompress_end(u->zstd, error);
	inflate_free(u->inflate);
	decompress_free(u->zstd);
	return good;
}

static bool read_pipe(struct drain *d, int fd, GError **error)
{
	g_autofree char *bytes = g_malloc(READ_BYTES);
	struct unpacking u = {0};
	size_t have = 0;
	bool good = true, begun = false;

	while (good) {
		ssize_t got = read_some(fd, bytes + have, READ_BYTES - have);
		if (got < 0) {
			good = fail_errno(error, "reading");
			break;
		}
		have += (size_t)got;
		if (!begun && have < MAGIC && got > 0)
			continue;
		if (!begun)
			good = unpack_begin(&u, bytes, have, d, error);
		begun = true;
		if (good && have)
			good = unpack_add(&u, bytes, have, error);
		have = 0;
		if (got == 0)
			break;
	}
	return unpack_end(&u, good, error);
}

/* All of a member, or of a lone pressed file. */
static bool read_member(archive_reader *r, struct drain *d, GError **error)
{
	struct unpacking u = {0};
	bool good = true, begun = false;

	while (good) {
		const void *bytes;
		size_t length = 0;
		good = archive_read_bytes(r, &bytes, &length, error);
		if (!good || length == 0)
			break;
		if (!begun)
			good = unpack_begin(&u, bytes, length, d, error);
		begun = true;
		good = good && unpack_add(&u, bytes, length, error);
	}
	return unpack_end(&u, good, error);
}

static bool read_lone(struct drain *d, int fd, const char *name, GError **error)
{
	const struct archive_limits limits = {
	    .total_bytes = LIMIT_LOG_UNPACKED};
	g_autoptr(archive_reader) r =
	    archive_open_lone(fd, name, &limits, error);
	const struct archive_member *member = NULL;

	return r && archive_next(r, &member, error) &&
	       (!member || read_member(r, d, error));
}

/* ---- jobs ---- */

static void begin(
    struct reader *reader, struct drain *d, const struct job *job, guint at)
{
	const struct log_input *i = g_ptr_array_index(reader->inputs->list, at);
	uint64_t from = job->part ? job->from : 0;
	const struct log_part part = {.input = at,
	    .node = log_inputs_node(reader->inputs, i),
	    .kind = job->part ? job->kind : i->kind,
	    .at = from ? from - 1 : 0,
	    .from = from,
	    .to = job->part ? job->to : G_MAXUINT64,
	    .parts = job->parts};

	d->taker->begin(d->to, &part);
}

static bool read_file(struct reader *reader, const struct job *job,
    struct drain *d, int fd, GError **error)
{
	const struct log_input *i =
	    g_ptr_array_index(reader->inputs->list, job->input);

	if (job->part)
		return read_part(reader, job, d, fd, error);
	if (job->wrap == WRAP_LONE)
		return read_lone(d, fd, i->path, error);
	return read_pipe(d, fd, error);
}

/* The number of the input that MEMBER of the archive at FIRST is; -1: none. */
static int find_member(
    const struct reader *reader, const struct job *job, const char *member)
{
	for (guint at = job->input; at < job->input + job->members; at++) {
		const struct log_input *i =
		    g_ptr_array_index(reader->inputs->list, at);
		if (g_str_equal(i->member, member))
			return (int)at;
	}
	return -1;
}

/* A flaw of one member ends the archive: what is behind it can't be found. */
static bool read_archive(struct reader *reader, const struct job *job,
    struct drain *d, int fd, guint *at, GError **error)
{
	const struct archive_limits limits = {
	    .members = LIMIT_LOG_MEMBERS, .total_bytes = LIMIT_LOG_UNPACKED};
	const struct log_input *first =
	    g_ptr_array_index(reader->inputs->list, job->input);
	g_autoptr(archive_reader) r =
	    archive_open(fd, 0, 0, first->path, &limits, error);
	const struct archive_member *member = NULL;

	while (r && archive_next(r, &member, error)) {
		if (!member)
			return true;
		int number = member->kind == ARCHIVE_FILE
				 ? find_member(reader, job, member->path)
				 : -1;
		if (number < 0)
			continue;
		*at = (guint)number;
		begin(reader, d, job, *at);
		bool good = read_member(r, d, error);
		d->taker->end(d->to);
		if (!good)
			return false;
	}
	return false;
}

static bool is_over(const GError *why)
{
	return g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_STOPPED);
}

static bool run(void *data, unsigned worker, void *user, GError **error)
{
	const struct job *job = data;
	struct reader *reader = user;
	struct drain d = {reader->taker, reader->reading->takers[worker]};
	g_autoptr(GError) why = NULL;
	guint at = job->input;
	int fd =
	    open_input(g_ptr_array_index(reader->inputs->list, job->input));

	if (fd < 0) {
		lose(reader, at, g_strerror(errno));
		return true;
	}
	d.taker->open(d.to);
	bool good;
	if (job->wrap == WRAP_ARCHIVE) {
		good = read_archive(reader, job, &d, fd, &at, &why);
	} else {
		begin(reader, &d, job, at);
		good = read_file(reader, job, &d, fd, &why);
		d.taker->end(d.to);
	}
	close(fd);
	if (!good && !is_over(why))
		lose(reader, at, why->message);
	g_mutex_lock(&reader->mutex);
	d.taker->close(d.to);
	g_mutex_unlock(&reader->mutex);
	if (good || !is_over(why))
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* ---- cutting it into jobs ---- */

static void push(pool *p, const struct job *job)
{
	struct job *own = g_new(struct job, 1);

	*own = *job;
	pool_push(p, own);
}

/* How many inputs from AT on are of one file. */
static guint count_members(const struct reader *reader, guint at)
{
	const struct log_input *first =
	    g_ptr_array_index(reader->inputs->list, at);
	guint count = 1;

	if (!first->member)
		return 1;
	for (; at + count < reader->inputs->list->len; count++) {
		const struct log_input *next =
		    g_ptr_array_index(reader->inputs->list, at + count);
		if (!g_str_equal(next->path, first->path) || !next->member)
			break;
	}
	return count;
}

/* Looks at the first bytes: packed how, and which log? */
static bool look(struct reader *reader, struct job *job)
{
	const struct log_input *i =
	    g_ptr_array_index(reader->inputs->list, job->input);
	g_autofree char *bytes = g_malloc(BEYOND);
	struct log_input *own = (struct log_input *)i;
	int fd = open_input(i);

	if (fd < 0) {
		lose(reader, job->input, g_strerror(errno));
		return false;
	}
	ssize_t got = read_from(fd, bytes, BEYOND, 0);
	close(fd);
	if (got < 0) {
		lose(reader, job->input, g_strerror(errno));
		return false;
	}
	size_t length = (size_t)got;
	job->wrap = log_wrap_of(bytes, length);
	job->kind =
	    i->kind == LOG_OTHER ? log_kind_of_text(bytes, length) : i->kind;
	job->part = job->wrap == WRAP_PLAIN;
	/* Text of two bytes a letter would look like nothing but zeros. */
	if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 ||
			       memcmp(bytes, "\xfe\xff", 2) == 0)) {
		own->lost = g_strdup("UTF-16 text is not read; turn it into "
				     "UTF-8 first");
		return false;
	}
	if (job->wrap == WRAP_ARCHIVE && !i->member) {
		own->lost = g_strdup("an archive by its content, not by its "
				     "name: call it .zip or .tar");
		return false;
	}
	return true;
}

/* Where the part that begins at FROM ends. */
static uint64_t next_part(
    const struct log_input *i, uint64_t from, uint64_t step)
{
	uint64_t to = from + step;

	if (from < i->cut && to > i->cut)
		return i->cut;
	return to >= i->bytes ? G_MAXUINT64 / 2 : to;
}

static guint count_parts(const struct log_input *i, uint64_t step)
{
	guint count = 0;

	for (uint64_t from = i->from; from < i->bytes;
	     from = next_part(i, from, step))
		count++;
	return count;
}

static void push_file(struct reader *reader, pool *p, struct job *job)
{
	const struct log_input *i =
	    g_ptr_array_index(reader->inputs->list, job->input);
	uint64_t step = reader->reading->part_bytes
			    ? reader->reading->part_bytes
			    : READ_PART;

	if (g_str_equal(i->path, "-")) {
		push(p, job);
		return;
	}
	if (i->member) {
		job->wrap = WRAP_ARCHIVE;
		push(p, job);
		return;
	}
	if (!look(reader, job))
		return;
	if (!job->part) {
		push(p, job);
		return;
	}
	job->parts = count_parts(i, step);
	/* The last part takes what is left, however little. */
	for (job->from = i->from; job->from < i->bytes; job->from = job->to) {
		job->to = next_part(i, job->from, step);
		push(p, job);
	}
}

bool log_read(const struct log_reading *reading,
    const struct log_inputs *inputs, GError **error)
{
	struct reader reader = {
	    .reading = reading, .taker = reading->taker, .inputs = inputs};

	g_mutex_init(&reader.mutex);
	pool *p = pool_new(MAX(reading->threads, 1u), run, g_free, &reader);
	for (guint at = 0; at < inputs->list->len;) {
		struct job job = {
		    .input = at, .members = count_members(&reader, at)};
		job.parts = 1;
		if (!((struct log_input *)g_ptr_array_index(inputs->list, at))
			 ->known)
			push_file(&reader, p, &job);
		at += job.members;
	}
	bool good = pool_end(p, error);
	g_mutex_clear(&reader.mutex);
	return good;
}
