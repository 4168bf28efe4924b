#include "backup/store/inventory.h"

#include <inttypes.h>

#include "backup/store/frames.h"
#include "base/error.h"

enum { LEVEL = 3 };

struct inventory {
	groups *groups;
	struct manifest *manifest;
	struct inventory_totals *totals;
	frames *lines, *tar_frames, *objects; /* the three files */
	GHashTable *carried; /* ids of older segments that are used */
};

static frames *list_create(const char *folder, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return frames_create(path, LEVEL, error);
}

static bool list_finish(frames *f, GError **error)
{
	char sha256[HASH_HEX + 1];
	uint64_t bytes;

	return frames_finish(f, sha256, &bytes, error);
}

static bool add_text(frames *f, const GString *text, GError **error)
{
	return frames_add(f, text->str, text->len, error);
}

static const char *segment_of(const struct inventory *v, const struct frame *f)
{
	if (!f->carried)
		return groups_segment(v->groups, f->segment)->id;
	g_hash_table_add(v->carried, f->carried->segment);
	return f->carried->segment;
}

/*
 * Frames in the order of a restore, without those that were dropped; PLACE
 * gets for each old number the new one.
 */
static void place_frames(const struct inventory *v, const group *from,
    struct manifest_group *to, unsigned *place)
{
	for (int kind = FRAME_OBJECTS; kind <= FRAME_FOLDERS; kind++)
		for (guint i = 0; i < from->frames->len; i++) {
			const struct frame *f =
			    &g_array_index(from->frames, struct frame, i);
			if ((int)f->kind != kind || f->dropped)
				continue;
			struct manifest_frame *placed =
			    g_new0(struct manifest_frame, 1);
			placed->segment = g_strdup(segment_of(v, f));
			placed->kind = f->kind;
			placed->offset = f->offset;
			placed->length = f->length;
			place[i] = to->frames->len;
			g_ptr_array_add(to->frames, placed);
		}
}

static bool list_frames(
    const struct inventory *v, const struct manifest_group *g, GError **error)
{
	g_autoptr(GString) rows = g_string_new(NULL);

	for (guint i = 0; i < g->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(g->frames, i);
		g_string_append_printf(rows,
		    "%s\t%" PRIu64 "\t%" PRIu64 "\t%c\t%s\n", f->segment,
		    f->offset, f->length, frame_letters[f->kind], g->name);
	}
	return add_text(v->tar_frames, rows, error);
}

static void list_object(const struct entry *e, GString *rows)
{
	g_autofree char *path = entry_escape(e->path);
	int64_t seconds = e->mtime_ns / 1000000000;
	int64_t rest = e->mtime_ns % 1000000000;

	if (rest < 0) {
		seconds--;
		rest += 1000000000;
	}
	/* An empty field would be swallowed by the shell's read. */
	g_string_append_printf(rows,
	    "%s\t%s\t%s\t%04o\t%u\t%u\t%" PRId64 ".%09" PRId64 "\t%s\n",
	    e->sha256, *e->suffix ? e->suffix : "-", *e->base ? e->base : "-",
	    e->mode, e->uid, e->gid, seconds, rest, path);
}

static void count(struct inventory_totals *totals, struct manifest_group *g,
    const struct entry *e)
{
	g->entries++;
	g->bytes += e->bytes;
	totals->bytes += e->bytes;
	totals->files += e->kind == ENTRY_FILE;
	totals->folders += e->kind == ENTRY_FOLDER;
	totals->links += e->kind == ENTRY_LINK || e->kind == ENTRY_HARD_LINK;
}

static int by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(struct entry *const *)a)->path,
	    (*(struct entry *const *)b)->path);
}

static bool list_entries(struct inventory *v, struct manifest_group *g,
    GPtrArray *entries, const unsigned *place, GError **error)
{
	g_autoptr(GString) lines = g_string_new(NULL);
	g_autoptr(GString) rows = g_string_new(NULL);

	/* A stable sort: of two of one name the later sitting's counts. */
	g_ptr_array_sort(entries, by_path);
	for (guint i = 0; i < entries->len; i++) {
		struct entry *e = g_ptr_array_index(entries, i);
		if (i + 1 < entries->len &&
		    by_path(&entries->pdata[i], &entries->pdata[i + 1]) == 0)
			continue;
		e->frame = place[e->frame];
		entry_write(e, lines);
		if (e->suffix)
			list_object(e, rows);
		count(v->totals, g, e);
	}
	g->plain = lines->len;
	g->sha256 = hash_hex(lines->str, lines->len);
	return add_text(v->objects, rows, error) &&
	       add_text(v->lines, lines, error) &&
	       frames_end(v->lines, &g->offset, &g->length, error);
}

