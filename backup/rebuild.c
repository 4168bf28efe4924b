#include "backup/rebuild.h"

#include <errno.h>
#include <fcntl.h>

#include "backup/store/object.h"
#include "base/error.h"
#include "base/file.h"
#include "base/stop.h"
#include "bitbucket/home.h"
#include "port/compress.h"
#include "port/fs.h"

enum {
	STEP = 1 << 20,
	HOLE = 64 << 10, /* zeros that are worth a hole */
};

struct rebuild {
	const struct rebuild_options *o;
	int root;
	char *folder_path; /* of `folder`; NULL: none is open */
	int folder;        /* the last file's, as the next is likely there */
	struct rebuild_counts counts;
};

rebuild *rebuild_open(const struct rebuild_options *options, GError **error)
{
	int root = fs_open_folder(options->target, error);

	if (root < 0)
		return NULL;
	struct rebuild *r = g_new0(struct rebuild, 1);
	r->o = options;
	r->root = root;
	r->folder = -1;
	return r;
}

static void forget_folder(struct rebuild *r)
{
	if (r->folder >= 0)
		ignore(close(r->folder));
	r->folder = -1;
	g_clear_pointer(&r->folder_path, g_free);
}

void rebuild_close(rebuild *r)
{
	if (!r)
		return;
	forget_folder(r);
	ignore(close(r->root));
	g_free(r);
}

const struct rebuild_counts *rebuild_counts(const rebuild *r)
{
	return &r->counts;
}

/* ---- places ---- */

/* Files of `also` groups have absolute names; all go below the target. */
static const char *place_of(const char *path)
{
	return path + strspn(path, "/");
}

/* Opens the folder PATH, making what is missing of it.  -1: *error. */
static int open_folder(struct rebuild *r, const char *path, GError **error)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int fd = fs_open_beneath(r->root, *path ? path : ".", flags, 0);

	if (fd >= 0 || errno != ENOENT) {
		if (fd < 0)
			fail_errno(error, "%s", path);
		return fd;
	}
	g_autofree char *above = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	int parent =
	    open_folder(r, g_str_equal(above, ".") ? "" : above, error);
	if (parent < 0)
		return -1;
	/* Its own mode comes with its entry, after all that is in it. */
	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		fail_errno(error, "%s", path);
	else if ((fd = openat(parent, name, flags | O_NOFOLLOW)) < 0)
		fail_errno(error, "%s", path);
	ignore(close(parent));
	return fd;
}

/* The folder that PATH lies in (borrowed from R), and its name there. */
static int folder_of(
    struct rebuild *r, const char *path, const char **name, GError **error)
{
	const char *slash = strrchr(path, '/');
	g_autofree char *above =
	    slash ? g_strndup(path, (gsize)(slash - path)) : g_strdup("");

	*name = slash ? slash + 1 : path;
	if (r->folder_path && g_str_equal(r->folder_path, above))
		return r->folder;
	forget_folder(r);
	r->folder = open_folder(r, above, error);
	if (r->folder >= 0)
		r->folder_path = g_steal_pointer(&above);
	return r->folder;
}

static int create_file(struct rebuild *r, const char *path, GError **error)
{
	const char *name;
	int folder = folder_of(r, path, &name, error);

	if (folder < 0)
		return -1;
	int fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fail_errno(error, "%s", path);
	return fd;
}

/* ---- what an entry says besides its content ---- */

static struct timespec time_of(const struct entry *e)
{
	static const int64_t second = 1000000000;
	int64_t rest = ((e->mtime_ns % second) + second) % second;

	return (struct timespec){
	    .tv_sec = (e->mtime_ns - rest) / second, .tv_nsec = rest};
}

static bool dress(
    struct rebuild *r, int fd, const struct entry *e, GError **error)
{
	const struct timespec times[2] = {time_of(e), time_of(e)};
	mode_t mode = r->o->keep_setuid ? e->mode : e->mode & 01777;

