/*
 * gonogo-report attest: seal a bundle, and sign what it says.
 */
#include "base/cli.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/share.h"
#include "contract/bundle.h"
#include "port/dsse.h"
#include "report/arguments.h"
#include "report/dossier.h"
#include "report/flaws.h"
#include "report/statement.h"
#include "report/verbs.h"

/* What lets anybody verify the bundle with stock tools lies in it. */
static bool add_helpers(const char *bundle, const sign_key *key, GError **error)
{
	g_autofree char *pem = sign_key_pem(key);
	g_autofree char *pem_path =
	    g_build_filename(bundle, "signing-key.pem", NULL);
	g_autofree char *script_path =
	    g_build_filename(bundle, "verify.sh", NULL);
	g_autofree char *shipped = share_file("templates/verify.sh", error);
	g_autofree char *script =
	    shipped ? file_read(shipped, LIMIT_TEMPLATE, NULL, error) : NULL;

	return script && file_write(pem_path, 0644, pem, strlen(pem), error) &&
	       file_write(script_path, 0755, script, strlen(script), error);
}

static bool seal(const char *bundle, int64_t made_at, GError **error)
{
	g_auto(contents) c = {.made_by = g_strdup("gonogo " GONOGO_VERSION),
	    .made_at = number_of(made_at)};

	return contents_scan(&c, bundle, error) &&
	       contents_seal(&c, bundle, error);
}

static bool sign_statement(enum statement_kind kind, const struct dossier *d,
    const sign_key *key, int64_t made_at, GError **error)
{
	g_autofree char *path =
	    g_build_filename(d->bundle, statement_file(kind), NULL);
	g_autoptr(json) statement = statement_write(kind, d, made_at, error);

	if (!statement)
		return false;
	g_autofree char *payload = json_compact(statement);
	g_autoptr(json) envelope =
	    dsse_sign(key, DSSE_IN_TOTO, payload, strlen(payload), error);
	return envelope && json_write(envelope, path, error);
}

static int attest(
    const char *bundle, const char *key_path, int64_t made_at, GError **error)
{
	g_auto(dossier) d = {0};
	g_autoptr(GPtrArray) flaws = flaws_new();
	g_autoptr(sign_key) key = sign_read_private(key_path, error);

	if (!key || !dossier_read(&d, bundle, NULL, error) ||
	    !dossier_read_verdict(&d, error))
		return -1;
	dossier_check(&d, flaws);
	if (flaws->len > 0)
		return flaws_tell(flaws);
	if (!add_helpers(bundle, key, error) || !seal(bundle, made_at, error))
		return -1;
	for (int kind = 0; kind < STATEMENT_KINDS; kind++)
		if (!sign_statement(kind, &d, key, made_at, error))
			return -1;
	g_autofree char *id = sign_key_id(key);
	printf("signed: %s\nby: %s\n", bundle, id);
	return EXITS_DONE;
}

int verb_attest(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL;
	g_autofree char *key = NULL;
	g_autofree char *as_of = NULL;
	int64_t made_at = 0;
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"folder of the bundle", "DIR"},
	    {"key", 'k', 0, G_OPTION_ARG_FILENAME, &key,
		"private Ed25519 key in PEM", "FILE"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
		"time that the signature states [now]", "TIME"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Writes CONTENTS.json, SHA256SUMS and the two signed "
		"envelopes; puts\nverify.sh and the public key beside them.  "
		"A change afterwards means\nto attest anew.\n"
		"Exit: 0 done, whatever the verdict is; 40 documents that do "
		"not\nrest on each other.",
		error) ||
	    !argument_given(bundle, "--bundle DIR", error) ||
	    !argument_given(key, "--key FILE", error) ||
	    !argument_time(as_of, &made_at, error))
		return -1;
	return attest(bundle, key, made_at, error);
}
