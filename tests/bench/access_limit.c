/*
 * The least that reading access logs can cost on one thread: lines by memchr,
 * columns by memchr and memrchr, requests by minute, the most in flight,
 * statuses, bytes, durations by the first letter of the label.
 *
 *     access_limit FILE...
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static unsigned minutes[1440], most[1440], statuses[1000], took[8][64];
static unsigned long lines, answers, odd, written;

static unsigned long number(const char *at)
{
	unsigned long value = 0;

	for (; *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (unsigned long)(*at - '0');
	return value;
}

static void answer(const char *from, const char *stop)
{
	const char *column[7], *at = stop;
	int count = 0;

	answers++;
	while (count < 7 && (at = memrchr(from, '|', (size_t)(at - from))))
		column[count++] = at + 2;
	if (count < 7) {
		odd++;
		return;
	}
	unsigned long status = number(column[6]), ms = number(column[2]);
	unsigned step = ms ? 64 - (unsigned)__builtin_clzl(ms) : 0;

	statuses[status < 1000 ? status : 999]++;
	written += number(column[4]);
	took[*column[3] & 7][step & 63]++;
}

static void line(const char *from, const char *stop)
{
	const char *bar[4], *at = from;

	lines++;
	for (int i = 0; i < 4; i++, at++) {
		at = memchr(at, '|', (size_t)(stop - at));
		if (!at) {
			odd++;
			return;
		}
		bar[i] = at;
	}
	const char *stamp = bar[3] + 2;
	unsigned minute =
	    (unsigned)((stamp[11] - '0') * 600 + (stamp[12] - '0') * 60 +
		       (stamp[14] - '0') * 10 + stamp[15] - '0');
	const char *x = memrchr(bar[1], 'x', (size_t)(bar[2] - bar[1]));
	unsigned flight = x ? (unsigned)number(x + 1) : 0;

	minute = minute < 1440 ? minute : 0;
	if (flight > most[minute])
		most[minute] = flight;
	if (bar[1][2] == 'i')
		return;
	minutes[minute]++;
	answer(bar[3], stop);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct stat status;
		int fd = open(argv[i], O_RDONLY);
		if (fd < 0 || fstat(fd, &status) != 0)
			return 74;
		size_t length = (size_t)status.st_size;
		const char *at = mmap(
		    NULL, length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
		if (at == MAP_FAILED)
			return 74;
		for (const char *end = at + length; at < end;) {
			const char *stop = memchr(at, '\n', (size_t)(end - at));
			stop = stop ? stop : end;
			line(at, stop);
			at = stop + 1;
		}
		close(fd);
	}
	printf("%lu lines, %lu answers, %lu odd, %u of 200, %lu bytes\n", lines,
	    answers, odd, statuses[200], written);
	return 0;
}
