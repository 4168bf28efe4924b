/*
 * The front door: `gonogo audit ...` finds gonogo-audit beside itself and
 * becomes it; `gonogo run` calls the tools one after the other.  It knows them
 * only by their commands, their exit codes and the documents in the bundle.
 */
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/share.h"
#include "contract/settings.h"
#include "contract/verdict.h"
#include "port/process.h"

enum { MOST_WORDS = 16 }; /* of one tool's command line */

/* Becomes `gonogo-TOOL ARGV...`; returns only with *error set. */
static int become(const char *tool, char **argv, GError **error)
{
	g_autofree char *name = g_strconcat("gonogo-", tool, NULL);
	g_autofree char *program = share_program(name, error);

	if (!program)
		return -1;
	argv[0] = name;
	execv(program, argv);
	fail_errno(error, "%s", program);
	return -1;
}

static int become_audit(int argc, char **argv, GError **error)
{
	(void)argc;
	return become("audit", argv, error);
}

static int become_backup(int argc, char **argv, GError **error)
{
	(void)argc;
	return become("backup", argv, error);
}

static int become_report(int argc, char **argv, GError **error)
{
	(void)argc;
	return become("report", argv, error);
}

/* `gonogo VERB ARGV...` is `gonogo TOOL VERB ARGV...`. */
static int become_verb(const char *tool, int argc, char **argv, GError **error)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();

	g_ptr_array_add(words, NULL);
	for (int i = 0; i <= argc; i++)
		g_ptr_array_add(words, argv[i]);
	return become(tool, (char **)words->pdata, error);
}

static int look(int argc, char **argv, GError **error)
{
	return become_verb("audit", argc, argv, error);
}

static int init(int argc, char **argv, GError **error)
{
	return become_verb("report", argc, argv, error);
}

/*
 * Runs `gonogo-TOOL WORDS...` with our standard error, and with our standard
 * output unless MUTE.  *code gets its exit code.
 */
static bool step(const char *tool, const char *const *words, bool mute,
    int *code, GError **error)
{
	g_autofree char *name = g_strconcat("gonogo-", tool, NULL);
	g_autofree char *program = share_program(name, error);
	g_auto(process_result) result = {0};
	const char *argv[MOST_WORDS] = {program};

	if (!program)
		return false;
	for (size_t i = 0; words[i]; i++) {
		g_assert(i + 2 < MOST_WORDS);
		argv[i + 1] = words[i];
	}
	const struct process child = {
	    .argv = argv,
	    .out_fd = mute ? 0 : STDOUT_FILENO,
	    .err_fd = STDERR_FILENO,
	};
	if (!process_run(&child, &result, error))
		return false;
	*code = result.code;
	return true;
}
#define STEP(tool, mute, code, error, ...)                                     \
	step(tool, (const char *const[]){__VA_ARGS__, NULL}, mute, code, error)

/* ---- run ---- */

struct run {
	const char *settings;
	char *bundle;
	bool backup_anyway;
	bool accept_conditional;
	bool drill_down; /* verify every repository, not the bytes alone */
	bool drill;      /* and restore the set for a try */
};

/*
 * Is there anything that a backup can't mend?  A set that is still missing
 * makes the first verdict UNKNOWN, and that alone is no reason to stop.
 */
static bool hopeless(const struct run *run, bool *stop, GError **error)
{
	g_autofree char *path =
	    g_build_filename(run->bundle, "verdict.json", NULL);
	g_auto(verdict) verdict = {0};

	if (!document_load(&verdict_shape, path, &verdict, error))
		return false;
	*stop = verdict.answer == ANSWER_NO_GO;
	for (guint i = 0; i < list_length(verdict.reasons); i++) {
		const struct reason *reason =
		    g_ptr_array_index(verdict.reasons, i);
		/* What only people can say may be said after the backup. */
		if (reason->outcome == OUTCOME_UNKNOWN &&
		    !g_str_has_prefix(reason->key, "BACKUP"))
			*stop = true;
	}
	return true;
}

/* Judges what was collected, without BACKUP at first.  0, or why it failed. */
static bool judge(
    const struct run *run, bool with_backup, int *code, GError **error)
{
	return with_backup
		   ? STEP("audit", true, code, error, "judge", "--bundle",
			 run->bundle)
		   : STEP("audit", true, code, error, "judge", "--bundle",
			 run->bundle, "--without", "BACKUP");
}

static bool decide(const struct run *run, bool mute, int *code, GError **error)
{
	return run->accept_conditional
		   ? STEP("report", mute, code, error, "decide", "--bundle",
			 run->bundle, "--accept-conditional")
		   : STEP("report", mute, code, error, "decide", "--bundle",
			 run->bundle);
}

