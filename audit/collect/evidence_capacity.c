/* What the access logs said, as far as rules ask for it. */
#include "audit/collect/evidence.h"

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
	struct source *source = NULL;

	if (!evidence_document(bundle, "capacity", &capacity_shape,
		&f->capacity,
		"no access logs were read; hint: name them in [logs] paths", f,
		&source, error))
		return false;
	if (source) {
		source->at = f->capacity.read_at;
		trim(&f->capacity);
	}
	return true;
}
