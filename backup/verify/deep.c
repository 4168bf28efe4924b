#include "backup/verify/deep.h"

#include <inttypes.h>
#include <stdlib.h>

#include "backup/rebuild.h"
#include "base/error.h"
#include "base/log.h"
#include "base/pool.h"
#include "bitbucket/home.h"
#include "port/fs.h"
#include "port/git.h"

/* Repositories that borrow from one another, and so are looked at together. */
struct party {
	GPtrArray *groups; /* struct manifest_group, borrowed */
	bool chosen;
	uint64_t room; /* bytes that they take in the scratch folder */
	uint64_t entries;
};

struct deep {
	struct verify *v;
	char *scratch;
	GPtrArray *rebuilds; /* one a worker */
	GPtrArray *parties;
	GHashTable *chosen; /* struct manifest_group */
};

static void party_free(gpointer data)
{
	struct party *p = data;

	g_ptr_array_unref(p->groups);
	g_free(p);
}

/* ---- who belongs together ---- */

static guint first_of(guint *above, guint number)
{
	while (above[number] != number)
		number = above[number] = above[above[number]];
	return number;
}

static void join(const struct verify *v, guint *above, GHashTable *by_id)
{
	for (guint i = 0; i < v->manifest->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(v->manifest->groups, i);
		for (guint j = 0; j < g->alternates->len; j++) {
			guint lender = GPOINTER_TO_UINT(g_hash_table_lookup(
			    by_id, g_ptr_array_index(g->alternates, j)));
			if (lender)
				above[first_of(above, i)] =
				    first_of(above, lender - 1);
		}
	}
}

static void find_parties(struct deep *d)
{
	const struct verify *v = d->v;
	guint length = v->manifest->groups->len;
	g_autofree guint *above = g_new(guint, length + 1);
	g_autofree struct party **parties = g_new0(struct party *, length + 1);
	g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < length; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(v->manifest->groups, i);
		above[i] = i;
		if (g->repository)
			g_hash_table_insert(by_id, strchr(g->name, '/') + 1,
			    GUINT_TO_POINTER(i + 1));
	}
	join(v, above, by_id);
	for (guint i = 0; i < length; i++) {
		struct manifest_group *g =
		    g_ptr_array_index(v->manifest->groups, i);
		if (!g->repository)
			continue;
		struct party **p = &parties[first_of(above, i)];
		if (!*p) {
			*p = g_new0(struct party, 1);
			(*p)->groups = g_ptr_array_new();
			g_ptr_array_add(d->parties, *p);
		}
		g_ptr_array_add((*p)->groups, g);
		(*p)->chosen |= v->chosen[i];
		if (v->chosen[i])
			g_hash_table_add(d->chosen, g);
	}
}

/* ---- room ---- */

/* What can't be read takes no room, and is found when it is laid. */
static uint64_t room_of(const struct verify *v, const struct manifest_group *g)
{
	static const uint64_t block = 4096;
	g_autoptr(GPtrArray) entries = manifest_entries(v->manifest, g, NULL);
	uint64_t room = 0;

	for (guint i = 0; entries && i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		room += block;
		if (e->kind == ENTRY_FILE && (!e->suffix || *e->suffix))
			room += e->bytes;
	}
	return room;
}

static int by_room(gconstpointer a, gconstpointer b)
{
	const struct party *x = *(struct party *const *)a;
	const struct party *y = *(struct party *const *)b;

	return x->room > y->room ? -1 : x->room < y->room;
}

/* As many of the largest as may lie there at the same time. */
static bool has_room(struct deep *d, GError **error)
{
	static const char what[] = "looking into repositories";
	uint64_t bytes = 0, entries = 0;

	for (guint i = 0; i < d->parties->len; i++) {
		struct party *p = g_ptr_array_index(d->parties, i);
		for (guint j = 0; p->chosen && j < p->groups->len; j++) {
			const struct manifest_group *g =
			    g_ptr_array_index(p->groups, j);
			p->room += room_of(d->v, g);
			p->entries += g->entries;
		}
	}
	g_ptr_array_sort(d->parties, by_room);
	for (guint i = 0; i < d->parties->len && i < d->v->jobs; i++) {
		const struct party *p = g_ptr_array_index(d->parties, i);
		bytes += p->room;
		entries += p->entries;
	}
	if (fs_has_room(g_get_tmp_dir(), bytes, what, error) &&
	    fs_has_inodes(g_get_tmp_dir(), entries, what, error))
		return true;
	g_prefix_error(error, "TMPDIR is ");
	return false;
}

/* ---- looking ---- */