/*
 * Saves and proves.  Whatever becomes of it, the verdict will tell: without a
 * proved set it can't be GO.
 */
static bool save(const struct run *run, GError **error)
{
	g_autofree char *evidence =
	    g_build_filename(run->bundle, "backup", NULL);
	int code = 0;

	if (!STEP("backup", true, &code, error, "create", "-c", run->settings,
		"--evidence", evidence))
		return false;
	if (code != EXITS_DONE && code != EXITS_CONDITIONAL) {
		log_warn("no backup was made (exit %d)", code);
		return true;
	}
	if (!STEP("backup", true, &code, error, "verify", "-c", run->settings,
		"--level", run->drill_down ? "deep" : "full", "--evidence",
		evidence))
		return false;
	if (code != EXITS_DONE)
		log_warn("the new backup does not verify (exit %d)", code);
	if (!run->drill)
		return true;
	if (!STEP("backup", true, &code, error, "drill", "-c", run->settings,
		"--evidence", evidence))
		return false;
	if (code != EXITS_DONE)
		log_warn("the drill of the new backup %s (exit %d)",
		    code == EXITS_NO_GO ? "failed" : "was not held", code);
	return true;
}

/* Prints the verdict, draws the report, signs; *code is the verdict's. */
static bool tell(const struct run *run, const struct settings *settings,
    int *code, GError **error)
{
	int drawn = 0, signed_code = 0;

	if (!decide(run, false, code, error) ||
	    !STEP("report", true, &drawn, error, "render", "--bundle",
		run->bundle))
		return false;
	if (settings->sign.key &&
	    !STEP("report", true, &signed_code, error, "attest", "--bundle",
		run->bundle, "--key", settings->sign.key))
		return false;
	/* A verdict that could not be drawn or signed is no evidence. */
	if (*code < EXITS_USAGE && (drawn || signed_code))
		*code = drawn ? drawn : signed_code;
	return true;
}

/*
 * What the logs say, where the settings name any.  When they can't be read the
 * rules of LOGS stay without an answer.
 */
static bool search_logs(
    const struct run *run, const struct settings *settings, GError **error)
{
	int code = 0;

	if (!settings->logs.paths)
		return true;
	if (!STEP("audit", true, &code, error, "logs", "-c", run->settings,
		"--bundle", run->bundle))
		return false;
	if (code != EXITS_DONE)
		log_warn("the logs could not be searched (exit %d)", code);
	return true;
}

/*
 * Whether the other nodes carry the load of one, by the access logs among
 * these.  Without such logs the rules of CAPACITY stay without an answer.
 */
static bool weigh_load(
    const struct run *run, const struct settings *settings, GError **error)
{
	int code = 0;

	if (!settings->logs.paths)
		return true;
	if (!STEP("audit", true, &code, error, "capacity", "-c", run->settings,
		"--bundle", run->bundle))
		return false;
	if (code != EXITS_DONE)
		log_warn("the load was not weighed (exit %d)", code);
	return true;
}

/* The main job, in its order; gives the exit code, or -1 with *error. */
static int run_all(
    const struct run *run, const struct settings *settings, GError **error)
{
	int code = 0;
	bool stop = false;

	if (!STEP("audit", true, &code, error, "collect", "-c", run->settings,
		"--bundle", run->bundle))
		return -1;
	/* An unreachable cluster is evidence too, if a bundle was written. */
	if (code != EXITS_DONE && code != EXITS_UNAVAILABLE)
		return code;
	if (!search_logs(run, settings, error) ||
	    !weigh_load(run, settings, error) ||
	    !judge(run, false, &code, error))
		return -1;
	if (code != EXITS_DONE)
		return code;
	if (!decide(run, true, &code, error))
		return -1;
	if (code >= EXITS_USAGE)
		return code;
	if (!hopeless(run, &stop, error))
		return -1;
	if (stop && !run->backup_anyway)
		log_say("no backup taken: what stands in the way comes first "
			"(--backup-anyway takes one)");
	else if (!save(run, error) || !judge(run, true, &code, error))
		return -1;
	if (code >= EXITS_USAGE)
		return code;
	return tell(run, settings, &code, error) ? code : -1;
}

