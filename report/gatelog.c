#include "report/gatelog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "report/flaws.h"

enum { LOCK_TRIES = 100, LOCK_WAIT_US = 100 * 1000 };

#define NAME "gate-log.ndjson"

/* What the lines of TEXT lead to: the digest that the next one has to name. */
struct chain {
	char *digest; /* NULL: no line yet */
	json *last;
};

static void chain_clear(struct chain *c)
{
	g_free(c->digest);
	json_free(c->last);
	*c = (struct chain){0};
}
typedef struct chain chain;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(chain, chain_clear)

static bool follow(
    struct chain *c, const char *line, guint number, GError **error)
{
	g_autofree char *name = g_strdup_printf(NAME ":%u", number);
	g_autoptr(json) record = json_parse(line, strlen(line), name, error);

	if (!record)
		return false;
	if (g_strcmp0(json_text(record, "prev"), c->digest) != 0)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: does not follow the line before it", name);
	chain_clear(c);
	c->digest = hash_hex(line, strlen(line));
	c->last = g_steal_pointer(&record);
	return true;
}

static bool follow_all(struct chain *c, const char *text, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	guint count = g_strv_length(lines);

	if (count > 0 && *lines[count - 1])
		return fail(error, GONOGO_ERROR_DATA,
		    NAME ":%u: the line is cut short\n"
			 "hint: keep that file elsewhere, the gate begins a "
			 "new one",
		    count);
	for (guint i = 0; i + 1 < count; i++)
		if (!follow(c, lines[i], i + 1, error))
			return false;
	return true;
}

/* ---- appending ---- */

static bool lock(int fd, const char *path, GError **error)
{
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail_errno(error, "locking %s", path);
		if (i == LOCK_TRIES)
			return fail(error, GONOGO_ERROR_BUSY,
			    "%s: another gate writes to it", path);
		g_usleep(LOCK_WAIT_US);
	}
	return true;
}

static bool same(const json *a, const json *b, const char *key)
{
	const json *x = json_member(a, key), *y = json_member(b, key);
	g_autofree char *left = x ? json_compact(x) : NULL;
	g_autofree char *right = y ? json_compact(y) : NULL;

	return g_strcmp0(left, right) == 0;
}

static bool append(int fd, const char *path, json *record, GError **error)
{
	g_auto(chain) c = {0};
	g_autofree char *text =
	    file_read_fd(fd, path, LIMIT_DOCUMENT, NULL, error);

	if (!text || !follow_all(&c, text, error))
		return false;
	json_set_string(record, "prev", c.digest);
	if (c.last && same(c.last, record, "phase") &&
	    same(c.last, record, "code") && same(c.last, record, "reasons"))
		json_set_bool(record, "repeat", true);
	g_autofree char *compact = json_compact(record);
	g_autofree char *line = g_strconcat(compact, "\n", NULL);
	if (!file_write_fd(fd, path, line, strlen(line), error))
		return false;
	return fsync(fd) == 0 || fail_errno(error, "%s", path);
}

bool gatelog_append(const char *bundle, json *record, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, NAME, NULL);
	int fd = open(
	    path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool good = lock(fd, path, error) && append(fd, path, record, error) &&
		    draft_sync_folder(path, error);
	ignore(close(fd));
	return good;
}

void gatelog_check(const char *bundle, GPtrArray *flaws)
{
	g_autofree char *path = g_build_filename(bundle, NAME, NULL);
	g_autoptr(GError) why = NULL;
	g_auto(chain) c = {0};

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, &why);
	if (!text || !follow_all(&c, text, &why))
		flaws_add(flaws, "%s", why->message);
}
