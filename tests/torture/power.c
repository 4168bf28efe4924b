#include "tests/torture/power.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 4096 }; /* of each; more, and the test says nothing: it ends */

struct file {
	dev_t device;
	ino_t inode;
	off_t durable; /* bytes */
	int fd;        /* of our own */
};
struct name {
	dev_t device; /* of its folder */
	ino_t inode;
	char *path, *from;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MOST];
static struct name names[MOST];
static int files_length, names_length;

static void full(int length)
{
	if (length < MOST)
		return;
	fputs("power: more than it can keep in mind\n", stderr);
	abort();
}

void power_write(int fd)
{
	struct stat status;
	char link[64];

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return;
	pthread_mutex_lock(&mutex);
	int i = 0;
	while (i < files_length && (files[i].inode != status.st_ino ||
				       files[i].device != status.st_dev))
		i++;
	if (i == files_length) {
		full(i);
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		files[files_length++] =
		    (struct file){status.st_dev, status.st_ino, status.st_size,
			(int)syscall(SYS_openat, AT_FDCWD, link,
			    O_WRONLY | O_CLOEXEC, 0)};
	}
	pthread_mutex_unlock(&mutex);
}

static void absolute(int fd, const char *path, char name[PATH_MAX])
{
	char link[64];
	ssize_t length = 0;

	*name = '\0';
	if (*path != '/' && fd == AT_FDCWD) {
		length = getcwd(name, PATH_MAX) ? (ssize_t)strlen(name) : 0;
	} else if (*path != '/') {
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		length = readlink(link, name, PATH_MAX - 1);
	}
	length = length < 0 ? 0 : length;
	snprintf(name + length, (size_t)(PATH_MAX - length), "%s%s",
	    *path == '/' ? "" : "/", path);
}

/* Keeps PATH and FROM, in memory of their own. */
static void note(const char *path, const char *from)
{
	char *copy = strdup(path);
	struct stat status = {0};

	if (copy && stat(dirname(copy), &status) == 0) {
		pthread_mutex_lock(&mutex);
		full(names_length);
		names[names_length++] = (struct name){status.st_dev,
		    status.st_ino, strdup(path), from ? strdup(from) : NULL};
		pthread_mutex_unlock(&mutex);
	}
	free(copy);
}

void power_name(int folder, const char *path)
{
	char name[PATH_MAX];

	absolute(folder, path, name);
	note(name, NULL);
}

void power_move(int a, const char *from, int b, const char *to)
{
	char old[PATH_MAX], name[PATH_MAX];

	absolute(a, from, old);
	absolute(b, to, name);
	note(name, old);
}

static void keep_file(int i)
{
	syscall(SYS_close, files[i].fd);
	files[i] = files[--files_length];
}

static void keep_name(int i)
{
	free(names[i].path);
	free(names[i].from);
	memmove(&names[i], &names[i + 1],
	    (size_t)(--names_length - i) * sizeof *names);
}

void power_synced(int fd)
{
	struct stat status = {0};
	bool all = fd < 0;

	if (!all && fstat(fd, &status) != 0)
		return;
	pthread_mutex_lock(&mutex);
	for (int i = files_length; i-- > 0;)
		if (all || (files[i].inode == status.st_ino &&
			       files[i].device == status.st_dev))
			keep_file(i);
	for (int i = names_length; i-- > 0;)
		if (all || (names[i].inode == status.st_ino &&
			       names[i].device == status.st_dev))
			keep_name(i);
	pthread_mutex_unlock(&mutex);
}

void power_cut(bool also_names)
{
	/* Nobody writes any more: it is not given back. */
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < files_length; i++)
		syscall(SYS_ftruncate, files[i].fd, files[i].durable);
	for (int i = also_names ? names_length : 0; i-- > 0;) {
		const struct name *n = &names[i];
		if (n->from)
			syscall(SYS_renameat2, AT_FDCWD, n->path, AT_FDCWD,
			    n->from, 0);
		else if (syscall(SYS_unlinkat, AT_FDCWD, n->path, 0) != 0)
			syscall(SYS_unlinkat, AT_FDCWD, n->path, AT_REMOVEDIR);
	}
}
