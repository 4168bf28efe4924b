#include "backup/asserted/record.h"

/* What it is to come back to: what the database was then. */
static struct number point_of(const struct assertion *a)
{
	int64_t first, last;

	return assertion_span(a, true, &first, &last) ||
		       assertion_span(a, false, &first, &last)
		   ? number_of(first)
		   : (struct number){0};
}

bool asserted_commit(const struct settings *s, run *r, struct snapshot *set,
    struct evidence *how, GError **error)
{
	const struct assertion *a = &set->assertion;

	set->made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	how->made_by = g_strdup(set->made_by);
	strings_add(&set->parts, SNAPSHOT_PART_ASSERTED);
	set->point_at = how->point_at = point_of(a);
	set->cluster = g_strdup(s->cluster.name);
	set->url = g_strdup(s->cluster.url);
	set->server_id = g_strdup(a->server_id);
	set->version = g_strdup(a->version);
	for (guint i = 0; i < list_length(a->unproved); i++)
		strings_add(&how->notes, a->unproved->pdata[i]);
	return run_commit(r, set, how, error);
}
