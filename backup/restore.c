/*
 * gonogo-backup restore: a set's home and database into empty places.
 *
 *     check everything that can be refused -> home -> database -> compare
 */
#include <inttypes.h>

#include "backup/choice.h"
#include "backup/physical/lay.h"
#include "backup/records.h"
#include "backup/refill.h"
#include "backup/restore/tree.h"
#include "backup/signing.h"
#include "backup/staging.h"
#include "backup/store/set.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bitbucket/home.h"
#include "port/fs.h"
#include "port/identity.h"

enum {
	WORKERS = 8, /* for the home: they wait for the disk, not a processor */
	MOST_LOADERS = 8, /* for the database */
};

struct restore {
	const struct settings *settings;
	const char *to, *also, *url;
	const char *folder;           /* of a server's files */
	char **tablespaces;           /* "/old=/new" */
	const char *staging;          /* base URL of a staging copy; NULL */
	char **repositories, **paths; /* these alone; NULL: all */
	bool allow_setuid;
	unsigned jobs; /* 0: as many as help */
	store *store;
	set *set;
	manifest *manifest;
	struct db_login login;
	struct proof proof;
	struct load_report loaded;
};

static void restore_clear(struct restore *r)
{
	proof_clear(&r->proof);
	load_report_clear(&r->loaded);
	db_login_clear(&r->login);
	g_clear_pointer(&r->manifest, manifest_free);
	g_clear_pointer(&r->set, set_free);
	g_clear_pointer(&r->store, store_close);
}

/* Is only a part of the set asked for? */
static bool is_part(const struct restore *r)
{
	return r->repositories || r->paths;
}

/* ---- the home ---- */

static struct tree tree_of(const struct restore *r, bool also)
{
	return (struct tree){
	    .store = r->store,
	    .set = r->set,
	    .manifest = r->manifest,
	    .target = also ? r->also : r->to,
	    .what = also ? "what else was saved" : "the home",
	    .also = also,
	    .repositories = r->repositories,
	    .paths = r->paths,
	    .allow_setuid = r->allow_setuid,
	    .keep_mark = r->staging && !also,
	    .jobs = r->jobs ? r->jobs : WORKERS,
	};
}

static bool check_tree(const struct restore *r, bool also, GError **error)
{
	const struct tree t = tree_of(r, also);

	return !t.target || tree_check(&t, error);
}

static bool restore_tree(struct restore *r, bool also, GError **error)
{
	const struct tree t = tree_of(r, also);
	struct rebuild_counts counts;

	if (!t.target)
		return true;
	if (!tree_restore(&t, &counts, error))
		return false;
	r->proof.files.value += (int64_t)counts.files;
	r->proof.bytes.value += (int64_t)counts.bytes;
	return true;
}

/* ---- the database ---- */

