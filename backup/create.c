#include "backup/handover.h"
#include "backup/job.h"
#include "backup/lock/window.h"
#include "backup/plan.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

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

static int create(const struct settings *s, bool sealed, const char *folder,
    bool as_json, GError **error)
{
	g_auto(job) j = {.settings = s, .sealed = sealed};
	int64_t left = window_left_s(s->backup.lock_window, clock_now());

	if (sealed && s->backup.allow_lock && left == 0) {
		log_warn("outside [backup] lock_window %s (UTC): nothing was "
			 "done",
		    s->backup.lock_window);
		return EXITS_HOLD;
	}
	return job_run(&j, MIN(left, s->backup.max_lock_seconds), error)
		   ? report(&j, folder, as_json, error)
		   : -1;
}

/* ---- the command line ---- */

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

int verb_create(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *mode = NULL, *folder = NULL;
	g_auto(GStrv) also = NULL;
	gboolean plan = FALSE, as_json = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"mode", 'm', 0, G_OPTION_ARG_STRING, &mode,
		"hot or sealed [what the settings say]", "MODE"},
	    {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &folder,
		"also put the set's record there, as snapshot.json", "DIR"},
	    {"also", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &also,
		"save this file or folder, too; may be repeated", "PATH"},
	    {"plan", 0, 0, G_OPTION_ARG_NONE, &plan,
		"say what it would write, lock and load; do nothing", NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"print the set's record instead", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0, details, error))
		return -1;
	g_autoptr(settings) s = settings_read(path, error);
	if (!s)
		return -1;
	if (also)
		add_also(s, also);
	if (!mode)
		mode = g_strdup(s->backup.mode);
	bool sealed = g_str_equal(mode, "sealed");
	if (!sealed && !g_str_equal(mode, "hot")) {
		fail(error, GONOGO_ERROR_USAGE,
		    "--mode %s: hot and sealed are known", mode);
		return -1;
	}
	return plan ? plan_print(s, sealed, error)
		    : create(s, sealed, folder, as_json, error);
}
