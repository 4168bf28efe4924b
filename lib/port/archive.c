#include "port/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>

#include "base/error.h"
#include "port/fs.h"

enum { READ_BYTES = 256 * 1024 };
#define NS 1000000000

/*
 * libarchive turns names into UTF-8 by way of the locale, and in the C locale
 * it refuses what is not ASCII.  Inside this door the locale has UTF-8, so
 * that bytes stay bytes.
 */
static locale_t utf8_locale(void)
{
	static gsize once;
	static locale_t made;

	if (g_once_init_enter(&once)) {
		made = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
		g_once_init_leave(&once, 1);
	}
	return made;
}

static locale_t enter(void)
{
	locale_t utf8 = utf8_locale();

	return utf8 ? uselocale(utf8) : (locale_t)0;
}

static void leave(locale_t before)
{
	if (before)
		uselocale(before);
}

/* ---- writing ---- */

struct archive_writer {
	struct archive *archive;
	struct archive_entry *entry;
	archive_sink sink;
	void *user;
	GError *refused; /* what the sink said */
	bool muted;      /* it gets nothing any more */
};

/*
 * A refusal is kept for our caller: libarchive would not free all it has after
 * a write that failed.
 */
static la_ssize_t pass_on(
    struct archive *a, void *data, const void *bytes, size_t length)
{
	struct archive_writer *w = data;

	(void)a;
	if (!w->muted && !w->sink(bytes, length, w->user, &w->refused))
		w->muted = true;
	return (la_ssize_t)length;
}

archive_writer *archive_writer_new(archive_sink sink, void *user)
{
	struct archive_writer *w = g_new0(struct archive_writer, 1);

	w->archive = archive_write_new();
	w->entry = archive_entry_new();
	w->sink = sink;
	w->user = user;
	/* These can only fail for want of memory; SCHILY is what GNU tar
	 * knows without a warning for each member. */
	archive_write_set_format_pax(w->archive);
	archive_write_set_options(w->archive, "xattrheader=SCHILY");
	archive_write_set_bytes_per_block(w->archive, 0);
	archive_write_open(w->archive, w, NULL, pass_on, NULL);
	return w;
}

/* What came of writing PATH, when libarchive was content or not. */
static bool outcome(
    struct archive_writer *w, bool good, const char *path, GError **error)
{
	if (w->refused) {
		g_propagate_error(error, g_steal_pointer(&w->refused));
		return false;
	}
	return good || fail(error, GONOGO_ERROR_DATA, "%s: tar: %s", path,
			   archive_error_string(w->archive));
}

/* A POSIX ACL as the kernel keeps it: a version, then 8 bytes a line. */
static void add_acl(struct archive_entry *entry, const struct fs_xattr *x)
{
	static const struct {
		uint16_t kernel;
		int tag;
	} tags[] = {
	    {0x01, ARCHIVE_ENTRY_ACL_USER_OBJ},
	    {0x02, ARCHIVE_ENTRY_ACL_USER},
	    {0x04, ARCHIVE_ENTRY_ACL_GROUP_OBJ},
	    {0x08, ARCHIVE_ENTRY_ACL_GROUP},
	    {0x10, ARCHIVE_ENTRY_ACL_MASK},
	    {0x20, ARCHIVE_ENTRY_ACL_OTHER},
	};
	int type = g_str_has_suffix(x->name, "_default")
		       ? ARCHIVE_ENTRY_ACL_TYPE_DEFAULT
		       : ARCHIVE_ENTRY_ACL_TYPE_ACCESS;

	for (size_t at = 4; at + 8 <= x->length; at += 8) {
		const char *line = (const char *)x->value + at;
		uint16_t tag, permissions;
		uint32_t id;
		memcpy(&tag, line, 2);
		memcpy(&permissions, line + 2, 2);
		memcpy(&id, line + 4, 4);
		for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
			if (tags[i].kernel == GUINT16_FROM_LE(tag))
				archive_entry_acl_add_entry(entry, type,
				    GUINT16_FROM_LE(permissions), tags[i].tag,
				    (int)GUINT32_FROM_LE(id), NULL);
	}
}

static void add_xattrs(struct archive_entry *entry, GBytes *xattrs)
{
	struct fs_xattr x;

	for (size_t at = 0; fs_xattr_next(xattrs, &at, &x);) {
		if (g_str_has_prefix(x.name, "system.posix_acl_"))
			add_acl(entry, &x);
		else
			archive_entry_xattr_add_entry(
			    entry, x.name, x.value, x.length);
	}
}

