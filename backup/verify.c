/*
 * gonogo-backup verify: reads a set back, both ways.
 *
 *     the store against the set's sums    records and sizes, then (full)
 *                                         every stored byte
 *     the set's lists against each other  manifest, integrity root, chain
 *     every plain byte (full)             laid into a scratch folder, hashed
 *     every repository (deep)             and git fsck there
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "backup/db/files.h"
#include "backup/handover.h"
#include "backup/rebuild.h"
#include "backup/store/object.h"
#include "backup/store/set.h"
#include "backup/store/sums.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/stop.h"
#include "bitbucket/home.h"
#include "contract/evidence.h"
#include "contract/settings.h"
#include "port/fs.h"
#include "port/git.h"

struct verify {
	store *store;
	set *set;
	manifest *manifest;
	struct proof proof;
	GHashTable *listed; /* paths in the store that the sums name */
	GHashTable *sizes;  /* path in the store: its bytes, as records say */
	struct progress progress;
};

static void flaw(struct verify *v, const char *kind, const char *subject,
    const char *format, ...) G_GNUC_PRINTF(4, 5);

static void flaw(struct verify *v, const char *kind, const char *subject,
    const char *format, ...)
{
	struct flaw *f = shape_add(&flaw_shape, &v->proof.flaws);
	va_list arguments;

	va_start(arguments, format);
	f->kind = g_strdup(kind);
	f->subject = g_strdup(subject);
	f->why = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	log_warn("%s %s: %s", f->kind, f->subject, f->why);
}

/* Takes what went wrong as a flaw; only a stop signal ends the verification. */
static bool flawed(struct verify *v, const char *kind, const char *subject,
    GError *why, GError **error)
{
	if (g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_STOPPED)) {
		g_propagate_error(error, why);
		return false;
	}
	flaw(v, kind, subject, "%s", why ? why->message : "unreadable");
	g_clear_error(&why);
	return true;
}

/* ---- whom a harmed file touches ---- */

static bool entry_uses(const struct entry *e, const char *path)
{
	return e->suffix && strstr(path, e->sha256);
}

static bool group_uses(const struct verify *v,
    const struct manifest_group *group, const char *path)
{
	for (guint i = 0; i < group->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(group->frames, i);
		if (strstr(path, f->segment))
			return true;
	}
	if (!g_str_has_prefix(path, "objects/"))
		return false;
	g_autoptr(GPtrArray) entries =
	    manifest_entries(v->manifest, group, NULL);
	for (guint i = 0; entries && i < entries->len; i++)
		if (entry_uses(g_ptr_array_index(entries, i), path))
			return true;
	return false;
}

/* Gives " (holds repository/42, files/1)". */
static char *touched(const struct verify *v, const char *path)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; v->manifest && i < v->manifest->groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(v->manifest->groups, i);
		if (group_uses(v, group, path))
			g_string_append_printf(text, "%s%s",
			    text->len ? ", " : "; it holds parts of ",
			    group->name);
	}
	return g_strdup(text->str);
}

/* ---- how long the stored files are to be ---- */

static void expect(struct verify *v, char *path, uint64_t bytes)
{
	uint64_t *size = g_new(uint64_t, 1);

	*size = bytes;
	g_hash_table_replace(v->sizes, path, size);
}

static bool expect_objects(
    struct verify *v, const struct manifest_group *group, GError **error)
{
	GError *why = NULL;
	g_autoptr(GPtrArray) entries =
	    manifest_entries(v->manifest, group, &why);

	if (!entries)
		return flawed(v, "record", group->name, why, error);
	for (guint i = 0; i < entries->len; i++) {
		const struct entry *e = g_ptr_array_index(entries, i);
		if (e->kind == ENTRY_FILE && e->suffix)
			expect(v, object_path(e->sha256, e->suffix),
			    e->stored_bytes);
	}
	return true;
}

/* Of a dump's pressed files nobody has written down how long they are. */
static void expect_dump(struct verify *v)
{
	g_autofree char *list =
	    g_build_filename(v->set->folder, DB_FILES, NULL);
	g_autoptr(GPtrArray) files = db_files_read(list, NULL);

	for (guint i = 0; files && i < files->len; i++) {
		const struct db_file *f = g_ptr_array_index(files, i);
		if (!*f->suffix)
			expect(v, object_path(f->sha256, ""), f->bytes);
	}
}

