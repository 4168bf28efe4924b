/*
 * gonogo-backup verify: reads a set back, both ways.
 *
 *     records    against each other: manifest, integrity root, chain
 *     stored     the disk against the set's lists: is it there, how long
 *     reading    the lists against the disk; every stored byte, and what it
 *                is when plain
 *     deep       every repository, by git; a physical copy, by PostgreSQL
 *     surplus    what else lies in the store
 *     blame      whom each flaw touches
 */
#include <inttypes.h>

#include "backup/asserted/verify.h"
#include "backup/choice.h"
#include "backup/handover.h"
#include "backup/signing.h"
#include "backup/verbs.h"
#include "backup/verify/blame.h"
#include "backup/verify/deep.h"
#include "backup/verify/reading.h"
#include "backup/verify/records.h"
#include "backup/verify/start.h"
#include "backup/verify/surplus.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "contract/settings.h"

enum {
	LOOKERS = 8, /* they wait for the disk alone */
	MOST_WORKERS = 8,
};

struct wish {
	enum proof_level level;
	char **only; /* repositories; NULL: the whole set */
	struct sample sample;
	const char *evidence;
	const struct settings *settings;
};

/* ---- what is read back ---- */

/* Which groups are read; nothing of them at the level quick. */
static bool choose(
    struct verify *v, const struct wish *w, uint64_t *chosen, GError **error)
{
	guint length = v->manifest->groups->len;
	g_autofree const char **names = g_new0(const char *, length + 1);
	g_autoptr(GPtrArray) only = g_ptr_array_new();

	v->chosen = g_new0(bool, length + 1);
	*chosen = 0;
	if (w->level == PROOF_QUICK)
		return true;
	if (w->only &&
	    !choice_repositories(v->set, v->manifest, w->only, only, error))
		return false;
	for (guint i = 0; i < length; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(v->manifest->groups, i);
		names[i] = g->name;
		v->chosen[i] = g_ptr_array_find(only, g, NULL);
	}
	*chosen = w->only ? only->len
			  : sample_choose(&w->sample, names, length, v->chosen);
	return true;
}

/* Without a choice all that the sums name is read, whoever needs it. */
static void mark_all(struct verify *v)
{
	for (guint i = 0; i < v->stored.files->len; i++)
		g_array_index(v->stored.files, struct stored, i).read = true;
}

static void count_stored(struct verify *v)
{
	for (guint i = 0; i < v->stored.files->len; i++) {
		const struct stored *one =
		    &g_array_index(v->stored.files, struct stored, i);
		v->proof.objects.value +=
		    one->there && g_str_has_prefix(one->path, "objects/");
		v->proof.segments.value +=
		    one->there && g_str_has_prefix(one->path, "segments/");
	}
}

/* What the set needs and no sum of it is told was never checked. */
static bool read_back(struct verify *v, const struct wish *w, GError **error)
{
	bool whole = w->level != PROOF_QUICK && !w->only && !w->sample.share;
	const struct sample *dump =
	    w->level == PROOF_QUICK || w->only ? NULL : &w->sample;
	uint64_t groups = 0;

	if (whole)
		mark_all(v);
	if ((v->manifest && !choose(v, w, &groups, error)) ||
	    !reading_check(v, dump, error))
		return false;
	if (w->level == PROOF_DEEP &&
	    ((v->manifest && !deep_check(v, error)) ||
		(!w->only && !start_check(v, w->settings, error))))
		return false;
	if (!w->sample.share)
		return true;
	v->proof.sample = (struct proof_sample){
	    .level = g_strdup(proof_level_names[w->level]),
	    .share = g_strdup(w->sample.share),
	    .seed = number_of((int64_t)w->sample.seed),
	    .objects = number_of((int64_t)v->objects_read),
	    .objects_of = v->proof.objects,
	    .groups = number_of((int64_t)groups),
	    .groups_of = number_of(v->manifest ? v->manifest->groups->len : 0),
	};
	return true;
}