static bool restore_database(struct restore *r, GError **error)
{
	unsigned jobs =
	    r->jobs ? r->jobs : MIN(g_get_num_processors(), MOST_LOADERS);

	log_say("restoring the database");
	if (!refill_run(
		r->store, r->set, &r->login, jobs, false, &r->loaded, error))
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

/* ---- the files of a database server ---- */

/* As root they get the owner that a server runs as here. */
static bool lay_of(const struct restore *r, struct lay *l, GError **error)
{
	g_auto(identity) who = {0};

	if (!identity_find(r->settings->database.run_as, &who, error))
		return false;
	*l = (struct lay){
	    .store = r->store,
	    .set = r->set,
	    .target = r->folder,
	    .tablespaces = r->tablespaces,
	    .owned = who.name != NULL,
	    .uid = who.uid,
	    .gid = who.gid,
	    .jobs = r->jobs,
	};
	return true;
}

static bool check_folder(const struct restore *r, GError **error)
{
	struct lay l;

	if (!r->folder)
		return !r->tablespaces ||
		       fail(error, GONOGO_ERROR_USAGE,
			   "--tablespace needs --database-folder");
	return lay_of(r, &l, error) && lay_check(&l, error);
}

static bool restore_folder(struct restore *r, GError **error)
{
	struct lay_counts counts = {0};
	struct lay l;

	log_say("restoring the database server's files");
	if (!lay_of(r, &l, error) || !lay_run(&l, &counts, error))
		return false;
	r->proof.files.value += (int64_t)counts.files;
	r->proof.bytes.value += (int64_t)counts.bytes;
	return true;
}

static void tell_folder(const struct restore *r)
{
	printf("next: start PostgreSQL %s on it, as the user that owns it:\n"
	       "        pg_ctl -D %s start\n"
	       "      It recovers to %s, the point that the home's files "
	       "belong to, and begins there.\n",
	    r->set->snapshot.database.server_version, r->folder,
	    r->set->snapshot.database.lsn);
	g_autofree char *own =
	    g_build_filename(r->folder, "postgresql.conf", NULL);
	if (!g_file_test(own, G_FILE_TEST_EXISTS))
		printf("      Its settings lay elsewhere (Debian: "
		       "/etc/postgresql); name them: -o \"-c "
		       "config_file=...\".\n");
	printf("      First look at archive_command in its settings: the "
	       "archive must not be the old server's.\n");
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

/* All that can be refused is refused before anything is written. */
static bool check(struct restore *r, GError **error)
{
	if (r->staging && (!r->to || !r->url || r->also || is_part(r)))
		return fail(error, GONOGO_ERROR_USAGE,
		    "--staging makes a copy of the whole: home and database\n"
		    "hint: --to DIR --database URL, and neither --also, "
		    "--repository nor --path");
	if (r->staging && !staging_check(r->staging, error))
		return false;
	if (!r->to && !r->url && !r->folder)
		return fail(error, GONOGO_ERROR_USAGE,
		    "nothing to restore\n"
		    "hint: --to DIR for the home, --database URL for the "
		    "database, --database-folder DIR for the files of its "
		    "server");
	if (r->url && snapshot_is_physical(&r->set->snapshot))
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds the files of a whole server, which go into "
		    "no database\n"
		    "hint: --database-folder DIR lays them, for a server to "
		    "start on",
		    r->set->id);
	if (r->to && !snapshot_home_part(&r->set->snapshot))
		return fail(error, GONOGO_ERROR_USAGE,
		    "set %s holds no home\nhint: --database URL restores "
		    "what it holds",
		    r->set->id);
	if (!check_vacant(r->folder, error) || !check_folder(r, error))
		return false;
	if (!check_vacant(r->to, error) || !check_vacant(r->also, error) ||
	    !check_tree(r, false, error) || !check_tree(r, true, error))
		return false;
	return !r->url ||
	       (db_login_for(r->settings, r->url, &r->login, error) &&
		   refill_check(r->set, &r->login, error));
}

/* A whole restore that was compared is the best proof of a set. */
static bool write_proof(struct restore *r, GError **error)
{
	const struct snapshot *set = &r->set->snapshot;
	bool home = r->to || !snapshot_home_part(set);
	bool database = r->url || !snapshot_has(set, SNAPSHOT_PART_DATABASE);
	bool whole = home && database && !is_part(r);

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
		log_say("proof: %s%s", path, signing_note(r->store));
	return path != NULL;
}

/* Its number will be given to a new repository, which then finds a folder. */
static void tell_folders_without_row(const struct restore *r)
{
	g_auto(evidence) how = {0};

	if (!choice_evidence(r->set, &how, NULL) ||
	    list_length(how.check.folders_without_row) == 0)
		return;
	const GPtrArray *folders = how.check.folders_without_row;
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
	const char *part = snapshot_home_part(&r->set->snapshot);

	if (!r->to || r->staging || is_part(r))
		return;
	if (g_strcmp0(part, SNAPSHOT_PART_HOME) != 0) {
		printf("next: this is the home of a %s, %s; owner and modes "
		       "must be what they were there.\n",
		    g_strcmp0(part, SNAPSHOT_PART_MESH) == 0 ? "Mesh node"
							     : "mirror",
		    r->set->snapshot.node ? r->set->snapshot.node
					  : "of a host that is not told");
		return;
	}
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

static bool stage(const struct restore *r, GError **error)
{
	const struct staging s = {r->staging, r->to, &r->login, r->set};
	const struct tree t = tree_of(r, false);

	return staging_apply(&s, error) && tree_end(&t, error);
}

static int restore(
    struct restore *r, const char *name, const char *path, GError **error)
{
	r->store = store_open(path, STORE_READ, error);
	r->set = r->store && signing_begin(r->store, r->settings, error)
		     ? set_find_held(r->store, name, error)
		     : NULL;
	if (!r->set || !records_check(r->store, r->set, error))
		return -1;
	r->manifest = manifest_read(r->set->folder, error);
	if (!r->manifest || !check(r, error))
		return -1;
	r->proof.started_at = number_of(clock_now());
	r->proof.files = r->proof.bytes = number_of(0);
	if (!restore_tree(r, false, error) || !restore_tree(r, true, error))
		return -1;
	if ((r->folder && !restore_folder(r, error)) ||
	    (r->url && !restore_database(r, error)))
		return -1;
	if (!write_proof(r, error))
		return -1;
	if (r->staging && !stage(r, error))
		return -1;
	printf("restored set %s%s\n", r->set->id,
	    r->staging ? " as a staging copy" : "");
	if (!r->also && !is_part(r) && has_also(r))
		printf("next: --also DIR restores the files from outside the "
		       "home, too.\n");
	if (r->folder)
		tell_folder(r);
	tell_what_next(r);
	return list_length(r->proof.flaws) ? EXITS_NO_GO : EXITS_DONE;
}

int verb_restore(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL, *to = NULL, *also = NULL;
	g_autofree char *url = NULL, *staging = NULL, *data = NULL;
	g_auto(GStrv) repositories = NULL, paths = NULL, tablespaces = NULL;
	gboolean setuid = FALSE;
	gint64 jobs = -1;
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
	    {"database-folder", 0, 0, G_OPTION_ARG_FILENAME, &data,
		"lay the files of its server there", "DIR"},
	    {"tablespace", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &tablespaces,
		"lay one elsewhere than in that folder", "OLD=NEW"},
	    {"repository", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &repositories,
		"only this one, with those it borrows from", "ID|KEY/slug"},
	    {"path", 'p', 0, G_OPTION_ARG_FILENAME_ARRAY, &paths,
		"only what is there below the home", "PATH|GLOB"},
	    {"jobs", 'j', 0, G_OPTION_ARG_INT64, &jobs,
		"parallel workers; 0: as many as help here", "N"},
	    {"staging", 0, 0, G_OPTION_ARG_STRING, &staging,
		"a copy to start beside production", "URL"},
	    {"allow-setuid", 0, 0, G_OPTION_ARG_NONE, &setuid,
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
	g_autofree char *data_path =
	    data ? g_canonicalize_filename(data, NULL) : NULL;
	struct restore r = {.settings = settings,
	    .to = to,
	    .also = also,
	    .url = url,
	    .folder = data_path,
	    .tablespaces = tablespaces,
	    .staging = staging,
	    .repositories = repositories,
	    .paths = paths,
	    .allow_setuid = setuid};
	if (jobs < 0)
		jobs = settings->backup.jobs;
	r.jobs = (unsigned)jobs;
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
