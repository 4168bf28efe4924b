#include "port/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/stop.h"
#include "port/child.h"

enum {
	GRACE_S = 5,            /* from SIGTERM to SIGKILL, and to giving up */
	TURN_MS = 200,          /* how often the stop flag is looked at */
	KEPT_ERRORS = 64 << 10, /* of stderr, its end */
	SPOKEN_LINES = 3,       /* of stderr, in an error's text */
};

void process_result_clear(struct process_result *r)
{
	g_free(r->out);
	g_free(r->err);
	*r = (struct process_result){0};
}

/* ---- what a child needs ---- */

static bool find_program(
    const struct process *p, char **program, GError **error)
{
	*program = strchr(p->argv[0], '/') ? g_strdup(p->argv[0])
					   : g_find_program_in_path(p->argv[0]);
	return *program || child_missing(p->argv[0], error);
}

static char **environment_of(
    const struct process *p, const struct identity *who)
{
	char **env = g_get_environ();

	if (who->name) {
		env = g_environ_setenv(env, "HOME", who->home, TRUE);
		env = g_environ_setenv(env, "USER", who->name, TRUE);
		env = g_environ_setenv(env, "LOGNAME", who->name, TRUE);
	}
	for (size_t i = 0; p->env && p->env[i]; i++) {
		g_auto(GStrv) pair = g_strsplit(p->env[i], "=", 2);

		env = pair[1] ? g_environ_setenv(env, pair[0], pair[1], TRUE)
			      : g_environ_unsetenv(env, pair[0]);
	}
	return env;
}

/* A file in memory: the child reads it at its own pace, nobody waits. */
static bool open_input(const struct process *p, int *in, GError **error)
{
	if (!p->input) {
		*in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return *in >= 0 || fail_errno(error, "/dev/null");
	}
	*in = memfd_create("input", MFD_CLOEXEC);
	if (*in < 0)
		return fail_errno(error, "input of %s", child_name(p->argv[0]));
	if (!file_write_fd(*in, "input", p->input, p->input_length, error))
		return false;
	return lseek(*in, 0, SEEK_SET) == 0 ||
	       fail_errno(error, "input of %s", child_name(p->argv[0]));
}

static bool open_pipe(int *ours, int *theirs, GError **error)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail_errno(error, "pipe");
	*ours = ends[0];
	*theirs = ends[1];
	return true;
}

/* The pipes' other ends are C's. */
static bool open_outputs(
    const struct process *p, struct birth *b, struct child *c, GError **error)
{
	if (!open_pipe(&c->err, &b->err, error))
		return false;
	if (p->out_fd <= 0)
		return open_pipe(&c->out, &b->out, error);
	b->out = fcntl(p->out_fd, F_DUPFD_CLOEXEC, 0);
	return b->out >= 0 ||
	       fail_errno(error, "output of %s", child_name(p->argv[0]));
}

static bool start(const struct process *p, struct child *c, GError **error)
{
	g_auto(birth) b = {
	    .argv = p->argv,
	    .folder = p->folder,
	    .in = -1,
	    .out = -1,
	    .err = -1,
	};

	if (!find_program(p, &b.program, error) ||
	    !identity_find(p->user, &b.who, error) ||
	    !open_input(p, &b.in, error) || !open_outputs(p, &b, c, error))
		return false;
	b.env = environment_of(p, &b.who);
	return child_start(&b, c, error);
}

/* ---- the wait ---- */

/* Why a child is being ended before its time. */
enum ending { ENDING_NONE, ENDING_TIME, ENDING_LIMIT, ENDING_STOP };

struct watch {
	const struct process *p;
	struct child *c;
	GString *out, *err;
	size_t limit;
	double deadline; /* 0: none; of the run, then of the next signal */
	enum ending ending;
	bool killed;
};

static void end_child(struct watch *w, enum ending why)
{
	if (w->ending != ENDING_NONE)
		return;
	w->ending = why;
	w->deadline = clock_monotonic() + GRACE_S;
	ignore(kill(-w->c->pid, SIGTERM));
}

/* False: it does not even die. */
static bool pass_deadline(struct watch *w)
{
	if (w->deadline == 0 || clock_monotonic() < w->deadline)
		return true;
	if (w->ending == ENDING_NONE) {
		end_child(w, ENDING_TIME);
		return true;
	}
	if (w->killed)
		return false;
	w->killed = true;
	w->deadline = clock_monotonic() + GRACE_S;
	ignore(kill(-w->c->pid, SIGKILL));
	return true;
}

/* Reads once what is there; at its end *fd is closed.  True: there was some. */
static bool read_some(int *fd, GString *into)
{
	char bytes[64 << 10];
	ssize_t got = read(*fd, bytes, sizeof bytes);

	if (got > 0)
		g_string_append_len(into, bytes, got);
	else if (got == 0 || errno != EINTR)
		child_close(fd);
	return got > 0;
}

static void read_out(struct watch *w)
{
	if (read_some(&w->c->out, w->out) && w->out->len > w->limit) {
		g_string_truncate(w->out, w->limit);
		end_child(w, ENDING_LIMIT);
	}
}

