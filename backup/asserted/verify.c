#include "backup/asserted/verify.h"

#include "backup/records.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/exits.h"
#include "base/log.h"

static void print_point(const struct asserted_point *p)
{
	g_autofree char *at = clock_text(p->at.value);

	printf("  not read: %s of %s: %s in %s\n", asserted_part_names[p->part],
	    at, p->id, p->place);
}

int asserted_verify(const store *s, const struct set *set, GError **error)
{
	const struct assertion *a = &set->snapshot.assertion;
	g_autoptr(GError) harm = NULL;

	if (!records_check(s, set, &harm)) {
		if (!g_error_matches(harm, GONOGO_ERROR, GONOGO_ERROR_DATA)) {
			g_propagate_error(error, g_steal_pointer(&harm));
			return -1;
		}
		log_warn("%s", harm->message);
		printf("FAILED %s: its record was changed\n", set->id);
		return EXITS_NO_GO;
	}
	printf("asserted %s: by %s, not verified by us; its record is as it "
	       "was written\n",
	    set->id, a->provider ? a->provider : "nobody");
	for (guint i = 0; i < list_length(a->points); i++)
		print_point(g_ptr_array_index(a->points, i));
	return EXITS_UNKNOWN;
}
