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
	unsigned char digest[HASH_BYTES];
	int64_t newest; /* of all times that were seen */
	int64_t at;
};

/* ---- one look ---- */

struct look {
	hash *hash;
	GByteArray *paths; /* NULL: known already */
	int64_t newest;
	bool lost;
};

static void see(struct look *l, const char *path, const struct stat *status)
{
	const struct timespec mtime = status->st_mtim, ctime = status->st_ctim;
	const uint64_t seen[] = {(uint64_t)status->st_dev,
	    (uint64_t)status->st_ino, status->st_mode,
	    S_ISDIR(status->st_mode) ? 0 : (uint64_t)status->st_size,
	    (uint64_t)mtime.tv_sec, (uint64_t)mtime.tv_nsec,
	    (uint64_t)ctime.tv_sec, (uint64_t)ctime.tv_nsec};

	hash_add(l->hash, path, strlen(path) + 1);
	hash_add(l->hash, seen, sizeof seen);
	l->newest = MAX(l->newest, MAX(mtime.tv_sec, ctime.tv_sec));
	if (l->paths)
		g_byte_array_append(
		    l->paths, (const guint8 *)path, (guint)(strlen(path) + 1));
}

static enum fs_step visit(const struct fs_entry *e, void *user, GError **error)
{
	struct look *l = user;
	bool is_folder = S_ISDIR(e->status.st_mode);

	(void)error;
	if (layout_of(e->path) == LAYOUT_SKIP)
		return is_folder ? FS_SKIP : FS_ON;
	if (!g_str_equal(e->path, "objects") &&
	    (is_folder || !refs_is_loose(e->path)))
		see(l, e->path, &e->status);
	return FS_ON;
}

/* Of objects, only where the alternates are named. */
static bool want(const char *path, void *user)
{
	(void)user;
	return !g_str_has_prefix(path, "objects/") ||
	       g_str_equal(path, "objects/info") ||
	       g_str_equal(path, "objects/info/alternates");
}

static void lost(const char *path, int number, void *user)
{
	struct look *l = user;

	(void)path;
	(void)number;
	l->lost = true;
}

/* ---- stamps ---- */

stamp *stamp_take(int folder)
{
	g_autoptr(hash) h = hash_new();
	struct look l = {.hash = h, .paths = g_byte_array_new()};
	struct stamp *s = g_new0(struct stamp, 1);
	struct stat status;

	s->at = clock_now();
	s->paths = l.paths;
	bool seen = fstat(folder, &status) == 0;
	if (seen)
		see(&l, "", &status);
	seen = seen && fs_walk_wanted(folder, want, visit, lost, &l, NULL) &&
	       !l.lost;
	if (!seen) {
		stamp_free(s);
		return NULL;
	}
	hash_end(h, s->digest);
	s->newest = l.newest;
	return s;
}

void stamp_free(stamp *s)
{
	if (!s)
		return;
	g_byte_array_unref(s->paths);
	g_free(s);
}

bool stamp_is_same(const stamp *s, int folder)
{
	g_autoptr(hash) h = hash_new();
	struct look l = {.hash = h};
	unsigned char digest[HASH_BYTES];
	struct stat status;

	for (guint at = 0; at < s->paths->len;) {
		const char *path = (const char *)s->paths->data + at;
		if (fstatat(folder, path, &status,
			AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
			return false;
		see(&l, path, &status);
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
