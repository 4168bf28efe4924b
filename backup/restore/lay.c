#include "backup/restore/lay.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"

enum { HOLE = 64 << 10 }; /* zeros that are worth a hole */

struct sink {
	int fd;
	const char *name;
	bool hole; /* the last bytes were zeros, and were not written */
};

static bool is_zeros(const char *bytes, size_t length)
{
	return *bytes == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* Writes LENGTH bytes, but leaves a hole where there is a block of zeros. */
static bool write_with_holes(
    struct sink *s, const char *bytes, size_t length, GError **error)
{
	while (length > 0) {
		size_t step = MIN(length, (size_t)HOLE);
		s->hole = step == HOLE && is_zeros(bytes, step);
		if (s->hole
			? lseek(s->fd, (off_t)step, SEEK_CUR) < 0
			: !file_write_fd(s->fd, s->name, bytes, step, error)) {
			if (s->hole)
				fail_errno(error, "%s", s->name);
			return false;
		}
		bytes += step;
		length -= step;
	}
	return true;
}

/* A hole at the end is no part of a file until its length says so. */
static bool end_of_holes(const struct sink *s, uint64_t bytes, GError **error)
{
	struct stat status;

	return !s->hole || fstat(s->fd, &status) != 0 ||
	       !S_ISREG(status.st_mode) ||
	       ftruncate(s->fd, (off_t)bytes) == 0 ||
	       fail_errno(error, "%s", s->name);
}

static bool take(const void *bytes, size_t length, void *user, GError **error)
{
	return write_with_holes(user, bytes, length, error);
}

bool lay_object(const store *s, const struct object_source *from, int fd,
    const char *name, GError **error)
{
	struct sink sink = {fd, name, false};

	return object_pour(s, from, take, &sink, error) &&
	       end_of_holes(&sink, from->bytes, error);
}