static void fill(
    struct archive_entry *entry, const struct archive_member *member)
{
	archive_entry_clear(entry);
	archive_entry_copy_pathname(entry, member->path);
	archive_entry_set_filetype(
	    entry, member->kind == ARCHIVE_FOLDER ? AE_IFDIR
		   : member->kind == ARCHIVE_LINK ? AE_IFLNK
						  : AE_IFREG);
	archive_entry_set_perm(entry, member->mode);
	archive_entry_set_uid(entry, member->uid);
	archive_entry_set_gid(entry, member->gid);
	int64_t seconds = member->mtime_ns / NS, rest = member->mtime_ns % NS;
	if (rest < 0) {
		seconds--;
		rest += NS;
	}
	archive_entry_set_mtime(entry, seconds, (long)rest);
	archive_entry_set_size(entry,
	    member->kind == ARCHIVE_FILE ? (la_int64_t)member->bytes : 0);
	if (member->kind == ARCHIVE_LINK)
		archive_entry_copy_symlink(entry, member->target);
	if (member->kind == ARCHIVE_HARD_LINK)
		archive_entry_copy_hardlink(entry, member->target);
	add_xattrs(entry, member->xattrs);
}

/* A warning is about names that are not UTF-8: they are kept as bytes. */
static bool bad(int result)
{
	return result < ARCHIVE_WARN;
}

bool archive_writer_add(archive_writer *w, const struct archive_member *member,
    const void *bytes, GError **error)
{
	locale_t before = enter();
	size_t length = member->kind == ARCHIVE_FILE ? member->bytes : 0;

	fill(w->entry, member);
	bool good = !bad(archive_write_header(w->archive, w->entry)) &&
		    (length == 0 || archive_write_data(w->archive, bytes,
					length) == (la_ssize_t)length) &&
		    !bad(archive_write_finish_entry(w->archive));
	leave(before);
	return outcome(w, good, member->path, error);
}

bool archive_writer_end(archive_writer *w, GError **error)
{
	bool good = archive_write_close(w->archive) == ARCHIVE_OK;

	return outcome(w, good, "end", error);
}

void archive_writer_free(archive_writer *w)
{
	if (!w)
		return;
	/* Freeing ends the archive too; the sink has seen its last byte. */
	w->muted = true;
	archive_write_free(w->archive);
	archive_entry_free(w->entry);
	g_clear_error(&w->refused);
	g_free(w);
}

/* ---- reading ---- */

struct archive_reader {
	struct archive *archive;
	struct archive_entry *entry;
	struct archive_limits limits;
	struct archive_member member;
	char *name;
	int fd;
	uint64_t start, at, end; /* in the file */
	uint64_t members, bytes, total_bytes;
	char *buffer;
};

static la_ssize_t fetch(struct archive *a, void *data, const void **bytes)
{
	struct archive_reader *r = data;
	size_t length = (size_t)MIN((uint64_t)READ_BYTES, r->end - r->at);
	ssize_t got;

	do
		got = pread(r->fd, r->buffer, length, (off_t)r->at);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		archive_set_error(a, errno, "reading");
		return -1;
	}
	r->at += (uint64_t)got;
	*bytes = r->buffer;
	return got;
}

/* Zip keeps its list of members at the end and wants to go there. */
static la_int64_t seek(
    struct archive *a, void *data, la_int64_t offset, int whence)
{
	struct archive_reader *r = data;
	la_int64_t from = whence == SEEK_SET   ? (la_int64_t)r->start
			  : whence == SEEK_CUR ? (la_int64_t)r->at
					       : (la_int64_t)r->end;
	la_int64_t to = from + offset;

	if (to < (la_int64_t)r->start || to > (la_int64_t)r->end) {
		archive_set_error(a, EINVAL, "outside of the file");
		return ARCHIVE_FATAL;
	}
	r->at = (uint64_t)to;
	return to - (la_int64_t)r->start;
}

static bool broken(struct archive_reader *r, GError **error)
{
	const char *why = archive_error_string(r->archive);

	return fail(error, GONOGO_ERROR_DATA, "%s: %s", r->name,
	    why ? why : "not an archive");
}

