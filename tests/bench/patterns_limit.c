/* hsscan PATTERNS FILE...: counts, per pattern, the match ends Hyperscan
 * reports (one thread, block mode, one 4 MiB run of whole lines at a time). The
 * rate printed is for the scan alone; compile time apart. cc -O2 -o hsscan
 * hsscan.c $(pkg-config --cflags --libs libhs) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}
static unsigned long *hits, total;
static int on(unsigned id, unsigned long long f, unsigned long long t,
    unsigned fl, void *c)
{
	hits[id]++;
	total++;
	return 0;
}
int main(int argc, char **argv)
{
	FILE *f = fopen(argv[1], "r");
	char *line = 0;
	size_t cap = 0;
	ssize_t n;
	static const char *ex[100000];
	static unsigned fl[100000], id[100000];
	unsigned k = 0;
	if (!f)
		return 2;
	while ((n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		ex[k] = strdup(line);
		fl[k] = 0;
		id[k] = k;
		k++;
	}
	hits = calloc(k, sizeof *hits);
	hs_database_t *db;
	hs_compile_error_t *e;
	hs_scratch_t *s = 0;
	double t0 = now();
	if (hs_compile_multi(ex, fl, id, k, HS_MODE_BLOCK, 0, &db, &e) !=
	    HS_SUCCESS) {
		fprintf(stderr, "%s (%d)\n", e->message, e->expression);
		return 1;
	}
	size_t dbs;
	hs_database_size(db, &dbs);
	hs_alloc_scratch(db, &s);
	double t1 = now();
	unsigned long bytes = 0;
	for (int i = 2; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);
		struct stat st;
		fstat(fd, &st);
		char *p = mmap(0, st.st_size, PROT_READ,
			 MAP_PRIVATE | MAP_POPULATE, fd, 0),
		     *end = p + st.st_size;
		for (char *q = p; q < end;) {
			char *r = q + (4 << 20);
			if (r >= end)
				r = end;
			else {
				char *nl = memrchr(q, '\n', r - q);
				if (nl)
					r = nl + 1;
			}
			hs_scan(db, q, r - q, 0, s, on, 0);
			q = r;
		}
		bytes += st.st_size;
		munmap(p, st.st_size);
	}
	double t2 = now();
	unsigned d = 0;
	for (unsigned i = 0; i < k; i++)
		d += hits[i] != 0;
	printf("%u patterns, compile %.2f s, database %zu KB; scan %.3f s, "
	       "%.0f MB/s, %lu match ends, %u patterns hit\n",
	    k, t1 - t0, dbs >> 10, t2 - t1, bytes / 1e6 / (t2 - t1), total, d);
}
