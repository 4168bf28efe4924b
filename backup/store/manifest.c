#include "backup/store/manifest.h"

#include <fcntl.h>
#include <inttypes.h>

#include "backup/store/frames.h"
#include "backup/store/line.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "bitbucket/home.h"
#include "port/compress.h"

/* An index line is a few hundred bytes; entries of a group somewhat more. */
static const uint64_t INDEX_LIMIT = 1u << 30;

const char frame_letters[] = "LMF";

static void frame_free(gpointer data)
{
	struct manifest_frame *f = data;

	g_free(f->segment);
	g_free(f);
}

static void group_free(gpointer data)
{
	struct manifest_group *g = data;

	g_free(g->name);
	g_free(g->sha256);
	g_ptr_array_unref(g->frames);
	g_ptr_array_unref(g->alternates);
	g_free(g);
}

static void segment_free_record(gpointer data)
{
	struct manifest_segment *s = data;

	g_free(s->id);
	g_free(s->sha256);
	g_free(s);
}

struct manifest *manifest_new(const char *folder)
{
	struct manifest *m = g_new0(struct manifest, 1);

	m->path = g_build_filename(folder, "MANIFEST.zst", NULL);
	m->fd = -1;
	m->groups = g_ptr_array_new_with_free_func(group_free);
	m->segments = g_ptr_array_new_with_free_func(segment_free_record);
	return m;
}

void manifest_free(struct manifest *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		ignore(close(m->fd));
	g_ptr_array_unref(m->groups);
	g_ptr_array_unref(m->segments);
	g_free(m->path);
	g_free(m);
}

struct manifest_group *manifest_add_group(struct manifest *m, const char *name)
{
	struct manifest_group *g = g_new0(struct manifest_group, 1);

	g->name = g_strdup(name);
	if (g_str_has_prefix(name, "repository/"))
		g->repository =
		    g_ascii_strtoull(strchr(name, '/') + 1, NULL, 10);
	g->frames = g_ptr_array_new_with_free_func(frame_free);
	g->alternates = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(m->groups, g);
	return g;
}

struct manifest_segment *manifest_add_segment(
    struct manifest *m, const char *id, const char *sha256, uint64_t bytes)
{
	struct manifest_segment *s = g_new0(struct manifest_segment, 1);

	s->id = g_strdup(id);
	s->sha256 = g_strdup(sha256);
	s->bytes = bytes;
	g_ptr_array_add(m->segments, s);
	return s;
}

/* ---- the index ---- */

char *manifest_group_line(const struct manifest_group *g)
{
	g_autoptr(json) line = json_new_object();
	json *frames = json_set(line, "frames", json_new_array());

	json_set_string(line, "group", g->name);
	for (guint i = 0; i < g->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(g->frames, i);
		json *frame = json_append(frames, json_new_object());
		char kind[2] = {frame_letters[f->kind], 0};
		json_set_string(frame, "kind", kind);
		json_set_string(frame, "segment", f->segment);
		json_set_i64(frame, "offset", (int64_t)f->offset);
		json_set_i64(frame, "length", (int64_t)f->length);
	}
	if (g->alternates->len > 0) {
		json *list = json_set(line, "alternates", json_new_array());
		for (guint i = 0; i < g->alternates->len; i++)
			json_append_string(
			    list, g_ptr_array_index(g->alternates, i));
	}
	json_set_i64(line, "entries", (int64_t)g->entries);
	json_set_i64(line, "bytes", (int64_t)g->bytes);
	json_set_string(line, "sha256", g->sha256);
	json_set_i64(line, "offset", (int64_t)g->offset);
	json_set_i64(line, "length", (int64_t)g->length);
	json_set_i64(line, "plain", (int64_t)g->plain);
	g_autofree char *text = json_compact(line);
	return g_strconcat(text, "\n", NULL);
}

char *manifest_segment_line(const struct manifest_segment *s)
{
	g_autoptr(json) line = json_new_object();

	json_set_string(line, "segment", s->id);
	json_set_string(line, "sha256", s->sha256);
	json_set_i64(line, "bytes", (int64_t)s->bytes);
	g_autofree char *text = json_compact(line);
	return g_strconcat(text, "\n", NULL);
}

/* A name that can be glued behind "segments/" and leads nowhere else. */
static bool is_id(const char *text)
{
	return *text && *text != '.' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzTZ0123456789-.") ==
		   strlen(text);
}

