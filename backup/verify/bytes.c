#include "backup/verify/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "backup/store/object.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stop.h"
#include "port/fs.h"

enum { STEP = 256 * 1024 };

struct job {
	struct stored *file;
	int fd;
	uint64_t asked; /* of the disk before it is needed */
};

static void free_job(gpointer data)
{
	struct job *j = data;

	ignore(close(j->fd));
	g_free(j);
}

/* Gives the SHA-256 of the file. */
static char *hash_file(struct job *j, struct verify *v, GError **error)
{
	g_autoptr(hash) h = hash_new();
	g_autofree char *buffer = g_malloc(STEP);
	uint64_t at = 0;

	while (!stop_requested(error)) {
		file_ask_ahead(j->fd, at, &j->asked);
		ssize_t got = read(j->fd, buffer, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(error, "reading");
			break;
		}
		if (got == 0)
			return hash_end_hex(h);
		hash_add(h, buffer, (size_t)got);
		at += (uint64_t)got;
		verify_count(v, (uint64_t)got);
	}
	return NULL;
}

static bool nowhere(const void *bytes, size_t length, void *user, GError **e)
{
	(void)bytes, (void)length, (void)user, (void)e;
	return true;
}

/* What lies there as it is was hashed under its own name. */
static bool is_plain(
    const struct verify *v, const struct stored *one, GError **error)
{
	const struct object_source source = {
	    one->name, one->suffix, one->base, one->plain_bytes};

	return !*one->name || !*one->suffix ||
	       object_pour(v->store, &source, nowhere, NULL, error);
}

static bool is_sound(struct verify *v, struct job *j, GError **error)
{
	const struct stored *one = j->file;
	g_autofree char *found = hash_file(j, v, error);

	if (!found)
		return false;
	if (!g_str_equal(found, one->sha256))
		return fail(error, GONOGO_ERROR_DATA,
		    "checksum: its bytes are not those that were stored");
	return is_plain(v, one, error);
}

static bool check_file(struct verify *v, void *what, GError **error)
{
	struct job *j = what;
	GError *why = NULL;

	if (is_sound(v, j, &why)) {
		ignore(posix_fadvise(j->fd, 0, 0, POSIX_FADV_DONTNEED));
		return true;
	}
	if (g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_STOPPED)) {
		g_propagate_error(error, why);
		return false;
	}
	j->file->harm = why;
	return true;
}

static bool is_segment(const struct stored *one)
{
	return g_str_has_prefix(one->path, "segments/");
}

static int open_stored(const struct verify *v, const struct stored *one)
{
	return fs_open_beneath(
	    store_root(v->store), one->path, O_RDONLY | O_NOFOLLOW, 0);
}

void bytes_push(struct verify *v, struct stored *one)
{
	int fd = open_stored(v, one);

	one->seen = true;
	v->objects_read += g_str_has_prefix(one->path, "objects/");
	if (fd < 0) {
		fail_errno(&one->harm, "opening");
		return;
	}
	struct job *j = g_new(struct job, 1);
	*j = (struct job){one, fd, 0};
	/* What the cache remembers says nothing of what lies on the disk;
	 * segments were just read from there. */
	if (!is_segment(one))
		ignore(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	file_ask_ahead(fd, 0, &j->asked);
	verify_push(v, check_file, j, free_job);
}

/* ---- which files ---- */

/* Its name says that it lies there as it is; no list is needed for that. */
static bool is_verbatim(const struct stored *one)
{
	return g_str_has_prefix(one->path, "objects/") &&
	       !strchr(one->path, '.');
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const struct stored *x = *(struct stored *const *)a;
	const struct stored *y = *(struct stored *const *)b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* Gives struct stored * (borrowed) of those that are WANTED, not seen yet. */
static GPtrArray *choose(
    struct verify *v, bool (*wanted)(const struct stored *))
{
	GPtrArray *files = g_ptr_array_new();

	for (guint i = 0; i < v->stored.files->len; i++) {
		struct stored *one =
		    &g_array_index(v->stored.files, struct stored, i);
		if (one->sound && !one->seen && wanted(one))
			g_ptr_array_add(files, one);
	}
	g_ptr_array_sort(files, by_place);
	return files;
}

static bool is_read_segment(const struct stored *one)
{
	return one->read && is_segment(one);
}

static bool is_early(const struct stored *one)
{
	return one->read && is_verbatim(one);
}

static bool is_wanted(const struct stored *one)
{
	return one->read || stored_is_record(one);
}

GPtrArray *bytes_early(struct verify *v)
{
	return choose(v, is_early);
}

void bytes_forget_segments(const struct verify *v)
{
	for (guint i = 0; i < v->stored.files->len; i++) {
		const struct stored *one =
		    &g_array_index(v->stored.files, struct stored, i);
		int fd = is_read_segment(one) ? open_stored(v, one) : -1;
		if (fd < 0)
			continue;
		ignore(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
		ignore(close(fd));
	}
}

void bytes_push_segments(struct verify *v)
{
	g_autoptr(GPtrArray) files = choose(v, is_read_segment);

	for (guint i = 0; i < files->len; i++)
		bytes_push(v, g_ptr_array_index(files, i));
}

/* One that has not the length that it should have is a flaw already. */
static void tell_harm(struct verify *v, struct stored *one)
{
	if (one->sound && one->harm)
		flaws_add(
		    &v->flaws, FLAW_FILE, one->path, "%s", one->harm->message);
}

bool bytes_check(struct verify *v, GError **error)
{
	g_autoptr(GPtrArray) files = choose(v, is_wanted);

	verify_begin(v);
	for (guint i = 0; i < files->len; i++)
		bytes_push(v, g_ptr_array_index(files, i));
	if (!verify_end(v, error))
		return false;
	for (guint i = 0; i < v->stored.files->len; i++)
		tell_harm(v, &g_array_index(v->stored.files, struct stored, i));
	return true;
}
