/*
 * The birth and the end of one child: what port/process.c starts and then
 * waits for.  Safe in programs with threads: between fork and exec the child
 * makes system calls only.
 *
 * A child inherits nothing but its three standard descriptors, no ignored or
 * blocked signal, leads a process group of its own, and is killed when the
 * thread that started it dies.
 */
#ifndef GONOGO_PORT_CHILD_H
#define GONOGO_PORT_CHILD_H

#include "port/identity.h"

/* All that a child needs, made ready: it can't allocate any more. */
typedef struct birth birth;
struct birth {
	const char *const *argv; /* borrowed */
	char *program;           /* with its folder */
	char **env;
	const char *folder; /* borrowed; NULL: here */
	struct identity who;
	int in, out, err; /* its ends; -1: none yet */
};
void birth_clear(struct birth *b);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(birth, birth_clear)

typedef struct child child;
struct child {
	pid_t pid;    /* and its process group; 0: none */
	int handle;   /* readable once it has ended; -1: none */
	int out, err; /* our ends of its stdout and stderr; -1: none */
};
void child_clear(struct child *c); /* ends it, too */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(child, child_clear)

/*
 * Starts B as *c, which has no pid and handle yet.  SYSTEM: no such program,
 * with a hint naming its Debian package where known, and the like.
 */
bool child_start(const struct birth *b, struct child *c,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Kills its whole group, the child too if it still runs, and takes its status:
 * the exit code, or 128+N for a signal.
 */
int child_end(struct child *c);

/* Closes *fd if it is open, and makes it -1. */
void child_close(int *fd);

/* PROGRAM without its folder. */
const char *child_name(const char *program);

/* False with "PROGRAM: no such program" and its hint. */
bool child_missing(const char *program, GError **error);

#endif
