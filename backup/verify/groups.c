#include "backup/verify/groups.h"

#include "backup/db/files.h"
#include "backup/store/object.h"
#include "backup/unpack.h"

static void expect_object(
    struct verify *v, const struct object_source *o, uint64_t stored, bool read)
{
	g_autofree char *path = object_path(o->sha256, o->suffix);
	const struct stored_claim claim = {.path = path,
	    .bytes = stored,
	    .name = o->sha256,
	    .suffix = o->suffix,
	    .base = o->base,
	    .plain_bytes = o->bytes,
	    .read = read};

	stored_expect(&v->stored, &claim);
	if (!o->base || !*o->base)
		return;
	g_autofree char *base = object_path(o->base, "");
	const struct stored_claim below = {.path = base,
	    .bytes = G_MAXUINT64,
	    .name = o->base,
	    .suffix = "",
	    .plain_bytes = G_MAXUINT64,
	    .read = read};
	stored_expect(&v->stored, &below);
}

static void count_files(struct verify *v, const GPtrArray *entries)
{
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&v->mutex);

	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		v->proof.files.value += e->kind == ENTRY_FILE;
	}
}

/* WHAT: the number of the group, and one. */
static bool check_group(struct verify *v, void *what, GError **error)
{
	guint number = GPOINTER_TO_UINT(what) - 1;
	const struct manifest_group *g =
	    g_ptr_array_index(v->manifest->groups, number);
	const struct unpack unpack = {.store = v->store};
	bool read = v->chosen[number];
	GError *why = NULL;

	g_autoptr(GPtrArray) entries = manifest_entries(v->manifest, g, &why);
	if (!entries)
		return flaws_take(&v->flaws, "group", g->name, why, error);
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		const struct object_source object = {
		    e->sha256, e->suffix, e->base, e->bytes};
		if (e->kind == ENTRY_FILE && e->suffix)
			expect_object(v, &object, e->stored_bytes, read);
	}
	if (!read)
		return true;
	count_files(v, entries);
	return unpack_group(&unpack, g, entries, &why) ||
	       flaws_take(&v->flaws, "group", g->name, why, error);
}

void groups_push(struct verify *v, guint number)
{
	if (v->chosen[number])
		unpack_ask_ahead(
		    v->store, g_ptr_array_index(v->manifest->groups, number));
	verify_push(v, check_group, GUINT_TO_POINTER(number + 1), NULL);
}

void groups_expect_segments(struct verify *v)
{
	for (guint i = 0; i < v->manifest->segments->len; i++) {
		const struct manifest_segment *s =
		    g_ptr_array_index(v->manifest->segments, i);
		g_autofree char *path =
		    g_strdup_printf("segments/%s.tar.zst", s->id);
		const struct stored_claim claim = {
		    .path = path, .bytes = s->bytes};
		stored_expect(&v->stored, &claim);
	}
}

/* ---- the database ---- */

static void choose_dump(
    const GPtrArray *files, const struct sample *sample, bool *chosen)
{
	g_autofree const char **names = g_new0(const char *, files->len + 1);

	for (guint i = 0; i < files->len; i++) {
		const struct db_file *f = g_ptr_array_index(files, i);
		names[i] = f->name;
	}
	if (sample)
		sample_choose(sample, names, files->len, chosen);
}

bool groups_check_dump(
    struct verify *v, const struct sample *sample, GError **error)
{
	g_autofree char *list =
	    g_build_filename(v->set->folder, DB_FILES, NULL);
	GError *why = NULL;

	if (!v->set->snapshot.database.kind)
		return true;
	g_autoptr(GPtrArray) files = db_files_read(list, &why);
	if (!files)
		return flaws_take(&v->flaws, "record", DB_FILES, why, error);
	g_autofree bool *chosen = g_new0(bool, files->len + 1);
	choose_dump(files, sample, chosen);
	for (guint i = 0; i < files->len; i++) {
		const struct db_file *f = g_ptr_array_index(files, i);
		const struct object_source object = {
		    f->sha256, f->suffix, NULL, f->bytes};
		/* How long its pressed files are stands in no record. */
		expect_object(
		    v, &object, *f->suffix ? G_MAXUINT64 : f->bytes, chosen[i]);
	}
	return true;
}
