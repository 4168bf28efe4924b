#include "backup/unpack.h"

#include <fcntl.h>

#include "base/error.h"
#include "base/stop.h"
#include "port/archive.h"
#include "port/fs.h"

/* What is longer is an object; a record that says otherwise wants our memory.*/
static const uint64_t MOST_BYTES = 64u << 20;
/* A frame has 32 bits for its length in a segment's table. */
static const struct archive_limits limits = {.total_bytes = G_MAXUINT32};

const char *unpack_name(const struct entry *e)
{
	return e->path + strspn(e->path, "/");
}

/* A member's content while it is read: often libarchive has all of it in one
 * piece, and then nothing is copied. */
struct content {
	const void *bytes;
	size_t length;
	GByteArray *pieces;
};

static bool read_member(archive_reader *archive, const struct entry *e,
    struct content *c, GError **error)
{
	const void *bytes;
	size_t length;

	g_byte_array_set_size(c->pieces, 0);
	if (!archive_read_bytes(archive, &c->bytes, &c->length, error))
		return false;
	if (c->length == 0)
		c->bytes = "";
	if (c->length >= e->bytes)
		return true;
	for (bytes = c->bytes, length = c->length; length > 0;) {
		if (length > e->bytes - c->pieces->len)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: longer than the manifest says", e->path);
		g_byte_array_append(c->pieces, bytes, (guint)length);
		if (!archive_read_bytes(archive, &bytes, &length, error))
			return false;
	}
	c->bytes = c->pieces->data;
	c->length = c->pieces->len;
	return true;
}

static bool is_content(
    const struct entry *e, const struct content *c, GError **error)
{
	g_autofree char *sha256 = hash_hex(c->bytes, c->length);

	return (c->length == e->bytes && g_str_equal(sha256, e->sha256)) ||
	       fail(error, GONOGO_ERROR_DATA,
		   "%s: the segment holds other bytes than the manifest says",
		   e->path);
}

/* Takes out of WANTED, by name, what the frame holds of it. */
static bool read_members(const struct unpack *u, archive_reader *archive,
    GHashTable *wanted, GError **error)
{
	g_autoptr(GByteArray) pieces = g_byte_array_new();
	struct content content = {.pieces = pieces};
	const struct archive_member *member;

	/* Behind the last one that is wanted nothing needs to be unpacked. */
	while (g_hash_table_size(wanted) > 0) {
		if (stop_requested(error) ||
		    !archive_next(archive, &member, error))
			return false;
		if (!member)
			return true;
		const struct entry *e =
		    g_hash_table_lookup(wanted, member->path);
		if (!e || member->kind != ARCHIVE_FILE)
			continue;
		/* So what comes in one piece is all that there is. */
		if (member->bytes != e->bytes)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: %s than the manifest says", e->path,
			    member->bytes > e->bytes ? "longer" : "shorter");
		if (!read_member(archive, e, &content, error) ||
		    !is_content(e, &content, error) ||
		    (u->file && !u->file(e, content.bytes, content.length,
				    u->user, error)))
			return false;
		g_hash_table_remove(wanted, unpack_name(e));
	}
	return true;
}

static int open_segment(
    const store *s, const struct manifest_frame *frame, char **name)
{
	*name = g_strdup_printf("segments/%s.tar.zst", frame->segment);
	return fs_open_beneath(store_root(s), *name, O_RDONLY, 0);
}

void unpack_ask_ahead(const store *s, const struct manifest_group *g)
{
	for (guint i = 0; i < g->frames->len; i++) {
		const struct manifest_frame *frame =
		    g_ptr_array_index(g->frames, i);
		g_autofree char *name = NULL;
		int fd = open_segment(s, frame, &name);
		if (fd < 0)
			continue;
		ignore(posix_fadvise(fd, (off_t)frame->offset,
		    (off_t)frame->length, POSIX_FADV_WILLNEED));
		ignore(close(fd));
	}
}

static bool read_frame(const struct unpack *u,
    const struct manifest_frame *frame, GHashTable *wanted, GError **error)
{
	g_autofree char *name = NULL;
	int fd = open_segment(u->store, frame, &name);
	bool good = false;

	if (fd < 0)
		return fail_errno(error, "%s", name);
	g_autoptr(archive_reader) archive = archive_open(
	    fd, frame->offset, frame->length, name, &limits, error);
	if (archive)
		good = read_members(u, archive, wanted, error);
	if (!good)
		g_prefix_error(error, "%s: ", name);
	g_clear_pointer(&archive, archive_close);
	ignore(close(fd));
	return good;
}

/* By frame, since two frames may hold different files of one name.  NULL: no
 * file of it is wanted. */
static bool sort_by_frame(const struct unpack *u, const GPtrArray *entries,
    GHashTable **frames, GError **error)
{
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind != ENTRY_FILE || e->suffix ||
		    (u->wants && !u->wants(e, u->user)))
			continue;
		if (e->bytes > MOST_BYTES)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: too long for a segment", e->path);
		if (!frames[e->frame])
			frames[e->frame] =
			    g_hash_table_new(g_str_hash, g_str_equal);
		g_hash_table_insert(
		    frames[e->frame], (gpointer)unpack_name(e), (gpointer)e);
	}
	return true;
}

static bool read_frames(const struct unpack *u, const struct manifest_group *g,
    GHashTable **frames, GError **error)
{
	GHashTableIter iter;
	gpointer missing;

	for (guint i = 0; i < g->frames->len; i++) {
		if (!frames[i])
			continue;
		if (!read_frame(
			u, g_ptr_array_index(g->frames, i), frames[i], error))
			return false;
		g_hash_table_iter_init(&iter, frames[i]);
		if (g_hash_table_iter_next(&iter, &missing, NULL))
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: not in its segment", (const char *)missing);
	}
	return true;
}

bool unpack_group(const struct unpack *u, const struct manifest_group *g,
    const GPtrArray *entries, GError **error)
{
	g_autofree GHashTable **frames =
	    g_new0(GHashTable *, g->frames->len + 1);
	bool good = sort_by_frame(u, entries, frames, error) &&
		    read_frames(u, g, frames, error);

	for (guint i = 0; i < g->frames->len; i++)
		g_clear_pointer(&frames[i], g_hash_table_unref);
	return good;
}
