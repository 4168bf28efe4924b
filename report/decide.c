/*
 * gonogo-report decide: findings, policy and a time in, a verdict out.
 */
#include "base/cli.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "report/arguments.h"
#include "report/brief.h"
#include "report/dossier.h"
#include "report/flaws.h"
#include "report/people.h"
#include "report/verbs.h"

/* The policy that a verdict was made by stays beside it. */
static bool keep_policy(const char *bundle, const char *path, GError **error)
{
	g_autofree char *own = g_build_filename(bundle, "policy.conf", NULL);
	g_autofree char *text =
	    path ? file_read(path, LIMIT_SETTINGS, NULL, error) : NULL;

	return !path ||
	       (text && file_write(own, 0644, text, strlen(text), error));
}

struct asked {
	char *bundle, *policy, *waivers, *signers, *revoked;
};

static int decide(const struct asked *a, int64_t as_of, GError **error)
{
	const char *bundle = a->bundle, *policy = a->policy;
	g_auto(dossier) d = {0};
	g_autoptr(GPtrArray) flaws = flaws_new();
	g_autofree char *path = g_build_filename(bundle, "verdict.json", NULL);

	if (!dossier_read(&d, bundle, policy, error) ||
	    !people_take(bundle, a->waivers, a->signers, a->revoked, error))
		return -1;
	dossier_check(&d, flaws);
	if (flaws->len > 0)
		return flaws_tell(flaws);
	if (!dossier_decide(&d, as_of, error) ||
	    !keep_policy(bundle, policy, error) ||
	    !document_save(&verdict_shape, &d.verdict, path, error))
		return -1;
	g_autofree char *full = g_canonicalize_filename(bundle, NULL);
	g_autofree char *text =
	    brief_write(&d.verdict, full, log_colour(STDOUT_FILENO));
	fputs(text, stdout);
	return answer_exit(d.verdict.answer);
}

int verb_decide(int argc, char **argv, GError **error)
{
	struct asked a = {0};
	g_autofree char *as_of = NULL;
	gboolean accept = FALSE;
	int64_t time = 0;
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &a.bundle,
		"folder of the bundle", "DIR"},
	    {"policy", 0, 0, G_OPTION_ARG_FILENAME, &a.policy,
		"policy to decide by [policy.conf in the bundle]", "FILE"},
	    {"waivers", 0, 0, G_OPTION_ARG_FILENAME, &a.waivers,
		"folder of waivers to take into the bundle", "DIR"},
	    {"signers", 0, 0, G_OPTION_ARG_FILENAME, &a.signers,
		"who may sign them: allowed signers of ssh-keygen", "FILE"},
	    {"revoked", 0, 0, G_OPTION_ARG_FILENAME, &a.revoked,
		"keys that are revoked, for ssh-keygen -r", "FILE"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
		"decide as at this time [now]", "TIME"},
	    {"accept-conditional", 0, 0, G_OPTION_ARG_NONE, &accept,
		"exit 0 for CONDITIONAL, too", NULL},
	    {0},
	};

	bool good = cli_parse(&argc, argv, options, "", 0, 0,
	    "Reads facts.json and findings.json, writes verdict.json.\n"
	    "Exit: 0 GO, 10 CONDITIONAL, 20 NO-GO, 30 UNKNOWN,\n"
	    "40 findings of other facts.",
	    error);

	good = good && argument_given(a.bundle, "--bundle DIR", error) &&
	       argument_time(as_of, &time, error);
	int code = good ? decide(&a, time, error) : -1;
	char **owned[] = {
	    &a.bundle, &a.policy, &a.waivers, &a.signers, &a.revoked};
	for (size_t i = 0; i < G_N_ELEMENTS(owned); i++)
		g_clear_pointer(owned[i], g_free);
	return code == EXITS_CONDITIONAL && accept ? EXITS_DONE : code;
}
