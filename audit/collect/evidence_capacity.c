/* What the access logs said, as far as rules ask for it. */
#include "audit/collect/evidence.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"

static void drop(const struct shape *shape, GPtrArray **list)
{
	for (guint i = 0; i < list_length(*list); i++) {
		shape_clear(shape, g_ptr_array_index(*list, i));
		g_free(g_ptr_array_index(*list, i));
	}
	g_clear_pointer(list, g_ptr_array_unref);
}

static void trim(struct capacity *c)
{
	drop(&capacity_use_shape, &c->heat);
	drop(&capacity_class_shape, &c->classes);
	drop(&capacity_count_shape, &c->users);
	drop(&capacity_count_shape, &c->repositories);
	drop(&capacity_count_shape, &c->clients);
	for (guint i = 0; i < list_length(c->nodes); i++) {
		struct capacity_node *n = g_ptr_array_index(c->nodes, i);
		drop(&capacity_hour_shape, &n->hours);
	}
}

bool evidence_capacity(const char *bundle, struct facts *f, GError **error)
{
	g_autofree char *path =
	    g_build_filename(bundle, "capacity", "capacity.json", NULL);
	size_t length = 0;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		facts_add_unseen(f, "capacity",
		    "no access logs were read; hint: name them in [logs] paths")
		    ->kind = UNSEEN_NOT_ASKED;
		return true;
	}
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);
	g_autoptr(json) document =
	    text ? json_parse(text, length, path, error) : NULL;
	if (!document ||
	    !document_read(&capacity_shape, document, &f->capacity, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	struct source *s = shape_add(&source_shape, &f->sources);
	s->what = g_strdup("capacity");
	s->file = g_strdup("capacity/capacity.json");
	s->sha256 = hash_hex(text, length);
	s->at = f->capacity.read_at;
	trim(&f->capacity);
	return true;
}
