#include "backup/verify/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "backup/store/object.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stop.h"
#include "port/fs.h"

enum {
	STEP = 1 << 20,
	ALIGNED = 4096, /* buffers, for reads past the cache */
};

struct job {
	struct stored *file;
	int fd;
	bool direct;    /* past the cache */
	uint64_t asked; /* of the disk before it is needed */
};

static void free_job(gpointer data)
{
	struct job *j = data;

	ignore(close(j->fd));
	g_free(j);
}

/* From here on by way of the cache: at the end of a file, which is no whole
 * block, and where a file system has no other way. */
static void end_direct(struct job *j)
{
	int flags = fcntl(j->fd, F_GETFL);

	j->direct = false;
	ignore(fcntl(j->fd, F_SETFL, flags & ~O_DIRECT));
}

/* As read(2), of whole buffers as far as the file goes. */
static ssize_t read_some(struct job *j, char *buffer, uint64_t at)
{
	if (!j->direct)
		file_ask_ahead(j->fd, at, &j->asked);
	ssize_t got = read(j->fd, buffer, STEP);
	if (j->direct && got < STEP) {
		int number = errno;
		end_direct(j);
		if (got < 0 && number == EINVAL)
			return read_some(j, buffer, at);
		errno = number;
	}
	return got;
}

/* Gives the SHA-256 of the file. */
static char *hash_file(struct job *j, struct verify *v, GError **error)
{
	g_autoptr(hash) h = hash_new();
	char *buffer = g_aligned_alloc(1, STEP, ALIGNED);
	char *found = NULL;
	uint64_t at = 0;

	while (!stop_requested(error)) {
		ssize_t got = read_some(j, buffer, at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(error, "reading");
			break;
		}
		if (got == 0) {
			found = hash_end_hex(h);
			break;
		}
		hash_add(h, buffer, (size_t)got);
		at += (uint64_t)got;
		verify_count(v, (uint64_t)got);
	}
	g_aligned_free(buffer);
	return found;
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

/* Past the cache, where that may be: what the cache remembers says nothing of
 * what lies on the disk. */
static void push(struct verify *v, struct stored *one, bool direct)
{
	int root = store_root(v->store), flags = O_RDONLY | O_NOFOLLOW;
	int fd =
	    direct ? fs_open_beneath(root, one->path, flags | O_DIRECT, 0) : -1;

	direct = fd >= 0;
	if (fd < 0)
		fd = fs_open_beneath(root, one->path, flags, 0);
	one->seen = true;
	v->objects_read += g_str_has_prefix(one->path, "objects/");
	if (fd < 0) {
		fail_errno(&one->harm, "opening");
		return;
	}
	struct job *j = g_new(struct job, 1);
	*j = (struct job){one, fd, direct, 0};
	if (!direct)
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

static bool is_segment(const struct stored *one)
{
	return one->read && g_str_has_prefix(one->path, "segments/");
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

void bytes_push(struct verify *v, struct stored *one)
{
	push(v, one, is_verbatim(one));
}

void bytes_push_segments(struct verify *v)
{
	g_autoptr(GPtrArray) files = choose(v, is_segment);

	for (guint i = 0; i < files->len; i++)
		push(v, g_ptr_array_index(files, i), false);
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
