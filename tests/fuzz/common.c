#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"
#include "tests/fuzz/fuzz.h"

static char *folder;

void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

int fuzz_file(const void *bytes, size_t length)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	HOLDS(fd >= 0);
	HOLDS(file_write_fd(fd, "memory", bytes, length, NULL));
	HOLDS(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static void leave(void)
{
	ignore(fs_remove_tree(folder, NULL));
	g_free(folder);
}

const char *fuzz_folder(void)
{
	if (!folder) {
		/* In memory, where there is such a place. */
		g_autofree char *shared =
		    g_strdup("/dev/shm/gonogo-fuzz.XXXXXX");
		folder = mkdtemp(shared) ? g_steal_pointer(&shared)
					 : g_dir_make_tmp(NULL, NULL);
		HOLDS(folder);
		atexit(leave);
	}
	return folder;
}

char *fuzz_put(const char *name, const void *bytes, size_t length)
{
	char *path = g_build_filename(fuzz_folder(), name, NULL);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	HOLDS(fd >= 0 && file_write_fd(fd, path, bytes, length, NULL));
	ignore(close(fd));
	return path;
}

char *fuzz_get(const char *name, size_t *length)
{
	g_autofree char *path = g_build_filename(fuzz_folder(), name, NULL);
	char *text = file_read(path, 1u << 30, length, NULL);

	HOLDS(text);
	return text;
}

unsigned fuzz_take(const char **bytes, size_t *length, unsigned most)
{
	if (*length == 0)
		return 0;
	unsigned value = (unsigned char)**bytes % most;
	++*bytes;
	--*length;
	return value;
}

char *fuzz_text(const char *bytes, size_t length)
{
	return g_strndup(bytes, length);
}
