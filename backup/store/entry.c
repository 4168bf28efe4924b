#include "backup/store/entry.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/json.h"
#include "port/fs.h"

static const char *const kind_names[] = {
    "file", "folder", "link", "hard_link", NULL};

void entry_clear(struct entry *e)
{
	g_free(e->path);
	g_free(e->target);
	g_clear_pointer(&e->xattrs, g_bytes_unref);
	*e = (struct entry){0};
}

void entry_free(struct entry *e)
{
	if (!e)
		return;
	entry_clear(e);
	g_free(e);
}

struct entry *entry_copy(const struct entry *e)
{
	struct entry *copy = g_memdup2(e, sizeof *e);

	copy->path = g_strdup(e->path);
	copy->target = g_strdup(e->target);
	if (copy->xattrs)
		g_bytes_ref(copy->xattrs);
	return copy;
}

static int64_t ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

void entry_stat(struct entry *e, const struct stat *status)
{
	e->mode = status->st_mode & 07777;
	e->uid = status->st_uid;
	e->gid = status->st_gid;
	e->mtime_ns = ns(&status->st_mtim);
	e->ctime_ns = ns(&status->st_ctim);
	e->inode = status->st_ino;
	e->device = status->st_dev;
}

void entry_member(const struct entry *e, struct archive_member *member)
{
	static const enum archive_kind kinds[] = {
	    ARCHIVE_FILE, ARCHIVE_FOLDER, ARCHIVE_LINK, ARCHIVE_HARD_LINK};

	*member = (struct archive_member){
	    /* An absolute name would be cut by tar, with a warning. */
	    .path = e->path + strspn(e->path, "/"),
	    .target = e->target,
	    .kind = kinds[e->kind],
	    .mode = e->mode,
	    .uid = e->uid,
	    .gid = e->gid,
	    .mtime_ns = e->mtime_ns,
	    .bytes = e->suffix ? 0 : e->bytes,
	    .xattrs = e->xattrs,
	};
	if (e->kind == ENTRY_HARD_LINK)
		member->target += strspn(member->target, "/");
	if (!*member->path)
		member->path = ".";
}

/* ---- JSON ---- */

