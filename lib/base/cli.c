#include "base/cli.h"

#include <locale.h>
#include <stdio.h>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

bool cli_parse(int *argc, char **argv, const GOptionEntry *options,
    const char *arguments, int least, int most, const char *details,
    GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(arguments);

	g_option_context_add_main_entries(context, options, NULL);
	g_option_context_set_description(context, details);
	if (!g_option_context_parse(context, argc, &argv, error))
		return false;
	/* A lone `--` parts options from arguments; GOption leaves it there. */
	if (*argc > 1 && g_str_equal(argv[1], "--")) {
		for (int i = 1; i < *argc; i++)
			argv[i] = argv[i + 1];
		--*argc;
	}
	if (*argc - 1 < least)
		return fail(
		    error, GONOGO_ERROR_USAGE, "missing: %s", arguments);
	if (*argc - 1 > most)
		return fail(error, GONOGO_ERROR_USAGE,
		    "one argument too many: '%s'", argv[most + 1]);
	return true;
}

static void print_help(const struct cli_tool *tool)
{
	printf("Usage: %s VERB [OPTION...] [ARGUMENT...]\n\n%s\n\nVerbs:\n",
	    tool->name, tool->what);
	for (const struct cli_verb *v = tool->verbs; v->name; v++)
		printf("  %-10s %s\n", v->name, v->what);
	printf("\n`%s VERB --help` tells a verb's options;\n"
	       "the manual is %s(1).\n",
	    tool->name, tool->name);
}

int cli_report(const GError *error)
{
	g_printerr("%s: %s\n", g_get_prgname(), error->message);
	if (exits_of(error) == EXITS_USAGE && !strstr(error->message, "hint:"))
		g_printerr(
		    "hint: `%s --help` shows the options\n", g_get_prgname());
	return exits_of(error);
}

void cli_show_check(const char *what, const char *good, const GError *error)
{
	if (!error) {
		printf("ok     %-10s %s\n", what, good);
		return;
	}
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
	printf("no     %-10s %s\n", what, lines[0]);
	for (guint i = 1; lines[i]; i++)
		printf("       %-10s %s\n", "", lines[i]);
}

static const struct cli_verb *find_verb(
    const struct cli_tool *tool, const char *name)
{
	for (const struct cli_verb *v = tool->verbs; v->name; v++)
		if (g_str_equal(v->name, name))
			return v;
	return NULL;
}

int cli_run(int argc, char **argv, const struct cli_tool *tool)
{
	g_autoptr(GError) error = NULL;
	const char *name = argc > 1 ? argv[1] : "--help";

	/* File names stay bytes; only messages use the locale. */
	setlocale(LC_CTYPE, "");
	g_set_prgname(tool->name);
	if (g_str_equal(name, "--help") || g_str_equal(name, "-h") ||
	    g_str_equal(name, "help")) {
		print_help(tool);
		return argc > 1 ? EXITS_DONE : EXITS_USAGE;
	}
	if (g_str_equal(name, "--version")) {
		printf("%s %s\n", tool->name, GONOGO_VERSION);
		return EXITS_DONE;
	}
	const struct cli_verb *verb = find_verb(tool, name);
	if (!verb) {
		fail(&error, GONOGO_ERROR_USAGE,
		    "no verb '%s'\nhint: `%s --help` lists them", name,
		    tool->name);
		return cli_report(error);
	}
	g_autofree char *program = g_strconcat(tool->name, " ", name, NULL);
	g_set_prgname(program);
	stop_listen();
	int code = verb->run(argc - 1, argv + 1, &error);
	if (code >= 0 && fflush(stdout) != 0) {
		fail_errno(&error, "standard output");
		code = -1;
	}
	return code >= 0 ? code : cli_report(error);
}
