#include "contract/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"

static const struct field raw_meta_fields[] = {
    {"what", FIELD_STRING, offsetof(struct raw_meta, what), .must = true},
    {"subject", FIELD_STRING, offsetof(struct raw_meta, subject)},
    {"collector", FIELD_STRING, offsetof(struct raw_meta, collector),
	.must = true},
    {"request", FIELD_STRING, offsetof(struct raw_meta, request)},
    {"at", FIELD_TIME, offsetof(struct raw_meta, at)},
    {"http_status", FIELD_NUMBER, offsetof(struct raw_meta, http_status)},
    {"elapsed_ms", FIELD_NUMBER, offsetof(struct raw_meta, elapsed_ms)},
    {"media_type", FIELD_STRING, offsetof(struct raw_meta, media_type)},
    {"date", FIELD_STRING, offsetof(struct raw_meta, date)},
    {"error", FIELD_STRING, offsetof(struct raw_meta, error)},
    {"file", FIELD_STRING, offsetof(struct raw_meta, file)},
    {"sha256", FIELD_STRING, offsetof(struct raw_meta, sha256)},
    {"redaction", FIELD_STRING, offsetof(struct raw_meta, redaction)},
    {0},
};
const struct shape raw_meta_shape = {
    "raw", sizeof(struct raw_meta), raw_meta_fields};

static const struct field content_fields[] = {
    {"path", FIELD_STRING, offsetof(struct content, path), .must = true},
    {"sha256", FIELD_STRING, offsetof(struct content, sha256), .must = true},
    {"media_type", FIELD_STRING, offsetof(struct content, media_type)},
    {"role", FIELD_STRING, offsetof(struct content, role)},
    {"size_bytes", FIELD_NUMBER, offsetof(struct content, size_bytes)},
    {0},
};
static const struct shape content_shape = {
    "content", sizeof(struct content), content_fields};

static const struct field contents_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct contents, made_by)},
    {"made_at", FIELD_TIME, offsetof(struct contents, made_at)},
    {"files", FIELD_LIST, offsetof(struct contents, files),
	.shape = &content_shape, .must = true},
    {0},
};
const struct shape contents_shape = {
    "contents", sizeof(struct contents), contents_fields};

void contents_clear(struct contents *c)
{
	shape_clear(&contents_shape, c);
}

void raw_meta_clear(struct raw_meta *m)
{
	shape_clear(&raw_meta_shape, m);
}

/* ---- what a path is ---- */

/* Written when the rest stands, or appended to later. */
static const char *const outside[] = {"CONTENTS.json", "SHA256SUMS",
    "attestation.dsse.json", "test-result.dsse.json", "approvals",
    "gate-log.ndjson", NULL};

static const char *media_type_of(const char *path)
{
	static const char *const types[][2] = {{".json", "application/json"},
	    {".ndjson", "application/x-ndjson"}, {".html", "text/html"},
	    {".md", "text/markdown"}, {".yaml", "application/yaml"},
	    {".xml", "application/xml"}, {".conf", "text/plain"},
	    {".txt", "text/plain"}};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_has_suffix(path, types[i][0]))
			return types[i][1];
	return "application/octet-stream";
}

/* The first folder, or for a file of the bundle's own its stem. */
static char *role_of(const char *path)
{
	if (g_str_has_prefix(path, "raw/"))
		return g_strdup(
		    g_str_has_suffix(path, ".meta.json") ? "meta" : "raw");
	return g_strndup(path, strcspn(path, "/."));
}

/* Can PATH stand in a line of SHA256SUMS as it is? */
static bool is_plain(const char *path)
{
	if (!g_utf8_validate(path, -1, NULL) || strchr(path, '\\'))
		return false;
	for (; *path; path++)
		if (g_ascii_iscntrl(*path))
			return false;
	return true;
}

/* ---- walking the folder ---- */

struct walk {
	struct contents *contents;
	GError **error;
};

static bool walk_folder(struct walk *w, int fd, const char *path, int depth);

static bool add_file(struct walk *w, int fd, const char *path, off_t size)
{
	struct content *content;
	g_autofree char *sha256 = hash_fd(fd, w->error);

	if (!sha256) {
		g_prefix_error(w->error, "%s: ", path);
		return false;
	}
	if (list_length(w->contents->files) >= LIMIT_BUNDLE_FILES)
		return fail(w->error, GONOGO_ERROR_DATA,
		    "%s: more than %u files in a bundle", path,
		    LIMIT_BUNDLE_FILES);
	content = shape_add(&content_shape, &w->contents->files);
	content->path = g_strdup(path);
	content->sha256 = g_steal_pointer(&sha256);
	content->media_type = g_strdup(media_type_of(path));
	content->role = role_of(path);
	content->size_bytes = number_of(size);
	return true;
}

