#include "backup/preflight.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/error.h"

static const char details[] =
    "Looks at all that a backup needs and changes nothing.\nExit: 0 it would "
    "work; else the exit of what is missing, the first one.";

static int examine(const struct settings *s)
{
	g_auto(preflight) p = {
	    .settings = s, .sealed = g_str_equal(s->backup.mode, "sealed")};
	int code = EXITS_DONE;

	for (const struct preflight_check *c = preflight_checks; c->what; c++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *good = NULL;

		bool works = c->run(&p, &good, &error);
		cli_show_check(c->what, good, error);
		if (works)
			continue;
		if (code == EXITS_DONE)
			code = exits_of(error);
		/* Without settings there is nothing to look at. */
		if (c == preflight_checks)
			break;
	}
	return code;
}

int verb_doctor(int argc, char **argv, GError **error)
{
	g_autofree char *path = NULL;
	const GOptionEntry options[] = {
	    {"config", 'c', 0, G_OPTION_ARG_FILENAME, &path,
		"the settings file", "FILE"},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0, details, error))
		return -1;
	g_autoptr(settings) s = settings_read(path, error);
	return s ? examine(s) : -1;
}
