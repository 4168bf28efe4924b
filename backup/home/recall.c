#include "backup/home/recall.h"

#include <errno.h>

#include "backup/home/layout.h"
#include "backup/home/trace.h"
#include "base/error.h"
#include "port/fs.h"

struct recall {
	const struct site *site;
	struct repository *repository;
	const char *folder; /* of what the copy has */
	GArray *loose;      /* struct oid */
	GByteArray *bytes;  /* of one object */
	struct refs refs;
};

/* Gives the entries of R's frames of KIND that were taken over. */
static GPtrArray *carried(const struct site *s, const struct repository *r,
    enum frame_kind kind, GError **error)
{
	GPtrArray *entries = group_entries(s->groups, r->group, error);
	guint kept = 0;

	for (guint i = 0; entries && i < entries->len; i++) {
		struct entry *e = g_ptr_array_index(entries, i);
		const struct frame *f =
		    &g_array_index(r->group->frames, struct frame, e->frame);
		if (f->carried && f->kind == kind && e->kind == ENTRY_FILE)
			entries->pdata[kept++] = e;
		else
			entry_free(e);
	}
	if (entries) {
		/* They were moved or freed already. */
		g_ptr_array_set_free_func(entries, NULL);
		g_ptr_array_set_size(entries, (gint)kept);
		g_ptr_array_set_free_func(entries, (GDestroyNotify)entry_free);
	}
	return entries;
}

/* ---- objects ---- */

static bool keep_index(const char *path, const void *bytes, size_t length,
    void *user, GError **error)
{
	struct recall *c = user;
	g_autofree char *name = g_path_get_basename(path);

	return !bytes || !g_str_has_suffix(name, ".idx") ||
	       have_keep(c->folder, name, bytes, length, error);
}

/* One that lies in the store as it is needs no copy. */
static bool link_index(struct recall *c, const struct entry *e, GError **error)
{
	g_autofree char *name = g_path_get_basename(e->path);
	g_autofree char *to = g_build_filename(c->folder, name, NULL);
	g_autofree char *object = object_path(e->sha256, e->suffix);
	g_autofree char *from = store_file(c->site->before->store, object);

	return symlink(from, to) == 0 || errno == EEXIST ||
	       fail_errno(error, "%s", to);
}

static bool keep_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	struct recall *c = user;

	(void)error;
	g_byte_array_append(c->bytes, bytes, (guint)length);
	return true;
}

static bool pour(struct recall *c, const struct entry *e, GError **error)
{
	const struct object_source from = {
	    e->sha256, e->suffix, e->base, e->bytes};

	g_byte_array_set_size(c->bytes, 0);
	return object_pour(c->site->before->store, &from, keep_bytes, c, error);
}

static bool add_object(struct recall *c, const struct entry *e, GError **error)
{
	const char *name = repository_inside(e->path) + strlen("objects/");
	struct oid oid;

	if (name[2] == '/') {
		g_autofree char *hex =
		    g_strdup_printf("%.2s%s", name, name + 3);
		if (oid_parse(hex, &oid))
			g_array_append_val(c->loose, oid);
		return true;
	}
	if (!e->suffix || !g_str_has_suffix(name, ".idx"))
		return true;
	if (!*e->suffix)
		return link_index(c, e, error);
	return pour(c, e, error) &&
	       keep_index(e->path, c->bytes->data, c->bytes->len, c, error);
}

/* Small indexes lie in the frames. */
static bool add_frames(
    struct recall *c, const GPtrArray *entries, GError **error)
{
	const GArray *frames = c->repository->group->frames;
	g_autofree bool *wanted = g_new0(bool, frames->len + 1);

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (!e->suffix && g_str_has_suffix(e->path, ".idx"))
			wanted[e->frame] = true;
	}
	for (guint i = 0; i < frames->len; i++)
		if (wanted[i] &&
		    !parent_read_frame(c->site->before,
			g_array_index(frames, struct frame, i).carried,
			keep_index, c, error))
			return false;
	return true;
}

