#include "backup/handover.h"
#include "backup/mode/modes.h"
#include "backup/plan.h"
#include "backup/story.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/window.h"
#include "bitbucket/homes.h"

static const char details[] =
    "Exit: 0 the set is GOOD; 10 it is DEGRADED, what is missing is named; "
    "60\noutside the lock window; 74 no space, or a disk failed; 75 another "
    "backup\nruns, or Bitbucket is locked; 128+N stopped by signal N.\n"
    "Standard output: the set's id and path.";

static int report(
    const struct job *j, const char *folder, bool as_json, GError **error)
{
	g_autofree char *path = g_build_filename(
	    store_path(j->store), "snapshots", j->set.id, NULL);
	g_autofree char *record = g_build_filename(path, "SNAPSHOT.json", NULL);
	bool good = j->set.status == SNAPSHOT_GOOD;

	for (guint i = 0; i < list_length(j->set.flaws); i++) {
		const struct flaw *f = g_ptr_array_index(j->set.flaws, i);
		log_warn("%s %s: %s", f->kind, f->subject, f->why);
	}
	if (folder && !handover(folder, HANDOVER_SNAPSHOT, record, error))
		return -1;
	if (as_json) {
		if (!document_save(&snapshot_shape, &j->set, "-", error))
			return -1;
	} else {
		printf("%s %s\n", j->set.id, path);
	}
	log_say("the set is %s", snapshot_status_names[j->set.status]);
	return good ? EXITS_DONE : EXITS_CONDITIONAL;
}

/* What the command line asks for. */
struct wish {
	const struct mode *mode;
	const struct home_kind *kind;
	bool no_home, no_database, paranoid;
	const char *evidence; /* folder; or NULL */
	bool as_json;
};

static int create(
    const struct settings *s, const struct wish *wish, GError **error)
{
	g_auto(job) j = {.settings = s,
	    .mode = wish->mode,
	    .fallback = modes_fallback(),
	    .kind = wish->kind,
	    .node = wish->kind == &home_shared ? NULL : g_get_host_name(),
	    .no_home = wish->no_home,
	    .no_database = wish->no_database,
	    .paranoid = wish->paranoid};
	int64_t left = window_left_s(s->backup.lock_window, clock_now());

	if (wish->mode->locks && s->backup.allow_lock && left == 0) {
		log_warn("outside [backup] lock_window %s (UTC): nothing was "
			 "done",
		    s->backup.lock_window);
		return EXITS_HOLD;
	}
	return story(&j, MIN(left, s->backup.max_lock_seconds), error)
		   ? report(&j, wish->evidence, wish->as_json, error)
		   : -1;
}

/* ---- the command line ---- */

enum { JOBS_UNSAID = -1, JOBS_MOST = 256 };

/* What the command line says takes the place of what the file says. */
struct places {
	char *home, *mirror, *mesh, *store, *database, *mode, *rate, *form;
	gboolean fast, whole;
	char **also;
	int jobs; /* JOBS_UNSAID, or a number */
};

static void places_clear(struct places *p)
{
	g_free(p->home);
	g_free(p->mirror);
	g_free(p->mesh);
	g_free(p->store);
	g_free(p->database);
	g_free(p->mode);
	g_free(p->rate);
	g_free(p->form);
	g_strfreev(p->also);
}
typedef struct places places;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(places, places_clear)

static void add_also(struct settings *s, char **more)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();

	for (char **path = s->backup.also; path && *path; path++)
		g_ptr_array_add(all, *path);
	for (; *more; more++)
		g_ptr_array_add(all, g_canonicalize_filename(*more, NULL));
	g_ptr_array_add(all, NULL);
	g_free(s->backup.also);
	s->backup.also =
	    (char **)g_ptr_array_free(g_steal_pointer(&all), FALSE);
}

static void set_path(char **setting, const char *path)
{
	if (!path)
		return;
	g_free(*setting);
	*setting = g_canonicalize_filename(path, NULL);
}

static bool set_places(
    struct settings *s, const struct places *p, GError **error)
{
	set_path(&s->home.shared, p->home);
	set_path(&s->home.shared, p->mirror);
	set_path(&s->home.shared, p->mesh);
	set_path(&s->store.path, p->store);
	if (p->also)
		add_also(s, p->also);
	if (p->jobs != JOBS_UNSAID)
		s->backup.jobs = p->jobs;
	if (p->mode) {
		g_free(s->backup.mode);
		s->backup.mode = g_strdup(p->mode);
	}
	if (p->rate && !config_bytes(p->rate, &s->backup.rate))
		return fail(error, GONOGO_ERROR_USAGE,
		    "--rate %s: no size like 4096 64K 20M 4G 1T", p->rate);
	if (p->form) {
		g_free(s->database.form);
		s->database.form = g_strdup(p->form);
	}
	if (p->fast) {
		g_free(s->database.checkpoint);
		s->database.checkpoint = g_strdup("fast");
	}
	s->database.whole_cluster |= p->whole;
	return !p->database ||
	       settings_set_database(s, p->database, "--database", error);
}