static bool read_frame(
    struct manifest_group *g, const json *line, GError **error)
{
	const char *segment, *kind;
	uint64_t offset, length;

	if (!json_string(line, "segment", &segment, error) ||
	    !json_string(line, "kind", &kind, error) ||
	    !json_u64(line, "offset", &offset, error) ||
	    !json_u64(line, "length", &length, error))
		return false;
	const char *letter =
	    strlen(kind) == 1 ? strchr(frame_letters, *kind) : NULL;
	if (!letter || !is_id(segment))
		return fail(error, GONOGO_ERROR_DATA, "frame '%s' of '%s'",
		    kind, segment);
	struct manifest_frame *f = g_new0(struct manifest_frame, 1);
	f->segment = g_strdup(segment);
	f->kind = (enum frame_kind)(letter - frame_letters);
	f->offset = offset;
	f->length = length;
	g_ptr_array_add(g->frames, f);
	return true;
}

static bool read_group(struct manifest *m, const json *line, GError **error)
{
	const char *name, *sha256, *id;
	const json *list;

	if (!json_string(line, "group", &name, error) ||
	    !json_string(line, "sha256", &sha256, error))
		return false;
	struct manifest_group *g = manifest_add_group(m, name);
	g->sha256 = g_strdup(sha256);
	if (!json_u64(line, "entries", &g->entries, error) ||
	    !json_u64(line, "bytes", &g->bytes, error) ||
	    !json_u64(line, "offset", &g->offset, error) ||
	    !json_u64(line, "length", &g->length, error) ||
	    !json_u64(line, "plain", &g->plain, error) ||
	    !json_array(line, "frames", &list, error))
		return false;
	json_each (frame, list)
		if (!read_frame(g, frame, error))
			return false;
	if (!json_find(line, "alternates"))
		return true;
	if (!json_array(line, "alternates", &list, error))
		return false;
	json_each (one, list) {
		if (!json_string(one, "", &id, error))
			return false;
		g_ptr_array_add(g->alternates, g_strdup(id));
	}
	return true;
}

static bool read_segment(struct manifest *m, const json *line, GError **error)
{
	const char *id, *sha256;
	uint64_t bytes;

	if (!json_string(line, "segment", &id, error) ||
	    !json_string(line, "sha256", &sha256, error) ||
	    !json_u64(line, "bytes", &bytes, error))
		return false;
	if (!is_id(id) || !hash_is_hex(sha256))
		return fail(error, GONOGO_ERROR_DATA, "segment '%s'", id);
	manifest_add_segment(m, id, sha256, bytes);
	return true;
}

static bool read_schema(const json *line, GError **error)
{
	const char *schema;

	if (!json_string(line, "schema", &schema, error))
		return false;
	return g_str_equal(schema, MANIFEST_SCHEMA) ||
	       fail(error, GONOGO_ERROR_DATA, "'%s' is not " MANIFEST_SCHEMA,
		   schema);
}

static bool read_known(struct manifest *m, const json *line, GError **error)
{
	if (json_find(line, "group"))
		return read_group(m, line, error);
	if (json_find(line, "segment"))
		return read_segment(m, line, error);
	return read_schema(line, error);
}

static bool read_line(
    struct manifest *m, const char *text, size_t length, GError **error)
{
	g_autoptr(json) line = json_parse(text, length, m->path, error);
	bool good = line && read_known(m, line, error);

	if (line && !good)
		g_prefix_error(error, "%s: ", m->path);
	return good;
}

struct manifest *manifest_read(const char *folder, GError **error)
{
	g_autoptr(manifest) m = manifest_new(folder);
	uint64_t offset, length;