static void write_text(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(out, '\\');
		if ((unsigned char)*c < 0x20)
			g_string_append_printf(out, "\\u%04x", *c);
		else
			g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

/* Bytes that are no UTF-8 have a member of another name, in base64. */
static void write_bytes(GString *out, const char *key, const char *bytes)
{
	if (g_utf8_validate(bytes, -1, NULL)) {
		g_string_append_printf(out, ",\"%s\":", key);
		write_text(out, bytes);
		return;
	}
	g_autofree char *base64 =
	    g_base64_encode((const guchar *)bytes, strlen(bytes));
	g_string_append_printf(out, ",\"%s_base64\":\"%s\"", key, base64);
}

static void write_xattrs(GString *out, GBytes *xattrs)
{
	struct fs_xattr x;
	const char *between = "";

	g_string_append(out, ",\"xattrs\":[");
	for (size_t at = 0; fs_xattr_next(xattrs, &at, &x);) {
		g_autofree char *name =
		    g_base64_encode((const guchar *)x.name, strlen(x.name));
		g_autofree char *value = g_base64_encode(x.value, x.length);
		g_string_append_printf(out,
		    "%s{\"name_base64\":\"%s\","
		    "\"value_base64\":\"%s\"}",
		    between, name, value);
		between = ",";
	}
	g_string_append_c(out, ']');
}

void entry_write(const struct entry *e, GString *out)
{
	bool file = e->kind == ENTRY_FILE;

	g_string_append_c(out, '{');
	if (*e->base)
		g_string_append_printf(out, "\"base\":\"%s\",", e->base);
	if (file)
		g_string_append_printf(out, "\"bytes\":%" PRIu64 ",", e->bytes);
	g_string_append_printf(out,
	    "\"ctime_ns\":\"%" PRId64 "\",\"device\":\"%" PRIu64
	    "\",\"frame\":%u,\"gid\":%u,\"inode\":\"%" PRIu64
	    "\",\"kind\":\"%s\",\"mode\":\"%04o\",\"mtime_ns\":\"%" PRId64 "\"",
	    e->ctime_ns, e->device, e->frame, e->gid, e->inode,
	    kind_names[e->kind], e->mode, e->mtime_ns);
	if (e->suffix)
		g_string_append_printf(out, ",\"object\":\"%s\"", e->suffix);
	write_bytes(out, "path", e->path);
	if (file)
		g_string_append_printf(out, ",\"sha256\":\"%s\"", e->sha256);
	if (e->suffix)
		g_string_append_printf(
		    out, ",\"stored_bytes\":%" PRIu64, e->stored_bytes);
	if (e->target)
		write_bytes(out, "target", e->target);
	g_string_append_printf(out, ",\"uid\":%u", e->uid);
	if (e->xattrs)
		write_xattrs(out, e->xattrs);
	g_string_append(out, "}\n");
}

static bool read_bytes(
    const json *line, const char *key, char **out, GError **error)
{
	g_autofree char *key64 = g_strconcat(key, "_base64", NULL);
	const char *base64 = json_text(line, key64), *text;
	size_t length;

	if (!base64) {
		if (!json_string(line, key, &text, error))
			return false;
		*out = g_strdup(text);
		return true;
	}
	g_autofree guchar *bytes = g_base64_decode(base64, &length);
	if (memchr(bytes, 0, length))
		return fail(error, GONOGO_ERROR_DATA, "%s: a NUL byte", key64);
	*out = g_strndup((const char *)bytes, length);
	return true;
}

/* Nanoseconds, inodes: wider than JSON's numbers, so they are text. */
static bool read_wide(
    const json *line, const char *key, int64_t *out, GError **error)
{
	const char *text;
	char *end;

	if (!json_string(line, key, &text, error))
		return false;
	*out = *text == '-' ? g_ascii_strtoll(text, &end, 10)
			    : (int64_t)g_ascii_strtoull(text, &end, 10);
	return (*text && !*end) ||
	       fail(error, GONOGO_ERROR_DATA, "%s: not a number", key);
}

static bool read_kind(struct entry *e, const json *line, GError **error)
{
	const char *text;

	if (!json_string(line, "kind", &text, error))
		return false;
	for (int i = 0; kind_names[i]; i++)
		if (g_str_equal(kind_names[i], text)) {
			e->kind = (enum entry_kind)i;
			return true;
		}
	return fail(error, GONOGO_ERROR_DATA, "kind: '%s'", text);
}

static bool read_mode(struct entry *e, const json *line, GError **error)
{
	const char *text;
	char *end;

	if (!json_string(line, "mode", &text, error))
		return false;
	guint64 mode = g_ascii_strtoull(text, &end, 8);
	if (!*text || *end || mode > 07777)
		return fail(error, GONOGO_ERROR_DATA, "mode: '%s'", text);
	e->mode = (mode_t)mode;
	return true;
}

static bool read_base(struct entry *e, const json *line, GError **error)
{
	const char *text;

	if (!json_string(line, "base", &text, error))
		return false;
	g_strlcpy(e->base, text, sizeof e->base);
	return hash_is_hex(text) ||
	       fail(error, GONOGO_ERROR_DATA, "base: '%s'", text);
}

static bool read_content(struct entry *e, const json *line, GError **error)
{
	const char *text;

	if (!json_u64(line, "bytes", &e->bytes, error) ||
	    !json_string(line, "sha256", &text, error))
		return false;
	if (!hash_is_hex(text))
		return fail(error, GONOGO_ERROR_DATA, "sha256: '%s'", text);
	g_strlcpy(e->sha256, text, sizeof e->sha256);
	if (!json_find(line, "object"))
		return true;
	if (!json_string(line, "object", &text, error) ||
	    !json_u64(line, "stored_bytes", &e->stored_bytes, error))
		return false;
	e->suffix = g_str_equal(text, "")       ? ""
		    : g_str_equal(text, ".zst") ? ".zst"
		    : g_str_equal(text, ".pfd") ? ".pfd"
						: NULL;
	if (!e->suffix)
		return fail(error, GONOGO_ERROR_DATA, "object: '%s'", text);
	return !g_str_equal(e->suffix, ".pfd") || read_base(e, line, error);
}

static bool read_xattrs(struct entry *e, const json *line, GError **error)
{
	g_autoptr(GByteArray) block = NULL;
	const json *list;

	if (!json_find(line, "xattrs"))
		return true;
	if (!json_array(line, "xattrs", &list, error))
		return false;
	block = g_byte_array_new();
	json_each (x, list) {
		g_autofree char *name = NULL;
		const char *base64;
		size_t length;
		if (!read_bytes(x, "name", &name, error) ||
		    !json_string(x, "value_base64", &base64, error))
			return false;
		g_autofree guchar *value = g_base64_decode(base64, &length);
		fs_xattr_add(block, name, value, length);
	}
	e->xattrs = g_byte_array_free_to_bytes(g_steal_pointer(&block));
	return true;
}

static bool read_members(struct entry *e, const json *line, GError **error)
{
	uint64_t frame, uid, gid;
	int64_t inode, device;

	if (!read_kind(e, line, error) ||
	    !read_bytes(line, "path", &e->path, error) ||
	    !read_mode(e, line, error) ||
	    !json_u64(line, "frame", &frame, error) ||
	    !json_u64(line, "uid", &uid, error) ||
	    !json_u64(line, "gid", &gid, error) ||
	    !read_wide(line, "mtime_ns", &e->mtime_ns, error) ||
	    !read_wide(line, "ctime_ns", &e->ctime_ns, error) ||
	    !read_wide(line, "inode", &inode, error) ||
	    !read_wide(line, "device", &device, error) ||
	    !read_xattrs(e, line, error))
		return false;
	if (MAX(frame, MAX(uid, gid)) > G_MAXUINT32)
		return fail(error, GONOGO_ERROR_DATA,
		    "frame, uid or gid: more than there can be");
	e->frame = (unsigned)frame;
	e->uid = (uid_t)uid;
	e->gid = (gid_t)gid;
	e->inode = (uint64_t)inode;
	e->device = (uint64_t)device;
	if (e->kind == ENTRY_FILE)
		return read_content(e, line, error);
	return e->kind == ENTRY_FOLDER ||
	       read_bytes(line, "target", &e->target, error);
}

bool entry_read(struct entry *e, const char *line, size_t length,
    const char *name, GError **error)
{
	g_autoptr(json) document = json_parse(line, length, name, error);

	if (!document)
		return false;
	if (read_members(e, document, error))
		return true;
	g_prefix_error(error, "%s: ", name);
	entry_clear(e);
	return false;
}

/* ---- the compact form ---- */

static void pack_text(GByteArray *out, const char *text)
{
	if (text)
		g_byte_array_append(
		    out, (const guint8 *)text, (guint)strlen(text) + 1);
}

void entry_pack(const struct entry *e, GByteArray *out)
{
	gsize length = 0;
	const void *xattrs =
	    e->xattrs ? g_bytes_get_data(e->xattrs, &length) : NULL;

	/* The struct as it is: its pointers only say what follows. */
	g_byte_array_append(out, (const guint8 *)e, sizeof *e);
	pack_text(out, e->path);
	pack_text(out, e->target);
	if (xattrs) {
		g_byte_array_append(
		    out, (const guint8 *)&length, sizeof length);
		g_byte_array_append(out, xattrs, (guint)length);
	}
}

static char *unpack_text(const GByteArray *in, size_t *at)
{
	char *text = g_strdup((const char *)in->data + *at);

	*at += strlen(text) + 1;
	return text;
}

bool entry_unpack(struct entry *e, const GByteArray *in, size_t *at)
{
	gsize length;

	if (*at >= in->len)
		return false;
	memcpy(e, in->data + *at, sizeof *e);
	*at += sizeof *e;
	e->path = unpack_text(in, at);
	if (e->target)
		e->target = unpack_text(in, at);
	if (e->xattrs) {
		memcpy(&length, in->data + *at, sizeof length);
		*at += sizeof length;
		e->xattrs = g_bytes_new(in->data + *at, length);
		*at += length;
	}
	return true;
}

char *entry_escape(const char *path)
{
	GString *out = g_string_new(NULL);

	for (const char *c = path; *c; c++) {
		if (g_ascii_isalnum(*c) || strchr("/._-+,=@:~", *c))
			g_string_append_c(out, *c);
		else
			g_string_append_printf(
			    out, "\\0%03o", (unsigned char)*c);
	}
	return g_string_free(out, FALSE);
}
