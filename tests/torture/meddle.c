/*
 * Preloaded into a program: its system calls on files are slowed down, counted,
 * fail, fall short or are its last.
 *
 *     PAUSE_US=N    wait up to N microseconds before a file below an open
 *                   folder is opened for reading
 *     CALLS=a,b     calls that count: write read open make fsync fdatasync
 *                   syncfs rename link unlink truncate; open is for what is
 *                   there, make for what is new
 *     AT=N          the N-th of them is met ...
 *     BY=HOW        kill: SIGKILL instead of the call
 *                   after: SIGKILL right after it
 *                   short: a write or read moves half of its bytes
 *                   full: half, and all behind it fail with ENOSPC
 *                   cut: as if the power went before it: bytes below PLACE that
 *                   were not made durable are gone, names stay
 *                   lost: the same, and names that were not are gone, too
 *                   an errno by name: it fails with that, once
 *     PLACE=PATH    only calls on what lies below this folder
 *     COUNT=FILE    the count is kept there, for all processes; its second
 *                   number is how often a call was met
 *
 * Each name begins with MEDDLE_.
 *
 * Only calls through libc's functions are seen, which are all of ours but
 * openat2.  Works on a program of any origin, so that others can be tried too.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/torture/power.h"

enum {
	NO_ERROR = 0,
	KILL = -1,
	KILL_AFTER = -2,
	SHORT = -3,
	FULL = -4,
	CUT = -5,
	LOST = -6,
};

static struct {
	const char *calls, *place;
	long at;
	int by;
	long pause_us;
	/* [0]: calls seen, [1]: calls met; shared by all processes. */
	_Atomic long *count;
} m;
static _Atomic long own_count[2];

static int by_of(const char *name)
{
	static const struct {
		const char *name;
		int by;
	} ways[] = {{"kill", KILL}, {"after", KILL_AFTER}, {"short", SHORT},
	    {"full", FULL}, {"cut", CUT}, {"lost", LOST}, {"EIO", EIO},
	    {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT}, {"EINTR", EINTR},
	    {"EACCES", EACCES}, {"EMFILE", EMFILE}, {"ESTALE", ESTALE}};

	for (size_t i = 0; name && i < sizeof ways / sizeof *ways; i++)
		if (strcmp(ways[i].name, name) == 0)
			return ways[i].by;
	return NO_ERROR;
}

__attribute__((constructor)) static void begin(void)
{
	const char *at = getenv("MEDDLE_AT"),
		   *pause = getenv("MEDDLE_PAUSE_US");
	const char *path = getenv("MEDDLE_COUNT");

	m.calls = getenv("MEDDLE_CALLS");
	m.place = getenv("MEDDLE_PLACE");
	m.at = at ? strtol(at, NULL, 10) : 0;
	m.by = by_of(getenv("MEDDLE_BY"));
	m.pause_us = pause ? strtol(pause, NULL, 10) : 0;
	m.count = own_count;
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path,
			    O_RDWR | O_CREAT | O_CLOEXEC, 0600)
		      : -1;
	if (fd < 0)
		return;
	if (syscall(SYS_ftruncate, fd, sizeof own_count) == 0) {
		void *shared = mmap(NULL, sizeof own_count,
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (shared != MAP_FAILED)
			m.count = shared;
	}
	syscall(SYS_close, fd);
}

/* ---- which call is met ---- */

static bool is_listed(const char *call)
{
	size_t length = strlen(call);

	for (const char *at = m.calls; at && *at;) {
		size_t word = strcspn(at, ",");
		if (word == length && strncmp(at, call, length) == 0)
			return true;
		at += word + (at[word] == ',');
	}
	return false;
}