	/* The owner first: changing it clears setuid bits. */
	if (geteuid() == 0 && fchown(fd, e->uid, e->gid) != 0)
		return fail_errno(error, "%s: owner", e->path);
	if (fchmod(fd, mode) != 0)
		return fail_errno(error, "%s: mode", e->path);
	if (e->xattrs && !fs_set_xattrs(fd, e->xattrs, error)) {
		g_prefix_error(error, "%s: ", e->path);
		return false;
	}
	return futimens(fd, times) == 0 ||
	       fail_errno(error, "%s: time", e->path);
}

static bool finish_file(struct rebuild *r, int fd, bool written,
    const struct entry *e, GError **error)
{
	bool good = written && dress(r, fd, e, error);

	if (close(fd) != 0 && good)
		good = fail_errno(error, "closing %s", e->path);
	r->counts.files += good;
	r->counts.bytes += good ? e->bytes : 0;
	return good;
}

/* ---- small files ---- */

static bool is_alternates(const struct entry *e)
{
	uint64_t id;
	const char *rest;

	return home_in_repository(e->path, &id, &rest) &&
	       g_str_equal(rest, "objects/info/alternates");
}

/*
 * The end of an absolute path to a repository's objects, from the slash before
 * "data/repositories" on; NULL: it is another path.  The home may have had
 * more names than the one that the set knows, and they end alike.
 */
static const char *objects_of(const char *line)
{
	static const char place[] = "/" HOME_REPOSITORIES "/";
	const char *found = g_strrstr(line, place), *rest;
	uint64_t id;

	return *line == '/' && found &&
		       home_in_repository(found + 1, &id, &rest) &&
		       g_str_equal(rest, "objects")
		   ? found
		   : NULL;
}

/* Git's list of folders that objects are borrowed from, at their new place. */
static void move_alternates(struct rebuild *r, GByteArray *content)
{
	g_autofree char *text =
	    g_strndup((const char *)content->data, content->len);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		const char *end = objects_of(*line);
		if (!end)
			continue;
		char *moved = g_strconcat(r->o->new_home, end, NULL);
		g_free(*line);
		*line = moved;
	}
	g_autofree char *joined = g_strjoinv("\n", lines);
	g_byte_array_set_size(content, 0);
	g_byte_array_append(
	    content, (const guint8 *)joined, (guint)strlen(joined));
}

static bool write_small(struct rebuild *r, const struct entry *e,
    GByteArray *content, GError **error)
{
	g_autofree char *sha256 = hash_hex(content->data, content->len);

	if (content->len != e->bytes || !g_str_equal(sha256, e->sha256))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: the segment holds other bytes than the manifest says",
		    e->path);
	if (r->o->new_home && is_alternates(e))
		move_alternates(r, content);
	int fd = create_file(r, place_of(e->path), error);
	return fd >= 0 && finish_file(r, fd,
			      file_write_fd(fd, e->path, content->data,
				  content->len, error),
			      e, error);
}

static bool read_member(archive_reader *archive, const struct entry *e,
    GByteArray *content, GError **error)
{
	const void *bytes;
	size_t length;

	g_byte_array_set_size(content, 0);
	for (;;) {
		if (!archive_read_bytes(archive, &bytes, &length, error))
			return false;
		if (length == 0)
			return true;
		if (length > e->bytes - content->len)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: longer than the manifest says", e->path);
		g_byte_array_append(content, bytes, (guint)length);
	}
}

/* Takes out of SMALL what the frame holds of it. */
static bool unpack(struct rebuild *r, archive_reader *archive,
    GHashTable *small, GError **error)
{
	g_autoptr(GByteArray) content = g_byte_array_new();
	const struct archive_member *member;

	for (;;) {
		if (stop_requested(error) ||
		    !archive_next(archive, &member, error))
			return false;
		if (!member)
			return true;
		const struct entry *e =
		    g_hash_table_lookup(small, member->path);
		if (!e || member->kind != ARCHIVE_FILE)
			continue;
		if (!read_member(archive, e, content, error) ||
		    !write_small(r, e, content, error))
			return false;
		g_hash_table_remove(small, place_of(e->path));
	}
}

