#include "backup/store/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "backup/store/inventory.h"
#include "backup/store/set.h"
#include "backup/store/sums.h"
#include "base/clock.h"
#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "port/fs.h"

struct run {
	store *store;
	int64_t started;
	uint64_t sequence;
	char *id;      /* of the set */
	char *scratch; /* tmp/<utc>-<random> */
	char *folder;  /* becomes the set */
	objects *objects;
	groups *groups;
	parent *before;
};

/* ---- beginning ---- */

/* Removes from FOLDER of the store what IS_STALE says so of, by name. */
static bool sweep_away(const store *s, const char *folder,
    bool (*is_stale)(const store *s, const char *name), GError **error)
{
	g_autofree char *path = store_file(s, folder);
	g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);

	if (!listing)
		return fail_errno(error, "%s", path);
	for (const char *name; (name = g_dir_read_name(listing));) {
		g_autofree char *one = g_build_filename(path, name, NULL);
		if (is_stale(s, name) && !fs_remove_tree(one, error))
			return false;
	}
	return true;
}

/* We hold the store alone for writing: whatever is in tmp/ has no owner. */
static bool is_left_behind(const store *s, const char *name)
{
	(void)s, (void)name;
	return true;
}

/* One that was whole once is not ours to remove: its record may be found. */
static bool is_half_a_set(const store *s, const char *name)
{
	if (!set_lacks_record(s, name))
		return false;
	if (!set_was_whole(s, name))
		return true;
	log_warn(
	    "set %s has lost its SNAPSHOT.json; it is left as it is", name);
	return false;
}

run *run_begin(store *s, GError **error)
{
	g_autoptr(run) r = g_new0(struct run, 1);

	r->store = s;
	r->started = clock_now();
	if (!sweep_away(s, "tmp", is_left_behind, error) ||
	    !sweep_away(s, "snapshots", is_half_a_set, error) ||
	    !sets_next(s, &r->sequence, error))
		return NULL;
	g_autofree char *stamp = clock_stamp(r->started);
	g_autofree char *name =
	    g_strdup_printf("%s-%06x", stamp, g_random_int() & 0xffffffu);
	g_autofree char *place = g_build_filename("tmp", name, NULL);
	r->id = g_strdup_printf("%06" PRIu64 "-%s", r->sequence, stamp);
	r->scratch = store_file(s, place);
	r->folder = g_build_filename(r->scratch, "set", NULL);
	g_autofree char *database = g_build_filename(r->folder, "db", NULL);
	g_autofree char *objects =
	    g_build_filename(r->scratch, "objects", NULL);
	if (!fs_make_folders(database, 0700, error))
		return NULL;
	r->objects = objects_new(s, objects, error);
	if (!r->objects)
		return NULL;
	r->groups = groups_new(r->scratch, name);
	return g_steal_pointer(&r);
}

bool run_rest(
    run *r, const struct parent_like *like, char **why, GError **error)
{
	GError *failed = NULL;

	r->before = parent_open(r->store, like, why, &failed);
	if (failed) {
		g_propagate_error(error, failed);
		return false;
	}
	if (*why)
		objects_distrust(r->objects);
	groups_rest_on(r->groups, r->before);
	objects_rest_on(r->objects, r->before);
	return true;
}

const parent *run_parent(const run *r)
{
	return r->before;
}

void run_abandon(run *r)
{
	if (!r)
		return;
	groups_free(r->groups);
	objects_free(r->objects);
	parent_close(r->before);
	/* What cannot be removed now, the next run sweeps away. */
	if (r->scratch)
		ignore(fs_remove_tree(r->scratch, NULL));
	g_free(r->scratch);
	g_free(r->folder);
	g_free(r->id);
	g_free(r);
}

store *run_store(const run *r)
{
	return r->store;
}

objects *run_objects(const run *r)
{
	return r->objects;
}

groups *run_groups(const run *r)
{
	return r->groups;
}

const char *run_id(const run *r)
{
	return r->id;
}

const char *run_folder(const run *r)
{
	return r->folder;
}

const char *run_scratch(const run *r)
{
	return r->scratch;
}

/* ---- the commit ---- */

static bool barrier(const run *r, GError **error)
{
	/* It reports what could not be written since the store was opened. */
	return syncfs(store_root(r->store)) == 0 ||
	       fail_errno(error, "making %s durable", store_path(r->store));
}

