/*
 * gonogo-backup restore: a set's home and database into empty places.
 *
 *     check everything that can be refused -> home -> database -> compare
 */
#include <fcntl.h>
#include <inttypes.h>

#include "backup/rebuild.h"
#include "backup/records.h"
#include "backup/refill.h"
#include "backup/store/set.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "bitbucket/home.h"
#include "contract/evidence.h"
#include "port/fs.h"

/* There as long as the target is no whole home. */
static const char unfinished[] = ".gonogo-incomplete";

struct restore {
	const struct settings *settings;
	const char *to, *also, *url, *repository;
	bool keep_setuid;
	store *store;
	set *set;
	manifest *manifest;
	struct evidence how; /* the set was made */
	struct db_login login;
	struct proof proof;
	struct load_report loaded;
};

static void restore_clear(struct restore *r)
{
	proof_clear(&r->proof);
	load_report_clear(&r->loaded);
	db_login_clear(&r->login);
	evidence_clear(&r->how);
	g_clear_pointer(&r->manifest, manifest_free);
	g_clear_pointer(&r->set, set_free);
	g_clear_pointer(&r->store, store_close);
}

/* ---- which groups ---- */

static bool names_repository(
    const struct evidence_repository *known, const char *wanted)
{
	g_autofree char *name =
	    g_strdup_printf("%s/%s", known->project ? known->project : "",
		known->slug ? known->slug : "");

	return g_strcmp0(known->id, wanted) == 0 || g_str_equal(name, wanted);
}

static bool read_evidence(struct restore *r, GError **error)
{
	g_autofree char *path =
	    g_build_filename(r->set->folder, "EVIDENCE.json", NULL);

	return document_load(&evidence_shape, path, &r->how, error);
}

/* Gives the id of the repository that people call WANTED. */
static char *find_repository(
    const struct restore *r, const char *wanted, GError **error)
{
	for (guint i = 0; i < list_length(r->how.repositories); i++) {
		const struct evidence_repository *known =
		    g_ptr_array_index(r->how.repositories, i);
		if (names_repository(known, wanted))
			return g_strdup(known->id);
	}
	fail(error, GONOGO_ERROR_USAGE,
	    "set %s holds no repository %s\n"
	    "hint: an id (42) or project and slug (DEMO/alpha)",
	    r->set->id, wanted);
	return NULL;
}

/* Adds the group of repository ID and those it borrows objects from. */
static bool add_closure(
    const struct restore *r, const char *id, GPtrArray *groups, GError **error)
{
	g_autofree char *name = g_strconcat("repository/", id, NULL);
	const struct manifest_group *group = manifest_group(r->manifest, name);

	if (!group)
		return fail(error, GONOGO_ERROR_DATA,
		    "set %s: repository %s is not in it", r->set->id, id);
	if (g_ptr_array_find(groups, group, NULL))
		return true;
	g_ptr_array_add(groups, (gpointer)group);
	for (guint i = 0; i < list_length(group->alternates); i++) {
		const char *lender = g_ptr_array_index(group->alternates, i);
		if (!add_closure(r, lender, groups, error))
			return false;
	}
	return true;
}

/* Gives struct manifest_group * (borrowed) of the home, in restore order. */
static GPtrArray *choose_groups(
    const struct restore *r, bool also, GError **error)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new();

	if (r->repository) {
		g_autofree char *id = find_repository(r, r->repository, error);
		if (!id || !add_closure(r, id, groups, error))
			return NULL;
		return g_steal_pointer(&groups);
	}
	for (guint i = 0; i < r->manifest->groups->len; i++) {
		struct manifest_group *group =
		    g_ptr_array_index(r->manifest->groups, i);
		if (g_str_has_prefix(group->name, "also/") == also)
			g_ptr_array_add(groups, group);
	}
	return g_steal_pointer(&groups);
}

/* ---- the home ---- */

static bool lay_groups(struct restore *r, const char *target,
    const GPtrArray *groups, GError **error)
{
	g_autofree char *home = g_canonicalize_filename(target, NULL);
	const struct rebuild_options options = {
	    .store = r->store,
	    .manifest = r->manifest,
	    .target = target,
	    .new_home = home,
	    .keep_setuid = r->keep_setuid,
	};
	g_autoptr(rebuild) back = rebuild_open(&options, error);
	struct progress progress = {0};
	bool good = back != NULL;

	progress_start(&progress, "restoring files", "bytes",
	    (uint64_t)r->set->snapshot.home.bytes.value);
	for (guint i = 0; good && i < groups->len; i++) {
		good = rebuild_group(back, g_ptr_array_index(groups, i), error);
		progress_show(&progress, rebuild_counts(back)->bytes);
	}
	progress_end(&progress);
	if (!good)
		return false;
	const struct rebuild_counts *counts = rebuild_counts(back);
	r->proof.files.value += (int64_t)counts->files;
	r->proof.bytes.value += (int64_t)counts->bytes;
	if (counts->left_out)
		log_say("%" PRIu64 " stale lock files were left out",
		    counts->left_out);
	return true;
}

