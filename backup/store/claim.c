#include "backup/store/claim.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/stop.h"
#include "contract/shape.h"

enum {
	WAIT_MS = 60000,
	STEP_MS = 100,
};

struct holder {
	char *host, *boot, *program;
	struct number pid, since;
};

static const struct field fields[] = {
    {"host", FIELD_STRING, offsetof(struct holder, host)},
    {"boot", FIELD_STRING, offsetof(struct holder, boot)},
    {"program", FIELD_STRING, offsetof(struct holder, program)},
    {"pid", FIELD_NUMBER, offsetof(struct holder, pid)},
    {"since", FIELD_TIME, offsetof(struct holder, since)},
    {0},
};
static const struct shape shape = {"holder", sizeof(struct holder), fields};

static bool try_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Are they readers that hold FD's file?  They hold it together, unsigned. */
static bool is_shared(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_RDLCK;
}

/* Says who wrote himself into the lock file, as far as it can be read. */
static bool busy(int fd, const char *path, GError **error)
{
	g_autoptr(json) document = json_read(path, NULL);
	struct holder holder = {0};

	if (is_shared(fd))
		return fail(error, GONOGO_ERROR_BUSY,
		    "%s: held by others that read the store, or by a backup\n"
		    "hint: wait until they have ended",
		    path);
	if (!document || !shape_read(&shape, document, &holder, NULL))
		return fail(error, GONOGO_ERROR_BUSY,
		    "%s: held by another process", path);
	g_autofree char *since = clock_text(holder.since.value);
	fail(error, GONOGO_ERROR_BUSY,
	    "%s: held by %s, process %d on %s, since %s\n"
	    "hint: wait until it has ended",
	    path, holder.program, (int)holder.pid.value, holder.host, since);
	shape_clear(&shape, &holder);
	return false;
}

static bool sign(int fd, const char *path, GError **error)
{
	g_autofree char *boot = file_read(
	    "/proc/sys/kernel/random/boot_id", LIMIT_SECRET, NULL, NULL);
	struct holder holder = {
	    .host = (char *)g_get_host_name(),
	    .boot = boot ? g_strstrip(boot) : NULL,
	    .program = (char *)g_get_prgname(),
	    .pid = number_of(getpid()),
	    .since = number_of(clock_now()),
	};
	g_autoptr(json) document = shape_write(&shape, &holder);
	g_autofree char *text = json_pretty(document);

	return (ftruncate(fd, 0) == 0 || fail_errno(error, "%s", path)) &&
	       file_write_fd(fd, path, text, strlen(text), error);
}

/* Those that read wait for one that moves things away, which is soon done. */
static bool lock(int fd, const char *path, short type, GError **error)
{
	for (unsigned waited = 0; !try_lock(fd, type); waited += STEP_MS) {
		if (errno != EAGAIN && errno != EACCES)
			return fail_errno(error, "locking %s", path);
		if (type != F_RDLCK || waited >= WAIT_MS)
			return busy(fd, path, error);
		if (!stop_wait(STEP_MS, error))
			return false;
	}
	return type != F_WRLCK || sign(fd, path, error);
}

static bool claim(const char *path, short type, int *fd, GError **error)
{
	int opened =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (opened < 0)
		return fail_errno(error, "%s", path);
	bool good = lock(opened, path, type, error);
	if (good)
		*fd = opened;
	else
		ignore(close(opened));
	return good;
}

bool claim_alone(const char *path, int *fd, GError **error)
{
	return claim(path, F_WRLCK, fd, error);
}

bool claim_shared(const char *path, int *fd, GError **error)
{
	if (access(path, W_OK) != 0 && errno == EROFS) {
		*fd = -1;
		return true;
	}
	return claim(path, F_RDLCK, fd, error);
}

bool claim_raise(const char *path, int fd, GError **error)
{
	return lock(fd, path, F_WRLCK, error);
}

bool claim_lower(const char *path, int fd, GError **error)
{
	return lock(fd, path, F_RDLCK, error);
}
