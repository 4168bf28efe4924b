/*
 * gonogo-report key: a new signing key.
 */
#include "base/cli.h"
#include "port/sign.h"
#include "report/arguments.h"
#include "report/verbs.h"

int verb_key(int argc, char **argv, GError **error)
{
	g_autofree char *out = NULL;
	const GOptionEntry options[] = {
	    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out,
		"private key to write; FILE.pub gets the public one", "FILE"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Makes an Ed25519 key pair in PEM.  Hand FILE.pub to those who "
		"verify.",
		error) ||
	    !argument_given(out, "--out FILE", error) || !sign_make(out, error))
		return -1;
	g_autofree char *public_path = g_strconcat(out, ".pub", NULL);
	g_autoptr(sign_key) key = sign_read_public(public_path, error);
	if (!key)
		return -1;
	g_autofree char *id = sign_key_id(key);
	printf("private: %s\npublic: %s\nid: %s\n", out, public_path, id);
	return EXITS_DONE;
}
