/*
 * The proof of a copy: each object that a swept ref points to lies in it, in
 * the repository itself or in one that it borrows from, and what it needs was
 * there all the time until it was copied (backup/home/settle.h).
 *
 * Of a repository whose refs are what they were, and which has lost no object
 * since, nor have those that it borrows from, it was proved by the set before.
 * For others the names of objects come from the indexes and folders of this
 * harvest and from the frames that were taken over; no pack is read again.
 *
 * One phase ends before the next begins, since a fork's proof looks into the
 * copy of another repository.
 */
#include <inttypes.h>

#include "backup/home/home.h"
#include "backup/home/recall.h"
#include "backup/home/settle.h"
#include "backup/home/state.h"
#include "backup/home/trace.h"

enum {
	TRIES = 20,      /* of one that does not stand still */
	FLAWS_TRIES = 3, /* of one that stands, but not all could be read */
};

/* Adds to *missing those tips that are not in the copy.  SYSTEM, DATA: what
 * the copy has could not be read. */
static bool find_missing(
    const struct home *h, struct repository *r, GArray *missing, GError **error)
{
	g_autofree char *folder = site_have(&h->site, r->id);
	g_autoptr(GArray) tips = recall_refs(&h->site, r, error)
				     ? trace_tips(folder, "tips", error)
				     : NULL;
	g_autoptr(closure) c =
	    tips ? closure_open(&h->site, h->by_id, r, error) : NULL;

	for (guint i = 0; c && i < tips->len; i++) {
		struct oid *tip = &g_array_index(tips, struct oid, i);
		if (!closure_has(c, tip))
			g_array_append_val(missing, *tip);
	}
	return c != NULL;
}

/* Are the tips in the copy, and was all that they need there to be copied? */
static bool holds(const struct home *h, struct repository *r)
{
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, OID_BYTES);

	if (!find_missing(h, r, missing, NULL) || missing->len > 0)
		return false;
	g_autofree char *flaw = settle_flaw(&h->site, r);
	return !flaw;
}

static bool look(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)d;
	(void)error;
	r->proved = state_is_kept(r) && r->flaws->len == 0 &&
		    ((r->same_refs && state_is_steady(h, r)) || holds(h, r));
	return true;
}

/*
 * What is missing went with its ref before we came to it, or was on its way
 * between a quarantine and the object folder.  The refs as they are now, with
 * all that is new, are as good: a branch that was deleted after the point is
 * no damage.  That takes moments, so it soon meets one that is quiet enough.
 */
static bool copy_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	if (!state_is_kept(r) || r->proved)
		return true;
	r->repeated = true;
	for (int try = 1; try <= TRIES; try++) {
		g_ptr_array_set_size(r->flaws, 0);
		if (!repository_sweep(r, d, false, error))
			return false;
		if (!state_is_kept(r))
			break;
		if (!repository_harvest(r, d, error))
			return false;
		g_autofree char *flaw = settle_flaw(d->site, r);
		if (!flaw && (r->flaws->len == 0 || try >= FLAWS_TRIES))
			break;
	}
	return true;
}

static bool finish_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	return !r->repeated || state_finish(h, r, d, error);
}

/* Takes over what the set before has of R and of those it borrows from. */
static bool recall_all(
    struct home *h, struct repository *r, GPtrArray *recalled)
{
	bool more = recall_objects(&h->site, r);

	g_ptr_array_add(recalled, r);
	for (guint i = 0; i < r->alternates->len; i++) {
		struct repository *lender = g_hash_table_lookup(
		    h->by_id, g_ptr_array_index(r->alternates, i));
		if (lender && state_is_kept(lender) &&
		    !g_ptr_array_find(recalled, lender, NULL))
			more = recall_all(h, lender, recalled) || more;
	}
	return more;
}

/*
 * What a ref points to has gone from the home before we came, but the set
 * before has it: with its objects the copy is whole.
 */
static bool recover(struct home *h, struct repository *r)
{
	g_autoptr(GPtrArray) recalled = g_ptr_array_new();
	g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, OID_BYTES);

	/* One that does not stand still is no matter of tips. */
	if (find_missing(h, r, missing, NULL) && missing->len == 0)
		return false;
	g_array_set_size(missing, 0);
	if (!recall_all(h, r, recalled))
		return false;
	if (find_missing(h, r, missing, NULL) && missing->len == 0)
		return true;
	for (guint i = 0; i < recalled->len; i++)
		recall_forget(g_ptr_array_index(recalled, i));
	return false;
}

/* One after the other: they share those that they borrow from. */
static bool recover_all(struct home *h, GError **error)
{
	if (!state_each(h, "proving", look, error))
		return false;
	for (guint i = 0; i < h->repositories->len; i++) {
		struct repository *r = g_ptr_array_index(h->repositories, i);
		if (state_is_kept(r) && !r->proved)
			r->proved = r->recovered = recover(h, r);
	}
	return true;
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
	g_autofree char *moving = r->proved ? NULL : settle_flaw(&h->site, r);
	if (!r->proved && !find_missing(h, r, missing, &why)) {
		repository_flaw(r, "not proved: %s", why->message);
	} else if (missing->len > 0) {
		oid_hex(&g_array_index(missing, struct oid, 0), hex);
		repository_flaw(r,
		    "%u objects that refs point to are not in the copy, %s "
		    "for one",
		    missing->len, hex);
	} else if (moving) {
		repository_flaw(r, "%s", moving);
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
	       recover_all(h, error) &&
	       state_each(h, "proving", conclude, error);
}