static void read_err(struct watch *w)
{
	if (read_some(&w->c->err, w->err) && w->err->len > 2 * KEPT_ERRORS)
		g_string_erase(w->err, 0, (gssize)(w->err->len - KEPT_ERRORS));
}

static int turn_of(const struct watch *w)
{
	double left = w->deadline - clock_monotonic();

	if (w->deadline == 0 || left * 1000 > TURN_MS)
		return TURN_MS;
	return MAX(0, (int)(left * 1000) + 1);
}

/* Until it has ended; its status is not taken yet.  False: it never ends. */
static bool watch_to_end(struct watch *w)
{
	for (;;) {
		struct pollfd doors[] = {
		    {w->c->handle, POLLIN, 0},
		    {w->c->out, POLLIN, 0},
		    {w->c->err, POLLIN, 0},
		};

		if (poll(doors, G_N_ELEMENTS(doors), turn_of(w)) > 0) {
			if (doors[1].revents)
				read_out(w);
			if (doors[2].revents)
				read_err(w);
			if (doors[0].revents)
				return true;
		}
		if (stop_signal() && !w->p->to_end)
			end_child(w, ENDING_STOP);
		if (!pass_deadline(w))
			return false;
	}
}

/* What lies in the pipes after its end; those it started may hold them open. */
static void read_rest(struct watch *w)
{
	struct pollfd doors[2];

	for (;;) {
		doors[0] = (struct pollfd){w->c->out, POLLIN, 0};
		doors[1] = (struct pollfd){w->c->err, POLLIN, 0};
		if (poll(doors, 2, 0) <= 0 || w->ending == ENDING_LIMIT)
			return;
		if (doors[0].revents)
			read_out(w);
		if (doors[1].revents)
			read_err(w);
	}
}

static char *give_string(GString **text, size_t *length)
{
	if (length)
		*length = (*text)->len;
	return g_string_free(g_steal_pointer(text), FALSE);
}

bool process_run(
    const struct process *p, struct process_result *r, GError **error)
{
	g_auto(child) c = {.handle = -1, .out = -1, .err = -1};
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GString) err = g_string_new(NULL);
	struct watch w = {
	    .p = p,
	    .c = &c,
	    .out = out,
	    .err = err,
	    .limit = p->limit ? p->limit : LIMIT_OUTPUT,
	};

	if ((!p->to_end && stop_requested(error)) || !start(p, &c, error))
		return false;
	if (p->timeout_s)
		w.deadline = clock_monotonic() + p->timeout_s;
	if (!watch_to_end(&w)) {
		/* Waiting for it would hang as it does. */
		fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: process %d does not end, not even killed\n"
		    "hint: it hangs in the kernel, mostly on a disk or NFS "
		    "mount that does not answer",
		    child_name(p->argv[0]), (int)c.pid);
		c.pid = 0;
		return false;
	}
	read_rest(&w);
	int code = child_end(&c);
	if (w.ending == ENDING_STOP)
		return !stop_requested(error);
	if (w.ending == ENDING_LIMIT)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: printed more than %zu bytes", child_name(p->argv[0]),
		    w.limit);
	if (err->len > KEPT_ERRORS)
		g_string_erase(err, 0, (gssize)(err->len - KEPT_ERRORS));
	r->code = code;
	r->timed_out = w.ending == ENDING_TIME;
	r->out = give_string(&out, &r->out_length);
	r->err = give_string(&err, NULL);
	return true;
}

/* Gives the last lines of TEXT on one line, fit to be shown. */
static char *last_lines(const char *text)
{
	g_autofree char *clean = g_utf8_make_valid(text, -1);
	g_auto(GStrv) lines = g_strsplit_set(clean, "\r\n", -1);
	g_autoptr(GPtrArray) kept = g_ptr_array_new();

	for (guint i = g_strv_length(lines); i-- > 0;) {
		g_strstrip(lines[i]);
		if (*lines[i] && kept->len < SPOKEN_LINES)
			g_ptr_array_insert(kept, 0, lines[i]);
	}
	g_ptr_array_add(kept, NULL);
	char *line = g_strjoinv("; ", (char **)kept->pdata);
	for (char *c = line; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = '?';
	return line;
}

bool process_run_ok(
    const struct process *p, struct process_result *r, GError **error)
{
	g_auto(process_result) mine = {0};

	if (!process_run(p, &mine, error))
		return false;
	g_autofree char *said = last_lines(mine.err);
	const char *colon = *said ? ": " : "";
	if (mine.timed_out)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: not done after %u s%s%s", child_name(p->argv[0]),
		    p->timeout_s, colon, said);
	if (mine.code > 128)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: ended by signal %d (%s)%s%s", child_name(p->argv[0]),
		    mine.code - 128, g_strsignal(mine.code - 128), colon, said);
	if (mine.code != 0)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: exit status %d%s%s", child_name(p->argv[0]), mine.code,
		    colon, said);
	*r = mine;
	mine = (struct process_result){0};
	return true;
}