static bool check_asked(
    const struct places *p, const struct wish *wish, GError **error)
{
	if (wish->kind != &home_shared) {
		const char *option = p->mesh ? "--mesh-node" : "--mirror";
		if (wish->no_home || p->home || (p->mirror && p->mesh))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s names the home\n"
			    "hint: leave out --home, --no-home and the other "
			    "one",
			    option);
		if (p->database || (p->mode && !g_str_equal(p->mode, "hot")))
			return fail(error, GONOGO_ERROR_USAGE,
			    "%s: such a home has no PostgreSQL database and no "
			    "lock of its own, and is saved hot\n"
			    "hint: leave out --database and --mode",
			    option);
	}
	if (wish->no_home && p->home)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--home and --no-home exclude each other");
	if (wish->no_database && p->database)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--database and --no-database exclude each other");
	if (p->form && !g_str_equal(p->form, "logical") &&
	    !g_str_equal(p->form, "physical"))
		return fail(error, GONOGO_ERROR_USAGE,
		    "--database-form %s: logical and physical are known",
		    p->form);
	if (p->jobs != JOBS_UNSAID && (p->jobs < 0 || p->jobs > JOBS_MOST))
		return fail(error, GONOGO_ERROR_USAGE,
		    "--jobs %d: not between 0 and %d", p->jobs, JOBS_MOST);
	return true;
}

int verb_create(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL;
	g_auto(places) places = {.jobs = JOBS_UNSAID};
	gboolean plan = FALSE, as_json = FALSE;
	gboolean no_home = FALSE, no_database = FALSE, paranoid = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"mode", 'm', 0, G_OPTION_ARG_STRING, &places.mode,
		"hot, freeze, sealed, snapshot, aws-backup", "MODE"},
	    {"home", 'H', 0, G_OPTION_ARG_FILENAME, &places.home,
		"the shared home [what the settings say]", "DIR"},
	    {"mirror", 0, 0, G_OPTION_ARG_FILENAME, &places.mirror,
		"what a mirror's home needs, instead", "DIR"},
	    {"mesh-node", 0, 0, G_OPTION_ARG_FILENAME, &places.mesh,
		"the home of a Mesh node, instead; run it there", "DIR"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &places.store,
		"folder of the store [what the settings say]", "DIR"},
	    {"database", 'd', 0, G_OPTION_ARG_STRING, &places.database,
		"the database, without a password in it", "URL"},
	    {"database-form", 0, 0, G_OPTION_ARG_STRING, &places.form,
		"logical: its rows; physical: its server's files", "FORM"},
	    {"fast-checkpoint", 0, 0, G_OPTION_ARG_NONE, &places.fast,
		"physical: begin at once, whoever that disturbs", NULL},
	    {"whole-cluster", 0, 0, G_OPTION_ARG_NONE, &places.whole,
		"physical: also other databases of that server", NULL},
	    {"no-home", 0, 0, G_OPTION_ARG_NONE, &no_home,
		"a set of the database alone", NULL},
	    {"no-database", 0, 0, G_OPTION_ARG_NONE, &no_database,
		"a set of the home alone", NULL},
	    {"also", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &places.also,
		"save this file or folder, too; may be repeated", "PATH"},
	    {"jobs", 'j', 0, G_OPTION_ARG_INT, &places.jobs,
		"parallel workers; 0: as many as help here", "N"},
	    {"rate", 'r', 0, G_OPTION_ARG_STRING, &places.rate,
		"bytes of the home a second; 0: no limit", "BYTES"},
	    {"paranoid", 0, 0, G_OPTION_ARG_NONE, &paranoid,
		"read also what seems to be as it was", NULL},
	    {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &folder,
		"also put the set's record there, as snapshot.json", "DIR"},
	    {"plan", 0, 0, G_OPTION_ARG_NONE, &plan,
		"say what it would write, lock and load; do nothing", NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"print the set's record instead", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0, details, error))
		return -1;
	struct wish wish = {.kind = places.mesh     ? &home_mesh
				    : places.mirror ? &home_mirror
						    : &home_shared,
	    .no_home = no_home,
	    .no_database = no_database,
	    .paranoid = paranoid,
	    .evidence = folder,
	    .as_json = as_json};
	g_autoptr(settings) s = settings_read(path, error);
	if (!s || !check_asked(&places, &wish, error) ||
	    !set_places(s, &places, error))
		return -1;
	/* What the settings say of mode and database is of the cluster. */
	bool alone = wish.kind != &home_shared;
	wish.no_database |= alone;
	no_database |= alone;
	wish.mode =
	    alone ? modes_fallback() : modes_find(s->backup.mode, error);
	if (!wish.mode)
		return -1;
	const struct plan meant = {wish.mode, no_home, no_database};
	return plan ? plan_print(s, &meant, error) : create(s, &wish, error);
}
