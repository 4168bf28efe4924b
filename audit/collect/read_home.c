#include "audit/collect/read_home.h"

#include "audit/collect/read_postgres.h"
#include "audit/collect/take.h"
#include "base/error.h"
#include "bitbucket/properties.h"

static bool read_check(const struct reading *r, GError **error)
{
	return must_string(r->body, "path", &r->facts->home.path, error);
}

static bool read_space(const struct reading *r, GError **error)
{
	struct home *h = &r->facts->home;

	if (!must_string(r->body, "filesystem", &h->filesystem, error) ||
	    !take_string(r->body, "mount_options", &h->mount_options, error) ||
	    !must_number(r->body, "free_bytes", &h->free_bytes, error) ||
	    !must_number(r->body, "size_bytes", &h->size_bytes, error))
		return false;
	return h->size_bytes.value > 0 ||
	       fail(error, GONOGO_ERROR_DATA, "size_bytes: no file system");
}

static int by_key(gconstpointer a, gconstpointer b)
{
	const struct property *left = *(struct property *const *)a;
	const struct property *right = *(struct property *const *)b;

	return strcmp(left->key, right->key);
}

static bool read_properties(const struct reading *r, GError **error)
{
	g_autoptr(GHashTable) table = properties_parse(r->text);
	GHashTableIter iterator;
	gpointer key;
	gpointer value;

	if (g_hash_table_size(table) == 0)
		return fail(error, GONOGO_ERROR_DATA, "no property in it");
	g_hash_table_iter_init(&iterator, table);
	while (g_hash_table_iter_next(&iterator, &key, &value)) {
		struct property *p =
		    shape_add(&property_shape, &r->facts->home.properties);
		p->key = g_strdup(key);
		p->value = g_strdup(value);
	}
	g_ptr_array_sort(r->facts->home.properties, by_key);
	return true;
}

static struct data_store *find_store(const struct facts *f, const char *id)
{
	for (guint i = 0; i < list_length(f->home.data_stores); i++) {
		struct data_store *store =
		    g_ptr_array_index(f->home.data_stores, i);
		if (g_strcmp0(store->id, id) == 0)
			return store;
	}
	return NULL;
}

static bool read_store_places(const struct reading *r, GError **error)
{
	json_each (entry, r->body) {
		const char *id = NULL;

		if (!json_string(entry, "id", &id, error))
			return false;
		struct data_store *store = find_store(r->facts, id);
		if (!store)
			return fail(error, GONOGO_ERROR_DATA,
			    "data store %s has no row", id);
		if (!must_flag(entry, "there", &store->there, error))
			return false;
	}
	return true;
}

static bool read_repositories(const struct reading *r, GError **error)
{
	struct home *h = &r->facts->home;
	const json *ids = NULL;
	bool complete = false;

	if (!json_array(r->body, "ids", &ids, error) ||
	    !json_bool(r->body, "complete", &complete, error))
		return false;
	if (!complete)
		return fail(error, GONOGO_ERROR_DATA,
		    "the look at the repositories took too long; %zu were seen",
		    json_length(ids));
	h->repositories = number_of((int64_t)json_length(ids));
	return must_number(r->body, "broken_alternates.count",
		   &h->broken_alternates, error) &&
	       must_number(
		   r->body, "stale_locks.count", &h->stale_locks, error);
}

/* A jar is an app's where its manifest or descriptor names the app's key. */
static bool read_jars(const struct reading *r, GError **error)
{
	if (!facts_find_source(r->facts, "apps.installed"))
		return fail(error, GONOGO_ERROR_DATA,
		    "no list of installed apps to hold it against");
	if (!json_first(r->body) && list_length(r->facts->apps))
		return fail(error, GONOGO_ERROR_DATA,
		    "no jar of the %u installed apps",
		    list_length(r->facts->apps));
	json_each (jar, r->body) {
		g_autofree char *key = NULL;
		g_autofree char *version = NULL;
		g_autofree char *sha256 = NULL;

		if (!take_string(jar, "key", &key, error) ||
		    !take_string(jar, "version", &version, error) ||
		    !must_string(jar, "sha256", &sha256, error))
			return false;
		struct app *app = key ? facts_find_app(r->facts, key) : NULL;
		if (app && g_strcmp0(app->version, version) == 0) {
			g_free(app->jar_sha256);
			app->jar_sha256 = g_steal_pointer(&sha256);
		}
	}
	return true;
}

/* ---- rows against folders ---- */

/* Ids of folders, sorted; they were read before, so they are numbers. */
static GArray *folder_ids(const json *folders, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	json_each (entry, json_find(folders, "ids")) {
		uint64_t id = 0;
		if (!json_u64(entry, "", &id, error))
			return NULL;
		if (ids->len &&
		    id <= g_array_index(ids, uint64_t, ids->len - 1)) {
			fail(error, GONOGO_ERROR_DATA, "ids: not in order");
			return NULL;
		}
		g_array_append_val(ids, id);
	}
	return g_steal_pointer(&ids);
}

/* How many of A are not in B; both sorted. */
static int64_t only_in(const GArray *a, const GArray *b)
{
	int64_t count = 0;
	guint j = 0;

	for (guint i = 0; i < a->len; i++) {
		uint64_t id = g_array_index(a, uint64_t, i);
		while (j < b->len && g_array_index(b, uint64_t, j) < id)
			j++;
		count += j == b->len || g_array_index(b, uint64_t, j) != id;
	}
	return count;
}

void home_cross_check(struct facts *f, const json *rows, const json *folders)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GArray) wanted = NULL;
	g_autoptr(GArray) found = NULL;

	if (rows && folders) {
		wanted = postgres_home_repositories(rows, &why);
		found = wanted ? folder_ids(folders, &why) : NULL;
	}
	if (!found) {
		facts_add_unseen(f, "home.repositories.rows", "%s",
		    why    ? why->message
		    : rows ? "the folders were not seen"
			   : "the rows were not seen");
		return;
	}
	f->home.rows_without_folder = number_of(only_in(wanted, found));
	f->home.folders_without_row = number_of(only_in(found, wanted));
}

const struct row home_rows[] = {
    {.what = "home.check",
	.collector = "home",
	.request = "is it a shared home",
	.profiles = PROFILE_FULL,
	.read = read_check},
    {.what = "home.space",
	.collector = "home",
	.request = "statvfs, /proc/self/mountinfo",
	.profiles = PROFILE_FULL,
	.read = read_space},
    {.what = "home.properties",
	.collector = "home",
	.request = "bitbucket.properties",
	.text = true,
	.profiles = PROFILE_FULL,
	.read = read_properties},
    {.what = "home.stores",
	.collector = "home",
	.request = "folders of the data stores",
	.profiles = PROFILE_FULL,
	.read = read_store_places},
    {.what = "home.repositories",
	.collector = "home",
	.request = "data/repositories: ids, alternates, locks",
	.profiles = PROFILE_FULL,
	.read = read_repositories},
    {.what = "home.apps",
	.collector = "home",
	.request = "plugins/installed-plugins",
	.profiles = PROFILE_FULL,
	.read = read_jars},
    {0},
};
