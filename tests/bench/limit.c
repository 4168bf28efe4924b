/*
 * How fast could it be?  Reads the files named on standard input, one a line,
 * in that order, by THREADS threads that ask for 64 files ahead; or, with
 * "stat", looks at them only.
 *
 *     limit read|stat THREADS <list
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AHEAD = 64, STEP = 1 << 20, MOST_THREADS = 64 };

static char **names;
static size_t count;
static bool reading;
static _Atomic size_t next_one;
static _Atomic unsigned long long total;

static void look_at(char **some, size_t length)
{
	struct stat status;

	for (size_t i = 0; i < length; i++)
		if (lstat(some[i], &status) == 0)
			total += (unsigned long long)status.st_size;
}

static void read_all(char **some, size_t length, char *buffer)
{
	int files[AHEAD];

	for (size_t i = 0; i < length; i++) {
		files[i] = open(some[i], O_RDONLY);
		posix_fadvise(files[i], 0, 0, POSIX_FADV_WILLNEED);
	}
	for (size_t i = 0; i < length; i++) {
		for (ssize_t got; (got = read(files[i], buffer, STEP)) > 0;)
			total += (unsigned long long)got;
		close(files[i]);
	}
}

static void *work(void *unused)
{
	char *buffer = malloc(STEP);

	(void)unused;
	for (size_t at;
	     buffer && (at = atomic_fetch_add(&next_one, AHEAD)) < count;) {
		size_t length = count - at < AHEAD ? count - at : AHEAD;
		if (reading)
			read_all(names + at, length, buffer);
		else
			look_at(names + at, length);
	}
	free(buffer);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[MOST_THREADS];
	long wanted = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	size_t room = 0;
	char *line = NULL;

	if (wanted < 1 || wanted > MOST_THREADS) {
		fprintf(stderr, "usage: limit read|stat THREADS <list\n");
		return 64;
	}
	reading = strcmp(argv[1], "read") == 0;
	for (size_t size = 0; getline(&line, &size, stdin) > 0; line = NULL) {
		line[strcspn(line, "\n")] = 0;
		if (count == room) {
			room = room * 2 + 1024;
			char **more = realloc(names, room * sizeof *names);
			if (!more)
				return 71;
			names = more;
		}
		names[count++] = line;
		size = 0;
	}
	for (long i = 0; i < wanted; i++)
		if (pthread_create(&threads[i], NULL, work, NULL) != 0)
			return 71;
	for (long i = 0; i < wanted; i++)
		pthread_join(threads[i], NULL);
	printf("%zu files, %llu bytes\n", count, (unsigned long long)total);
	return 0;
}
