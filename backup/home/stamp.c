#include "backup/home/stamp.h"

#include <fcntl.h>

#include "backup/home/layout.h"
#include "backup/home/refs.h"
#include "base/clock.h"
#include "base/hash.h"
#include "port/fs.h"

/* A file system's clock ticks in milliseconds, a server's may lag a little. */
enum { TICK_S = 2 };

struct stamp {
	GByteArray *paths; /* each ended by NUL, from the repository down */
	hash *hash;        /* of what is seen; NULL: it is taken */
	unsigned char digest[HASH_BYTES];
	int64_t newest; /* of all times that were seen */
	int64_t at;
};

/* ---- looking ---- */

static void see(hash *h, const char *path, const struct stat *status)
{
	const struct timespec mtime = status->st_mtim, ctime = status->st_ctim;
	const uint64_t seen[] = {(uint64_t)status->st_dev,
	    (uint64_t)status->st_ino, status->st_mode,
	    S_ISDIR(status->st_mode) ? 0 : (uint64_t)status->st_size,
	    (uint64_t)mtime.tv_sec, (uint64_t)mtime.tv_nsec,
	    (uint64_t)ctime.tv_sec, (uint64_t)ctime.tv_nsec};

	hash_add(h, path, strlen(path) + 1);
	hash_add(h, seen, sizeof seen);
}

stamp *stamp_begin(void)
{
	struct stamp *s = g_new0(struct stamp, 1);

	s->at = clock_now();
	s->hash = hash_new();
	s->paths = g_byte_array_new();
	return s;
}

/* Of objects, only where the alternates are named. */
static bool want(const char *path, void *user)
{
	(void)user;
	return !g_str_has_prefix(path, "objects/") ||
	       g_str_equal(path, "objects/info") ||
	       g_str_equal(path, "objects/info/alternates");
}

void stamp_add(stamp *s, const char *path, const struct stat *status)
{
	bool is_folder = S_ISDIR(status->st_mode);

	if (!want(path, NULL) || g_str_equal(path, "objects") ||
	    layout_of(path) == LAYOUT_SKIP ||
	    (!is_folder && refs_is_loose(path)))
		return;
	see(s->hash, path, status);
	s->newest =
	    MAX(s->newest, MAX(status->st_mtim.tv_sec, status->st_ctim.tv_sec));
	g_byte_array_append(
	    s->paths, (const guint8 *)path, (guint)(strlen(path) + 1));
}

void stamp_end(stamp *s)
{
	hash_end(s->hash, s->digest);
	g_clear_pointer(&s->hash, hash_free);
}

/* ---- one of its own ---- */

struct look {
	stamp *stamp;
	bool lost;
};

static enum fs_step visit(const struct fs_entry *e, void *user, GError **error)
{
	struct look *l = user;

	(void)error;
	stamp_add(l->stamp, e->path, &e->status);
	return layout_of(e->path) == LAYOUT_SKIP && S_ISDIR(e->status.st_mode)
		   ? FS_SKIP
		   : FS_ON;
}

static void lost(const char *path, int number, void *user)
{
	struct look *l = user;

	(void)path;
	(void)number;
	l->lost = true;
}

stamp *stamp_take(int folder)
{
	struct look l = {.stamp = stamp_begin()};
	struct stat status;

	bool seen = fstat(folder, &status) == 0;
	if (seen)
		stamp_add(l.stamp, "", &status);
	seen = seen && fs_walk_wanted(folder, want, visit, lost, &l, NULL) &&
	       !l.lost;
	if (!seen) {
		stamp_free(l.stamp);
		return NULL;
	}
	stamp_end(l.stamp);
	return l.stamp;
}

void stamp_free(stamp *s)
{
	if (!s)
		return;
	g_byte_array_unref(s->paths);
	hash_free(s->hash);
	g_free(s);
}

bool stamp_is_same(const stamp *s, int folder)
{
	g_autoptr(hash) h = hash_new();
	unsigned char digest[HASH_BYTES];
	struct stat status;

	for (guint at = 0; at < s->paths->len;) {
		const char *path = (const char *)s->paths->data + at;
		if (fstatat(folder, path, &status,
			AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
			return false;
		see(h, path, &status);
		at += (guint)strlen(path) + 1;
	}
	hash_end(h, digest);
	return memcmp(digest, s->digest, sizeof digest) == 0;
}

bool stamp_holds(const stamp *s, int folder)
{
	return s->newest < s->at - TICK_S && stamp_is_same(s, folder);
}

unsigned stamp_looks(const stamp *s)
{
	unsigned looks = 0;

	for (guint i = 0; i < s->paths->len; i++)
		looks += s->paths->data[i] == '\0';
	return looks;
}
