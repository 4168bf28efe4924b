#include "report/gatelog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "port/dsse.h"
#include "report/flaws.h"

enum { LOCK_TRIES = 100, LOCK_WAIT_US = 100 * 1000 };

#define NAME "gate-log.ndjson"

/* What the lines of TEXT lead to: the digest that the next one has to name. */
struct chain {
	char *digest; /* NULL: no line yet */
	json *last;
	GHashTable *digests;   /* of all lines; NULL: nobody asks */
	const sign_key *trust; /* NULL: signatures are not looked at */
	bool passed;           /* is there an answer of 0? */
};

static void chain_clear(struct chain *c)
{
	g_free(c->digest);
	json_free(c->last);
	g_clear_pointer(&c->digests, g_hash_table_unref);
	*c = (struct chain){0};
}
typedef struct chain chain;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(chain, chain_clear)

/* ---- signatures ---- */

/* What is signed of RECORD: all but the signature itself. */
static GByteArray *signed_bytes(const json *record)
{
	g_autoptr(json) bare = json_copy(record);

	json_remove(bare, "keyid");
	json_remove(bare, "signature");
	g_autofree char *text = json_compact(bare);
	return dsse_encode(GATELOG_TYPE, text, strlen(text));
}

static bool sign(json *record, const sign_key *key, GError **error)
{
	g_autoptr(GByteArray) bytes = signed_bytes(record);
	unsigned char signature[SIGN_BYTES];

	if (!sign_bytes(key, bytes->data, bytes->len, signature, error))
		return false;
	g_autofree char *id = sign_key_id(key);
	g_autofree char *text = g_base64_encode(signature, sizeof signature);
	json_set_string(record, "keyid", id);
	json_set_string(record, "signature", text);
	return true;
}

/* A line by another key says nothing to us; one that claims ours has to be. */
static bool is_signed_as_it_says(const json *record, const sign_key *trust)
{
	g_autofree char *id = sign_key_id(trust);
	const char *text = json_text(record, "signature");
	gsize length = 0;

	if (g_strcmp0(json_text(record, "keyid"), id) != 0)
		return true;
	g_autofree unsigned char *signature =
	    text ? g_base64_decode(text, &length) : NULL;
	g_autoptr(GByteArray) bytes = signed_bytes(record);
	return signature &&
	       sign_matches(trust, bytes->data, bytes->len, signature, length);
}

/* ---- the chain ---- */

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
	if (c->trust && !is_signed_as_it_says(record, c->trust))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: its signature is not good", name);
	int64_t code;
	c->passed |= json_i64(record, "code", &code, NULL) && code == 0;
	g_free(c->digest);
	json_free(c->last);
	c->digest = hash_hex(line, strlen(line));
	c->last = g_steal_pointer(&record);
	if (c->digests)
		g_hash_table_add(c->digests, g_strdup(c->digest));
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

static bool append(int fd, const char *path, json *record, const sign_key *key,
    char **digest, GError **error)
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
	if (key && !sign(record, key, error))
		return false;
	g_autofree char *compact = json_compact(record);
	g_autofree char *line = g_strconcat(compact, "\n", NULL);
	if (!file_write_fd(fd, path, line, strlen(line), error))
		return false;
	*digest = hash_hex(compact, strlen(compact));
	return fsync(fd) == 0 || fail_errno(error, "%s", path);
}

bool gatelog_append(const char *bundle, json *record, const sign_key *key,
    char **digest, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, NAME, NULL);
	int fd = open(
	    path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool good = lock(fd, path, error) &&
		    append(fd, path, record, key, digest, error) &&
		    draft_sync_folder(path, error);
	ignore(close(fd));
	return good;
}

/* Follows the log of BUNDLE; one that is not there is empty. */
static bool follow_log(struct chain *c, const char *bundle, GError **error)
{
	g_autofree char *path = g_build_filename(bundle, NAME, NULL);

	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return true;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, NULL, error);
	return text && follow_all(c, text, error);
}

void gatelog_check(const char *bundle, const sign_key *trust, GPtrArray *flaws)
{
	g_autoptr(GError) why = NULL;
	g_auto(chain) c = {.trust = trust};

	if (!follow_log(&c, bundle, &why))
		flaws_add(flaws, "%s", why->message);
}

void gatelog_compare(
    const char *bundle, const struct ledger *l, GPtrArray *flaws)
{
	g_autoptr(GError) why = NULL;
	g_auto(chain) c = {.digests = g_hash_table_new_full(
			       g_str_hash, g_str_equal, g_free, NULL)};

	/* What breaks the chain, gatelog_check() tells. */
	if (!follow_log(&c, bundle, &why))
		return;
	for (guint i = 0; i < l->all->len; i++) {
		const struct passed *p = g_ptr_array_index(l->all, i);
		if (p->log && !g_hash_table_contains(c.digests, p->log))
			flaws_add(flaws,
			    NAME ": lacks the answer to %s that the ledger has",
			    p->phase);
	}
}

bool gatelog_has_passed(const char *bundle)
{
	g_autoptr(GError) why = NULL;
	g_auto(chain) c = {0};

	return !follow_log(&c, bundle, &why) || c.passed;
}
