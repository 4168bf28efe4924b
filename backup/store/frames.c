#include "backup/store/frames.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/file.h"
#include "port/compress.h"

enum { STEP = 256 * 1024 };

struct frames {
	char *path;
	int fd;
	hash *stored;
	compress *packer;
	uint64_t began;           /* of the frame that is open */
	uint64_t written, behind; /* and what the disk has begun with */
};

static bool put(const void *bytes, size_t length, void *user, GError **error)
{
	struct frames *f = user;

	hash_add(f->stored, bytes, length);
	if (!file_write_fd(f->fd, f->path, bytes, length, error))
		return false;
	f->written += length;
	file_write_behind(f->fd, f->written, &f->behind);
	return true;
}

frames *frames_create(const char *path, int level, GError **error)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		fail_errno(error, "%s", path);
		return NULL;
	}
	struct frames *f = g_new0(struct frames, 1);
	f->path = g_strdup(path);
	f->fd = fd;
	f->stored = hash_new();
	f->packer = compress_new(level, put, f);
	return f;
}

bool frames_add(frames *f, const void *bytes, size_t length, GError **error)
{
	return compress_add(f->packer, bytes, length, error);
}

bool frames_end(frames *f, uint64_t *offset, uint64_t *length, GError **error)
{
	if (!compress_end_frame(f->packer, error))
		return false;
	*offset = f->began;
	*length = compress_written(f->packer) - f->began;
	f->began += *length;
	return true;
}

bool frames_copy(frames *f, const void *bytes, uint64_t length, uint64_t plain,
    uint64_t *offset, GError **error)
{
	*offset = f->began;
	f->began += length;
	return compress_copy_frame(f->packer, bytes, length, plain, error);
}

uint64_t frames_written(const frames *f)
{
	return compress_written(f->packer);
}

bool frames_finish(
    frames *f, char sha256[HASH_HEX + 1], uint64_t *bytes, GError **error)
{
	if (!compress_end_table(f->packer, error))
		return false;
	g_autofree char *hex = hash_end_hex(f->stored);
	g_strlcpy(sha256, hex, HASH_HEX + 1);
	*bytes = compress_written(f->packer);
	int fd = f->fd;
	f->fd = -1;
	ignore(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
	return close(fd) == 0 || fail_errno(error, "closing %s", f->path);
}

void frames_free(frames *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		ignore(close(f->fd));
	compress_free(f->packer);
	hash_free(f->stored);
	g_free(f->path);
	g_free(f);
}

static bool keep(const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	g_byte_array_append(user, bytes, (guint)length);
	return true;
}

GByteArray *frames_read(int fd, const char *name, uint64_t offset,
    uint64_t length, uint64_t limit, GError **error)
{
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(decompress) d =
	    decompress_new(MIN(limit, G_MAXUINT32), keep, plain);
	g_autofree char *buffer = g_malloc(STEP);

	while (length > 0) {
		size_t step = (size_t)MIN((uint64_t)STEP, length);
		if (!file_read_at(fd, name, buffer, step, offset, error))
			return NULL;
		if (!decompress_add(d, buffer, step, error)) {
			g_prefix_error(error, "%s: ", name);
			return NULL;
		}
		offset += step;
		length -= step;
	}
	if (!decompress_end(d, error)) {
		g_prefix_error(error, "%s: ", name);
		return NULL;
	}
	return g_steal_pointer(&plain);
}
