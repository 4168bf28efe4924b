/*
 * gonogo-report verify: hold a bundle against its signatures and itself.
 */
#include "base/cli.h"
#include "base/clock.h"
#include "report/arguments.h"
#include "report/check.h"
#include "report/flaws.h"
#include "report/verbs.h"

static int verify(const char *bundle, const char *trust, int64_t now,
    bool recompute, GError **error)
{
	g_auto(dossier) d = {0};
	g_autoptr(GPtrArray) flaws = flaws_new();
	g_autoptr(sign_key) key = sign_read_public(trust, error);

	if (!key || !check_bundle(bundle, key, now, &d, flaws, error))
		return -1;
	if (recompute && flaws->len == 0 && !check_recompute(&d, flaws, error))
		return -1;
	if (flaws->len > 0) {
		flaws_tell(flaws);
		printf("INVALID  %u of its claims do not hold\n", flaws->len);
		return EXITS_INVALID;
	}
	g_autofree char *until = d.verdict.valid_until.known
				     ? clock_text(d.verdict.valid_until.value)
				     : g_strdup("-");
	g_autofree char *id = sign_key_id(key);
	printf("VALID  %s  %s -> %s\nverdict: %s, valid until %s\n"
	       "signed by: %s\n",
	    d.verdict.cluster ? d.verdict.cluster : "-",
	    d.verdict.current ? d.verdict.current : "?",
	    d.verdict.target ? d.verdict.target : "?",
	    answer_text(d.verdict.answer), until, id);
	return EXITS_DONE;
}

int verb_verify(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL;
	g_autofree char *trust = NULL;
	g_autofree char *as_of = NULL;
	gboolean recompute = FALSE;
	int64_t now = 0;
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"folder of the bundle", "DIR"},
	    {"trust", 't', 0, G_OPTION_ARG_FILENAME, &trust,
		"public key, got by a way that is trusted", "FILE"},
	    {"recompute", 0, 0, G_OPTION_ARG_NONE, &recompute,
		"judge the raw replies anew and compare", NULL},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
		"verify as at this time [now]", "TIME"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Holds signatures, sums, documents, the verdict made anew and "
		"its\ntime against each other.\n"
		"Exit: 0 all of it holds, whatever the verdict is; 40 not.",
		error) ||
	    !argument_given(bundle, "--bundle DIR", error) ||
	    !argument_given(trust, "--trust FILE", error) ||
	    !argument_time(as_of, &now, error))
		return -1;
	return verify(bundle, trust, now, recompute, error);
}
