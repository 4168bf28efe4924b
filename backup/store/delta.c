#include "backup/store/delta.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/error.h"
#include "base/log.h"
#include "port/compress.h"
#include "port/fs.h"

enum { PAYS = 60 }; /* per cent of the plain bytes, at most */
/* Both packs are mapped, and who restores needs as much as the new one. */
static const uint64_t BUDGET = 1u << 30;

struct delta {
	GMappedFile *base, *plain;
	char *path; /* of the delta, on its way */
	int fd;
	char *room; /* of it, mapped */
	size_t size, made;
};

static GMappedFile *map(int fd)
{
	return fd < 0 ? NULL : g_mapped_file_new_from_fd(fd, FALSE, NULL);
}

static bool open_both(
    struct delta *d, const store *s, const char *path, const char *base)
{
	int from = fs_open_beneath(store_root(s), base, O_RDONLY, 0);
	int to = open(path, O_RDONLY | O_CLOEXEC);

	d->base = map(from);
	d->plain = map(to);
	if (from >= 0)
		ignore(close(from));
	if (to >= 0)
		ignore(close(to));
	return d->base && d->plain &&
	       g_mapped_file_get_length(d->base) +
		       g_mapped_file_get_length(d->plain) <=
		   BUDGET;
}

/* Room for as much as would pay; a file, so that it need not be in memory. */
static bool open_room(struct delta *d, const char *path, GError **error)
{
	d->path = g_strconcat(path, ".pfd", NULL);
	d->size = g_mapped_file_get_length(d->plain) / 100 * PAYS;
	d->fd = open(d->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (d->fd < 0 || d->size == 0 || ftruncate(d->fd, (off_t)d->size) != 0)
		return fail_errno(error, "%s", d->path);
	d->room =
	    mmap(NULL, d->size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
	if (d->room != MAP_FAILED)
		return true;
	d->room = NULL;
	return fail_errno(error, "%s", d->path);
}

static bool add(const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	hash_add(user, bytes, length);
	return true;
}

/* Does it give the bytes of that name again? */
static bool gives(const struct delta *d, const char *sha256, GError **error)
{
	g_autoptr(hash) sum = hash_new();
	g_autoptr(decompress) unpacker =
	    decompress_new_patch(g_mapped_file_get_length(d->plain),
		g_mapped_file_get_contents(d->base),
		g_mapped_file_get_length(d->base), add, sum);

	if (!decompress_add(unpacker, d->room, d->made, error) ||
	    !decompress_end(unpacker, error))
		return false;
	g_autofree char *found = hash_end_hex(sum);
	return g_str_equal(found, sha256) ||
	       fail(error, GONOGO_ERROR_DATA, "other bytes");
}

static bool take_place(
    struct delta *d, const char *path, struct delta_result *out, GError **error)
{
	g_autofree char *stored = hash_hex(d->room, d->made);

	if (ftruncate(d->fd, (off_t)d->made) != 0 || rename(d->path, path) != 0)
		return fail_errno(error, "%s", d->path);
	g_strlcpy(out->stored_sha256, stored, sizeof out->stored_sha256);
	out->stored_bytes = d->made;
	return true;
}

static bool make(struct delta *d, const char *path, const char *sha256,
    struct delta_result *out, GError **error)
{
	g_autoptr(GError) why = NULL;

	if (!open_room(d, path, error))
		return false;
	d->made = compress_patch(g_mapped_file_get_contents(d->base),
	    g_mapped_file_get_length(d->base),
	    g_mapped_file_get_contents(d->plain),
	    g_mapped_file_get_length(d->plain), d->room, d->size);
	if (d->made == 0)
		return true;
	if (gives(d, sha256, &why))
		return take_place(d, path, out, error);
	log_warn("a delta of object %s is not used: %s", sha256, why->message);
	return true;
}

static void clear(struct delta *d)
{
	if (d->room)
		munmap(d->room, d->size);
	if (d->fd >= 0)
		ignore(close(d->fd));
	if (d->path)
		ignore(unlink(d->path));
	if (d->base)
		g_mapped_file_unref(d->base);
	if (d->plain)
		g_mapped_file_unref(d->plain);
	g_free(d->path);
}

bool delta_make(const store *s, const char *path, const char *sha256,
    const char *base, struct delta_result *out, GError **error)
{
	struct delta d = {.fd = -1};

	*out = (struct delta_result){0};
	bool good =
	    !open_both(&d, s, path, base) || make(&d, path, sha256, out, error);
	clear(&d);
	return good;
}
