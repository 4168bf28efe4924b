#include "backup/home/closure.h"

#include "backup/home/recall.h"

struct closure {
	GPtrArray *places; /* have */
	GHashTable *seen;  /* struct repository */
};

static bool add(struct closure *c, const struct site *s, GHashTable *all,
    struct repository *r, GError **error)
{
	/* Alternates may form a circle; git gives up on one, we do not. */
	if (!g_hash_table_add(c->seen, (gpointer)r))
		return true;
	g_autofree char *folder = site_have(s, r->id);
	if (!recall_have(s, r, error))
		return false;
	have *place = have_open(folder, error);
	if (!place)
		return false;
	g_ptr_array_add(c->places, place);
	for (guint i = 0; i < r->alternates->len; i++) {
		struct repository *lender = g_hash_table_lookup(
		    all, g_ptr_array_index(r->alternates, i));
		if (lender && !lender->vanished &&
		    !add(c, s, all, lender, error))
			return false;
	}
	return true;
}

closure *closure_open(
    const struct site *s, GHashTable *all, struct repository *r, GError **error)
{
	g_autoptr(closure) c = g_new0(struct closure, 1);

	c->places = g_ptr_array_new_with_free_func((GDestroyNotify)have_close);
	c->seen = g_hash_table_new(NULL, NULL);
	return add(c, s, all, r, error) ? g_steal_pointer(&c) : NULL;
}

void closure_close(closure *c)
{
	if (!c)
		return;
	g_ptr_array_unref(c->places);
	g_hash_table_unref(c->seen);
	g_free(c);
}

bool closure_has(const closure *c, const struct oid *oid)
{
	for (guint i = 0; i < c->places->len; i++)
		if (have_object(g_ptr_array_index(c->places, i), oid))
			return true;
	return false;
}

bool closure_has_all(const struct oid *oids, size_t length, void *user)
{
	for (size_t i = 0; i < length; i++)
		if (!closure_has(user, &oids[i]))
			return false;
	return true;
}
