#include "backup/verify/reading.h"

#include <inttypes.h>

#include "backup/verify/bytes.h"
#include "backup/verify/groups.h"

/* Both lists to their ends at the same time, whichever is the longer. */
static bool read_side_by_side(struct verify *v, GError **error)
{
	g_autoptr(GPtrArray) objects = bytes_early(v);
	guint groups = v->manifest ? v->manifest->groups->len : 0;
	guint steps = MAX(groups, objects->len), pushed = 0;

	if (v->manifest)
		groups_expect_segments(v);
	bytes_forget_segments(v);
	verify_begin(v);
	for (guint i = 0; i < steps; i++) {
		guint due = (guint)((uint64_t)(i + 1) * objects->len / steps);
		if (i < groups)
			groups_push(v, i);
		while (pushed < due)
			bytes_push(v, g_ptr_array_index(objects, pushed++));
	}
	bytes_push_segments(v);
	return verify_end(v, error);
}

bool reading_check(struct verify *v, const struct sample *dump, GError **error)
{
	struct number stored = v->set->snapshot.home.stored_bytes;

	if (!read_side_by_side(v, error) || !groups_check_dump(v, dump, error))
		return false;
	bool adds_up =
	    !stored.known || stored_adds_up(&v->stored, (uint64_t)stored.value);
	if (!bytes_check(v, error))
		return false;
	if (!adds_up && list_length(v->flaws.all) == 0)
		flaws_add(&v->flaws, "record", "SNAPSHOT.json",
		    "its stored files do not add up to %" PRId64 " bytes",
		    stored.value);
	return true;
}
