/*
 * Children: an argv array, a time limit, no stdin unless given, no shell.
 * Every child gets PR_SET_PDEATHSIG, so that none outlives us, and a process
 * group of its own: what it started ends with it.
 */
#ifndef GONOGO_PORT_PROCESS_H
#define GONOGO_PORT_PROCESS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct process {
	const char *const
	    *argv; /* ended by NULL; argv[0] is looked up in PATH */
	/* "NAME=value" added to our environment, "NAME" taken out; or NULL. */
	const char *const *env;
	const char *user;   /* root becomes this user first; may be NULL */
	const char *folder; /* run there, even if `user` can't get there by
			       its path; NULL: here */
	const char *input;  /* its stdin; NULL: /dev/null */
	size_t input_length;
	unsigned timeout_s; /* 0: no limit.  SIGTERM, SIGKILL 5 s later */
	int out_fd;         /* its stdout goes there; 0: it is collected */
	int err_fd;         /* its stderr goes there; 0: it is collected */
	size_t limit;       /* of collected output; 0: LIMIT_OUTPUT */
	bool to_end; /* goes on though a signal asked us to stop: clean-up */
};

typedef struct process_result process_result;
struct process_result {
	int code; /* exit code, or 128+N for a signal */
	bool timed_out;
	char *out; /* collected stdout, NUL-terminated */
	size_t out_length;
	char *err; /* collected stderr, its last 64 KiB */
};
void process_result_clear(struct process_result *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(process_result, process_result_clear)

/*
 * Runs it to its end; any exit code is a result.  SYSTEM: it could not be
 * started (with a hint naming the Debian package of a missing program where
 * known).  DATA: it printed more than the limit.  STOPPED: a signal came; the
 * child is gone.
 */
bool process_run(const struct process *p, struct process_result *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The same, and any exit but 0 (or a time-out) is an error: SYSTEM with
 * "NAME: exit status N: <last lines of stderr>".
 */
bool process_run_ok(const struct process *p, struct process_result *r,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
