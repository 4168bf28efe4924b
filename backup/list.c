/*
 * gonogo-backup list: the committed sets of a store, newest first.
 */
#include "backup/signing.h"
#include "backup/store/set.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "contract/sets.h"
#include "contract/settings.h"

/* ---- a row ---- */

static void fill_proof(struct sets_row *row, const struct proof *p)
{
	row->proof_level = g_strdup(proof_level_names[p->level]);
	row->proof_outcome = g_strdup(proof_outcome_names[p->outcome]);
	row->proved_at = p->ended_at;
}

static void fill(struct sets_row *row, const struct set *set)
{
	const struct snapshot *s = &set->snapshot;

	row->id = g_strdup(set->id);
	row->path = g_strdup(set->folder);
	row->trouble = g_strdup(set->trouble);
	row->sequence = number_of((int64_t)set->sequence);
	if (set->trouble)
		return;
	row->status = g_strdup(snapshot_status_names[s->status]);
	row->mode = g_strdup(s->mode);
	for (guint i = 0; i < list_length(s->parts); i++)
		strings_add(&row->parts, g_ptr_array_index(s->parts, i));
	row->started_at = s->started_at;
	row->point_at = s->point_at;
	row->ended_at = s->ended_at;
	row->bytes = number_of(s->home.bytes.value + s->database.bytes.value);
	row->stored_bytes = s->home.stored_bytes;
	row->new_bytes = s->home.new_bytes;
	row->files = s->home.files;
	row->repositories = s->home.repositories;
	row->rows = s->database.rows;
	row->flaws = number_of(list_length(s->flaws));
	if (snapshot_is_asserted(s))
		row->asserted_by = g_strdup(s->assertion.provider);
}

static bool add_row(
    struct sets *sets, const store *s, const struct set *set, GError **error)
{
	struct sets_row *row = shape_add(&sets_row_shape, &sets->sets);
	g_auto(proof) proof = {0};
	bool found = false;

	fill(row, set);
	if (!set->trouble && !set_best_proof(s, set, &proof, &found, error))
		return false;
	if (found)
		fill_proof(row, &proof);
	return true;
}

static bool read_all(struct sets *sets, const char *path,
    const struct settings *settings, GError **error)
{
	g_autoptr(store) s = store_open(path, STORE_READ, error);
	g_autoptr(GPtrArray) all =
	    s && signing_read(s, settings, error) ? sets_list(s, error) : NULL;

	if (!all)
		return false;
	sets->sets = g_ptr_array_new();
	for (guint i = all->len; i-- > 0;)
		if (!add_row(sets, s, g_ptr_array_index(all, i), error))
			return false;
	return true;
}

/* ---- for people: 80 columns ---- */

/* Gives "812", "2.3M", "999.9G": six letters at most. */
static char *size(struct number bytes)
{
	static const char units[] = " KMGTPE";
	double value = (double)bytes.value;
	const char *unit = units;

	if (!bytes.known)
		return g_strdup("-");
	for (; value >= 999.95; unit++)
		value /= 1000;
	return unit == units ? g_strdup_printf("%.0f", value)
			     : g_strdup_printf("%.1f%c", value, *unit);
}

/* Gives "3 d", "12 min": the first of clock_span()'s two units. */
static char *age(struct number at)
{
	g_autofree char *span =
	    at.known ? clock_span(clock_now() - at.value) : g_strdup("-");
	g_auto(GStrv) words = g_strsplit(span, " ", 3);

	return words[0] && words[1] ? g_strjoin(" ", words[0], words[1], NULL)
				    : g_strdup(span);
}

/* Gives "full 3 d", "FAILED 2 h": what, and how long ago. */
static char *proof_of(const struct sets_row *row)
{
	if (!row->proof_level)
		return g_strdup("not verified");
	g_autofree char *ago = age(row->proved_at);
	bool passed =
	    g_str_equal(row->proof_outcome, proof_outcome_names[PROOF_PASSED]);
	return g_strdup_printf(
	    "%s %s", passed ? row->proof_level : "FAILED", ago);
}

/* What of the two a set never meant to hold. */
static const char *parts(const struct sets_row *row)
{
	const struct snapshot s = {.parts = row->parts};

	if (snapshot_is_asserted(&s))
		return "    asserted, not verified by us\n";
	const char *home = snapshot_home_part(&s);
	if (g_strcmp0(home, SNAPSHOT_PART_MIRROR) == 0)
		return "    of a mirror\n";
	if (g_strcmp0(home, SNAPSHOT_PART_MESH) == 0)
		return "    of a Mesh node\n";
	if (!home)
		return "    the database alone\n";
	if (!snapshot_has(&s, SNAPSHOT_PART_DATABASE))
		return "    the home alone\n";
	return "";
}

static void print_row(const struct sets_row *row)
{
	if (row->trouble) {
		printf("%s\n    unreadable: %s\n", row->id, row->trouble);
		return;
	}
	g_autofree char *old =
	    age(row->point_at.known ? row->point_at : row->started_at);
	g_autofree char *bytes = size(row->bytes);
	g_autofree char *fresh = size(row->new_bytes);
	g_autofree char *proof = proof_of(row);
	printf("%-23s %-8s %-10s %6s %6s %6s %s\n%s", row->id, row->status,
	    row->mode, old, bytes, fresh, proof, parts(row));
}

static void print_all(const struct sets *sets)
{
	printf("%-23s %-8s %-10s %6s %6s %6s %s\n", "set", "status", "mode",
	    "age", "bytes", "new", "proof");
	for (guint i = 0; i < sets->sets->len; i++)
		print_row(g_ptr_array_index(sets->sets, i));
	if (sets->sets->len == 0)
		printf("(none)\n");
}

static bool list(const char *path, const struct settings *settings,
    bool as_json, GError **error)
{
	g_auto(sets) sets = {0};

	if (!read_all(&sets, path, settings, error))
		return false;
	if (as_json)
		return document_save(&sets_shape, &sets, "-", error);
	print_all(&sets);
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
		"Lists whole sets only; what a run left half done is none.\n"
		"bytes: when restored; new: what the set added to the store; "
		"proof: the\nnewest failure, or what was read closest since.",
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
	return list(place, settings, as_json, error) ? EXITS_DONE : -1;
}