/* Looks at NAME inside the folder AT; PATH is the same from the root. */
static bool walk_entry(
    struct walk *w, int at, const char *name, const char *path, int depth)
{
	/* Opening a pipe that nobody writes to must not wait for ever. */
	int fd = openat(at, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	bool good = false;

	if (!is_plain(path)) {
		g_autofree char *shown = g_strescape(path, NULL);
		fail(w->error, GONOGO_ERROR_DATA,
		    "a file name that no list can bear: \"%s\"", shown);
	} else if (fd < 0 && errno == ELOOP) {
		fail(w->error, GONOGO_ERROR_DATA,
		    "%s: a link has no place in a bundle", path);
	} else if (fd < 0 || fstat(fd, &status) != 0) {
		fail_errno(w->error, "%s", path);
	} else if (S_ISDIR(status.st_mode)) {
		return walk_folder(w, fd, path, depth + 1);
	} else if (!S_ISREG(status.st_mode)) {
		fail(w->error, GONOGO_ERROR_DATA,
		    "%s: neither a file nor a folder", path);
	} else {
		good = add_file(w, fd, path, status.st_size);
	}
	if (fd >= 0)
		ignore(close(fd));
	return good;
}

/* Takes FD.  PATH "" is the root. */
static bool walk_folder(struct walk *w, int fd, const char *path, int depth)
{
	bool root = *path == '\0', good = true;
	DIR *folder = fdopendir(fd);

	if (!folder) {
		fail_errno(w->error, "%s", path);
		ignore(close(fd));
		return false;
	}
	if (depth > LIMIT_BUNDLE_DEPTH)
		good = fail(w->error, GONOGO_ERROR_DATA,
		    "%s: more than %d folders deep", path, LIMIT_BUNDLE_DEPTH);
	while (good) {
		errno = 0;
		const struct dirent *entry = readdir(folder);
		if (!entry) {
			good = errno == 0 || fail_errno(w->error, "%s", path);
			break;
		}
		const char *name = entry->d_name;
		if (g_str_equal(name, ".") || g_str_equal(name, "..") ||
		    (root && g_strv_contains(outside, name)))
			continue;
		g_autofree char *inside =
		    root ? g_strdup(name) : g_strconcat(path, "/", name, NULL);
		good = walk_entry(w, dirfd(folder), name, inside, depth);
	}
	ignore(closedir(folder));
	return good;
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	const struct content *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

bool contents_scan(struct contents *c, const char *root, GError **error)
{
	struct walk w = {c, error};
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(error, "bundle %s", root);
	if (!walk_folder(&w, fd, "", 0)) {
		g_prefix_error(error, "bundle %s: ", root);
		contents_clear(c);
		return false;
	}
	if (c->files)
		g_ptr_array_sort(c->files, by_path);
	return true;
}

/* ---- SHA256SUMS ---- */

/* Gives the text of the bundle's own file NAME, which is no link. */
static char *read_own(const char *root, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(root, name, NULL);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		fail_errno(error, "%s", path);
		return NULL;
	}
	char *text = file_read_fd(fd, path, LIMIT_DOCUMENT, NULL, error);
	ignore(close(fd));
	return text;
}

bool contents_seal(const struct contents *c, const char *root, GError **error)
{
	g_autofree char *list = g_build_filename(root, "CONTENTS.json", NULL);
	g_autofree char *sums = g_build_filename(root, "SHA256SUMS", NULL);
	g_autoptr(json) document = document_write(&contents_shape, c);
	g_autofree char *contents = json_pretty(document);
	g_autofree char *own = hash_hex(contents, strlen(contents));
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "%s  CONTENTS.json\n", own);
	for (guint i = 0; i < list_length(c->files); i++) {
		const struct content *file = g_ptr_array_index(c->files, i);
		g_string_append_printf(
		    text, "%s  %s\n", file->sha256, file->path);
	}
	return file_write(list, 0644, contents, strlen(contents), error) &&
	       file_write(sums, 0644, text->str, text->len, error);
}