static bool learn_sizes(struct verify *v, GError **error)
{
	expect_dump(v);
	if (!v->manifest)
		return true;
	for (guint i = 0; i < v->manifest->segments->len; i++) {
		const struct manifest_segment *s =
		    g_ptr_array_index(v->manifest->segments, i);
		expect(
		    v, g_strdup_printf("segments/%s.tar.zst", s->id), s->bytes);
	}
	for (guint i = 0; i < v->manifest->groups->len; i++)
		if (stop_requested(error) ||
		    !expect_objects(
			v, g_ptr_array_index(v->manifest->groups, i), error))
			return false;
	return true;
}

/* What the set needs and its sums do not name was never checked. */
static void check_listed(struct verify *v)
{
	GHashTableIter iter;
	gpointer path;

	g_hash_table_iter_init(&iter, v->sizes);
	while (g_hash_table_iter_next(&iter, &path, NULL))
		if (!g_hash_table_contains(v->listed, path))
			flaw(v, "file", path, "SHA256SUMS does not name it");
}

/* ---- stored bytes against the sums ---- */

static bool is_record(const char *path)
{
	return !g_str_has_prefix(path, "objects/") &&
	       !g_str_has_prefix(path, "segments/");
}

static bool check_bytes(struct verify *v, int fd, const char *sha256,
    const char *path, GError **error)
{
	GError *why = NULL;
	g_autofree char *found = hash_fd(fd, &why);

	if (!found)
		return flawed(v, "file", path, why, error);
	if (!g_str_equal(found, sha256)) {
		g_autofree char *whom = touched(v, path);
		flaw(v, "file", path,
		    "checksum: its bytes are not those that "
		    "were stored%s",
		    whom);
	}
	return true;
}

/* READ: also the bytes of what is no record. */
static bool check_stored(struct verify *v, const char *sha256, const char *path,
    bool read, GError **error)
{
	struct stat status;
	bool good = true;
	const uint64_t *size = g_hash_table_lookup(v->sizes, path);
	int fd = fs_open_beneath(
	    store_root(v->store), path, O_RDONLY | O_CLOEXEC, 0);

	g_hash_table_add(v->listed, g_strdup(path));
	if (fd < 0 || fstat(fd, &status) != 0) {
		const char *why = g_strerror(errno);
		g_autofree char *whom = touched(v, path);
		flaw(v, "file", path, "%s%s", why, whom);
		if (fd >= 0)
			ignore(close(fd));
		return true;
	}
	v->proof.objects.value += g_str_has_prefix(path, "objects/");
	v->proof.segments.value += g_str_has_prefix(path, "segments/");
	if (size && *size != (uint64_t)status.st_size) {
		g_autofree char *whom = touched(v, path);
		flaw(v, "file", path,
		    "%" PRId64 " bytes, %" PRIu64 " were stored%s",
		    (int64_t)status.st_size, *size, whom);
	} else if (read || is_record(path)) {
		v->proof.bytes.value += status.st_size;
		progress_show(&v->progress, (uint64_t)v->proof.bytes.value);
		good = check_bytes(v, fd, sha256, path, error);
	}
	ignore(close(fd));
	return good && !stop_requested(error);
}

/* Do the lists add up to the root that the record names? */
static void check_root(struct verify *v, const struct sums *sums)
{
	const struct snapshot *s = &v->set->snapshot;
	g_autofree char *database =
	    g_strdup_printf("snapshots/%s/db/", v->set->id);
	g_autofree char *digest = sums_digest(sums, database);

	if (!v->manifest || v->set->trouble)
		return;
	g_autofree char *root = manifest_root(
	    v->manifest, digest, s->evidence_sha256, s->parent_sha256);
	if (g_strcmp0(root, s->root) != 0)
		flaw(v, "record", "SNAPSHOT.json",
		    "the set's lists do not add up to its root");
}

