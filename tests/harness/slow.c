/*
 * Loaded ahead of libc: while the file $SLOW_WHEN is there, each look at a
 * file's metadata and each opening takes $SLOW_US microseconds longer, as on a
 * filer far away.
 *
 *     cc -shared -fPIC -o slow.so tests/harness/slow.c
 *     SLOW_US=1000 SLOW_WHEN=/tmp/now LD_PRELOAD=$PWD/slow.so gonogo-backup ...
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void slow(void)
{
	const char *text = getenv("SLOW_US"), *when = getenv("SLOW_WHEN");
	long us = text ? strtol(text, NULL, 10) : 0;
	const struct timespec wait = {us / 1000000, us % 1000000 * 1000};

	if (us > 0 && when && access(when, F_OK) == 0)
		nanosleep(&wait, NULL);
}

int fstatat(int folder, const char *path, struct stat *status, int flags)
{
	slow();
	return (int)syscall(SYS_newfstatat, folder, path, status, flags);
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list more;

	va_start(more, flags);
	mode_t mode = va_arg(more, mode_t);
	va_end(more);
	slow();
	return (int)syscall(SYS_openat, folder, path, flags, mode);
}