static bool sync_all(const char *target, GError **error)
{
	int fd = fs_open_folder(target, error);

	if (fd < 0)
		return false;
	bool good = syncfs(fd) == 0;
	if (!good)
		fail_errno(error, "%s: syncfs", target);
	ignore(close(fd));
	return good;
}

/* The folder's own time was set with its entry, and stays. */
static bool remove_mark(const char *target, const char *mark, GError **error)
{
	struct stat status;

	if (stat(target, &status) != 0)
		return fail_errno(error, "%s", target);
	const struct timespec times[2] = {status.st_atim, status.st_mtim};
	if (unlink(mark) != 0)
		return fail_errno(error, "%s", mark);
	return utimensat(AT_FDCWD, target, times, 0) == 0 ||
	       fail_errno(error, "%s", target);
}

static bool restore_tree(
    struct restore *r, const char *target, bool also, GError **error)
{
	g_autoptr(GPtrArray) groups = choose_groups(r, also, error);
	g_autofree char *mark = g_build_filename(target, unfinished, NULL);

	if (!groups || !fs_make_folders(target, 0700, error))
		return false;
	int fd = open(
	    mark, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_errno(error, "%s", mark);
	ignore(close(fd));
	if (!lay_groups(r, target, groups, error) || !sync_all(target, error)) {
		g_prefix_error(
		    error, "%s is not whole (%s): ", target, unfinished);
		return false;
	}
	return remove_mark(target, mark, error);
}

/* ---- the database ---- */

static bool restore_database(struct restore *r, GError **error)
{
	log_say("restoring the database");
	if (!refill_run(r->store, r->set, &r->login, &r->loaded, error))
		return false;
	r->proof.tables = number_of((int64_t)r->loaded.tables);
	r->proof.rows = number_of((int64_t)r->loaded.rows);
	for (guint i = 0; i < list_length(r->loaded.differences); i++) {
		const char *text = g_ptr_array_index(r->loaded.differences, i);
		struct flaw *flaw = shape_add(&flaw_shape, &r->proof.flaws);
		flaw->kind = g_strdup("database");
		flaw->subject = g_strdup(r->url);
		flaw->why = g_strdup(text);
		log_warn("%s", text);
	}
	return true;
}

/* ---- the whole ---- */

static bool check_vacant(const char *folder, GError **error)
{
	static const char hint[] = "hint: name a new or an empty folder";
	bool vacant = false;

	if (!folder)
		return true;
	if (g_file_test(folder, G_FILE_TEST_EXISTS) &&
	    !g_file_test(folder, G_FILE_TEST_IS_DIR))
		return fail(error, GONOGO_ERROR_USAGE, "%s is not a folder\n%s",
		    folder, hint);
	if (!fs_is_vacant(folder, &vacant, error))
		return false;
	return vacant || fail(error, GONOGO_ERROR_USAGE,
			     "%s is not empty, and nothing is overwritten\n%s",
			     folder, hint);
}

static bool check_room(const struct restore *r, GError **error)
{
	uint64_t bytes = 0;

	if (!r->to)
		return true;
	g_autoptr(GPtrArray) groups = choose_groups(r, false, error);
	if (!groups)
		return false;
	for (guint i = 0; i < groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(groups, i);
		bytes += group->bytes;
	}
	return fs_has_room(r->to, bytes, "the home", error);
}

/* All that can be refused is refused before anything is written. */
static bool check(struct restore *r, GError **error)
{
	if (!r->to && !r->url)
		return fail(error, GONOGO_ERROR_USAGE,
		    "nothing to restore\n"
		    "hint: --to DIR for the home, --database URL for the "
		    "database");
	if (r->to && !snapshot_has(&r->set->snapshot, SNAPSHOT_PART_HOME))
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds no home\nhint: --database URL restores "
		    "what it holds",
		    r->set->id);
	if (!check_vacant(r->to, error) || !check_vacant(r->also, error) ||
	    !check_room(r, error))
		return false;
	return !r->url ||
	       (db_login_for(r->settings, r->url, &r->login, error) &&
		   refill_check(r->set, &r->login, error));
}