static bool is_below(const char *path)
{
	size_t length = strlen(m.place);

	return strncmp(path, m.place, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

/* Is it below MEDDLE_PLACE?  PATH may be NULL: then it is FD itself. */
static bool is_there(int fd, const char *path)
{
	char link[64], name[PATH_MAX];

	if (!m.place)
		return true;
	if (path && *path == '/')
		return is_below(path);
	if (fd == AT_FDCWD)
		return getcwd(name, sizeof name) && is_below(name);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, name, sizeof name - 1);
	if (length < 0)
		return false;
	name[length] = '\0';
	return is_below(name);
}

/* Is it to be remembered what is durable of this? */
static bool is_watched(int fd, const char *path)
{
	return (m.by == CUT || m.by == LOST) && m.place && is_there(fd, path);
}

static void watch_name(int fd, const char *path)
{
	int saved = errno;

	if (is_watched(fd, path))
		power_name(fd, path);
	errno = saved;
}

/* What was displaced by it can't be given back: then it stays. */
static void watch_move(
    int a, const char *from, int b, const char *to, bool displaced)
{
	int saved = errno;

	if (!displaced && is_watched(b, to))
		power_move(a, from, b, to);
	errno = saved;
}

static bool is_taken(int fd, const char *path)
{
	return (m.by == CUT || m.by == LOST) &&
	       syscall(SYS_faccessat, fd, path, F_OK) == 0;
}

static void watch_write(int fd)
{
	int saved = errno;

	if (is_watched(fd, NULL))
		power_write(fd);
	errno = saved;
}

static long watch_sync(int fd, bool all, long result)
{
	int saved = errno;

	if (result == 0 && is_watched(fd, NULL))
		power_synced(all ? -1 : fd);
	errno = saved;
	return result;
}

/* What is to be done to this call: NO_ERROR, or a way. */
static int meet(const char *call, int fd, const char *path)
{
	if (!m.calls || !is_listed(call) || !is_there(fd, path))
		return NO_ERROR;
	long number = atomic_fetch_add(&m.count[0], 1) + 1;
	if (m.at == 0 || number < m.at || (number > m.at && m.by != FULL))
		return NO_ERROR;
	atomic_fetch_add(&m.count[1], 1);
	if (m.by == CUT || m.by == LOST)
		power_cut(m.by == LOST);
	if (m.by == KILL || m.by == CUT || m.by == LOST)
		kill(getpid(), SIGKILL);
	if (m.by == FULL && number > m.at)
		return ENOSPC;
	return m.by;
}

static long leave(int way, long result)
{
	int saved = errno;

	if (way == KILL_AFTER)
		kill(getpid(), SIGKILL);
	errno = saved;
	return result;
}

static long refuse(int way)
{
	errno = way;
	return -1;
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* ---- the calls ---- */

#define NEXT(name)                                                             \
	static __typeof__(name) *real;                                         \
	if (!real)                                                             \
	real = (__typeof__(real))next(#name)

/* DONE is what the call gave, and is passed on as THEN says. */
#define STATE(name, call, fd, path, arguments, then)                           \
	NEXT(name);                                                            \
	int way = meet(call, fd, path);                                        \
	if (way > 0 || way == FULL)                                            \
		return (int)refuse(way > 0 ? way : ENOSPC);                    \
	long done = real arguments;                                            \
	return (int)leave(way, then)

static long named(int fd, const char *path, long done)
{
	if (done == 0)
		watch_name(fd, path);
	return done;
}

static long moved(
    int a, const char *from, int b, const char *to, bool displaced, long done)
{
	if (done == 0)
		watch_move(a, from, b, to, displaced);
	return done;
}
#define MOVED(name, a, from, b, to, arguments)                                 \
	bool displaced = is_taken(b, to);                                      \
	STATE(name, "rename", a, from, arguments,                              \
	    moved(a, from, b, to, displaced, done))

static size_t part(int way, size_t length)
{
	return way == SHORT || way == FULL ? (length + 1) / 2 : length;
}

ssize_t write(int fd, const void *bytes, size_t length)
{
	NEXT(write);
	watch_write(fd);
	int way = meet("write", fd, NULL);
	if (way > 0)
		return refuse(way);
	return leave(way, real(fd, bytes, part(way, length)));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
	NEXT(pwrite);
	watch_write(fd);
	int way = meet("write", fd, NULL);
	if (way > 0)
		return refuse(way);
	return leave(way, real(fd, bytes, part(way, length), at));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at)
{
	return pwrite(fd, bytes, length, at);
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
	NEXT(writev);
	watch_write(fd);
	int way = meet("write", fd, NULL);
	if (way > 0)
		return refuse(way);
	return leave(way, real(fd, v, way == SHORT || way == FULL ? 1 : count));
}

ssize_t read(int fd, void *bytes, size_t length)
{
	NEXT(read);
	int way = meet("read", fd, NULL);
	if (way > 0)
		return refuse(way);
	return leave(way, real(fd, bytes, part(way, length)));
}

ssize_t pread(int fd, void *bytes, size_t length, off_t at)
{
	NEXT(pread);
	int way = meet("read", fd, NULL);
	if (way > 0)
		return refuse(way);
	return leave(way, real(fd, bytes, part(way, length), at));
}

ssize_t pread64(int fd, void *bytes, size_t length, off_t at)
{
	return pread(fd, bytes, length, at);
}

/* The forms that _FORTIFY_SOURCE makes of them. */
ssize_t __read_chk(int fd, void *bytes, size_t length, size_t room);
ssize_t __read_chk(int fd, void *bytes, size_t length, size_t room)
{
	if (length > room)
		abort();
	return read(fd, bytes, length);
}

ssize_t __pread_chk(int fd, void *bytes, size_t length, off_t at, size_t room);
ssize_t __pread_chk(int fd, void *bytes, size_t length, off_t at, size_t room)
{
	if (length > room)
		abort();
	return pread(fd, bytes, length, at);
}

ssize_t __pread64_chk(
    int fd, void *bytes, size_t length, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *bytes, size_t length, off_t at, size_t room)
{
	return __pread_chk(fd, bytes, length, at, room);
}

int fsync(int fd)
{
	STATE(fsync, "fsync", fd, NULL, (fd), watch_sync(fd, false, done));
}

int fdatasync(int fd)
{
	STATE(fdatasync, "fdatasync", fd, NULL, (fd),
	    watch_sync(fd, false, done));
}

int syncfs(int fd)
{
	STATE(syncfs, "syncfs", fd, NULL, (fd), watch_sync(fd, true, done));
}

int rename(const char *from, const char *to)
{
	MOVED(rename, AT_FDCWD, from, AT_FDCWD, to, (from, to));
}

int renameat(int a, const char *from, int b, const char *to)
{
	MOVED(renameat, a, from, b, to, (a, from, b, to));
}

int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
	MOVED(renameat2, a, from, b, to, (a, from, b, to, flags));
}

int link(const char *from, const char *to)
{
	STATE(link, "link", AT_FDCWD, from, (from, to),
	    named(AT_FDCWD, to, done));
}

int linkat(int a, const char *from, int b, const char *to, int flags)
{
	STATE(linkat, "link", a, from, (a, from, b, to, flags),
	    named(b, to, done));
}

int unlink(const char *path)
{
	STATE(unlink, "unlink", AT_FDCWD, path, (path), done);
}

int unlinkat(int folder, const char *path, int flags)
{
	STATE(unlinkat, "unlink", folder, path, (folder, path, flags), done);
}

int mkdir(const char *path, mode_t mode)
{
	STATE(mkdir, "make", AT_FDCWD, path, (path, mode),
	    named(AT_FDCWD, path, done));
}

int mkdirat(int folder, const char *path, mode_t mode)
{
	STATE(mkdirat, "make", folder, path, (folder, path, mode),
	    named(folder, path, done));
}

int ftruncate(int fd, off_t length)
{
	watch_write(fd);
	STATE(ftruncate, "truncate", fd, NULL, (fd, length), done);
}

/* ---- opening ---- */

static void hesitate(int folder, int flags)
{
	static _Atomic unsigned seed;

	if (m.pause_us == 0 || folder == AT_FDCWD ||
	    (flags & (O_ACCMODE | O_CREAT | O_DIRECTORY)) != O_RDONLY)
		return;
	unsigned n = atomic_fetch_add(&seed, 1) * 2654435761u ^
		     (unsigned)getpid() * 40503u;
	long us = (long)((n >> 8) % (unsigned long)m.pause_us);
	struct timespec pause = {us / 1000000, us % 1000000 * 1000};
	nanosleep(&pause, NULL);
}

static int opened(int folder, const char *path, int flags, mode_t mode)
{
	hesitate(folder, flags);
	int way = meet(flags & O_CREAT ? "make" : "open", folder, path);
	if (way > 0 || way == FULL)
		return (int)refuse(way > 0 ? way : ENOSPC);
	bool new = flags &O_CREAT && !is_taken(folder, path);
	long fd = syscall(SYS_openat, folder, path, flags, mode);
	if (new &&fd >= 0)
		watch_name(folder, path);
	return (int)leave(way, fd);
}

#define MODE(flags)                                                            \
	mode_t mode = 0;                                                       \
	if ((flags) & (O_CREAT | __O_TMPFILE)) {                               \
		va_list rest;                                                  \
		va_start(rest, flags);                                         \
		mode = va_arg(rest, mode_t);                                   \
		va_end(rest);                                                  \
	}

int open(const char *path, int flags, ...)
{
	MODE(flags)
	return opened(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE(flags)
	return opened(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	MODE(flags)
	return opened(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
	MODE(flags)
	return opened(folder, path, flags, mode);
}

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
	return opened(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
	return opened(AT_FDCWD, path, flags, 0);
}

int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags)
{
	return opened(folder, path, flags, 0);
}

int __openat64_2(int folder, const char *path, int flags);
int __openat64_2(int folder, const char *path, int flags)
{
	return opened(folder, path, flags, 0);
}