/* One barrier for objects and segments, before either get their names. */
static bool settle(run *r, GError **error)
{
	if (!objects_are_settled(r->objects))
		return objects_settle(r->objects, error);
	return groups_segments(r->groups) == 0 || barrier(r, error);
}

static bool place_segments(run *r, struct sums *sums, GError **error)
{
	for (unsigned i = 0; i < groups_segments(r->groups); i++) {
		const struct segment_record *s = groups_segment(r->groups, i);
		g_autofree char *name =
		    g_strdup_printf("segments/%s.tar.zst", s->id);
		g_autofree char *to = store_file(r->store, name);
		if (rename(s->path, to) != 0)
			return fail_errno(
			    error, "renaming %s to %s", s->path, to);
		sums_add(sums, s->sha256, name);
	}
	return true;
}

/* Adds the segments of earlier runs, which are still as long as they were. */
static bool list_carried(
    run *r, const manifest *m, struct sums *sums, GError **error)
{
	for (guint i = 0; i < m->segments->len; i++) {
		const struct manifest_segment *s =
		    g_ptr_array_index(m->segments, i);
		g_autofree char *name =
		    g_strdup_printf("segments/%s.tar.zst", s->id);
		struct stat status;
		if (fstatat(store_root(r->store), name, &status,
			AT_SYMLINK_NOFOLLOW) != 0 ||
		    (uint64_t)status.st_size != s->bytes)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s is not there any more, or of another length: "
			    "somebody changes the store",
			    name);
		if (r->before &&
		    g_hash_table_contains(r->before->segments, s->id))
			sums_add(sums, s->sha256, name);
	}
	return true;
}

static uint64_t count_new(const run *r)
{
	uint64_t bytes = objects_added(r->objects);

	for (unsigned i = 0; i < groups_segments(r->groups); i++)
		bytes += groups_segment(r->groups, i)->bytes;
	return bytes;
}

static uint64_t list_objects(run *r, const manifest *m, struct sums *sums)
{
	g_autoptr(GArray) used = objects_used(r->objects);
	uint64_t bytes = 0;

	for (guint i = 0; i < used->len; i++) {
		const struct object *o = &g_array_index(used, struct object, i);
		g_autofree char *path = object_path(o->sha256, o->suffix);
		sums_add(sums, o->stored_sha256, path);
		bytes += o->stored_bytes;
	}
	for (guint i = 0; i < m->segments->len; i++) {
		const struct manifest_segment *s =
		    g_ptr_array_index(m->segments, i);
		bytes += s->bytes;
	}
	return bytes;
}

static bool list_store(run *r, struct sums *sums, GError **error)
{
	static const char *const names[] = {
	    "STORE.json", "RESTORE.md", "restore.sh"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = store_file(r->store, names[i]);
		if (!sums_add_file(sums, path, names[i], error))
			return false;
	}
	return true;
}

/* Adds what lies in SUBFOLDER ("", "db/") of the set. */
static bool list_set(
    run *r, const char *subfolder, struct sums *sums, GError **error)
{
	g_autofree char *folder = g_build_filename(r->folder, subfolder, NULL);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);

	if (!listing)
		return fail_errno(error, "%s", folder);
	for (const char *name; (name = g_dir_read_name(listing));) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *listed = g_strdup_printf(
		    "snapshots/%s/%s%s", r->id, subfolder, name);
		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			continue;
		if (!sums_add_file(sums, path, listed, error))
			return false;
	}
	return true;
}

/* The chain: a set that vanished or was changed later on shows in the next. */
static bool add_parent(const run *r, struct snapshot *s, GError **error)
{
	g_autoptr(GPtrArray) sets = sets_list(r->store, error);

	if (!sets)
		return false;
	if (sets->len == 0)
		return true;
	const struct set *newest = g_ptr_array_index(sets, sets->len - 1);
	/* Of what can't be read the chain would say nothing true. */
	if (!newest->sha256)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "the record of the set before can't be read: %s\n"
		    "hint: if its disk is sound otherwise, move %s out of the "
		    "store and run again",
		    newest->trouble, newest->folder);
	s->parent = g_strdup(newest->id);
	s->parent_sha256 = g_strdup(newest->sha256);
	return true;
}