	m->fd = open(m->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (m->fd < 0) {
		fail_errno(error, "%s", m->path);
		return NULL;
	}
	if (!compress_last_frame(m->fd, m->path, &offset, &length, error))
		return NULL;
	g_autoptr(GByteArray) index =
	    frames_read(m->fd, m->path, offset, length, INDEX_LIMIT, error);
	if (!index)
		return NULL;
	const char *next = (const char *)index->data, *end = next + index->len;
	while (next < end) {
		const char *stop = memchr(next, '\n', (size_t)(end - next));
		if (!stop)
			stop = end;
		if (!read_line(m, next, (size_t)(stop - next), error))
			return NULL;
		next = stop + 1;
	}
	return g_steal_pointer(&m);
}

const struct manifest_group *manifest_group(
    const struct manifest *m, const char *name)
{
	for (guint i = 0; i < m->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(m->groups, i);
		if (g_str_equal(g->name, name))
			return g;
	}
	return NULL;
}

/* ---- entries ---- */

/* "a/b", never "/a", "../a", "a//b" or "a/./b"; "." is the home itself. */
static bool is_inside(const char *path)
{
	if (g_str_equal(path, "."))
		return true;
	for (const char *part = path;; part++) {
		size_t length = strcspn(part, "/");
		if (length == 0 || (length == 1 && *part == '.') ||
		    (length == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		part += length;
		if (!*part)
			return true;
	}
}

/* Is PATH where group G may have something: a repository in its own folder? */
static bool is_of(const struct manifest_group *g, const char *path)
{
	if (g_str_has_prefix(g->name, "also/"))
		return *path == '/' && is_inside(path + 1);
	if (!g_str_has_prefix(g->name, "repository/"))
		return is_inside(path);
	uint64_t id;
	const char *rest;
	return home_in_repository(path, &id, &rest) && id == g->repository &&
	       is_inside(path);
}

static bool belongs(const struct manifest_group *g, const struct entry *e,
    const char *before, GError **error)
{
	const char *path = e->path;

	if (!is_of(g, path))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: '%s' leaves the place of a restore", g->name, path);
	if (e->kind == ENTRY_HARD_LINK && !is_of(g, e->target))
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: '%s', a link to '%s', leaves the place of a restore",
		    g->name, path, e->target);
	if (e->frame >= g->frames->len)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: '%s' is in a frame that is not there", g->name, path);
	if (before && strcmp(before, path) >= 0)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: '%s' is out of order", g->name, path);
	return true;
}

GPtrArray *manifest_entries(
    const struct manifest *m, const struct manifest_group *g, GError **error)
{
	g_autoptr(GByteArray) text =
	    frames_read(m->fd, m->path, g->offset, g->length, g->plain, error);
	g_autoptr(GPtrArray) entries =
	    g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
	const char *before = NULL;
	uint64_t bytes = 0;

	if (!text)
		return NULL;
	g_autofree char *sha256 = hash_hex(text->data, text->len);
	if (!g_str_equal(sha256, g->sha256)) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s: %s: the lines are not those of its checksum", m->path,
		    g->name);
		return NULL;
	}
	const char *next = (const char *)text->data, *end = next + text->len;
	while (next < end) {
		const char *stop = memchr(next, '\n', (size_t)(end - next));
		if (!stop)
			stop = end;
		struct entry *e = g_new0(struct entry, 1);
		g_ptr_array_add(entries, e);
		size_t length = (size_t)(stop - next);
		if ((!line_scan(e, next, length) &&
			!entry_read(e, next, length, m->path, error)) ||
		    !belongs(g, e, before, error))
			return NULL;
		before = e->path;
		bytes += e->bytes;
		next = stop + 1;
	}
	/* Room was made for so much, and not for more. */
	if (entries->len != g->entries || bytes != g->bytes) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s: %s: %u entries of %" PRIu64 " bytes, not the %" PRIu64
		    " of %" PRIu64 " that its index says",
		    m->path, g->name, entries->len, bytes, g->entries,
		    g->bytes);
		return NULL;
	}
	return g_steal_pointer(&entries);
}

char *manifest_lines(
    const struct manifest *m, const struct manifest_group *g, GError **error)
{
	g_autofree char *packed = g_malloc(g->length + 1);

	return file_read_at(m->fd, m->path, packed, g->length, g->offset, error)
		   ? g_steal_pointer(&packed)
		   : NULL;
}

/* ---- the integrity tree ---- */

static int by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *manifest_root(const struct manifest *m, const char *database,
    const char *evidence, const char *parent)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < m->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(m->groups, i);
		g_ptr_array_add(lines,
		    g_strdup_printf("group %s %s\n", g->name, g->sha256));
	}
	g_ptr_array_sort(lines, by_text);
	for (guint i = 0; i < lines->len; i++)
		g_string_append(text, g_ptr_array_index(lines, i));
	g_string_append_printf(text, "database %s\nevidence %s\nparent %s\n",
	    database, evidence, parent ? parent : "-");
	return hash_hex(text->str, text->len);
}
