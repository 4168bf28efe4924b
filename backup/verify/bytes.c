#include "backup/verify/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "backup/store/object.h"
#include "base/error.h"
#include "base/pool.h"
#include "base/stop.h"
#include "port/fs.h"

enum {
	STEP = 256 * 1024,
	AHEAD = 8 << 20, /* asked of the disk before it is needed */
};

struct job {
	struct stored *file;
	int fd;
};

static void free_job(gpointer data)
{
	struct job *j = data;

	ignore(close(j->fd));
	g_free(j);
}

/*
 * Gives the SHA-256 of the file; the disk is asked for what comes next while
 * this is hashed, and what was hashed goes from the cache, where the pages of
 * a live Bitbucket are worth more.
 */
static char *hash_file(const struct job *j, struct verify *v, GError **error)
{
	g_autoptr(hash) h = hash_new();
	g_autofree char *buffer = g_malloc(STEP);
	off_t at = 0, asked = AHEAD;

	for (;;) {
		if (stop_requested(error))
			return NULL;
		ssize_t got = read(j->fd, buffer, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(error, "reading");
			return NULL;
		}
		if (got == 0)
			break;
		hash_add(h, buffer, (size_t)got);
		at += got;
		verify_count(v, (uint64_t)got);
		if (at < asked - AHEAD / 2)
			continue;
		ignore(posix_fadvise(j->fd, asked, AHEAD, POSIX_FADV_WILLNEED));
		asked += AHEAD;
	}
	return hash_end_hex(h);
}

static bool nowhere(const void *bytes, size_t length, void *user, GError **e)
{
	(void)bytes, (void)length, (void)user, (void)e;
	return true;
}

/* What lies there as it is was hashed under its own name. */
static bool check_plain(
    struct verify *v, const struct stored *one, GError **error)
{
	const struct object_source source = {
	    one->name, one->suffix, one->base, one->plain_bytes};
	GError *why = NULL;

	if (!*one->name || !*one->suffix)
		return true;
	return object_pour(v->store, &source, nowhere, NULL, &why) ||
	       flaws_take(&v->flaws, FLAW_FILE, one->path, why, error);
}

static bool check_file(void *job, unsigned worker, void *user, GError **error)
{
	const struct job *j = job;
	struct verify *v = user;
	const struct stored *one = j->file;
	GError *why = NULL;
	g_autofree char *found = hash_file(j, v, &why);

	(void)worker;
	if (!found)
		return flaws_take(&v->flaws, FLAW_FILE, one->path, why, error);
	bool good = true;
	if (!g_str_equal(found, one->sha256))
		flaws_add(&v->flaws, FLAW_FILE, one->path,
		    "checksum: its bytes are not those that were stored");
	else
		good = check_plain(v, one, error);
	ignore(posix_fadvise(j->fd, 0, 0, POSIX_FADV_DONTNEED));
	return good;
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const struct stored *x = *(struct stored *const *)a;
	const struct stored *y = *(struct stored *const *)b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/* Gives struct stored * (borrowed) of what is to be read. */
static GPtrArray *choose(struct verify *v)
{
	GPtrArray *files = g_ptr_array_new();

	for (guint i = 0; i < v->stored.files->len; i++) {
		struct stored *one =
		    &g_array_index(v->stored.files, struct stored, i);
		if (!one->sound || (!one->read && !stored_is_record(one)))
			continue;
		g_ptr_array_add(files, one);
		v->objects_read += g_str_has_prefix(one->path, "objects/");
	}
	g_ptr_array_sort(files, by_place);
	return files;
}

static void push(struct verify *v, pool *workers, struct stored *one)
{
	int fd = fs_open_beneath(
	    store_root(v->store), one->path, O_RDONLY | O_NOFOLLOW, 0);

	if (fd < 0) {
		flaws_add(
		    &v->flaws, FLAW_FILE, one->path, "%s", g_strerror(errno));
		return;
	}
	struct job *j = g_new(struct job, 1);
	*j = (struct job){one, fd};
	ignore(posix_fadvise(fd, 0, AHEAD, POSIX_FADV_WILLNEED));
	pool_push(workers, j);
}

bool bytes_check(struct verify *v, GError **error)
{
	g_autoptr(GPtrArray) files = choose(v);
	pool *workers = pool_new(v->jobs, check_file, free_job, v);

	for (guint i = 0; i < files->len; i++)
		push(v, workers, g_ptr_array_index(files, i));
	return pool_end(workers, error);
}
