#include "port/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/clock.h"
#include "base/error.h"
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

	if ((!p->to_end && stop_requested(error)) || !child_start(p, &c, error))
		return false;
	if (p->timeout_s)
		w.deadline = clock_monotonic() + p->timeout_s;
	if (!watch_to_end(&w)) {
		/* Waiting for it would hang as it does. */
		fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: process %d does not end, not even killed\n"
		    "hint: it hangs in the kernel, mostly on a disk or NFS "
		    "mount that does not answer",
		    child_name(p), (int)c.pid);
		c.pid = 0;
		return false;
	}
	read_rest(&w);
	int code = child_end(&c);
	if (w.ending == ENDING_STOP)
		return !stop_requested(error);
	if (w.ending == ENDING_LIMIT)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: printed more than %zu bytes", child_name(p), w.limit);
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
		    "%s: not done after %u s%s%s", child_name(p), p->timeout_s,
		    colon, said);
	if (mine.code > 128)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: ended by signal %d (%s)%s%s", child_name(p),
		    mine.code - 128, g_strsignal(mine.code - 128), colon, said);
	if (mine.code != 0)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "%s: exit status %d%s%s", child_name(p), mine.code, colon,
		    said);
	*r = mine;
	mine = (struct process_result){0};
	return true;
}
