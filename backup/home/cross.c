/*
 * Rows and directories held against each other, as of the database's point.
 */
#include <inttypes.h>

#include "backup/home/home.h"
#include "backup/home/state.h"
#include "bitbucket/schema.h"

enum { OPEN = 64 }; /* repositories: each has its indexes mapped */

static struct repository *find(const struct home *h, uint64_t id)
{
	g_autofree char *name = g_strdup_printf("%" PRIu64, id);

	return g_hash_table_lookup(h->by_id, name);
}

static void add_flaw(
    struct home *h, const char *kind, const char *subject, const char *why)
{
	struct flaw *flaw = shape_add(&flaw_shape, &h->flaws);

	flaw->kind = g_strdup(kind);
	flaw->subject = g_strdup(subject);
	flaw->why = g_strdup(why);
}

static void check_hierarchy(struct home *h, const struct repository_row *row,
    const struct repository *r, const char *title)
{
	if (!r->hierarchy || !row->hierarchy ||
	    g_str_equal(r->hierarchy, row->hierarchy))
		return;
	strings_add(&h->check.hierarchy_differs, title);
	add_flaw(h, "repository", title,
	    "its repository-config names another hierarchy than its row: it "
	    "may be another repository's folder");
}

/* A row at T0 whose folder is not in the copy. */
static bool check_missing(struct home *h, const struct repository_row *row,
    const char *title, const struct home_rows *r, GError **error)
{
	bool there = true;

	if (r->live && !r->live(row->id, &there, r->user, error))
		return false;
	if (!there) {
		strings_add(&h->check.deleted_after_point, title);
		return true;
	}
	strings_add(&h->check.rows_without_folder, title);
	add_flaw(h, "row", title,
	    "the database has the repository, the home has no folder of it");
	return true;
}

/* One that does not lie in the shared home. */
static void check_outside(struct home *h, const struct repository_row *row,
    const char *title, const struct home_rows *r)
{
	const char *where = row->place == PLACE_MESH && r->elsewhere
				? r->elsewhere(row->id, row->hierarchy, r->user)
				: NULL;

	if (where) {
		g_autofree char *text = g_strdup_printf("%s: %s", title, where);
		strings_add(&h->check.elsewhere, text);
		return;
	}
	strings_add(&h->check.outside, title);
	if (row->place == PLACE_MESH)
		add_flaw(h, "mesh", title,
		    "it lies on Mesh, and no young set of a Mesh node in this "
		    "store holds it");
	else
		add_flaw(h, "data-store", title,
		    "it lies in a data store, and is not in this set");
}

static bool check_row(struct home *h, const struct repository_row *row,
    const struct home_rows *how, GError **error)
{
	const struct repository *r = find(h, row->id);
	g_autofree char *title = g_strdup_printf("%" PRIu64 " (%s/%s)", row->id,
	    row->project ? row->project : "?", row->slug ? row->slug : "?");

	if (row->place != PLACE_SHARED_HOME) {
		check_outside(h, row, title, how);
		return true;
	}
	if (!r || !state_is_kept(r))
		return check_missing(h, row, title, how, error);
	check_hierarchy(h, row, r, title);
	return true;
}

static bool has_hash(const struct home *h, uint64_t id, const char *hex)
{
	struct repository *r = find(h, id);
	struct oid oid;

	if (!r || !state_is_kept(r) || !hex || !oid_parse(hex, &oid))
		return false;
	/* A repository has many pull requests: it is opened once. */
	closure *c = g_hash_table_lookup(h->closures, r);
	if (!c) {
		c = closure_open(&h->site, h->by_id, r, NULL);
		if (c)
			g_hash_table_insert(h->closures, r, c);
	}
	return c && closure_has(c, &oid);
}

static bool is_copied(const struct home *h, uint64_t id)
{
	const struct repository *r = find(h, id);

	return r && state_is_kept(r);
}

/* Each commit that an open pull request names is in one of its two copies. */
static void check_pull(struct home *h, const struct pull_row *pull)
{
	const char *const hashes[] = {pull->from_hash, pull->to_hash};
	g_autofree char *subject =
	    g_strdup_printf("pull request %" PRIu64, pull->id);

	/* What is said of its repositories is said already. */
	if (!is_copied(h, pull->from_repository) ||
	    !is_copied(h, pull->to_repository))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(hashes); i++) {
		if (has_hash(h, pull->from_repository, hashes[i]) ||
		    has_hash(h, pull->to_repository, hashes[i]))
			continue;
		g_autofree char *why = g_strdup_printf(
		    "its commit %s is in neither of its repositories",
		    hashes[i] ? hashes[i] : "(none)");
		add_flaw(h, "row", subject, why);
	}
}

/* Made after the point, or left of what was deleted long ago. */
static void check_folders(struct home *h, const GPtrArray *rows)
{
	g_autoptr(GHashTable) known =
	    g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < rows->len; i++) {
		struct repository_row *row = g_ptr_array_index(rows, i);
		g_hash_table_add(known, &row->id);
	}
	for (guint i = 0; i < h->repositories->len; i++) {
		struct repository *r = g_ptr_array_index(h->repositories, i);
		if (!state_is_kept(r) || g_hash_table_contains(known, &r->id))
			continue;
		g_autofree char *title = repository_title(r);
		strings_add(&h->check.folders_without_row, title);
	}
}

bool home_cross_check(home *h, const struct home_rows *r, GError **error)
{
	const GPtrArray *rows = r->rows, *pulls = r->pulls;

	h->check.rows = number_of(rows->len);
	h->check.folders = number_of(h->repositories->len);
	for (guint i = 0; i < rows->len; i++)
		if (!check_row(h, g_ptr_array_index(rows, i), r, error))
			return false;
	check_folders(h, rows);
	if (pulls)
		h->check.pulls = number_of(pulls->len);
	h->closures = g_hash_table_new_full(
	    NULL, NULL, NULL, (GDestroyNotify)closure_close);
	for (guint i = 0; pulls && i < pulls->len; i++) {
		if (g_hash_table_size(h->closures) > OPEN)
			g_hash_table_remove_all(h->closures);
		check_pull(h, g_ptr_array_index(pulls, i));
	}
	g_clear_pointer(&h->closures, g_hash_table_unref);
	return true;
}