static archive_reader *open_reader(int fd, uint64_t offset, uint64_t length,
    const char *name, bool lone, const struct archive_limits *limits,
    GError **error)
{
	struct stat status;

	if (fstat(fd, &status) != 0) {
		fail_errno(error, "%s", name);
		return NULL;
	}
	g_autoptr(archive_reader) r = g_new0(struct archive_reader, 1);
	uint64_t size = (uint64_t)status.st_size;
	r->fd = fd;
	r->start = r->at = MIN(offset, size);
	r->end = length ? MIN(offset + length, size) : size;
	r->name = g_strdup(name);
	r->buffer = g_malloc(READ_BYTES);
	if (limits)
		r->limits = *limits;
	r->archive = archive_read_new();
	/* Not "all": some of those would start programs. */
	archive_read_support_filter_gzip(r->archive);
	archive_read_support_filter_bzip2(r->archive);
	archive_read_support_filter_xz(r->archive);
	archive_read_support_filter_zstd(r->archive);
	if (lone) {
		archive_read_support_format_raw(r->archive);
		archive_read_support_format_empty(r->archive);
	} else {
		archive_read_support_format_tar(r->archive);
		archive_read_support_format_zip(r->archive);
	}
	archive_read_set_read_callback(r->archive, fetch);
	archive_read_set_seek_callback(r->archive, seek);
	archive_read_set_callback_data(r->archive, r);
	locale_t before = enter();
	bool good = archive_read_open1(r->archive) == ARCHIVE_OK;
	leave(before);
	if (!good) {
		broken(r, error);
		return NULL;
	}
	return g_steal_pointer(&r);
}

archive_reader *archive_open(int fd, uint64_t offset, uint64_t length,
    const char *name, const struct archive_limits *limits, GError **error)
{
	return open_reader(fd, offset, length, name, false, limits, error);
}

archive_reader *archive_open_lone(int fd, const char *name,
    const struct archive_limits *limits, GError **error)
{
	return open_reader(fd, 0, 0, name, true, limits, error);
}

static enum archive_kind kind_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return ARCHIVE_HARD_LINK;
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		return ARCHIVE_FILE;
	case AE_IFDIR:
		return ARCHIVE_FOLDER;
	case AE_IFLNK:
		return ARCHIVE_LINK;
	default:
		return ARCHIVE_SPECIAL;
	}
}

static bool over(
    struct archive_reader *r, uint64_t value, uint64_t limit, GError **error)
{
	if (limit == 0 || value <= limit)
		return false;
	fail(error, GONOGO_ERROR_DATA,
	    "%s: over the limit of %" G_GUINT64_FORMAT, r->name, limit);
	return true;
}

bool archive_next(
    archive_reader *r, const struct archive_member **member, GError **error)
{
	locale_t before = enter();
	int result = archive_read_next_header(r->archive, &r->entry);
	struct archive_entry *e = r->entry;

	if (result == ARCHIVE_EOF) {
		leave(before);
		*member = NULL;
		return true;
	}
	r->member = (struct archive_member){0};
	if (!bad(result)) {
		r->member.path = archive_entry_pathname(e);
		r->member.kind = kind_of(e);
		r->member.target = r->member.kind == ARCHIVE_HARD_LINK
				       ? archive_entry_hardlink(e)
				       : archive_entry_symlink(e);
	}
	leave(before);
	if (bad(result))
		return broken(r, error);
	if (!r->member.path)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: a member without a name", r->name);
	r->member.mode = archive_entry_perm(e);
	r->member.uid = (uid_t)archive_entry_uid(e);
	r->member.gid = (gid_t)archive_entry_gid(e);
	r->member.mtime_ns =
	    archive_entry_mtime(e) * NS + archive_entry_mtime_nsec(e);
	r->member.bytes = (uint64_t)MAX(archive_entry_size(e), 0);
	r->bytes = 0;
	if (over(r, ++r->members, r->limits.members, error) ||
	    over(r, r->member.bytes, r->limits.member_bytes, error))
		return false;
	*member = &r->member;
	return true;
}

bool archive_read_bytes(
    archive_reader *r, const void **bytes, size_t *length, GError **error)
{
	la_int64_t offset;
	int result =
	    archive_read_data_block(r->archive, bytes, length, &offset);

	if (result == ARCHIVE_EOF) {
		*length = 0;
		return true;
	}
	if (bad(result))
		return broken(r, error);
	/* Holes of a sparse member are not given as zeros: nobody asks for
	 * them here, and a hash over them would be another. */
	if (offset != (la_int64_t)r->bytes)
		return fail(error, GONOGO_ERROR_DATA, "%s: %s: a sparse member",
		    r->name, r->member.path);
	r->bytes += *length;
	r->total_bytes += *length;
	return !over(r, r->bytes, r->limits.member_bytes, error) &&
	       !over(r, r->total_bytes, r->limits.total_bytes, error);
}

void archive_close(archive_reader *r)
{
	if (!r)
		return;
	archive_read_free(r->archive);
	g_free(r->buffer);
	g_free(r->name);
	g_free(r);
}