static bool unpack_frame(struct rebuild *r, const struct manifest_frame *frame,
    GHashTable *small, GError **error)
{
	g_autofree char *name =
	    g_strdup_printf("segments/%s.tar.zst", frame->segment);
	int fd = fs_open_beneath(
	    store_root(r->o->store), name, O_RDONLY | O_CLOEXEC, 0);
	bool good = false;

	if (fd < 0)
		return fail_errno(error, "%s", name);
	g_autoptr(archive_reader) archive =
	    archive_open(fd, frame->offset, frame->length, name, NULL, error);
	if (archive)
		good = unpack(r, archive, small, error);
	if (!good)
		g_prefix_error(error, "%s: ", name);
	g_clear_pointer(&archive, archive_close);
	ignore(close(fd));
	return good;
}

/* ---- big files ---- */

struct sink {
	int fd;
	const char *name;
	hash *hash;
	uint64_t left;
	bool hole; /* the last bytes were zeros, and were not written */
};

static bool is_zeros(const char *bytes, size_t length)
{
	return *bytes == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* Writes LENGTH bytes, but leaves a hole where there is a block of zeros. */
static bool write_with_holes(
    struct sink *s, const char *bytes, size_t length, GError **error)
{
	while (length > 0) {
		size_t step = MIN(length, (size_t)HOLE);
		s->hole = step == HOLE && is_zeros(bytes, step);
		if (s->hole
			? lseek(s->fd, (off_t)step, SEEK_CUR) < 0
			: !file_write_fd(s->fd, s->name, bytes, step, error)) {
			if (s->hole)
				fail_errno(error, "%s", s->name);
			return false;
		}
		bytes += step;
		length -= step;
	}
	return true;
}

/* A hole at the end is no part of a file until its length says so. */
static bool end_of_holes(const struct sink *s, uint64_t bytes, GError **error)
{
	struct stat status;

	return !s->hole || fstat(s->fd, &status) != 0 ||
	       !S_ISREG(status.st_mode) ||
	       ftruncate(s->fd, (off_t)bytes) == 0 ||
	       fail_errno(error, "%s", s->name);
}

static bool take(const void *bytes, size_t length, void *user, GError **error)
{
	struct sink *s = user;

	if (length > s->left)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: longer than it should be", s->name);
	s->left -= length;
	hash_add(s->hash, bytes, length);
	return write_with_holes(s, bytes, length, error);
}

static bool pour(int from, bool pressed, struct sink *sink, GError **error)
{
	g_autofree char *buffer = g_malloc(STEP);
	g_autoptr(decompress) d =
	    pressed ? decompress_new(sink->left, take, sink) : NULL;

	for (;;) {
		if (stop_requested(error))
			return false;
		ssize_t got = read(from, buffer, STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_errno(error, "reading");
		if (got == 0)
			return !d || decompress_end(d, error);
		if (!(d ? decompress_add(d, buffer, (size_t)got, error)
			: take(buffer, (size_t)got, sink, error)))
			return false;
	}
}

bool rebuild_object(const store *s, const char *sha256, const char *suffix,
    uint64_t bytes, int fd, const char *name, GError **error)
{
	g_autofree char *path = object_path(sha256, suffix);
	g_autoptr(hash) sum = hash_new();
	struct sink sink = {fd, name, sum, bytes, false};
	int from =
	    fs_open_beneath(store_root(s), path, O_RDONLY | O_CLOEXEC, 0);

	if (from < 0)
		return fail_errno(error, "%s", path);
	bool good = pour(from, *suffix != '\0', &sink, error);
	ignore(close(from));
	if (good) {
		g_autofree char *found = hash_end_hex(sum);
		good = (sink.left == 0 && g_str_equal(found, sha256)) ||
		       fail(error, GONOGO_ERROR_DATA,
			   "its bytes are not those of its name");
	}
	good = good && end_of_holes(&sink, bytes, error);
	if (!good)
		g_prefix_error(error, "%s: ", path);
	return good;
}

static bool place_object(
    struct rebuild *r, const struct entry *e, GError **error)
{
	int fd = create_file(r, place_of(e->path), error);

	return fd >= 0 && finish_file(r, fd,
			      rebuild_object(r->o->store, e->sha256, e->suffix,
				  e->bytes, fd, e->path, error),
			      e, error);
}

/* ---- links and folders ---- */

static bool make_link(struct rebuild *r, const struct entry *e, GError **error)
{
	const struct timespec times[2] = {time_of(e), time_of(e)};
	const char *name;
	int folder = folder_of(r, place_of(e->path), &name, error);

	if (folder < 0)
		return false;
	if (symlinkat(e->target, folder, name) != 0)
		return fail_errno(error, "%s", e->path);
	if (geteuid() == 0 &&
	    fchownat(folder, name, e->uid, e->gid, AT_SYMLINK_NOFOLLOW) != 0)
		return fail_errno(error, "%s: owner", e->path);
	return utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) == 0 ||
	       fail_errno(error, "%s: time", e->path);
}

static bool make_hard_link(
    struct rebuild *r, const struct entry *e, GError **error)
{
	const char *name, *first_name;
	const char *first = place_of(e->target);
	g_autofree char *above = g_path_get_dirname(first);
	int from = open_folder(r, g_str_equal(above, ".") ? "" : above, error);
	bool good = false;

	if (from < 0)
		return false;
	first_name = strrchr(first, '/') ? strrchr(first, '/') + 1 : first;
	int folder = folder_of(r, place_of(e->path), &name, error);
	if (folder >= 0) {
		good = linkat(from, first_name, folder, name, 0) == 0;
		if (!good)
			fail_errno(error, "%s", e->path);
	}
	ignore(close(from));
	return good;
}

static bool make_folder(
    struct rebuild *r, const struct entry *e, GError **error)
{
	int fd = open_folder(r, place_of(e->path), error);
	bool good = fd >= 0 && dress(r, fd, e, error);

	if (fd >= 0)
		ignore(close(fd));
	return good;
}

/* ---- a group ---- */

/* What a process of another day left behind: it would stop git. */
static bool is_stale_lock(const struct entry *e)
{
	uint64_t id;
	const char *rest;

	return e->kind == ENTRY_FILE &&
	       home_in_repository(e->path, &id, &rest) &&
	       (g_str_has_suffix(rest, ".lock") || g_str_equal(rest, "gc.pid"));
}

typedef bool (*maker)(struct rebuild *, const struct entry *, GError **);

static bool make_each(struct rebuild *r, const GPtrArray *entries,
    enum entry_kind kind, maker make, GError **error)
{
	/* From the last to the first: what is in a folder, then the folder. */
	for (guint i = entries->len; i-- > 0;) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind != kind || (kind == ENTRY_FILE && !e->suffix) ||
		    is_stale_lock(e))
			continue;
		if (stop_requested(error) || !make(r, e, error))
			return false;
	}
	return true;
}

