#include "backup/cover.h"

#include "backup/store/set.h"
#include "backup/store/sums.h"
#include "base/clock.h"
#include "base/log.h"
#include "contract/evidence.h"

/* What was pushed to a node between its set and the point is in neither: a gap
 * longer than this is told as a flaw, a shorter one in the evidence alone. */
enum { OLD_S = 15 * 60 };

static void covered_free(gpointer data)
{
	struct covered *c = data;

	g_free(c->hierarchy);
	g_free(c->where);
	g_free(c);
}

/* Only the newest set of each node tells what the node has. */
static bool is_newest(GHashTable *seen, const struct snapshot *s)
{
	return g_hash_table_add(
	    seen, g_strdup_printf("%s %s", s->node, s->home.path));
}

static bool is_of_mesh(const struct set *one, const char *cluster)
{
	const struct snapshot *s = &one->snapshot;

	return !one->trouble && s->parts &&
	       snapshot_has(s, SNAPSHOT_PART_MESH) && s->node && s->home.path &&
	       s->swept_at.known &&
	       (!cluster || !s->cluster || g_str_equal(cluster, s->cluster));
}

static bool is_sound(const store *s, const struct set *one,
    struct evidence *how, bool *sound, GError **error)
{
	g_autofree char *path =
	    g_build_filename(one->folder, "EVIDENCE.json", NULL);
	g_autoptr(GError) harm = NULL;
	g_auto(proof) proof = {0};
	bool found = false;

	*sound = false;
	if (!set_newest_proof(s, one, &proof, &found, error))
		return false;
	g_autofree char *sha256 = sums_hash(path, &harm);
	*sound = (!found || proof.outcome != PROOF_FAILED) && sha256 &&
		 g_strcmp0(sha256, one->snapshot.evidence_sha256) == 0 &&
		 document_load(&evidence_shape, path, how, &harm);
	if (!*sound)
		log_warn("set %s of a Mesh node covers nothing: %s", one->id,
		    harm ? harm->message
			 : "its proof failed, or its evidence was changed");
	return true;
}

static char *where(const struct set *one, int64_t point)
{
	int64_t before_s = point - one->snapshot.swept_at.value;
	g_autofree char *span = clock_span(MAX(before_s, -before_s));

	return g_strdup_printf(
	    "set %s of %s, whose refs are of %s %s the point", one->id,
	    one->snapshot.node, span, before_s < 0 ? "after" : "before");
}

static bool take(const store *s, const struct set *one, int64_t point,
    GHashTable *all, GError **error)
{
	g_auto(evidence) how = {0};
	bool sound;

	if (point - one->snapshot.swept_at.value > OLD_S) {
		log_warn("set %s of the Mesh node %s is more than a quarter of "
			 "an hour older than the point: it covers nothing",
		    one->id, one->snapshot.node);
		return true;
	}
	if (!is_sound(s, one, &how, &sound, error))
		return false;
	for (guint i = 0; sound && i < list_length(how.repositories); i++) {
		const struct evidence_repository *r =
		    how.repositories->pdata[i];
		if (r->result != REPOSITORY_PROVED ||
		    g_hash_table_contains(all, r->id))
			continue;
		struct covered *c = g_new0(struct covered, 1);
		c->hierarchy = g_strdup(r->hierarchy);
		c->where = where(one, point);
		g_hash_table_insert(all, g_strdup(r->id), c);
	}
	return true;
}

GHashTable *cover_mesh(
    const store *s, const char *cluster, int64_t point, GError **error)
{
	g_autoptr(GPtrArray) sets = sets_list(s, error);
	g_autoptr(GHashTable) seen =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) all = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, covered_free);

	if (!sets)
		return NULL;
	for (guint i = sets->len; i-- > 0;) {
		const struct set *one = g_ptr_array_index(sets, i);
		if (is_of_mesh(one, cluster) &&
		    is_newest(seen, &one->snapshot) &&
		    !take(s, one, point, all, error))
			return NULL;
	}
	return g_steal_pointer(&all);
}