static int print_plan(
    const struct run *run, const struct settings *settings, GError **error)
{
	int code = 0;

	printf("gonogo run would, in this order:\n"
	       "  read   %s and its nodes: about 30 GET requests, a read-only "
	       "database\n         transaction, a walk of the shared home's "
	       "folders%s\n"
	       "  write  the bundle %s\n"
	       "  judge  and stop here on a blocker or what was not seen%s\n",
	    settings->cluster.url, settings->logs.paths ? ", and the logs" : "",
	    run->bundle,
	    run->backup_anyway ? " (not now: --backup-anyway)" : "");
	if (fflush(stdout) != 0)
		return EXITS_IO;
	if (!STEP("backup", false, &code, error, "create", "-c", run->settings,
		"--plan"))
		return -1;
	printf("  verify the new set: reads every byte of it%s\n%s"
	       "  write  report.html, report.md and verdict.json%s into the "
	       "bundle\n"
	       "It changes nothing in Bitbucket%s.\n",
	    run->drill_down ? ", and checks every repository with git" : "",
	    run->drill ? "  drill  restore it into a private PostgreSQL, "
			 "compare, remove that\n"
		       : "",
	    settings->sign.key ? ", and the signed attestation" : "",
	    g_strcmp0(settings->backup.mode, "sealed") == 0
		? " but the maintenance lock named above"
		: "");
	return code;
}

static char *new_bundle(const struct settings *settings)
{
	g_autofree char *stamp = clock_stamp(clock_now());
	g_autofree char *name = g_strdup_printf("%s-%s",
	    settings->cluster.name ? settings->cluster.name : "cluster", stamp);

	return g_build_filename(settings->state.dir, "bundles", name, NULL);
}

static int run(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL;
	g_autofree char *bundle = NULL;
	gboolean plan = FALSE, anyway = FALSE, accept = FALSE, deep = FALSE;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"where to write the bundle [below the state folder]", "DIR"},
	    {"plan", 0, 0, G_OPTION_ARG_NONE, &plan,
		"say what it would read, write, lock; do nothing", NULL},
	    {"backup-anyway", 0, 0, G_OPTION_ARG_NONE, &anyway,
		"take the backup also when something stands in the way", NULL},
	    {"deep", 0, 0, G_OPTION_ARG_NONE, &deep,
		"verify each repository of the backup with git, too", NULL},
	    {"accept-conditional", 0, 0, G_OPTION_ARG_NONE, &accept,
		"answer CONDITIONAL with exit code 0", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Collects, judges, backs up, verifies and tells: 0 GO, 10 "
		"CONDITIONAL, 20 NO-GO,\n30 UNKNOWN, 64 and above: no verdict "
		"was made.",
		error))
		return -1;
	if (!path) {
		fail(error, GONOGO_ERROR_USAGE,
		    "no settings file\nhint: name it with -c; `gonogo init` "
		    "makes one");
		return -1;
	}
	g_autoptr(settings) settings = settings_read(path, error);
	if (!settings)
		return -1;
	if (!bundle)
		bundle = new_bundle(settings);
	const struct run job = {
	    path, bundle, anyway, accept, deep, settings->backup.drill};
	return plan ? print_plan(&job, settings, error)
		    : run_all(&job, settings, error);
}

/* ---- doctor ---- */

/* Both tools look with their own eyes; the worse answer wins. */
static int doctor(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL;
	gboolean grants = FALSE;
	int audit = 0, backup = 0;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {"grants", 0, 0, G_OPTION_ARG_NONE, &grants,
		"print the least rights to ask for", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Says whether settings, logins, rights, disk and tools "
		"suffice.  Changes nothing.",
		error))
		return -1;
	if (!path) {
		fail(error, GONOGO_ERROR_USAGE,
		    "no settings file\n"
		    "hint: name it with -c");
		return -1;
	}
	if (grants)
		return STEP("audit", false, &audit, error, "doctor", "-c", path,
			   "--grants")
			   ? audit
			   : -1;
	if (!STEP("audit", false, &audit, error, "doctor", "-c", path) ||
	    !STEP("backup", false, &backup, error, "doctor", "-c", path))
		return -1;
	return MAX(audit, backup);
}

int main(int argc, char **argv)
{
	static const struct cli_verb verbs[] = {
	    {"run", run, "the whole job: look, back up, verify, tell"},
	    {"look", look, "ten seconds, no login: version, age, next step"},
	    {"doctor", doctor, "do settings, logins, rights, tools suffice?"},
	    {"init", init, "write a settings file, a policy and the keys"},
	    {"audit", become_audit, "look and judge: gonogo-audit"},
	    {"backup", become_backup, "save and prove: gonogo-backup"},
	    {"report", become_report, "tell and gate: gonogo-report"},
	    {0},
	};
	static const struct cli_tool tool = {
	    "gonogo",
	    "May we upgrade this Bitbucket Data Center cluster, and can we "
	    "come back?",
	    verbs,
	};

	return cli_run(argc, argv, &tool);
}
