#include "backup/physical/own_manifest.h"

#include "backup/physical/cut.h"
#include "base/error.h"
#include "base/json.h"
#include "port/pg_wal.h"

static const char name[] = "backup_manifest";

static void file_free(void *member)
{
	struct own_file *f = member;

	g_free(f->path);
	g_free(f->sha256);
	g_free(f);
}

void own_manifest_free(own_manifest *m)
{
	if (!m)
		return;
	g_hash_table_unref(m->files);
	g_free(m);
}

static bool fail_manifest(const char *what, GError **error)
{
	return fail(error, GONOGO_ERROR_DATA, "%s: %s", name, what);
}

/* ---- reading ---- */

/* The sum is of all that comes before its own line. */
static bool check_sum(
    const json *root, const char *text, size_t length, GError **error)
{
	static const char key[] = "\n\"Manifest-Checksum\"";
	const char *line = g_strrstr_len(text, (gssize)length, key);
	const char *told = json_text(root, "Manifest-Checksum");

	if (!line || !told)
		return fail_manifest("without a checksum at its end", error);
	g_autofree char *sum = hash_hex(text, (size_t)(line + 1 - text));
	return g_str_equal(sum, told) ||
	       fail_manifest("not as its own checksum says", error);
}

/* Gives the name that two hex digits a byte stand for; NULL. */
static char *unhex(const char *hex)
{
	size_t length = strlen(hex) / 2;
	g_autofree char *out = g_malloc0(length + 1);

	for (size_t i = 0; i < length; i++) {
		int high = g_ascii_xdigit_value(hex[2 * i]);
		int low = g_ascii_xdigit_value(hex[2 * i + 1]);
		if (high < 0 || low < 0 || high + low == 0)
			return NULL;
		out[i] = (char)(high * 16 + low);
	}
	return strlen(hex) % 2 ? NULL : g_steal_pointer(&out);
}

static bool read_file(own_manifest *m, const json *one, GError **error)
{
	const char *plain = json_text(one, "Path");
	const char *coded = json_text(one, "Encoded-Path");
	const char *sum = json_text(one, "Checksum");
	const char *kind = json_text(one, "Checksum-Algorithm");
	struct own_file *f = g_new0(struct own_file, 1);

	f->path = plain ? g_strdup(plain) : coded ? unhex(coded) : NULL;
	f->sha256 = g_strdup(sum);
	if (!f->path || !json_u64(one, "Size", &f->bytes, NULL) ||
	    g_strcmp0(kind, "SHA256") != 0 || !sum || !hash_is_hex(sum) ||
	    g_hash_table_contains(m->files, f->path)) {
		file_free(f);
		return fail_manifest("a file that can't be", error);
	}
	g_hash_table_insert(m->files, f->path, f);
	return true;
}

static bool read_files(own_manifest *m, const json *root, GError **error)
{
	const json *files = json_member(root, "Files");

	if (!files || json_kind(files) != JSON_ARRAY)
		return fail_manifest("without a list of files", error);
	json_each (one, files)
		if (!read_file(m, one, error))
			return false;
	return true;
}

/* A base backup needs the WAL of one timeline. */
static bool read_range(own_manifest *m, const json *root, GError **error)
{
	const char *first = json_text(root, "WAL-Ranges.0.Start-LSN");
	const char *last = json_text(root, "WAL-Ranges.0.End-LSN");
	uint64_t timeline = 0;

	if (!first || !last ||
	    !json_u64(root, "WAL-Ranges.0.Timeline", &timeline, NULL) ||
	    timeline == 0 || timeline > G_MAXUINT32 ||
	    !pg_lsn_read(first, &m->first_lsn, NULL) ||
	    !pg_lsn_read(last, &m->last_lsn, NULL) ||
	    json_find(root, "WAL-Ranges.1"))
		return fail_manifest("WAL that can't be", error);
	m->timeline = (unsigned)timeline;
	return true;
}

own_manifest *own_manifest_read(const char *text, size_t length, GError **error)
{
	g_autoptr(own_manifest) m = g_new0(struct own_manifest, 1);
	g_autoptr(json) root = json_parse(text, length, name, error);

	m->files =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, file_free);
	if (!root || !check_sum(root, text, length, error) ||
	    !read_files(m, root, error) || !read_range(m, root, error))
		return NULL;
	return g_steal_pointer(&m);
}

/* ---- comparing ---- */

static bool is_as_told(
    const struct own_file *f, GHashTable *files, GError **error)
{
	const struct cut_file *came = g_hash_table_lookup(files, f->path);

	if (!came)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: the server's manifest names it, and it did not come",
		    f->path);
	return (came->bytes == f->bytes &&
		   g_str_equal(came->sha256, f->sha256)) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: what came is not what the server's manifest says",
		   f->path);
}

bool own_manifest_agrees(
    const own_manifest *m, GHashTable *files, GError **error)
{
	GHashTableIter each;
	void *path, *file;

	g_hash_table_iter_init(&each, m->files);
	while (g_hash_table_iter_next(&each, NULL, &file))
		if (!is_as_told(file, files, error))
			return false;
	g_hash_table_iter_init(&each, files);
	while (g_hash_table_iter_next(&each, &path, NULL))
		if (!g_hash_table_contains(m->files, path))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: it came, and the server's manifest does not "
			    "name it",
			    (char *)path);
	return true;
}