static bool check_sums(struct verify *v, bool read, GError **error)
{
	g_autofree char *path =
	    g_build_filename(v->set->folder, "SHA256SUMS", NULL);
	GError *why = NULL;
	g_auto(sums) sums = {0};

	if (!sums_read(&sums, path, &why))
		return flawed(v, "record", "SHA256SUMS", why, error);
	for (guint i = 0; i < sums.lines->len; i++) {
		const struct sum *one =
		    &g_array_index(sums.lines, struct sum, i);
		if (!check_stored(v, one->sha256, one->path, read, error))
			return false;
	}
	check_root(v, &sums);
	check_listed(v);
	return true;
}

/* ---- what lies in the set's folder and no list names ---- */

struct search {
	struct verify *v;
	const char *prefix;
};

static enum fs_step find_extra(
    const struct fs_entry *e, void *user, GError **error)
{
	static const char *const own[] = {
	    "SNAPSHOT.json", "SNAPSHOT.sha256", "SHA256SUMS", NULL};
	struct search *s = user;
	g_autofree char *path = g_strconcat(s->prefix, e->path, NULL);

	(void)error;
	if (S_ISDIR(e->status.st_mode) || g_strv_contains(own, e->path) ||
	    g_str_has_prefix(e->path, "SNAPSHOT.json.") ||
	    g_hash_table_contains(s->v->listed, path))
		return FS_ON;
	flaw(s->v, "file", path, "not in the set's list");
	return FS_ON;
}

static bool check_extra(struct verify *v, GError **error)
{
	g_autofree char *prefix = g_strdup_printf("snapshots/%s/", v->set->id);
	struct search search = {v, prefix};
	int folder = fs_open_folder(v->set->folder, error);

	if (folder < 0)
		return false;
	bool good = fs_walk(folder, find_extra, NULL, &search, error);
	ignore(close(folder));
	return good;
}

/* ---- the record ---- */

static void check_hash(struct verify *v, const char *name, const char *wanted)
{
	g_autofree char *path = g_build_filename(v->set->folder, name, NULL);
	g_autoptr(GError) why = NULL;
	size_t length = 0;
	g_autofree char *bytes = file_read(path, G_MAXINT32, &length, &why);
	g_autofree char *found = bytes ? hash_hex(bytes, length) : NULL;

	if (!found)
		flaw(v, "record", name, "%s", why->message);
	else if (g_strcmp0(found, wanted) != 0)
		flaw(v, "record", name,
		    "checksum: not the one that SNAPSHOT.json names");
}

/* A set before this one that was written anew shows here; one that is gone
 * takes nothing from this set, which is whole without it. */
static bool check_parent(struct verify *v, GError **error)
{
	const struct snapshot *s = &v->set->snapshot;
	g_autoptr(GPtrArray) sets = sets_list(v->store, error);

	if (!sets)
		return false;
	if (!s->parent)
		return true;
	for (guint i = 0; i < sets->len; i++) {
		const set *one = g_ptr_array_index(sets, i);
		if (!g_str_equal(one->id, s->parent))
			continue;
		if (g_strcmp0(one->sha256, s->parent_sha256) != 0)
			flaw(v, "chain", one->id,
			    "its record is not the one that was there when set "
			    "%s was made after it",
			    v->set->id);
		return true;
	}
	log_warn(
	    "set %s, the one before, is no longer in the store", s->parent);
	return true;
}

static void check_record(struct verify *v)
{
	const struct snapshot *s = &v->set->snapshot;
	g_autofree char *path =
	    g_build_filename(v->set->folder, "SNAPSHOT.json", NULL);
	g_autofree char *name =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", v->set->id);
	g_autoptr(GError) why = NULL;

	if (v->set->trouble) {
		flaw(v, "record", name, "%s", v->set->trouble);
		return;
	}
	if (!record_check(path, name, &why))
		flaw(v, "record", "SNAPSHOT.json", "%s", why->message);
	check_hash(v, "SHA256SUMS", s->sums_sha256);
	check_hash(v, "MANIFEST.zst", s->manifest_sha256);
	check_hash(v, "EVIDENCE.json", s->evidence_sha256);
	if (list_length(s->features) > 0)
		flaw(v, "record", "SNAPSHOT.json",
		    "a newer gonogo made it: it needs %s",
		    (char *)g_ptr_array_index(s->features, 0));
}

/* ---- plain bytes ---- */

