#include "backup/verify/surplus.h"

#include <inttypes.h>

#include "backup/stock.h"
#include "base/error.h"
#include "base/log.h"

static bool tell_proofs(const struct verify *v, GError **error)
{
	g_autoptr(GPtrArray) harmed = g_ptr_array_new_with_free_func(g_free);

	if (!set_check_proofs(v->store, v->set, harmed, error))
		return false;
	for (guint i = 0; i < harmed->len; i++)
		log_warn("%s; this proof proves nothing any more",
		    (const char *)g_ptr_array_index(harmed, i));
	return true;
}

static bool tell_lost_sets(const struct verify *v, GError **error)
{
	g_autoptr(GPtrArray) ids = sets_without_record(v->store, error);

	for (guint i = 0; ids && i < ids->len; i++)
		log_warn("snapshots/%s/SNAPSHOT.json is not there: a run that "
			 "was cut off, or a set that has lost its record",
		    (const char *)g_ptr_array_index(ids, i));
	return ids != NULL;
}

/* A run that was cut off, and a set that expired, leave files that no set
 * needs: said, since they take room. */
static void tell_unused(const struct stock *stock)
{
	uint64_t files = 0, bytes = 0;

	for (guint i = 0; i < stock->items->len; i++) {
		const struct stock_item *item =
		    g_ptr_array_index(stock->items, i);
		files += item->sets == 0;
		bytes += item->sets == 0 ? item->bytes : 0;
		if (item->sets == 0 && files == 1)
			log_say("no set uses %s", item->path);
	}
	if (files > 0)
		log_say("%" PRIu64 " stored files, %" PRIu64
			" bytes, are used by no set: `expire` removes them",
		    files, bytes);
}

static bool tell_stock(const struct verify *v, GError **error)
{
	g_autoptr(GPtrArray) sets = sets_list(v->store, error);
	g_auto(stock) stock = {0};
	bool known = true;

	if (!sets || !stock_read(&stock, v->store, error))
		return false;
	for (guint i = 0; i < sets->len; i++) {
		const set *one = g_ptr_array_index(sets, i);
		g_autoptr(GError) why = NULL;
		if (stock_use(&stock, one, &why))
			continue;
		log_warn("what set %s uses is not known, so neither is what no "
			 "set uses: %s",
		    one->id, why->message);
		known = false;
	}
	if (known)
		tell_unused(&stock);
	for (guint i = 0; i < stock.strange->len; i++)
		log_warn("%s: neither an object nor a segment",
		    (char *)g_ptr_array_index(stock.strange, i));
	return true;
}

bool surplus_tell(const struct verify *v, GError **error)
{
	return tell_proofs(v, error) && tell_lost_sets(v, error) &&
	       tell_stock(v, error);
}
