#include "backup/mode/modes.h"
#include "backup/preflight.h"
#include "backup/verbs.h"
#include "base/cli.h"
#include "base/error.h"

static const char details[] =
    "Looks at all that a backup needs and changes nothing.\nExit: 0 it would "
    "work; else the exit of what is missing, the first one.";

static int examine(const struct settings *s, GError **error)
{
	const struct mode *mode = modes_find(s->backup.mode, error);
	int code = EXITS_DONE;

	if (!mode)
		return -1;
	const struct preflight_check *checks =
	    mode->checks ? mode->checks : preflight_checks;
	g_auto(preflight)
	    p = {.settings = s, .mode = mode->name, .locks = mode->locks};

	/* Who copies nothing himself needs no home here. */
	p.no_home = mode->checks != NULL;
	for (const struct preflight_check *c = checks; c->what; c++) {
		g_autoptr(GError) why = NULL;
		g_autofree char *good = NULL;

		bool works = c->run(&p, &good, &why);
		cli_show_check(c->what, good, why);
		if (works)
			continue;
		if (code == EXITS_DONE)
			code = exits_of(why);
		/* Without settings there is nothing to look at. */
		if (c == checks)
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
	return s ? examine(s, error) : -1;
}
