#include "port/pg_base.h"

#include "base/error.h"
#include "base/limits.h"

enum {
	TAR_BLOCK = 512,
	PROGRESS_BYTES = 8,
};
static const char data_folder[] = "base.tar";

struct pg_base {
	struct pg_base_takers takers;
	void *user;
	GHashTable *names;       /* of archives so far: no two are one */
	char *name;              /* of the last; NULL: none yet */
	uint64_t bytes;          /* of it */
	bool manifest_begun;     /* then nothing but it comes any more */
	uint64_t manifest_bytes; /* so far */
	uint64_t progress;
};

pg_base *pg_base_new(const struct pg_base_takers *takers, void *user)
{
	pg_base *b = g_new0(struct pg_base, 1);

	b->takers = *takers;
	b->user = user;
	b->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return b;
}

void pg_base_free(pg_base *b)
{
	if (!b)
		return;
	g_hash_table_unref(b->names);
	g_free(b->name);
	g_free(b);
}

uint64_t pg_base_progress(const pg_base *b)
{
	return b->progress;
}

static bool fail_message(GError **error, const char *what)
{
	return fail(error, GONOGO_ERROR_REMOTE,
	    "database: the server's base backup: %s", what);
}

/* ---- archives ---- */

/* "base.tar", or a tablespace's number: it becomes the name of a file. */
static bool is_archive_name(const char *name)
{
	static const char suffix[] = ".tar";
	enum { DIGITS = 10 }; /* of 32 bits */
	size_t digits = strspn(name, "0123456789");

	if (g_str_equal(name, data_folder))
		return true;
	return digits > 0 && digits <= DIGITS && *name != '0' &&
	       g_str_equal(name + digits, suffix);
}

static bool end_archive(const pg_base *b, GError **error)
{
	if (!b->name || (b->bytes > 0 && b->bytes % TAR_BLOCK == 0))
		return true;
	return fail(error, GONOGO_ERROR_REMOTE,
	    "database: the server's base backup: %s: %" G_GUINT64_FORMAT
	    " bytes are no whole archive",
	    b->name, b->bytes);
}

/* The text at *AT with its end in what is LEFT; NULL: it has none there. */
static const char *take_text(const char **at, size_t *left)
{
	const char *text = *at;
	const char *end = memchr(text, '\0', *left);

	if (!end)
		return NULL;
	*left -= (size_t)(end - text) + 1;
	*at = end + 1;
	return text;
}

static bool begin_archive(
    pg_base *b, const char *at, size_t left, GError **error)
{
	const char *name = take_text(&at, &left);
	const char *folder = name ? take_text(&at, &left) : NULL;

	if (!folder || left > 0)
		return fail_message(
		    error, "an archive without a name or a folder");
	if (b->manifest_begun)
		return fail_message(error, "an archive behind the manifest");
	if (!is_archive_name(name))
		return fail_message(
		    error, "an archive of a name that no server gives");
	/* The data folder's own has no place but its own. */
	bool is_base = g_str_equal(name, data_folder);
	if (is_base ? *folder != '\0' : *folder != '/')
		return fail_message(
		    error, "an archive of a folder that can't be");
	if (strlen(folder) > LIMIT_FOLDER)
		return fail_message(error, "the path of a tablespace is too "
					   "long");
	if (g_hash_table_size(b->names) >= LIMIT_TABLESPACES)
		return fail_message(error, "too many archives");
	if (!end_archive(b, error))
		return false;
	if (!g_hash_table_add(b->names, g_strdup(name)))
		return fail_message(error, "two archives of one name");
	g_free(b->name);
	b->name = g_strdup(name);
	b->bytes = 0;
	return b->takers.archive(name, folder, b->user, error);
}

/* ---- the rest ---- */

static bool begin_manifest(pg_base *b, size_t left, GError **error)
{
	if (left > 0 || b->manifest_begun)
		return fail_message(error, "a manifest that can't be");
	if (!end_archive(b, error))
		return false;
	b->manifest_begun = true;
	return true;
}

static bool take_data(
    pg_base *b, const char *bytes, size_t length, GError **error)
{
	if (b->manifest_begun) {
		if (length > LIMIT_MANIFEST - b->manifest_bytes)
			return fail_message(error, "its manifest is too long");
		b->manifest_bytes += length;
		return b->takers.manifest(bytes, length, b->user, error);
	}
	if (!b->name)
		return fail_message(error, "bytes of no archive");
	if (length > G_MAXINT64 - b->bytes)
		return fail_message(error, "an archive without an end");
	b->bytes += length;
	return b->takers.bytes(bytes, length, b->user, error);
}

static bool take_progress(
    pg_base *b, const char *bytes, size_t length, GError **error)
{
	uint64_t told = 0;

	if (length != PROGRESS_BYTES)
		return fail_message(error, "progress that is no number");
	memcpy(&told, bytes, sizeof told);
	b->progress = GUINT64_FROM_BE(told);
	return true;
}

bool pg_base_take(
    pg_base *b, const void *message, size_t length, GError **error)
{
	const char *at = message;

	if (length == 0)
		return fail_message(error, "an empty message");
	switch (*at) {
	case 'n':
		return begin_archive(b, at + 1, length - 1, error);
	case 'm':
		return begin_manifest(b, length - 1, error);
	case 'd':
		return take_data(b, at + 1, length - 1, error);
	case 'p':
		return take_progress(b, at + 1, length - 1, error);
	default:
		return fail_message(error, "a message of an unknown kind");
	}
}

bool pg_base_end(pg_base *b, GError **error)
{
	if (!g_hash_table_contains(b->names, data_folder))
		return fail_message(error, "the data folder is not in it");
	if (b->manifest_bytes == 0)
		return fail_message(error, "it has no manifest");
	return true;
}