static bool write_evidence(
    run *r, const struct evidence *evidence, char **sha256, GError **error)
{
	g_autofree char *path =
	    g_build_filename(r->folder, "EVIDENCE.json", NULL);
	g_autoptr(json) document = document_write(&evidence_shape, evidence);
	g_autofree char *text = json_pretty(document);

	*sha256 = hash_hex(text, strlen(text));
	return file_write(path, 0600, text, strlen(text), error);
}

static void count_home(struct snapshot *s, const struct inventory_totals *t)
{
	s->home.files = number_of((int64_t)t->files);
	s->home.folders = number_of((int64_t)t->folders);
	s->home.links = number_of((int64_t)t->links);
	s->home.bytes = number_of((int64_t)t->bytes);
	s->home.repositories = number_of((int64_t)t->repositories);
}

static char *listed_hash(
    const struct sums *sums, const char *id, const char *name)
{
	g_autofree char *path = g_strdup_printf("snapshots/%s/%s", id, name);
	const struct sum *line = sums_find(sums, path);

	return line ? g_strdup(line->sha256) : NULL;
}

/* All of the set's folder but the record itself. */
static bool write_folder(run *r, struct snapshot *s,
    const struct evidence *evidence, struct sums *sums, GError **error)
{
	struct inventory_totals totals;
	g_autofree char *path = g_build_filename(r->folder, "SHA256SUMS", NULL);
	g_autofree char *database = g_strdup_printf("snapshots/%s/db/", r->id);
	g_autoptr(manifest) m =
	    inventory_write(r->groups, r->folder, &totals, error);

	if (!m || !list_carried(r, m, sums, error) ||
	    !objects_check(r->objects, error) ||
	    !write_evidence(r, evidence, &s->evidence_sha256, error) ||
	    !add_parent(r, s, error) || !list_store(r, sums, error) ||
	    !list_set(r, "", sums, error) || !list_set(r, "db/", sums, error))
		return false;
	count_home(s, &totals);
	s->home.stored_bytes = number_of((int64_t)list_objects(r, m, sums));
	s->home.new_bytes = number_of((int64_t)count_new(r));
	if (!sums_write(sums, path, error))
		return false;
	s->manifest_sha256 = listed_hash(sums, r->id, "MANIFEST.zst");
	s->sums_sha256 = sums_hash(path, error);
	g_autofree char *digest = sums_digest(sums, database);
	s->root =
	    manifest_root(m, digest, s->evidence_sha256, s->parent_sha256);
	return s->sums_sha256 != NULL;
}

static void complete(run *r, struct snapshot *s)
{
	g_free(s->id);
	s->id = g_strdup(r->id);
	s->sequence = number_of((int64_t)r->sequence);
	if (!s->started_at.known)
		s->started_at = number_of(r->started);
	if (!s->made_by)
		s->made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	s->status = list_length(s->flaws) ? SNAPSHOT_DEGRADED : SNAPSHOT_GOOD;
}

/* The folder gets its name, and then, last of all, its record. */
static bool publish(run *r, struct snapshot *s, GError **error)
{
	g_autofree char *name = g_strdup_printf("snapshots/%s", r->id);
	g_autofree char *folder = store_file(r->store, name);
	g_autofree char *record =
	    g_build_filename(folder, "SNAPSHOT.json", NULL);
	g_autofree char *listed = g_strconcat(name, "/SNAPSHOT.json", NULL);

	if (rename(r->folder, folder) != 0)
		return fail_errno(
		    error, "renaming %s to %s", r->folder, folder);
	s->ended_at = number_of(clock_now());
	g_autoptr(json) document = document_write(&snapshot_shape, s);
	g_autofree char *text = json_pretty(document);
	if (draft_sync_folder(folder, error) &&
	    record_save(record, listed, text, error))
		return true;
	/* Without its record it is no set, whatever else can be removed. */
	ignore(unlink(record));
	ignore(fs_remove_tree(folder, NULL));
	return false;
}

bool run_commit(run *r, struct snapshot *snapshot,
    const struct evidence *evidence, GError **error)
{
	g_auto(sums) sums = {0};

	complete(r, snapshot);
	return groups_finish(r->groups, error) && settle(r, error) &&
	       place_segments(r, &sums, error) &&
	       write_folder(r, snapshot, evidence, &sums, error) &&
	       barrier(r, error) && publish(r, snapshot, error);
}