static bool fill(struct recall *c, GError **error)
{
	g_autoptr(GPtrArray) entries =
	    carried(c->site, c->repository, FRAME_OBJECTS, error);
	bool good = entries && fs_make_folders(c->folder, 0700, error);

	for (guint i = 0; good && i < entries->len; i++)
		good = add_object(c, g_ptr_array_index(entries, i), error);
	return good && add_frames(c, entries, error) &&
	       have_add_loose(c->folder, (const struct oid *)c->loose->data,
		   c->loose->len, error);
}

bool recall_have(const struct site *s, struct repository *r, GError **error)
{
	if (!r->group->before)
		return true;
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&r->mutex);
	g_autofree char *folder = site_have(s, r->id);
	g_autoptr(GArray) loose = g_array_new(FALSE, FALSE, sizeof(struct oid));
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct recall c = {.site = s,
	    .repository = r,
	    .folder = folder,
	    .loose = loose,
	    .bytes = bytes};

	if (!r->recalled_have)
		r->recalled_have = fill(&c, error);
	return r->recalled_have;
}

/* ---- refs ---- */

static void add_ref(
    struct recall *c, const char *path, const void *bytes, size_t length)
{
	const char *rest = repository_inside(path);

	if (refs_is_packed(rest))
		refs_add_packed(&c->refs, bytes, length);
	else if (refs_is_loose(rest))
		refs_add_loose(&c->refs, rest, bytes, length);
}

static bool take_ref(const char *path, const void *bytes, size_t length,
    void *user, GError **error)
{
	(void)error;
	if (bytes)
		add_ref(user, path, bytes, length);
	return true;
}

static bool read_refs(struct recall *c, GError **error)
{
	const GArray *frames = c->repository->group->frames;
	g_autoptr(GPtrArray) entries =
	    carried(c->site, c->repository, FRAME_MUTABLE, error);

	/* Packed refs of many refs are an object, and an empty member. */
	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (!e->suffix || !refs_is_packed(repository_inside(e->path)))
			continue;
		if (!pour(c, e, error))
			return false;
		add_ref(c, e->path, c->bytes->data, c->bytes->len);
	}
	for (guint i = 0; entries && i < frames->len; i++) {
		const struct frame *f = &g_array_index(frames, struct frame, i);
		if (f->carried && !f->dropped && f->kind == FRAME_MUTABLE &&
		    !parent_read_frame(
			c->site->before, f->carried, take_ref, c, error))
			return false;
	}
	return entries != NULL;
}

bool recall_refs(const struct site *s, struct repository *r, GError **error)
{
	g_autofree char *folder = site_have(s, r->id);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct recall c = {
	    .site = s, .repository = r, .folder = folder, .bytes = bytes};

	if (!r->same_refs || r->recalled_refs)
		return true;
	r->recalled_refs =
	    read_refs(&c, error) &&
	    trace_keep(folder, &c.refs, &r->refs, &r->tips, error);
	refs_clear(&c.refs);
	return r->recalled_refs;
}

/* ---- what the home has lost ---- */

static bool is_stored(const struct site *s, const group *g,
    const GPtrArray *entries, unsigned place)
{
	if (!parent_has_frame(
		s->before, g_ptr_array_index(g->before->frames, place)))
		return false;
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->frame == place && e->suffix &&
		    !objects_reuse(s->objects, e))
			return false;
	}
	return true;
}

bool recall_objects(const struct site *s, struct repository *r)
{
	group *g = r->group;
	bool more = false;

	if (!s->before || !g->before)
		return false;
	g_autoptr(GPtrArray) entries =
	    manifest_entries(s->before->manifest, g->before, NULL);
	r->frames = g->frames->len;
	for (guint i = 0; entries && i < g->before->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(g->before->frames, i);
		if (f->kind != FRAME_OBJECTS || group_carries(g, i) ||
		    !is_stored(s, g, entries, i))
			continue;
		group_carry(g, i);
		more = true;
	}
	r->recalled_have = false;
	return more;
}

void recall_forget(struct repository *r)
{
	for (guint i = r->frames; i < r->group->frames->len; i++)
		g_array_index(r->group->frames, struct frame, i).dropped = true;
}