static char *place_of(const struct deep *d, const struct manifest_group *g)
{
	const struct verify *v = d->v;
	g_autoptr(GPtrArray) entries =
	    snapshot_has(&v->set->snapshot, SNAPSHOT_PART_MESH) &&
		    v->set->snapshot.parts
		? manifest_entries(v->manifest, g, NULL)
		: NULL;

	/* On a Mesh node its place is not told by its number. */
	if (entries && entries->len > 0) {
		const struct entry *e = g_ptr_array_index(entries, 0);
		const char *rest = e->path;
		uint64_t id;
		ignore(home_in_repository(e->path, &id, &rest));
		g_autofree char *folder =
		    g_strndup(e->path, (gsize)(rest - e->path));
		return g_build_filename(d->scratch, folder, NULL);
	}
	return g_strdup_printf(
	    "%s/" HOME_REPOSITORIES "/%" PRIu64, d->scratch, g->repository);
}

static void drop(const char *path)
{
	g_autoptr(GError) why = NULL;

	if (g_file_test(path, G_FILE_TEST_EXISTS) &&
	    !fs_remove_tree(path, &why))
		log_warn("%s", why->message);
}

static bool lay(struct deep *d, rebuild *back, const struct party *p,
    bool *whole, GError **error)
{
	*whole = true;
	for (guint i = 0; i < p->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(p->groups, i);
		GError *why = NULL;
		if (rebuild_group(back, g, &why))
			continue;
		if (rebuild_was_refused(back)) {
			g_propagate_prefixed_error(error, why,
			    "looking into repositories below %s: ",
			    g_get_tmp_dir());
			return false;
		}
		*whole = false;
		if (!flaws_take(&d->v->flaws, "group", g->name, why, error))
			return false;
	}
	return rebuild_links(back, error) && rebuild_folders(back, error);
}

static bool look_into(
    struct deep *d, const struct manifest_group *g, GError **error)
{
	g_autofree char *folder = place_of(d, g);
	g_autofree char *found = NULL;
	GError *why = NULL;

	if (!git_fsck(folder, false, &found, &why))
		return flaws_take(
		    &d->v->flaws, "repository", g->name, why, error);
	if (found)
		flaws_add(
		    &d->v->flaws, "repository", g->name, "git fsck: %s", found);
	g_autoptr(GMutexLocker) held = g_mutex_locker_new(&d->v->mutex);
	d->v->proof.repositories.value++;
	return true;
}

static bool check_party(void *job, unsigned worker, void *user, GError **error)
{
	const struct party *p = job;
	struct deep *d = user;
	bool whole;
	bool good =
	    lay(d, g_ptr_array_index(d->rebuilds, worker), p, &whole, error);

	/* Of half a repository git would only repeat what is known. */
	for (guint i = 0; good && whole && i < p->groups->len; i++)
		if (g_hash_table_contains(
			d->chosen, g_ptr_array_index(p->groups, i)))
			good = look_into(
			    d, g_ptr_array_index(p->groups, i), error);
	for (guint i = 0; i < p->groups->len; i++) {
		g_autofree char *folder =
		    place_of(d, g_ptr_array_index(p->groups, i));
		drop(folder);
	}
	return good;
}

static bool open_rebuilds(
    struct deep *d, const struct rebuild_options *options, GError **error)
{
	for (unsigned i = 0; i < d->v->jobs; i++) {
		rebuild *one = rebuild_open(options, error);
		if (!one)
			return false;
		g_ptr_array_add(d->rebuilds, one);
	}
	return true;
}

static bool check_parties(struct deep *d, GError **error)
{
	const struct rebuild_options options = {
	    .store = d->v->store,
	    .manifest = d->v->manifest,
	    .target = d->scratch,
	    .new_home = d->scratch,
	    .link_objects = true,
	};

	if (!open_rebuilds(d, &options, error))
		return false;
	pool *workers = pool_new(d->v->jobs, check_party, NULL, d);
	for (guint i = 0; i < d->parties->len; i++) {
		struct party *p = g_ptr_array_index(d->parties, i);
		if (p->chosen)
			pool_push(workers, p);
	}
	return pool_end(workers, error);
}

bool deep_check(struct verify *v, GError **error)
{
	struct deep d = {.v = v};

	d.scratch =
	    g_build_filename(g_get_tmp_dir(), "gonogo-verify-XXXXXX", NULL);
	d.parties = g_ptr_array_new_with_free_func(party_free);
	d.rebuilds =
	    g_ptr_array_new_with_free_func((GDestroyNotify)rebuild_close);
	d.chosen = g_hash_table_new(NULL, NULL);
	find_parties(&d);
	bool good = has_room(&d, error);
	if (good && !g_mkdtemp(d.scratch)) {
		good = fail_errno(error, "%s", d.scratch);
	} else if (good) {
		good = check_parties(&d, error);
		drop(d.scratch);
	}
	g_hash_table_unref(d.chosen);
	g_ptr_array_unref(d.rebuilds);
	g_ptr_array_unref(d.parties);
	g_free(d.scratch);
	return good;
}