/* Gives path -> digest. */
static GHashTable *read_sums(const char *root, GError **error)
{
	g_autofree char *text = read_own(root, "SHA256SUMS", error);
	g_autoptr(GHashTable) sums =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	if (!text)
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		char *line = lines[i];
		if (!*line && !lines[i + 1])
			break;
		g_autofree char *digest = g_strndup(line, HASH_HEX);
		if (!hash_is_hex(digest) ||
		    !g_str_has_prefix(line + HASH_HEX, "  ") ||
		    !line[HASH_HEX + 2]) {
			fail(error, GONOGO_ERROR_DATA,
			    "%s/SHA256SUMS:%u: not \"<sha256>  <path>\"", root,
			    i + 1);
			return NULL;
		}
		if (!g_hash_table_insert(sums, g_strdup(line + HASH_HEX + 2),
			g_steal_pointer(&digest))) {
			fail(error, GONOGO_ERROR_DATA,
			    "%s/SHA256SUMS:%u: %s is listed twice", root, i + 1,
			    line + HASH_HEX + 2);
			return NULL;
		}
	}
	return g_steal_pointer(&sums);
}

/* ---- checking ---- */

static void flaw(GPtrArray *flaws, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void flaw(GPtrArray *flaws, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_ptr_array_add(flaws, g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

/* Gives path -> struct content, borrowed from C. */
static GHashTable *by_name(const struct contents *c)
{
	GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < list_length(c->files); i++) {
		struct content *file = g_ptr_array_index(c->files, i);
		g_hash_table_insert(names, file->path, file);
	}
	return names;
}

/* One file that is there, against what is listed of it. */
static void check_file(const struct content *file, const char *sum,
    const struct content *listed, GPtrArray *flaws)
{
	if (!sum)
		flaw(flaws, "%s: not in SHA256SUMS", file->path);
	else if (!g_str_equal(sum, file->sha256))
		flaw(flaws, "%s: its checksum differs from SHA256SUMS",
		    file->path);
	if (!listed)
		flaw(flaws, "%s: not in CONTENTS.json", file->path);
	else if (!g_str_equal(listed->sha256, file->sha256))
		flaw(flaws, "%s: its checksum differs from CONTENTS.json",
		    file->path);
	else if (listed->size_bytes.value != file->size_bytes.value)
		flaw(flaws,
		    "%s: %" PRId64 " bytes, CONTENTS.json says %" PRId64,
		    file->path, file->size_bytes.value,
		    listed->size_bytes.value);
}

/* What SHA256SUMS or CONTENTS.json names and nobody found. */
static void check_missing(
    GHashTable *there, GHashTable *sums, GHashTable *listed, GPtrArray *flaws)
{
	g_autoptr(GList) paths = g_hash_table_get_keys(sums);
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, listed);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		if (!g_hash_table_contains(sums, path))
			paths = g_list_prepend(paths, path);
	paths = g_list_sort(paths, (GCompareFunc)strcmp);
	for (const GList *at = paths; at; at = at->next)
		if (!g_str_equal(at->data, "CONTENTS.json") &&
		    !g_hash_table_contains(there, at->data))
			flaw(flaws, "%s: missing", (const char *)at->data);
}

/* CONTENTS.json itself: held against its own sum, and read into *C. */
static bool check_list(const char *root, GHashTable *sums, struct contents *c,
    GPtrArray *flaws, GError **error)
{
	g_autofree char *text = read_own(root, "CONTENTS.json", error);
	const char *sum = g_hash_table_lookup(sums, "CONTENTS.json");

	if (!text)
		return false;
	g_autofree char *own = hash_hex(text, strlen(text));
	if (!sum)
		flaw(flaws, "CONTENTS.json: not in SHA256SUMS");
	else if (!g_str_equal(sum, own))
		flaw(flaws, "CONTENTS.json: its checksum differs from "
			    "SHA256SUMS");
	g_autoptr(json) document =
	    json_parse(text, strlen(text), "CONTENTS.json", error);
	if (!document || !document_read(&contents_shape, document, c, error)) {
		g_prefix_error(error, "bundle %s: ", root);
		return false;
	}
	return true;
}

bool contents_check(const char *root, GPtrArray *flaws, GError **error)
{
	g_auto(contents) found = {0};
	g_auto(contents) list = {0};
	g_autoptr(GHashTable) sums = read_sums(root, error);

	if (!sums || !check_list(root, sums, &list, flaws, error) ||
	    !contents_scan(&found, root, error))
		return false;
	g_autoptr(GHashTable) there = by_name(&found);
	g_autoptr(GHashTable) listed = by_name(&list);
	for (guint i = 0; i < list_length(found.files); i++) {
		const struct content *f = g_ptr_array_index(found.files, i);
		check_file(f, g_hash_table_lookup(sums, f->path),
		    g_hash_table_lookup(listed, f->path), flaws);
	}
	check_missing(there, sums, listed, flaws);
	return true;
}
