/*
 * The proof of a copy: each object that a swept ref points to lies in it, in
 * the repository itself or in one that it borrows from.
 *
 * One phase ends before the next begins, since a fork's proof looks into the
 * copy of another repository.
 */
#include <inttypes.h>

#include "backup/home/home.h"
#include "backup/home/state.h"
#include "backup/home/trace.h"

/* Adds to *missing those tips that are not in the copy.  SYSTEM, DATA: what
 * the copy has could not be read. */
static bool find_missing(const struct home *h, const struct repository *r,
    GArray *missing, GError **error)
{
	g_autofree char *folder = site_have(&h->site, r->id);
	g_autoptr(GArray) tips = trace_tips(folder, error);
	g_autoptr(closure) c =
	    tips ? closure_open(&h->site, h->by_id, r, error) : NULL;

	for (guint i = 0; c && i < tips->len; i++) {
		struct oid *tip = &g_array_index(tips, struct oid, i);
		if (!closure_has(c, tip))
			g_array_append_val(missing, *tip);
	}
	return c != NULL;
}

static bool look(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, OID_BYTES);

	(void)d;
	(void)error;
	r->proved = state_is_kept(r) && find_missing(h, r, missing, NULL) &&
		    missing->len == 0;
	return true;
}

/*
 * What is missing went with its ref before we came to it, or was on its way
 * between a quarantine and the object folder.  The refs as they are now, with
 * all that is new, are as good: a branch that was deleted after the point is
 * no damage.
 */
static bool copy_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	if (!state_is_kept(r) || r->proved)
		return true;
	g_ptr_array_set_size(r->flaws, 0);
	return repository_sweep(r, d, error) &&
	       (!state_is_kept(r) || repository_harvest(r, d, error));
}

static bool finish_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	return r->proved || state_finish(h, r, d, error);
}

/* A fork is nothing without those it borrows from. */
static void check_lenders(const struct home *h, struct repository *r)
{
	for (guint i = 0; i < r->alternates->len; i++) {
		const char *id = g_ptr_array_index(r->alternates, i);
		const struct repository *lender =
		    g_hash_table_lookup(h->by_id, id);
		if (!lender || !state_is_kept(lender))
			repository_flaw(r,
			    "it borrows objects from repository %s, which is "
			    "not in the set",
			    id);
	}
}

static bool conclude(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, OID_BYTES);
	g_autoptr(GError) why = NULL;
	char hex[OID_HEX + 1];

	(void)d;
	(void)error;
	/* Half a copy of what is gone is of no use to anybody. */
	r->group->dropped = !state_is_kept(r);
	if (r->group->dropped)
		return true;
	check_lenders(h, r);
	if (!r->proved && !find_missing(h, r, missing, &why)) {
		repository_flaw(r, "not proved: %s", why->message);
	} else if (missing->len > 0) {
		oid_hex(&g_array_index(missing, struct oid, 0), hex);
		repository_flaw(r,
		    "%u objects that refs point to are not in the copy, %s "
		    "for one",
		    missing->len, hex);
	}
	/* A second copy does not mend what is broken at its source. */
	while (r->harm->len > 0)
		g_ptr_array_add(r->flaws, g_ptr_array_steal_index(r->harm, 0));
	r->proved = r->flaws->len == 0;
	return true;
}

bool home_prove(home *h, GError **error)
{
	return state_each(h, "proving", look, error) &&
	       state_each(
		   h, "copying again what was missing", copy_again, error) &&
	       state_each(h, "caches and folders", finish_again, error) &&
	       state_each(h, "proving", conclude, error);
}
