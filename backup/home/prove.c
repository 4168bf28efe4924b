/*
 * The proof of a copy: each object that a swept ref points to lies in it, in
 * the repository itself or in one that it borrows from.
 */
#include <inttypes.h>

#include "backup/home/home.h"
#include "backup/home/state.h"
#include "backup/home/trace.h"
#include "base/error.h"

/* Gives how many tips of R are not in the copy; FIRST is one of them.  -1:
 * what the copy has could not be read, *error says why. */
static gint64 missing_tips(const struct home *h, const struct repository *r,
    struct oid *first, GError **error)
{
	g_autofree char *folder = site_have(&h->site, r->id);
	g_autoptr(GArray) tips = trace_tips(folder, error);
	g_autoptr(closure) c =
	    tips ? closure_open(&h->site, h->by_id, r, error) : NULL;
	gint64 missing = 0;

	if (!c)
		return -1;
	for (guint i = 0; i < tips->len; i++) {
		const struct oid *tip = &g_array_index(tips, struct oid, i);
		if (closure_has(c, tip))
			continue;
		if (missing++ == 0)
			*first = *tip;
	}
	return missing;
}

static bool look(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct oid first;

	(void)d;
	(void)error;
	r->proved = state_is_kept(r) && missing_tips(h, r, &first, &why) == 0;
	return true;
}

/*
 * Once more for what is missing: an object may have been under way between a
 * quarantine and the object folder when the last harvest listed both.
 */
static bool fetch_again(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	(void)h;
	return !state_is_kept(r) || r->proved ||
	       repository_harvest(r, d, error);
}

static bool conclude(
    struct home *h, struct repository *r, const struct desk *d, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct oid first = {0};
	char hex[OID_HEX + 1];

	(void)d;
	(void)error;
	/* Half a copy of what is gone is of no use to anybody. */
	if (!state_is_kept(r))
		r->group->dropped = true;
	if (!state_is_kept(r) || r->proved)
		return true;
	gint64 missing = missing_tips(h, r, &first, &why);
	r->proved = missing == 0;
	oid_hex(&first, hex);
	if (missing < 0)
		repository_flaw(r, "not proved: %s", why->message);
	else if (missing > 0)
		repository_flaw(r,
		    "%" PRId64
		    " objects that refs point to are not in the copy, %s for "
		    "one",
		    missing, hex);
	return true;
}

bool home_prove(home *h, GError **error)
{
	return state_each(h, "proving", look, error) &&
	       state_each(
		   h, "harvest of what was missing", fetch_again, error) &&
	       state_each(h, "proving", conclude, error);
}
