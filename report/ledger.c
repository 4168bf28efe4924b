#include "report/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "port/fs.h"

enum { LOCK_TRIES = 300, LOCK_WAIT_US = 100 * 1000 };

static const struct field passed_fields[] = {
    {"phase", FIELD_STRING, offsetof(struct passed, phase), .must = true},
    {"at", FIELD_TIME, offsetof(struct passed, at), .must = true},
    {"nonces", FIELD_STRINGS, offsetof(struct passed, nonces)},
    {"log", FIELD_STRING, offsetof(struct passed, log)},
    {0},
};
static const struct shape passed_shape = {
    "passed", sizeof(struct passed), passed_fields};

static void free_passed(gpointer passed)
{
	shape_clear(&passed_shape, passed);
	g_free(passed);
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	g_ptr_array_unref(l->all);
	g_ptr_array_unref(l->drained);
	g_ptr_array_unref(l->joined);
	if (l->fd >= 0)
		ignore(close(l->fd));
	g_free(l->path);
	g_free(l);
}

bool ledger_has(const GPtrArray *list, const char *node)
{
	return g_ptr_array_find_with_equal_func(
	    (GPtrArray *)list, node, g_str_equal, NULL);
}

/* What PASSED makes of the upgrade under way. */
static bool follow(
    struct ledger *l, const struct passed *passed, GError **error)
{
	struct step phase;

	if (!step_parse(passed->phase, &phase, error))
		return false;
	switch (phase.kind) {
	case STEP_OPEN:
		l->opened = passed;
		g_ptr_array_set_size(l->drained, 0);
		g_ptr_array_set_size(l->joined, 0);
		l->finalized = l->closed = false;
		break;
	case STEP_NODE_DRAIN:
		if (!ledger_has(l->drained, phase.node))
			g_ptr_array_add(l->drained, (char *)phase.node);
		break;
	case STEP_NODE_JOINED:
		if (!ledger_has(l->joined, phase.node))
			g_ptr_array_add(l->joined, (char *)phase.node);
		break;
	case STEP_FINALIZE:
		l->finalized = true;
		break;
	case STEP_CLOSE:
		l->closed = true;
		break;
	}
	return true;
}

static bool read_line(
    struct ledger *l, const char *line, guint number, GError **error)
{
	g_autofree char *name = g_strdup_printf("%s:%u", l->path, number);
	g_autoptr(json) record = json_parse(line, strlen(line), name, error);
	struct passed *passed = g_new0(struct passed, 1);

	g_ptr_array_add(l->all, passed);
	if (record && shape_read(&passed_shape, record, passed, error) &&
	    follow(l, passed, error))
		return true;
	if (record)
		g_prefix_error(error, "%s: ", name);
	return false;
}

static bool read_all(struct ledger *l, GError **error)
{
	g_autofree char *text =
	    file_read_fd(l->fd, l->path, LIMIT_DOCUMENT, NULL, error);

	if (!text)
		return false;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint count = g_strv_length(lines);
	/* A line that a crash cut short was no answer yet. */
	if (count > 0 && *lines[count - 1])
		return fail(error, GONOGO_ERROR_DATA,
		    "%s:%u: the line is cut short\n"
		    "hint: nobody was told that answer; take the line away",
		    l->path, count);
	for (guint i = 0; i + 1 < count; i++)
		if (!read_line(l, lines[i], i + 1, error))
			return false;
	return true;
}

static bool lock(struct ledger *l, GError **error)
{
	for (int i = 0; flock(l->fd, LOCK_EX | LOCK_NB) != 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_errno(error, "locking %s", l->path);
		if (i == LOCK_TRIES)
			return fail(error, GONOGO_ERROR_BUSY,
			    "%s: another gate is being asked", l->path);
		g_usleep(LOCK_WAIT_US);
	}
	return true;
}

struct ledger *ledger_open(
    const char *state, const char *subject, GError **error)
{
	g_autofree char *folder = g_build_filename(state, "ledger", NULL);
	g_autofree char *name = g_strconcat(subject, ".ndjson", NULL);
	g_autoptr(ledger) l = g_new0(struct ledger, 1);

	l->fd = -1;
	l->all = g_ptr_array_new_with_free_func(free_passed);
	l->drained = g_ptr_array_new();
	l->joined = g_ptr_array_new();
	l->path = g_build_filename(folder, name, NULL);
	if (!fs_make_folders(folder, 0700, error))
		return NULL;
	l->fd = open(l->path,
	    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->fd < 0) {
		fail_errno(error, "%s", l->path);
		return NULL;
	}
	return lock(l, error) && read_all(l, error) ? g_steal_pointer(&l)
						    : NULL;
}

GPtrArray *ledger_spent(const struct ledger *l)
{
	GPtrArray *spent = g_ptr_array_new();

	for (guint i = 0; i < l->all->len; i++) {
		const struct passed *p = g_ptr_array_index(l->all, i);
		for (guint k = 0; k < list_length(p->nonces); k++)
			g_ptr_array_add(spent, g_ptr_array_index(p->nonces, k));
	}
	return spent;
}

bool ledger_add(struct ledger *l, const char *phase, int64_t at,
    const GPtrArray *nonces, const char *log, GError **error)
{
	const struct passed passed = {.phase = (char *)phase,
	    .at = number_of(at),
	    .nonces = (GPtrArray *)nonces,
	    .log = (char *)log};
	g_autoptr(json) record = shape_write(&passed_shape, &passed);
	g_autofree char *compact = json_compact(record);
	g_autofree char *line = g_strconcat(compact, "\n", NULL);

	if (!file_write_fd(l->fd, l->path, line, strlen(line), error))
		return false;
	return (fsync(l->fd) == 0 || fail_errno(error, "%s", l->path)) &&
	       draft_sync_folder(l->path, error);
}