/* A whole restore that was compared is the best proof of a set. */
static bool write_proof(struct restore *r, GError **error)
{
	const struct snapshot *set = &r->set->snapshot;
	bool home = r->to || !snapshot_has(set, SNAPSHOT_PART_HOME);
	bool database = r->url || !snapshot_has(set, SNAPSHOT_PART_DATABASE);
	bool whole = home && database && !r->repository;

	if (!whole)
		return true;
	r->proof.made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	r->proof.set = g_strdup(r->set->id);
	r->proof.snapshot_sha256 = g_strdup(r->set->sha256);
	r->proof.level = PROOF_RESTORE;
	r->proof.outcome =
	    list_length(r->proof.flaws) ? PROOF_FAILED : PROOF_PASSED;
	r->proof.ended_at = number_of(clock_now());
	g_autofree char *path =
	    set_add_proof(r->store, r->set, &r->proof, error);
	if (path)
		log_say("proof: %s", path);
	return path != NULL;
}

/* Its number will be given to a new repository, which then finds a folder. */
static void tell_folders_without_row(const struct restore *r)
{
	const GPtrArray *folders = r->how.check.folders_without_row;

	if (list_length(folders) == 0)
		return;
	printf("next: the database has no row of these repositories, which are "
	       "in %s/" HOME_REPOSITORIES ":\n",
	    r->to);
	for (guint i = 0; i < list_length(folders); i++)
		printf("        %s\n",
		    (const char *)g_ptr_array_index(folders, i));
	printf("      move each away before the first start, unless a fork "
	       "borrows from it\n      (objects/info/alternates names it).\n");
}

static void tell_what_next(const struct restore *r)
{
	if (!r->to || r->repository)
		return;
	tell_folders_without_row(r);
	if (g_strcmp0(r->set->snapshot.mode, "sealed") != 0)
		printf("next: put disaster.recovery=true into "
		       "%s/bitbucket.properties before the first start,\n"
		       "      and set it to false when Bitbucket's integrity "
		       "check has ended.\n",
		    r->to);
	printf("next: jdbc.url in %s/bitbucket.properties must name the "
	       "restored database.\n"
	       "next: the search index is not in a backup; Bitbucket "
	       "rebuilds it.\n",
	    r->to);
}

static bool has_also(const struct restore *r)
{
	for (guint i = 0; i < r->manifest->groups->len; i++) {
		const struct manifest_group *group =
		    g_ptr_array_index(r->manifest->groups, i);
		if (g_str_has_prefix(group->name, "also/"))
			return true;
	}
	return false;
}

static int restore(
    struct restore *r, const char *name, const char *path, GError **error)
{
	r->store = store_open(path, STORE_READ, error);
	r->set = r->store ? set_find(r->store, name, error) : NULL;
	if (!r->set || !records_check(r->store, r->set, error))
		return -1;
	r->manifest = manifest_read(r->set->folder, error);
	if (!r->manifest || !read_evidence(r, error) || !check(r, error))
		return -1;
	r->proof.started_at = number_of(clock_now());
	r->proof.files = r->proof.bytes = number_of(0);
	if (r->to && !restore_tree(r, r->to, false, error))
		return -1;
	if (r->also && !restore_tree(r, r->also, true, error))
		return -1;
	if (r->url && !restore_database(r, error))
		return -1;
	if (!write_proof(r, error))
		return -1;
	printf("restored set %s\n", r->set->id);
	if (!r->also && !r->repository && has_also(r))
		printf("next: --also DIR restores the files from outside the "
		       "home, too.\n");
	tell_what_next(r);
	return list_length(r->proof.flaws) ? EXITS_NO_GO : EXITS_DONE;
}

int verb_restore(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL, *to = NULL, *also = NULL;
	g_autofree char *url = NULL, *repository = NULL;
	gboolean setuid = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings that name store and database login", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &folder,
		"folder of the store", "DIR"},
	    {"to", 't', 0, G_OPTION_ARG_FILENAME, &to,
		"restore the home into this empty folder", "DIR"},
	    {"also", 0, 0, G_OPTION_ARG_FILENAME, &also,
		"restore files from outside the home below it", "DIR"},
	    {"database", 'd', 0, G_OPTION_ARG_STRING, &url,
		"restore into this new or empty database", "URL"},
	    {"repository", 'r', 0, G_OPTION_ARG_STRING, &repository,
		"only this one, with those it borrows from", "ID|KEY/slug"},
	    {"keep-setuid", 0, 0, G_OPTION_ARG_NONE, &setuid,
		"also restore setuid and setgid bits", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "[SET]", 0, 1,
		"SET: an id, a number, or latest (the default).\n"
		"Exit: 0 restored, and equal where it was compared; 20 the "
		"database\nis not as it was saved.",
		error))
		return -1;
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	struct restore r = {.settings = settings,
	    .to = to,
	    .also = also,
	    .url = url,
	    .repository = repository,
	    .keep_setuid = setuid};
	const char *place = folder ? folder : settings->store.path;
	int code = -1;
	if (place)
		code = restore(&r, argc > 1 ? argv[1] : NULL, place, error);
	else
		fail(error, GONOGO_ERROR_USAGE,
		    "no store\nhint: name it with --store or -c");
	restore_clear(&r);
	return code;
}
