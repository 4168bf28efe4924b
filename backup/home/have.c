#include "backup/home/have.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "port/fs.h"

/*
 * An index of version 2: magic, version, 256 counts of 32 bits (how many names
 * begin with a byte up to this), the names in order, and more behind them.
 */
enum { MAGIC_BYTES = 8, FANOUT = 256, NAMES_AT = MAGIC_BYTES + 4 * FANOUT };

struct have {
	GPtrArray *indexes; /* GMappedFile */
	GArray *loose;      /* struct oid, sorted */
};

bool oid_parse(const char *hex, struct oid *oid)
{
	for (size_t i = 0; i < OID_BYTES; i++) {
		int high = g_ascii_xdigit_value(hex[2 * i]);
		int low = high < 0 ? -1 : g_ascii_xdigit_value(hex[2 * i + 1]);
		if (low < 0 || g_ascii_isupper(hex[2 * i]) ||
		    g_ascii_isupper(hex[2 * i + 1]))
			return false;
		oid->bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void oid_hex(const struct oid *oid, char hex[OID_HEX + 1])
{
	for (size_t i = 0; i < OID_BYTES; i++)
		g_snprintf(hex + 2 * i, 3, "%02x", oid->bytes[i]);
}

static uint32_t u32(const char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof value);
	return GUINT32_FROM_BE(value);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, OID_BYTES);
}

/* Are the counts what they have to be, and the names all there? */
static bool is_index(const char *bytes, size_t length)
{
	uint32_t before = 0;

	if (length < NAMES_AT || memcmp(bytes, "\377tOc\0\0\0\2", 8) != 0)
		return false;
	for (size_t i = 0; i < FANOUT; i++) {
		uint32_t count = u32(bytes + MAGIC_BYTES + 4 * i);
		if (count < before)
			return false;
		before = count;
	}
	return (length - NAMES_AT) / OID_BYTES >= before;
}

static bool map_index(struct have *h, const char *path, GError **error)
{
	g_autoptr(GError) inner = NULL;
	GMappedFile *file = g_mapped_file_new(path, FALSE, &inner);

	if (!file)
		return fail(error, GONOGO_ERROR_SYSTEM, "%s", inner->message);
	g_ptr_array_add(h->indexes, file);
	return is_index(g_mapped_file_get_contents(file),
		   g_mapped_file_get_length(file)) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: not an index of a pack, or of another version", path);
}

static bool load_loose(struct have *h, const char *path, GError **error)
{
	size_t length;
	g_autofree char *bytes = file_read(path, G_MAXINT32, &length, error);

	if (!bytes)
		return false;
	g_array_append_vals(
	    h->loose, bytes, (guint)(length / sizeof(struct oid)));
	g_array_sort(h->loose, compare);
	return true;
}

have *have_open(const char *folder, GError **error)
{
	g_autoptr(have) h = g_new0(struct have, 1);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);

	h->indexes =
	    g_ptr_array_new_with_free_func((GDestroyNotify)g_mapped_file_unref);
	h->loose = g_array_new(FALSE, FALSE, sizeof(struct oid));
	if (!listing)
		return g_steal_pointer(&h);
	for (const char *name; (name = g_dir_read_name(listing));) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		if (g_str_has_suffix(name, ".idx") &&
		    !map_index(h, path, error))
			return NULL;
		if (g_str_equal(name, "loose") && !load_loose(h, path, error))
			return NULL;
	}
	return g_steal_pointer(&h);
}

void have_close(have *h)
{
	if (!h)
		return;
	g_ptr_array_unref(h->indexes);
	g_array_unref(h->loose);
	g_free(h);
}

bool have_object(const have *h, const struct oid *oid)
{
	unsigned char first = oid->bytes[0];

	if (h->loose->len > 0 &&
	    bsearch(oid, h->loose->data, h->loose->len, OID_BYTES, compare))
		return true;
	for (guint i = 0; i < h->indexes->len; i++) {
		const char *bytes = g_mapped_file_get_contents(
		    g_ptr_array_index(h->indexes, i));
		const char *counts = bytes + MAGIC_BYTES;
		uint32_t from = first ? u32(counts + 4 * (first - 1)) : 0;
		uint32_t to = u32(counts + 4 * first);
		if (bsearch(oid, bytes + NAMES_AT + (size_t)from * OID_BYTES,
			to - from, OID_BYTES, compare))
			return true;
	}
	return false;
}

static bool put(const char *folder, const char *name, int how,
    const void *bytes, size_t length, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	if (!fs_make_folders(folder, 0700, error))
		return false;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600);
	if (fd < 0)
		return fail_errno(error, "%s", path);
	bool good = file_write_fd(fd, path, bytes, length, error);
	ignore(close(fd));
	return good;
}

bool have_add_loose(
    const char *folder, const struct oid *oids, size_t length, GError **error)
{
	return length == 0 || put(folder, "loose", O_APPEND, oids,
				  length * sizeof *oids, error);
}

bool have_keep(const char *folder, const char *name, const void *bytes,
    size_t length, GError **error)
{
	return put(folder, name, O_TRUNC, bytes, length, error);
}
