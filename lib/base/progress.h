/*
 * One line on standard error, rewritten while long work goes on: only on a
 * terminal and only after a second.  {0} is an idle progress.
 */
#ifndef GONOGO_BASE_PROGRESS_H
#define GONOGO_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress progress;
struct progress {
	const char *what; /* "saving the home" */
	const char *unit; /* "files"; "bytes" are shown as MiB */
	uint64_t total;   /* 0: unknown */
	double started;   /* on clock_monotonic() */
	double shown;     /* when the line was last drawn; 0: never */
};

void progress_start(
    struct progress *p, const char *what, const char *unit, uint64_t total);
void progress_show(struct progress *p, uint64_t done);
/* Wipes the line. */
void progress_end(struct progress *p);

#endif
