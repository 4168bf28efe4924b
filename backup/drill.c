/*
 * gonogo-backup drill: can we really come back?
 *
 *     host -> rehearsal (backup/drill/rehearsal.h) -> proof
 */
#include <inttypes.h>

#include "backup/drill/here.h"
#include "backup/drill/rehearsal.h"
#include "backup/handover.h"
#include "backup/signing.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "port/fs.h"

enum { MOST_WORKERS = 8 };

static bool check_host(bool here, GError **error)
{
	int pid = here ? 0 : here_bitbucket();

	return pid == 0 ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "Bitbucket runs on this host (process %d), and a drill "
		   "takes processors, memory and disk from it\n"
		   "hint: run it where the store can be read and nobody works; "
		   "--here does it all the same",
		   pid);
}

/* ---- what is told ---- */

static bool write_proof(
    struct rehearsal *s, const char *evidence, GError **error)
{
	struct proof *p = &s->d.proof;

	p->flaws = g_steal_pointer(&s->d.flaws.all);
	p->made_by = g_strdup("gonogo-backup " GONOGO_VERSION);
	p->set = g_strdup(s->set->id);
	p->snapshot_sha256 = g_strdup(s->set->sha256);
	p->level = PROOF_RESTORE;
	p->outcome = list_length(p->flaws) ? PROOF_FAILED : PROOF_PASSED;
	p->ended_at = number_of(clock_now());
	g_autofree char *path = set_add_proof(s->store, s->set, p, error);
	if (!path)
		return false;
	log_say("proof: %s%s", path, signing_note(s->store));
	return !evidence || handover(evidence, HANDOVER_DRILL, path, error);
}

static void tell_time(const char *what, const struct number *ms)
{
	if (ms->known)
		printf("  %-9s %" PRId64 ".%01" PRId64 " s\n", what,
		    ms->value / 1000, ms->value % 1000 / 100);
}

static int tell(const struct rehearsal *s)
{
	const struct proof *p = &s->d.proof;
	guint flaws = list_length(p->flaws);

	for (guint i = 0; i < flaws; i++) {
		const struct flaw *f = g_ptr_array_index(p->flaws, i);
		log_warn("%s %s: %s", f->kind, f->subject, f->why);
	}
	printf("%s %s: restore", flaws ? "FAILED" : "passed", s->set->id);
	if (flaws)
		printf(", %u flaws", flaws);
	printf("\n");
	if (p->files.known)
		printf("  home      %" PRId64 " files, %" PRId64 " refs; git "
		       "looked at %" PRId64 "%s repositories\n",
		    p->files.value, p->refs.value, p->repositories.value,
		    p->sample.share ? " (a sample) of the" : "");
	if (p->tables.known)
		printf("  database  %" PRId64 " tables, %" PRId64 " rows\n",
		    p->tables.value, p->rows.value);
	tell_time("home", &p->times.home_ms);
	tell_time("database", &p->times.database_ms);
	tell_time("compare", &p->times.compare_ms);
	return flaws ? EXITS_NO_GO : EXITS_DONE;
}

static int run(struct rehearsal *s, const char *place, const char *name,
    const char *evidence, GError **error)
{
	s->store = store_open(place, STORE_READ, error);
	s->set = s->store && signing_begin(s->store, s->settings, error)
		     ? set_find_held(s->store, name, error)
		     : NULL;
	if (!s->set)
		return -1;
	if (!rehearsal_has_home(s) && !rehearsal_has_database(s)) {
		fail(error, GONOGO_ERROR_USAGE,
		    "set %s is of a mirror or a Mesh node: there is nothing "
		    "to come back from it alone\n"
		    "hint: `verify --level deep` looks into its repositories",
		    s->set->id);
		return -1;
	}
	s->d.set = s->set;
	s->d.how = &s->how;
	s->d.proof.started_at = number_of(clock_now());
	if (!rehearsal_run(s, error) || !write_proof(s, evidence, error))
		return -1;
	return tell(s);
}

int verb_drill(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL, *folder = NULL, *to = NULL;
	g_autofree char *evidence = NULL, *sample = NULL;
	gboolean here = FALSE;
	gint64 seed = -1, jobs = -1;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"settings that name the store", "FILE"},
	    {"store", 's', 0, G_OPTION_ARG_FILENAME, &folder,
		"folder of the store", "DIR"},
	    {"to", 't', 0, G_OPTION_ARG_FILENAME, &to,
		"a folder with room; all goes afterwards [TMPDIR]", "DIR"},
	    {"sample", 0, 0, G_OPTION_ARG_STRING, &sample,
		"git looks at a share of the repositories alone", "PERCENT%|N"},
	    {"seed", 0, 0, G_OPTION_ARG_INT64, &seed,
		"choose that sample again", "NUMBER"},
	    {"here", 0, 0, G_OPTION_ARG_NONE, &here,
		"also where Bitbucket runs", NULL},
	    {"jobs", 'j', 0, G_OPTION_ARG_INT64, &jobs,
		"parallel workers; 0: as many as help here", "N"},
	    {"evidence", 'e', 0, G_OPTION_ARG_FILENAME, &evidence,
		"also put the proof there, as proof-drill.json", "DIR"},
	    {0},
	};
	struct rehearsal s = {0};

	if (!cli_parse(&argc, argv, options, "[SET]", 0, 1,
		"SET: an id, a number, or latest (the default).  Restores all "
		"of it into a\nfolder and a private PostgreSQL, compares rows, "
		"checksums, refs and objects\nwith what the backup saw, and "
		"removes it.  Exit: 0 passed; 20 it does not\ncome back as it "
		"was, each flaw is named.",
		error) ||
	    (sample && !sample_parse(&s.d.sample, sample, error)) ||
	    !check_host(here, error))
		return -1;
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	s.settings = settings;
	/* It stands in the proof, as a number of JSON. */
	s.d.sample.seed = seed >= 0 ? (uint64_t)seed & ((UINT64_C(1) << 53) - 1)
				    : g_random_int();
	if (jobs < 0)
		jobs = settings->backup.jobs;
	s.d.jobs =
	    jobs ? (unsigned)jobs : MIN(g_get_num_processors(), MOST_WORKERS);
	const char *temporary = g_getenv("TMPDIR");
	g_autofree char *above =
	    g_canonicalize_filename(to                        ? to
				    : temporary && *temporary ? temporary
							      : "/tmp",
		NULL);
	s.above = above;
	const char *place = folder ? folder : settings->store.path;
	int code = -1;
	if (!place)
		fail(error, GONOGO_ERROR_USAGE,
		    "no store\nhint: name it with --store or -c");
	else if (fs_make_folders(above, 0711, error))
		code =
		    run(&s, place, argc > 1 ? argv[1] : NULL, evidence, error);
	rehearsal_clear(&s);
	return code;
}