/* ---- the whole ---- */

static void begin(struct verify *v, const struct wish *w)
{
	v->proof.made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	v->proof.set = g_strdup(v->set->id);
	v->proof.snapshot_sha256 = g_strdup(v->set->sha256);
	/* Of a sample nothing is proved of the whole but this. */
	v->proof.level = w->sample.share ? PROOF_QUICK : (int)w->level;
	v->proof.started_at = number_of(clock_now());
	v->proof.objects = v->proof.segments = v->proof.bytes = number_of(0);
	v->proof.files = v->proof.repositories = number_of(0);
	progress_start(&v->progress, "reading the set back", "bytes",
	    (uint64_t)v->set->snapshot.home.stored_bytes.value);
}

static bool look(struct verify *v, const struct wish *w, GError **error)
{
	GError *why = NULL;

	records_check_own(v);
	if (!records_check_chain(v, error))
		return false;
	v->manifest = manifest_read(v->set->folder, &why);
	if (!v->manifest &&
	    !flaws_take(&v->flaws, "record", "MANIFEST.zst", why, error))
		return false;
	why = NULL;
	if (!stored_open(&v->stored, &v->flaws, store_root(v->store),
		v->set->folder, LOOKERS, &why))
		return flaws_take(
		    &v->flaws, "record", "SHA256SUMS", why, error);
	count_stored(v);
	records_check_root(v);
	return read_back(v, w, error) && records_check_folder(v, error) &&
	       surplus_tell(v, error);
}

static void tell_flaws(struct verify *v)
{
	blame_all(v);
	for (guint i = 0; i < list_length(v->flaws.all); i++) {
		g_autofree char *text =
		    blame_text(g_ptr_array_index(v->flaws.all, i));
		log_warn("%s", text);
	}
}

static bool write_proof(struct verify *v, const struct wish *w, GError **error)
{
	v->proof.flaws = g_steal_pointer(&v->flaws.all);
	v->proof.outcome =
	    list_length(v->proof.flaws) ? PROOF_FAILED : PROOF_PASSED;
	v->proof.ended_at = number_of(clock_now());
	/* Of a part nothing is proved of the whole; and without a record, of
	 * what would it be a proof? */
	if (w->only || !v->proof.snapshot_sha256)
		return true;
	g_autofree char *path =
	    set_add_proof(v->store, v->set, &v->proof, error);
	if (path)
		log_say("proof: %s%s", path, signing_note(v->store));
	return path && (!w->evidence ||
			   handover(w->evidence, HANDOVER_PROOF, path, error));
}

static void tell(const struct verify *v, const struct wish *w)
{
	const struct proof_sample *s = &v->proof.sample;
	guint flaws = list_length(v->proof.flaws);

	printf("%s %s: %s", flaws ? "FAILED" : "passed", v->set->id,
	    proof_level_names[v->proof.level]);
	if (s->level)
		printf(", and %s of a sample alone: %" PRId64 " of %" PRId64
		       " groups, %" PRId64 " of %" PRId64
		       " objects (%s, seed %" PRId64 ")",
		    s->level, s->groups.value, s->groups_of.value,
		    s->objects.value, s->objects_of.value, s->share,
		    s->seed.value);
	if (w->only)
		printf(", of these repositories alone: no proof of the set");
	if (flaws)
		printf(", %u flaws", flaws);
	printf("\n");
}

static int verify(struct verify *v, const struct wish *w, GError **error)
{
	begin(v, w);
	bool good = look(v, w, error);
	progress_end(&v->progress);
	/* Also what was found before a signal came. */
	tell_flaws(v);
	if (!good || !write_proof(v, w, error))
		return -1;
	tell(v, w);
	return list_length(v->proof.flaws) ? EXITS_NO_GO : EXITS_DONE;
}

