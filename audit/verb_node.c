/*
 * `audit node`: one look at the machine it runs on, for a bundle that is made
 * elsewhere; or the shell script that looks where nobody installs a program.
 */
#include "audit/collect/node_file.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/share.h"

struct options {
	char *home, *install, *name, *out, *read;
	gboolean script;
};

static void options_clear(struct options *o)
{
	g_free(o->home);
	g_free(o->install);
	g_free(o->name);
	g_free(o->out);
	g_free(o->read);
}

typedef struct options options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static bool print_script(GError **error)
{
	g_autofree char *path = share_file("templates/node.sh", error);
	g_autofree char *text =
	    path ? file_read(path, LIMIT_TEMPLATE, NULL, error) : NULL;

	return text && (fputs(text, stdout) != EOF ||
			   fail_errno(error, "standard output"));
}

static bool look(const struct options *o, struct node_file *f, GError **error)
{
	if (o->read)
		return node_file_read(o->read, f, error);
	g_autoptr(GHashTable) pieces =
	    node_pieces_here(o->home, o->install, error);
	return pieces && node_file_of(pieces, f, error);
}

static bool deliver(const struct options *o, GError **error)
{
	g_auto(node_file) f = {0};

	if (!look(o, &f, error))
		return false;
	if (o->name) {
		g_free(f.name);
		f.name = g_strdup(o->name);
	}
	g_autoptr(json) document = node_file_write(&f);
	return json_write(document, o->out ? o->out : "-", error);
}

int verb_node(int argc, char **argv, GError **error)
{
	g_auto(options) o = {0};
	const GOptionEntry entries[] = {
	    {"home", 0, 0, G_OPTION_ARG_FILENAME, &o.home,
		"this node's own home", "DIR"},
	    {"install", 0, 0, G_OPTION_ARG_FILENAME, &o.install,
		"Bitbucket's programs: checksums of bin, conf", "DIR"},
	    {"name", 0, 0, G_OPTION_ARG_STRING, &o.name,
		"the node's name [this machine's]", "NAME"},
	    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out,
		"where to write [standard output]", "FILE"},
	    {"script", 0, 0, G_OPTION_ARG_NONE, &o.script,
		"print a shell script that looks instead", NULL},
	    {"read", 0, 0, G_OPTION_ARG_FILENAME, &o.read,
		"what that script or we wrote, as the document", "FILE"},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "", 0, 0,
		"Looks at the node it runs on, without settings, logins or "
		"root, and writes one\ndocument for `audit collect --node`.  "
		"Nothing is changed.",
		error))
		return -1;
	if (!o.home + !o.script + !o.read != 2) {
		fail(error, GONOGO_ERROR_USAGE,
		    "one of --home, --script and --read\n"
		    "hint: --home is this node's own home");
		return -1;
	}
	bool good = o.script ? print_script(error) : deliver(&o, error);
	return good ? EXITS_DONE : -1;
}
