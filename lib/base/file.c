#include "base/file.h"

#include <errno.h>
#include <fcntl.h>

#include "base/draft.h"
#include "base/error.h"

enum {
	STEP = 64 * 1024,
	AHEAD = 8 << 20,
	BEHIND = 8 << 20,
};

char *file_read_fd(
    int fd, const char *name, size_t limit, size_t *length, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	for (;;) {
		size_t held = bytes->len;
		/* One byte more than allowed tells "too long" from "full". */
		size_t step = MIN((size_t)STEP, limit + 1 - held);
		g_byte_array_set_size(bytes, (guint)(held + step));
		ssize_t got = read(fd, bytes->data + held, step);
		g_byte_array_set_size(
		    bytes, (guint)(held + (got > 0 ? (size_t)got : 0)));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fail_errno(error, "%s", name);
			return NULL;
		}
		if (got == 0)
			break;
		if (bytes->len > limit) {
			fail(error, GONOGO_ERROR_DATA,
			    "%s: longer than %zu bytes", name, limit);
			return NULL;
		}
	}
	if (!length && memchr(bytes->data, 0, bytes->len)) {
		fail(
		    error, GONOGO_ERROR_DATA, "%s: a NUL byte in a text", name);
		return NULL;
	}
	if (length)
		*length = bytes->len;
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
}

char *file_read(const char *path, size_t limit, size_t *length, GError **error)
{
	if (g_str_equal(path, "-"))
		return file_read_fd(
		    STDIN_FILENO, "standard input", limit, length, error);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fail_errno(error, "%s", path);
		return NULL;
	}
	char *text = file_read_fd(fd, path, limit, length, error);
	ignore(close(fd));
	return text;
}

bool file_read_at(int fd, const char *name, void *bytes, size_t length,
    uint64_t offset, GError **error)
{
	char *next = bytes;

	while (length > 0) {
		ssize_t got = pread(fd, next, length, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(error, "reading %s", name);
		if (got == 0)
			return fail(
			    error, GONOGO_ERROR_DATA, "%s: cut short", name);
		next += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return true;
}

void file_ask_ahead(int fd, uint64_t at, uint64_t *asked)
{
	/* By halves: whoever reads never waits for what is asked for now. */
	if (at + AHEAD / 2 < *asked)
		return;
	ignore(posix_fadvise(fd, (off_t)*asked, AHEAD, POSIX_FADV_WILLNEED));
	*asked += AHEAD;
}

void file_write_behind(int fd, uint64_t at, uint64_t *begun)
{
	if (at < *begun + BEHIND)
		return;
	ignore(sync_file_range(
	    fd, (off_t)*begun, (off_t)(at - *begun), SYNC_FILE_RANGE_WRITE));
	*begun = at;
}

bool file_write_fd(
    int fd, const char *name, const void *bytes, size_t length, GError **error)
{
	const char *next = bytes;

	while (length > 0) {
		ssize_t put = write(fd, next, length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return fail_errno(error, "writing %s", name);
		next += put;
		length -= (size_t)put;
	}
	return true;
}

bool file_write(const char *path, int mode, const void *bytes, size_t length,
    GError **error)
{
	g_auto(draft) d = {0};

	if (g_str_equal(path, "-"))
		return file_write_fd(
		    STDOUT_FILENO, "standard output", bytes, length, error);
	return draft_open(&d, path, mode, error) &&
	       file_write_fd(d.fd, d.partial, bytes, length, error) &&
	       draft_commit(&d, error);
}
