/* What the logs said, as far as rules ask for it. */
#include "audit/collect/evidence.h"

enum { ERRORS_MOST = 100 };

typedef bool (*keeps)(const void *item, guint kept);

/* Leaves what KEEP says. */
static void thin(const struct shape *shape, GPtrArray **list, keeps keep)
{
	GPtrArray *all = *list;
	guint kept = 0;

	for (guint i = 0; i < list_length(all); i++) {
		void *item = g_ptr_array_index(all, i);
		if (keep(item, kept)) {
			g_ptr_array_index(all, kept++) = item;
			continue;
		}
		shape_clear(shape, item);
		g_free(item);
	}
	if (all)
		g_ptr_array_set_size(all, (gint)kept);
	if (all && !kept)
		g_clear_pointer(list, g_ptr_array_unref);
}

static bool never(const void *item, guint kept)
{
	(void)item;
	(void)kept;
	return false;
}

static bool is_first(const void *item, guint kept)
{
	(void)item;
	return kept == 0;
}

static bool is_lost(const void *item, guint kept)
{
	(void)kept;
	return ((const struct logs_file *)item)->lost != NULL;
}

static bool is_news(const void *item, guint kept)
{
	const struct logs_error *e = item;

	return kept < ERRORS_MOST &&
	       (e->state == LOGS_NEW || e->state == LOGS_SURGING);
}

static void trim(struct logs *l)
{
	thin(&logs_file_shape, &l->files, is_lost);
	thin(&logs_error_shape, &l->errors, is_news);
	thin(&logs_gone_shape, &l->gone, never);
	for (guint i = 0; i < list_length(l->nodes); i++) {
		struct logs_node *n = g_ptr_array_index(l->nodes, i);
		thin(&logs_slot_shape, &n->hours, never);
	}
	for (guint i = 0; i < list_length(l->hits); i++) {
		struct logs_hit *h = g_ptr_array_index(l->hits, i);
		thin(&logs_sample_shape, &h->samples, is_first);
	}
	for (guint i = 0; i < list_length(l->errors); i++) {
		struct logs_error *e = g_ptr_array_index(l->errors, i);
		thin(&logs_sample_shape, &e->samples, is_first);
	}
}

static void add_packs(struct facts *f)
{
	for (guint i = 0; i < list_length(f->logs.packs); i++) {
		const struct logs_pack *from =
		    g_ptr_array_index(f->logs.packs, i);
		struct pack *pack = shape_add(&pack_shape, &f->packs);
		pack->name = g_strdup(from->name);
		pack->version = g_strdup(from->version);
		pack->sha256 = g_strdup(from->sha256);
		pack->as_of = from->as_of;
		pack->stale_after = from->stale_after;
	}
}

bool evidence_logs(const char *bundle, struct facts *f, GError **error)
{
	struct source *source = NULL;

	if (!evidence_document(bundle, "logs", &logs_shape, &f->logs,
		"no logs were read; hint: name them in [logs] paths", f,
		&source, error))
		return false;
	if (source) {
		source->at = f->logs.read_at;
		trim(&f->logs);
		add_packs(f);
	}
	return true;
}
