/*
 * gonogo-report approve: let the upgrade of a sealed bundle begin, by a
 * signature of one's own.
 */
#include <unistd.h>

#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "contract/approval.h"
#include "port/fs.h"
#include "report/approvals.h"
#include "report/arguments.h"
#include "report/check.h"
#include "report/flaws.h"
#include "report/verbs.h"

enum { NONCE_BYTES = 16 };

static char *draw_nonce(GError **error)
{
	unsigned char bytes[NONCE_BYTES];
	GString *text = g_string_new(NULL);

	if (getentropy(bytes, sizeof bytes) != 0) {
		fail_errno(error, "random bytes");
		g_string_free(text, TRUE);
		return NULL;
	}
	for (size_t i = 0; i < sizeof bytes; i++)
		g_string_append_printf(text, "%02x", bytes[i]);
	return g_string_free(text, FALSE);
}

static bool write_approval(const struct dossier *d, const char *key,
    int64_t now, int64_t until, GError **error)
{
	g_autofree char *folder =
	    g_build_filename(d->bundle, "approvals", NULL);
	g_auto(approval)
	    a = {.bundle_sha256 = approvals_subject(d->bundle, error),
		.verdict = g_strdup(answer_names[d->verdict.answer]),
		.cluster = g_strdup(d->verdict.cluster),
		.current = g_strdup(d->verdict.current),
		.target = g_strdup(d->verdict.target),
		.made_at = number_of(now),
		.until = number_of(until)};

	if (!a.bundle_sha256 || !(a.nonce = draw_nonce(error)))
		return false;
	g_autofree char *name = g_strdup_printf("A-%.8s.json", a.nonce);
	g_autofree char *path = g_build_filename(folder, name, NULL);
	if (!fs_make_folders(folder, 0755, error) ||
	    !document_save(&approval_shape, &a, path, error))
		return false;
	if (key && !people_sign(path, PEOPLE_APPROVAL, key, error)) {
		/* Nobody shall find an approval that nobody gave. */
		ignore(unlink(path));
		return false;
	}
	g_autofree char *end = clock_text(until);
	printf("approved until %s: %s\n", end, path);
	if (!key)
		printf("sign it: ssh-keygen -Y sign -n %s -f KEY %s\n",
		    PEOPLE_APPROVAL, path);
	return true;
}

static int approve(const char *bundle, const char *trust, const char *key,
    int64_t now, const char *until_text, GError **error)
{
	g_auto(dossier) d = {0};
	g_autoptr(GPtrArray) flaws = flaws_new();
	g_autoptr(sign_key) machine = sign_read_public(trust, error);

	if (!machine || !check_bundle(bundle, machine, now, &d, flaws, error))
		return -1;
	if (flaws->len > 0)
		return flaws_tell(flaws);
	int code = answer_exit(d.verdict.answer);
	if (code != EXITS_DONE && code != EXITS_CONDITIONAL) {
		log_warn("the verdict is %s, which nobody can approve",
		    answer_text(d.verdict.answer));
		return code;
	}
	int64_t until = d.verdict.valid_until.value;
	if (until_text && !argument_time(until_text, &until, error))
		return -1;
	if (until <= now) {
		fail(error, GONOGO_ERROR_USAGE, "--until: is over already");
		return -1;
	}
	return write_approval(&d, key, now, until, error) ? EXITS_DONE : -1;
}

int verb_approve(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL;
	g_autofree char *trust = NULL;
	g_autofree char *key = NULL;
	g_autofree char *until = NULL;
	g_autofree char *as_of = NULL;
	int64_t now = 0;
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"folder of the sealed bundle", "DIR"},
	    {"trust", 't', 0, G_OPTION_ARG_FILENAME, &trust,
		"public key, got by a way that is trusted", "FILE"},
	    {"key", 'k', 0, G_OPTION_ARG_FILENAME, &key,
		"SSH key to sign with; without it nothing is signed", "FILE"},
	    {"until", 0, 0, G_OPTION_ARG_STRING, &until,
		"when it ends to hold [with the verdict]", "TIME"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
		"approve as at this time [now]", "TIME"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Verifies the bundle, and writes an approval of its whole into "
		"approvals/.\nHow many people have to, and who may, the policy "
		"and the allowed signers say.\n"
		"Exit: 0 approved; 20, 30 a verdict that nobody can approve; "
		"40 invalid.",
		error) ||
	    !argument_given(bundle, "--bundle DIR", error) ||
	    !argument_given(trust, "--trust FILE", error) ||
	    !argument_time(as_of, &now, error))
		return -1;
	return approve(bundle, trust, key, now, until, error);
}