static void clear(struct verify *v)
{
	struct proof found = {.flaws = v->flaws.all};

	proof_clear(&found);
	proof_clear(&v->proof);
	stored_clear(&v->stored);
	g_clear_pointer(&v->manifest, manifest_free);
	g_free(v->chosen);
}

/* A set that is listed but can't be read does not verify. */
static int run(const char *place, const char *name,
    const struct settings *settings, int64_t jobs, const struct wish *w,
    GError **error)
{
	g_autoptr(store) s = store_open(place, STORE_READ, error);
	g_autoptr(set) set = s && signing_begin(s, settings, error)
				 ? set_find_any(s, name, error)
				 : NULL;
	struct verify v = {.store = s, .set = set};

	if (set && !set->trouble && snapshot_is_asserted(&set->snapshot))
		return asserted_verify(s, set, error);
	v.jobs =
	    jobs ? (unsigned)jobs : MIN(g_get_num_processors(), MOST_WORKERS);
	int code = set ? verify(&v, w, error) : -1;
	clear(&v);
	return code;
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

static bool fits(const struct wish *w, GError **error)
{
	if (!w->sample.share)
		return true;
	if (w->only)
		return fail(error, GONOGO_ERROR_USAGE,
		    "--sample and --repository choose differently\n"
		    "hint: leave one of them out");
	return w->level != PROOF_QUICK ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "--sample chooses what is read, and quick reads records "
		   "alone\nhint: --level full or deep");
}

int verb_verify(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL, *level = NULL;
	g_autofree char *evidence = NULL, *sample = NULL;
	g_auto(GStrv) only = NULL;
	gint64 seed = -1, jobs = -1;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings that name the store", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &folder,
		"folder of the store", "DIR"},
	    {"level", 'l', 0, G_OPTION_ARG_STRING, &level,
		"quick, full or deep [full]", "LEVEL"},
	    {"sample", 0, 0, G_OPTION_ARG_STRING, &sample,
		"read back a share or a count of all alone", "PERCENT%|N"},
	    {"seed", 0, 0, G_OPTION_ARG_INT64, &seed,
		"choose that sample again", "NUMBER"},
	    {"repository", 'r', 0, G_OPTION_ARG_STRING_ARRAY, &only,
		"only this repository; no proof then", "ID|KEY/slug"},
	    {"jobs", 'j', 0, G_OPTION_ARG_INT64, &jobs,
		"parallel workers; 0: as many as help here", "N"},
	    {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &evidence,
		"also put the proof there, as proof.json", "DIR"},
	    {0},
	};
	struct wish w = {.level = PROOF_FULL};

	if (!cli_parse(&argc, argv, options, "[SET]", 0, 1,
		"SET: an id, a number, or latest (the default).\n"
		"quick: records and sizes; full: every byte; deep: and git "
		"fsck of\nevery repository, and a server started on a physical "
		"copy.  Exit: 0 passed;\n20 it does not verify, each flaw is "
		"named; 30 it is asserted by others, and\ncan't be read here; "
		"65 the store's own record can't be read.",
		error) ||
	    (level && !level_of(level, &w.level, error)) ||
	    (sample && !sample_parse(&w.sample, sample, error)))
		return -1;
	w.only = only;
	w.evidence = evidence;
	/* It stands in the proof, as a number of JSON. */
	w.sample.seed = seed >= 0 ? (uint64_t)seed & ((UINT64_C(1) << 53) - 1)
				  : g_random_int();
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings || !fits(&w, error))
		return -1;
	w.settings = settings;
	const char *place = folder ? folder : settings->store.path;
	if (jobs < 0)
		jobs = settings->backup.jobs;
	if (place)
		return run(place, argc > 1 ? argv[1] : NULL, settings, jobs, &w,
		    error);
	fail(error, GONOGO_ERROR_USAGE,
	    "no store\nhint: name it with --store or -c");
	return -1;
}