static bool unpack_all(struct rebuild *r, const struct manifest_group *group,
    const GPtrArray *entries, GError **error)
{
	g_autoptr(GHashTable) small = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree bool *used = g_new0(bool, group->frames->len + 1);
	GHashTableIter iter;
	gpointer missing;

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind != ENTRY_FILE || e->suffix)
			continue;
		if (is_stale_lock(e)) {
			r->counts.left_out++;
			continue;
		}
		g_hash_table_insert(
		    small, (gpointer)place_of(e->path), (gpointer)e);
		used[e->frame] = true;
	}
	for (guint i = 0; i < group->frames->len; i++)
		if (used[i] &&
		    !unpack_frame(
			r, g_ptr_array_index(group->frames, i), small, error))
			return false;
	g_hash_table_iter_init(&iter, small);
	return !g_hash_table_iter_next(&iter, &missing, NULL) ||
	       fail(error, GONOGO_ERROR_DATA, "%s: not in its segment",
		   (const char *)missing);
}

bool rebuild_group(
    rebuild *r, const struct manifest_group *group, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    manifest_entries(r->o->manifest, group, error);
	bool good =
	    entries && unpack_all(r, group, entries, error) &&
	    make_each(r, entries, ENTRY_FILE, place_object, error) &&
	    make_each(r, entries, ENTRY_HARD_LINK, make_hard_link, error) &&
	    make_each(r, entries, ENTRY_LINK, make_link, error);

	/* A folder's time is its own again once nothing is put into it. */
	forget_folder(r);
	good = good && make_each(r, entries, ENTRY_FOLDER, make_folder, error);
	if (!good)
		g_prefix_error(error, "%s: ", group->name);
	return good;
}
