/* What templates/node.sh printed on another machine. */
#include <fcntl.h>
#include <unistd.h>

#include "audit/collect/node_pieces.h"
#include "base/error.h"
#include "port/archive.h"

static const struct archive_limits limits = {
    .members = 64, .member_bytes = 1 << 20, .total_bytes = 4 << 20};

static bool read_piece(
    archive_reader *r, const char *path, GHashTable *pieces, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const void *bytes = NULL;
	size_t length = 0;

	do {
		if (!archive_read_bytes(r, &bytes, &length, error))
			return false;
		g_string_append_len(text, bytes, (gssize)length);
	} while (length);
	if (!g_utf8_validate(text->str, (gssize)text->len, NULL))
		return fail(
		    error, GONOGO_ERROR_DATA, "%s: no text in UTF-8", path);
	g_hash_table_replace(
	    pieces, g_path_get_basename(path), g_strdup(text->str));
	return true;
}

static bool read_pieces(archive_reader *r, GHashTable *pieces, GError **error)
{
	const struct archive_member *member = NULL;

	while (archive_next(r, &member, error)) {
		if (!member)
			return true;
		if (member->kind == ARCHIVE_FILE &&
		    !read_piece(r, member->path, pieces, error))
			return false;
	}
	return false;
}

static bool read_open(
    int fd, const char *file, GHashTable *pieces, GError **error)
{
	g_autoptr(archive_reader) r =
	    archive_open(fd, 0, 0, file, &limits, error);

	return r && read_pieces(r, pieces, error);
}

GHashTable *node_pieces_tar(const char *file, GError **error)
{
	g_autoptr(GHashTable) pieces =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fail_errno(error, "%s", file);
		return NULL;
	}
	bool good = read_open(fd, file, pieces, error);
	close(fd);
	if (!good)
		return NULL;
	if (!g_hash_table_contains(pieces, "end")) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s: the look at the node broke off, or is none", file);
		return NULL;
	}
	return g_steal_pointer(&pieces);
}
