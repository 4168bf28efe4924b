/*
 * gonogo-backup adopt: a backup that the site makes by other means, told by
 * its own command, becomes a set of the store that is its word alone.
 */
#include "backup/asserted/judge.h"
#include "backup/asserted/prove.h"
#include "backup/asserted/record.h"
#include "backup/handover.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

static const char details[] =
    "Runs [adopt] prove, which prints what backup there is, and records its "
    "word.\nNothing of that backup is read: its set is DEGRADED for ever, and "
    "the policy\nsays whether it suffices.  Exit: 10 it is recorded, what it "
    "lacks is named;\n65 what the command says is refused; 74 the command "
    "failed; 75 another\nbackup runs.  Standard output: the set's id and path.";

static bool tell(const struct snapshot *set, const store *to,
    const char *folder, bool as_json, GError **error)
{
	g_autofree char *path =
	    g_build_filename(store_path(to), "snapshots", set->id, NULL);
	g_autofree char *record = g_build_filename(path, "SNAPSHOT.json", NULL);

	for (guint i = 0; i < list_length(set->flaws); i++) {
		const struct flaw *f = g_ptr_array_index(set->flaws, i);
		log_warn("%s %s: %s", f->kind, f->subject, f->why);
	}
	if (folder && !handover(folder, HANDOVER_SNAPSHOT, record, error))
		return false;
	if (as_json)
		return document_save(&snapshot_shape, set, "-", error);
	printf("%s %s\n", set->id, path);
	return true;
}

static bool adopt(
    const struct settings *s, const char *folder, bool as_json, GError **error)
{
	const struct asserted_limits limits = {
	    clock_now(), s->adopt.max_age_s, s->adopt.max_gap_s};
	g_auto(snapshot) set = {
	    .mode = g_strdup("adopt"), .started_at = number_of(limits.now)};
	g_auto(evidence) how = {0};

	if (!s->store.path)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no store\nhint: name it with --store or -c");
	if (!prove_ask(s, &set.assertion, error))
		return false;
	if (!asserted_check(&set.assertion, &limits, error)) {
		g_prefix_error(error, "[adopt] prove: ");
		return false;
	}
	asserted_judge(&set.assertion, &limits, &set);
	g_autoptr(store) to = store_open(s->store.path, STORE_WRITE, error);
	g_autoptr(run) r = to ? run_begin(to, error) : NULL;
	return r && asserted_commit(s, r, &set, &how, error) &&
	       tell(&set, to, folder, as_json, error);
}

int verb_adopt(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *place = NULL, *command = NULL;
	g_autofree char *folder = NULL;
	gboolean as_json = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &place,
		"folder of the store [what the settings say]", "DIR"},
	    {"prove", 0, 0, G_OPTION_ARG_STRING, &command,
		"run this one [what the settings say]", "COMMAND"},
	    {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &folder,
		"also put the set's record there, as snapshot.json", "DIR"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"print the set's record instead", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0, details, error))
		return -1;
	g_autoptr(settings) s = settings_read(path, error);
	if (!s)
		return -1;
	if (place) {
		g_free(s->store.path);
		s->store.path = g_canonicalize_filename(place, NULL);
	}
	if (command) {
		g_free(s->adopt.prove);
		s->adopt.prove = g_steal_pointer(&command);
	}
	return adopt(s, folder, as_json, error) ? EXITS_CONDITIONAL : -1;
}
