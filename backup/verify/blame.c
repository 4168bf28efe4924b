#include "backup/verify/blame.h"

#include "backup/choice.h"
#include "backup/db/files.h"
#include "backup/store/object.h"
#include "base/error.h"

struct blame {
	struct verify *v;
	struct evidence how;
	GHashTable *harmed; /* path in the store -> struct flaw */
};

static struct flaw *harmed(const struct blame *b, const char *path)
{
	return g_hash_table_lookup(b->harmed, path);
}

static void touch(struct flaw *f, const char *what)
{
	for (guint i = 0; i < list_length(f->touches); i++)
		if (g_str_equal(g_ptr_array_index(f->touches, i), what))
			return;
	strings_add(&f->touches, what);
}

/* ---- sets ---- */

static void blame_set(const struct blame *b, const struct set *set)
{
	g_autofree char *path =
	    g_build_filename(set->folder, "SHA256SUMS", NULL);
	g_auto(sums) sums = {0};
	GHashTableIter iter;
	gpointer name, flaw;

	if (!sums_read(&sums, path, NULL))
		return;
	g_hash_table_iter_init(&iter, b->harmed);
	while (g_hash_table_iter_next(&iter, &name, &flaw))
		if (sums_find(&sums, name))
			strings_add(&((struct flaw *)flaw)->sets, set->id);
}

static void blame_sets(const struct blame *b)
{
	g_autoptr(GPtrArray) sets = sets_list(b->v->store, NULL);

	for (guint i = 0; sets && i < sets->len; i++)
		blame_set(b, g_ptr_array_index(sets, i));
}

/* ---- what of this set ---- */

static void blame_object(const struct blame *b, const char *sha256,
    const char *suffix, const char *base, const char *what)
{
	g_autofree char *path = object_path(sha256, suffix);
	g_autofree char *below =
	    base && *base ? object_path(base, "") : g_strdup("");
	struct flaw *own = harmed(b, path), *lower = harmed(b, below);

	if (own)
		touch(own, what);
	if (lower)
		touch(lower, what);
}

static void blame_group(const struct blame *b, const struct manifest_group *g)
{
	g_autofree char *title = choice_title(g, &b->how);
	g_autoptr(GPtrArray) entries =
	    manifest_entries(b->v->manifest, g, NULL);

	for (guint i = 0; i < g->frames->len; i++) {
		const struct manifest_frame *frame =
		    g_ptr_array_index(g->frames, i);
		g_autofree char *path =
		    g_strdup_printf("segments/%s.tar.zst", frame->segment);
		struct flaw *f = harmed(b, path);
		if (f)
			touch(f, title);
	}
	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind == ENTRY_FILE && e->suffix)
			blame_object(b, e->sha256, e->suffix, e->base, title);
	}
}

static void blame_dump(const struct blame *b)
{
	g_autofree char *list =
	    g_build_filename(b->v->set->folder, DB_FILES, NULL);
	g_autoptr(GPtrArray) files = db_files_read(list, NULL);

	for (guint i = 0; files && i < files->len; i++) {
		const struct db_file *f = g_ptr_array_index(files, i);
		blame_object(b, f->sha256, f->suffix, NULL, "the database");
	}
}

/* A flaw of a group or repository names it; people know it by its title. */
static void blame_named(const struct blame *b, struct flaw *f)
{
	const struct manifest_group *g =
	    manifest_group(b->v->manifest, f->subject);

	if (!g)
		return;
	g_autofree char *title = choice_title(g, &b->how);
	touch(f, title);
}

static bool is_shared(const struct flaw *f)
{
	return g_str_equal(f->kind, FLAW_FILE) &&
	       (g_str_has_prefix(f->subject, "objects/") ||
		   g_str_has_prefix(f->subject, "segments/"));
}

void blame_all(struct verify *v)
{
	struct blame b = {.v = v};

	if (list_length(v->flaws.all) == 0)
		return;
	ignore(choice_evidence(v->set, &b.how, NULL));
	b.harmed = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < v->flaws.all->len; i++) {
		struct flaw *f = g_ptr_array_index(v->flaws.all, i);
		if (is_shared(f) && !harmed(&b, f->subject))
			g_hash_table_insert(b.harmed, f->subject, f);
		else if (v->manifest)
			blame_named(&b, f);
	}
	if (g_hash_table_size(b.harmed) > 0) {
		blame_sets(&b);
		for (guint i = 0; v->manifest && i < v->manifest->groups->len;
		     i++)
			blame_group(
			    &b, g_ptr_array_index(v->manifest->groups, i));
		blame_dump(&b);
	}
	g_hash_table_unref(b.harmed);
	evidence_clear(&b.how);
}

static void add_list(GString *text, const char *before, const GPtrArray *list)
{
	for (guint i = 0; i < list_length(list); i++)
		g_string_append_printf(text, "%s%s", i ? ", " : before,
		    (const char *)g_ptr_array_index(list, i));
}

char *blame_text(const struct flaw *f)
{
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%s %s: %s", f->kind, f->subject, f->why);
	add_list(text, "; it holds parts of ", f->touches);
	add_list(text, "; in set ", f->sets);
	return g_string_free(text, FALSE);
}