/* What is as it was before is written as it was before. */
static bool copy_entries(struct inventory *v, struct manifest_group *g,
    const group *from, const GPtrArray *entries, GError **error)
{
	const struct manifest_group *then = from->before;
	g_autoptr(GString) rows = g_string_new(NULL);
	g_autofree char *packed =
	    manifest_lines(groups_parent(v->groups)->manifest, then, error);

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->suffix)
			list_object(e, rows);
		count(v->totals, g, e);
	}
	g->plain = then->plain;
	g->length = then->length;
	g->sha256 = g_strdup(then->sha256);
	return packed && add_text(v->objects, rows, error) &&
	       frames_copy(v->lines, packed, then->length, then->plain,
		   &g->offset, error);
}

static bool add_group(struct inventory *v, const group *from, GError **error)
{
	g_autoptr(GPtrArray) entries = group_entries(v->groups, from, error);
	g_autofree unsigned *place = g_new0(unsigned, from->frames->len + 1);
	g_autofree char *name = group_name(from->class, from->number);

	if (!entries)
		return false;
	if (entries->len == 0)
		return true;
	struct manifest_group *g = manifest_add_group(v->manifest, name);
	place_frames(v, from, g, place);
	for (guint i = 0; i < from->alternates->len; i++)
		g_ptr_array_add(g->alternates,
		    g_strdup(g_ptr_array_index(from->alternates, i)));
	v->totals->repositories += from->class == GROUP_REPOSITORY;
	return list_frames(v, g, error) &&
	       (group_is_carried(v->groups, from)
		       ? copy_entries(v, g, from, entries, error)
		       : list_entries(v, g, entries, place, error));
}

/* Older ones first, in the order that they came to be. */
static void add_segments(struct inventory *v)
{
	const parent *before = groups_parent(v->groups);
	const GPtrArray *then = before ? before->manifest->segments : NULL;

	for (guint i = 0; then && i < then->len; i++) {
		const struct manifest_segment *s = g_ptr_array_index(then, i);
		if (g_hash_table_contains(v->carried, s->id))
			manifest_add_segment(
			    v->manifest, s->id, s->sha256, s->bytes);
	}
	for (unsigned i = 0; i < groups_segments(v->groups); i++) {
		const struct segment_record *s = groups_segment(v->groups, i);
		manifest_add_segment(v->manifest, s->id, s->sha256, s->bytes);
	}
}

static bool add_index(struct inventory *v, GError **error)
{
	static const char first[] = "{\"schema\":\"" MANIFEST_SCHEMA "\"}\n";
	uint64_t offset, length;

	if (!frames_add(v->lines, first, strlen(first), error))
		return false;
	add_segments(v);
	for (guint i = 0; i < v->manifest->segments->len; i++) {
		g_autofree char *line = manifest_segment_line(
		    g_ptr_array_index(v->manifest->segments, i));
		if (!frames_add(v->lines, line, strlen(line), error))
			return false;
	}
	for (guint i = 0; i < v->manifest->groups->len; i++) {
		g_autofree char *line = manifest_group_line(
		    g_ptr_array_index(v->manifest->groups, i));
		if (!frames_add(v->lines, line, strlen(line), error))
			return false;
	}
	return frames_end(v->lines, &offset, &length, error);
}

static bool write_all(struct inventory *v, const char *folder, GError **error)
{
	g_autoptr(GPtrArray) sorted = groups_sorted(v->groups);

	v->lines = list_create(folder, "MANIFEST.zst", error);
	v->tar_frames =
	    v->lines ? list_create(folder, "FRAMES.tsv.zst", error) : NULL;
	v->objects = v->tar_frames
			 ? list_create(folder, "OBJECTS.tsv.zst", error)
			 : NULL;
	if (!v->objects)
		return false;
	for (guint i = 0; i < sorted->len; i++)
		if (!add_group(v, g_ptr_array_index(sorted, i), error))
			return false;
	return add_index(v, error) && list_finish(v->lines, error) &&
	       list_finish(v->tar_frames, error) &&
	       list_finish(v->objects, error);
}

struct manifest *inventory_write(groups *g, const char *folder,
    struct inventory_totals *totals, GError **error)
{
	g_autoptr(manifest) m = manifest_new(folder);
	struct inventory v = {.groups = g, .manifest = m, .totals = totals};

	*totals = (struct inventory_totals){0};
	v.carried = g_hash_table_new(g_str_hash, g_str_equal);
	bool good = write_all(&v, folder, error);
	g_hash_table_unref(v.carried);
	frames_free(v.lines);
	frames_free(v.tar_frames);
	frames_free(v.objects);
	return good ? g_steal_pointer(&m) : NULL;
}
