#include "backup/restore/lay.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"

enum { HOLE = 64 << 10 }; /* zeros that are worth a hole */
static const uint64_t WRITE_BEHIND = 16u << 20;

static bool is_zeros(const char *bytes, size_t length)
{
	return *bytes == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* How many of LENGTH bytes come before the next block of zeros; 0: that is
 * what they begin with. */
static size_t before_zeros(const char *bytes, size_t length)
{
	size_t at = 0;

	while (length - at >= HOLE && !is_zeros(bytes + at, HOLE))
		at += HOLE;
	return length - at < HOLE ? length : at;
}

static void write_behind(struct lay *l)
{
	if (l->written - l->begun < WRITE_BEHIND)
		return;
	ignore(sync_file_range(l->fd, (off_t)l->begun,
	    (off_t)(l->written - l->begun), SYNC_FILE_RANGE_WRITE));
	l->begun = l->written;
}

static bool take(const void *bytes, size_t length, void *user, GError **error)
{
	const char *next = bytes;
	struct lay *l = user;

	while (length > 0) {
		size_t step = before_zeros(next, length);
		l->hole = step == 0;
		if (l->hole)
			step = HOLE;
		l->refused =
		    l->hole ? lseek(l->fd, (off_t)step, SEEK_CUR) < 0 &&
				  !fail_errno(error, "%s", l->name)
			    : !file_write_fd(l->fd, l->name, next, step, error);
		if (l->refused)
			return false;
		l->written += step;
		next += step;
		length -= step;
	}
	write_behind(l);
	return true;
}

/* A hole at the end is no part of a file until its length says so. */
static bool end_of_holes(struct lay *l, uint64_t bytes, GError **error)
{
	struct stat status;

	l->refused = l->hole && fstat(l->fd, &status) == 0 &&
		     S_ISREG(status.st_mode) &&
		     ftruncate(l->fd, (off_t)bytes) != 0;
	return !l->refused || fail_errno(error, "%s", l->name);
}

bool lay_object(const store *s, const struct object_source *from,
    struct lay *to, GError **error)
{
	to->refused = to->hole = false;
	to->written = to->begun = 0;
	if (!object_pour(s, from, take, to, error) ||
	    !end_of_holes(to, from->bytes, error))
		return false;
	ignore(sync_file_range(
	    to->fd, (off_t)to->begun, 0, SYNC_FILE_RANGE_WRITE));
	return true;
}