static char *scratch_folder(GError **error)
{
	char *path =
	    g_build_filename(g_get_tmp_dir(), "gonogo-verify-XXXXXX", NULL);

	if (g_mkdtemp(path))
		return path;
	fail_errno(error, "%s", path);
	g_free(path);
	return NULL;
}

/* Git looks at the repository where its group was laid. */
static bool check_repository(struct verify *v, const char *scratch,
    const struct manifest_group *group, GError **error)
{
	g_autofree char *folder = g_strdup_printf(
	    "%s/" HOME_REPOSITORIES "/%" PRIu64, scratch, group->repository);
	g_autofree char *found = NULL;
	GError *why = NULL;

	if (!git_fsck(folder, false, &found, &why))
		return flawed(v, "repository", group->name, why, error);
	v->proof.repositories.value++;
	if (found)
		flaw(v, "repository", group->name, "git fsck: %s", found);
	return true;
}

static bool wanted(const struct manifest_group *group, char **only)
{
	g_autofree char *id = g_strdup_printf("%" PRIu64, group->repository);

	return !only || (group->repository &&
			    g_strv_contains((const char *const *)only, id));
}

static void drop_folder(const char *path)
{
	g_autoptr(GError) why = NULL;

	if (!fs_remove_tree(path, &why))
		log_warn("%s", why->message);
}

/* Lays every group; for DEEP all stay until git has seen the borrowers, too. */
static bool check_groups(struct verify *v, const char *scratch, bool deep,
    char **only, GError **error)
{
	const struct rebuild_options options = {
	    .store = v->store,
	    .manifest = v->manifest,
	    .target = scratch,
	    .new_home = scratch,
	};
	g_autoptr(rebuild) back = rebuild_open(&options, error);

	if (!back)
		return false;
	for (guint i = 0; i < v->manifest->groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(v->manifest->groups, i);
		g_autofree char *place =
		    g_strdup_printf("%s/" HOME_REPOSITORIES "/%" PRIu64,
			scratch, group->repository);
		GError *why = NULL;
		if ((only && !group->repository) ||
		    (!deep && !wanted(group, only)))
			continue;
		if (!rebuild_group(back, group, &why) &&
		    !flawed(v, "group", group->name, why, error))
			return false;
		if (!deep && group->repository)
			drop_folder(place);
	}
	v->proof.files = number_of((int64_t)rebuild_counts(back)->files);
	for (guint i = 0; deep && i < v->manifest->groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(v->manifest->groups, i);
		if (group->repository && wanted(group, only) &&
		    !check_repository(v, scratch, group, error))
			return false;
	}
	return true;
}

static bool check_dump(struct verify *v, GError **error)
{
	g_autofree char *list =
	    g_build_filename(v->set->folder, DB_FILES, NULL);
	GError *why = NULL;

	if (!v->set->snapshot.database.kind)
		return true;
	g_autoptr(GPtrArray) files = db_files_read(list, &why);
	if (!files)
		return flawed(v, "record", DB_FILES, why, error);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool good = true;
	for (guint i = 0; good && i < files->len; i++) {
		const struct db_file *f = g_ptr_array_index(files, i);
		if (!rebuild_object(v->store, f->sha256, f->suffix, f->bytes,
			nowhere, f->name, &why))
			good = flawed(v, "database", f->name,
			    g_steal_pointer(&why), error);
	}
	ignore(close(nowhere));
	return good;
}

static bool open_manifest(struct verify *v, GError **error)
{
	GError *why = NULL;

	v->manifest = manifest_read(v->set->folder, &why);
	return v->manifest || flawed(v, "record", "MANIFEST.zst", why, error);
}

static bool read_back(
    struct verify *v, enum proof_level level, char **only, GError **error)
{
	g_autofree char *scratch = NULL;

	if (level == PROOF_QUICK || !v->manifest)
		return true;
	scratch = scratch_folder(error);
	if (!scratch)
		return false;
	bool good =
	    check_groups(v, scratch, level == PROOF_DEEP, only, error) &&
	    (only || check_dump(v, error));
	drop_folder(scratch);
	return good;
}

/* ---- the whole ---- */

