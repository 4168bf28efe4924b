/*
 * An object on its way out of the store.
 */
#include <errno.h>
#include <fcntl.h>

#include "backup/store/object.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stop.h"
#include "port/compress.h"
#include "port/fs.h"

enum { STEP = 1 << 20 };

struct pour {
	const struct object_source *from;
	object_sink sink;
	void *user;
	hash *sum;
	uint64_t left;
	decompress *unpacker; /* NULL: it lies there as it is */
	GMappedFile *base;
};

static bool take(const void *bytes, size_t length, void *user, GError **error)
{
	struct pour *p = user;

	if (length > p->left)
		return fail(
		    error, GONOGO_ERROR_DATA, "longer than it should be");
	p->left -= length;
	hash_add(p->sum, bytes, length);
	return p->sink(bytes, length, p->user, error);
}

static int open_stored(const store *s, const char *path, GError **error)
{
	int fd = fs_open_beneath(store_root(s), path, O_RDONLY, 0);

	if (fd < 0)
		fail_errno(error, "%s", path);
	return fd;
}

/* Its base is checked by the frame's own checksum, and by the name at last. */
static bool open_base(struct pour *p, const store *s, GError **error)
{
	if (!p->from->base || !hash_is_hex(p->from->base))
		return fail(error, GONOGO_ERROR_DATA, "nobody says its base");
	g_autofree char *path = object_path(p->from->base, "");
	g_autoptr(GError) inner = NULL;
	int fd = open_stored(s, path, error);
	if (fd < 0)
		return false;
	p->base = g_mapped_file_new_from_fd(fd, FALSE, &inner);
	ignore(close(fd));
	if (!p->base)
		return fail(
		    error, GONOGO_ERROR_SYSTEM, "%s: %s", path, inner->message);
	p->unpacker =
	    decompress_new_patch(p->left, g_mapped_file_get_contents(p->base),
		g_mapped_file_get_length(p->base), take, p);
	return true;
}

static bool choose(struct pour *p, const store *s, GError **error)
{
	const char *suffix = p->from->suffix;

	if (g_str_equal(suffix, ".pfd"))
		return open_base(p, s, error);
	if (g_str_equal(suffix, ".zst"))
		p->unpacker = decompress_new(p->left, take, p);
	else if (*suffix)
		return fail(error, GONOGO_ERROR_DATA, "an unknown form");
	return true;
}

static bool read_all(struct pour *p, int fd, GError **error)
{
	g_autofree char *buffer = g_malloc(STEP);
	uint64_t at = 0, asked = 0;

	for (;;) {
		if (stop_requested(error))
			return false;
		file_ask_ahead(fd, at, &asked);
		ssize_t got = read(fd, buffer, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(error, "reading");
		if (got == 0)
			return !p->unpacker ||
			       decompress_end(p->unpacker, error);
		if (!(p->unpacker ? decompress_add(
					p->unpacker, buffer, (size_t)got, error)
				  : take(buffer, (size_t)got, p, error)))
			return false;
		at += (uint64_t)got;
	}
}

static bool is_named(struct pour *p, GError **error)
{
	g_autofree char *found = hash_end_hex(p->sum);

	return (p->left == 0 && g_str_equal(found, p->from->sha256)) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "its bytes are not those of its name");
}

bool object_pour(const store *s, const struct object_source *from,
    object_sink sink, void *user, GError **error)
{
	g_autofree char *path = object_path(from->sha256, from->suffix);
	g_autoptr(hash) sum = hash_new();
	struct pour p = {from, sink, user, sum, from->bytes, NULL, NULL};
	int fd = open_stored(s, path, error);

	if (fd < 0)
		return false;
	bool good = choose(&p, s, error) && read_all(&p, fd, error) &&
		    is_named(&p, error);
	decompress_free(p.unpacker);
	if (p.base)
		g_mapped_file_unref(p.base);
	ignore(close(fd));
	if (!good)
		g_prefix_error(error, "%s: ", path);
	return good;
}
