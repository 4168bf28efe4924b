/*
 * The birth and the end of one child: how port/process.c starts what it then
 * waits for.  Safe in programs with threads: between fork and exec the child
 * makes system calls only.
 *
 * A child inherits nothing but its three standard descriptors, no ignored or
 * blocked signal, leads a process group of its own, and is killed when the
 * thread that started it dies.
 */
#ifndef GONOGO_PORT_CHILD_H
#define GONOGO_PORT_CHILD_H

#include <sys/types.h>

#include "port/process.h"

typedef struct child child;
struct child {
	pid_t pid;    /* and its process group; 0: none */
	int handle;   /* readable once it has ended; -1: none */
	int out, err; /* our ends of its stdout and stderr; -1: none */
};

/* Starts P as *c, whose descriptors are -1.  Errors: process_run(). */
bool child_start(const struct process *p, struct child *c,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Kills its whole group, the child too if it still runs, and takes its status:
 * the exit code, or 128+N for a signal.
 */
int child_end(struct child *c);

/* Closes *fd if it is open, and makes it -1. */
void child_close(int *fd);

/* The program's name without its folder. */
const char *child_name(const struct process *p);

void child_clear(struct child *c);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(child, child_clear)

#endif