static bool write_proof(struct verify *v, const char *evidence, GError **error)
{
	v->proof.outcome =
	    list_length(v->proof.flaws) ? PROOF_FAILED : PROOF_PASSED;
	v->proof.ended_at = number_of(clock_now());
	if (!v->proof.snapshot_sha256) /* of what would it be a proof? */
		return true;
	g_autofree char *path =
	    set_add_proof(v->store, v->set, &v->proof, error);
	return path &&
	       (!evidence || handover(evidence, HANDOVER_PROOF, path, error));
}

static int verify(struct verify *v, enum proof_level level, char **only,
    const char *evidence, GError **error)
{
	v->proof.made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	v->proof.set = g_strdup(v->set->id);
	v->proof.snapshot_sha256 = g_strdup(v->set->sha256);
	v->proof.level = (int)level;
	v->proof.started_at = number_of(clock_now());
	v->proof.objects = v->proof.segments = v->proof.bytes = number_of(0);
	v->proof.repositories = number_of(0);
	progress_start(&v->progress, "reading the set back", "bytes",
	    (uint64_t)v->set->snapshot.home.stored_bytes.value);
	check_record(v);
	bool good = check_parent(v, error) && open_manifest(v, error) &&
		    learn_sizes(v, error) &&
		    check_sums(v, level != PROOF_QUICK, error) &&
		    check_extra(v, error) && read_back(v, level, only, error);
	progress_end(&v->progress);
	/* Of a part nothing is proved of the whole. */
	if (!good || (!only && !write_proof(v, evidence, error)))
		return -1;
	guint flaws = list_length(v->proof.flaws);
	printf("%s %s: %s", flaws ? "FAILED" : "passed", v->set->id,
	    proof_level_names[level]);
	if (flaws)
		printf(", %u flaws", flaws);
	printf("\n");
	return flaws ? EXITS_NO_GO : EXITS_DONE;
}

static bool level_of(const char *name, enum proof_level *level, GError **error)
{
	for (int i = PROOF_QUICK; i <= PROOF_DEEP; i++)
		if (g_str_equal(proof_level_names[i], name)) {
			*level = (enum proof_level)i;
			return true;
		}
	return fail(error, GONOGO_ERROR_USAGE,
	    "--level %s: quick, full and deep are known", name);
}

/* A set that is listed but can't be read does not verify. */
static int run(const char *place, const char *name, enum proof_level level,
    char **only, const char *evidence, GError **error)
{
	struct verify v = {0};
	int code = -1;

	v.listed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	v.sizes =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	v.store = store_open(place, STORE_READ, error);
	v.set = v.store ? set_find_any(v.store, name, error) : NULL;
	if (v.set)
		code = verify(&v, level, only, evidence, error);
	proof_clear(&v.proof);
	g_hash_table_unref(v.listed);
	g_hash_table_unref(v.sizes);
	g_clear_pointer(&v.manifest, manifest_free);
	g_clear_pointer(&v.set, set_free);
	g_clear_pointer(&v.store, store_close);
	return code;
}

int verb_verify(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL, *level_name = NULL;
	g_autofree char *evidence = NULL;
	g_auto(GStrv) only = NULL;
	enum proof_level level = PROOF_FULL;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings that name the store", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &folder,
		"folder of the store", "DIR"},
	    {"level", 'l', 0, G_OPTION_ARG_STRING, &level_name,
		"quick, full or deep [full]", "LEVEL"},
	    {"repository", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &only,
		"only the repository of this id; no proof then", "ID"},
	    {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &evidence,
		"also put the proof there, as proof.json", "DIR"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "[SET]", 0, 1,
		"SET: an id, a number, or latest (the default).\n"
		"quick: records and sizes; full: every byte; deep: and git "
		"fsck of\nevery repository.  Exit: 0 passed; 20 it does not "
		"verify, each flaw\nis named; 65 the store's own record can't "
		"be read.",
		error) ||
	    (level_name && !level_of(level_name, &level, error)))
		return -1;
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	const char *place = folder ? folder : settings->store.path;
	if (place)
		return run(place, argc > 1 ? argv[1] : NULL, level, only,
		    evidence, error);
	fail(error, GONOGO_ERROR_USAGE,
	    "no store\nhint: name it with --store or -c");
	return -1;
}
