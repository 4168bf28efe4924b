#include "backup/store/claim.h"

#include <errno.h>
#include <fcntl.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "contract/shape.h"

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

/* Says who wrote himself into the lock file, as far as it can be read. */
static bool busy(const char *path, GError **error)
{
	g_autoptr(json) document = json_read(path, NULL);
	struct holder holder = {0};

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

static bool claim(const char *path, short type, int *fd, GError **error)
{
	int opened =
	    open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (opened < 0)
		return fail_errno(error, "%s", path);
	bool good;
	if (try_lock(opened, type))
		good = type == F_RDLCK || sign(opened, path, error);
	else if (errno == EAGAIN || errno == EACCES)
		good = busy(path, error);
	else
		good = fail_errno(error, "locking %s", path);
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
