/*
 * gonogo-backup list: the committed sets of a store, newest first.
 */
#include "backup/store/set.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "contract/settings.h"

static json *set_json(
    const set *s, const struct proof *proof, const char *trouble)
{
	json *one = json_new_object();

	json_set_string(one, "id", s->id);
	json_set_string(one, "path", s->folder);
	json_set_string(one, "trouble", trouble);
	if (s->trouble)
		return one;
	json_set(one, "snapshot", shape_write(&snapshot_shape, &s->snapshot));
	if (proof)
		json_set(one, "proof", shape_write(&proof_shape, proof));
	return one;
}

/* What of the two a set never meant to hold. */
static const char *parts(const struct snapshot *s)
{
	if (!snapshot_has(s, SNAPSHOT_PART_HOME))
		return "; the database alone";
	if (!snapshot_has(s, SNAPSHOT_PART_DATABASE))
		return "; the home alone";
	return "";
}

static void print_row(const set *s, const struct proof *proof)
{
	const struct snapshot *one = &s->snapshot;

	if (s->trouble) {
		printf("%-24s unreadable: %s\n", s->id, s->trouble);
		return;
	}
	g_autofree char *point = one->point_at.known
				     ? clock_text(one->point_at.value)
				     : g_strdup("-");
	g_autofree char *size = g_format_size((guint64)one->home.bytes.value);
	printf("%-24s %-8s %-6s %s %9s  %s%s\n", s->id,
	    snapshot_status_names[one->status], one->mode, point, size,
	    proof ? proof_level_names[proof->level] : "not verified",
	    parts(one));
	if (proof && proof->outcome != PROOF_PASSED)
		printf("    its newest proof: %s\n",
		    proof_outcome_names[proof->outcome]);
}

static bool list(const char *path, bool as_json, GError **error)
{
	g_autoptr(store) s = store_open(path, STORE_READ, error);
	g_autoptr(GPtrArray) all = s ? sets_list(s, error) : NULL;
	g_autoptr(json) document = json_new_object();

	if (!all)
		return false;
	json_set_string(document, "schema", "gonogo.sets/1");
	json *array = json_set(document, "sets", json_new_array());
	if (!as_json)
		printf("%-24s %-8s %-6s %-20s %9s  %s\n", "set", "status",
		    "mode", "point", "home", "proof");
	for (guint i = all->len; i-- > 0;) {
		const set *one = g_ptr_array_index(all, i);
		g_auto(proof) proof = {0};
		bool found = false;
		if (!one->trouble &&
		    !set_newest_proof(s, one, &proof, &found, error))
			return false;
		if (as_json)
			json_append(array,
			    set_json(one, found ? &proof : NULL, one->trouble));
		else
			print_row(one, found ? &proof : NULL);
	}
	if (as_json)
		return json_write(document, "-", error);
	if (all->len == 0)
		printf("(none)\n");
	return true;
}

int verb_list(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL;
	gboolean as_json = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings that name the store", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &folder,
		"folder of the store", "DIR"},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"print one JSON document", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Lists whole sets only; what a run left half done is none.",
		error))
		return -1;
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	const char *place = folder ? folder : settings->store.path;
	if (!place) {
		fail(error, GONOGO_ERROR_USAGE,
		    "no store\nhint: name it with --store or -c");
		return -1;
	}
	return list(place, as_json, error) ? EXITS_DONE : -1;
}
