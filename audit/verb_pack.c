/* `audit pack lint`: is a pack of known problems fit for use? */
#include "audit/logs/lint.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/error.h"

static bool lint(const char *path, GError **error)
{
	g_autoptr(log_pack) pack = log_pack_load(path, error);
	g_auto(log_lint_result) result = {0};

	if (!pack)
		return false;
	log_lint(pack, &result);
	for (guint i = 0; i < result.lines->len; i++)
		puts(g_ptr_array_index(result.lines, i));
	for (guint i = 0; i < result.flaws->len; i++)
		printf("flaw: %s\n",
		    (const char *)g_ptr_array_index(result.flaws, i));
	printf("%s %s: %u rules: %u %s, %u %s, %u %s, %u not searched in "
	       "logs; %u flaws\n",
	    pack->name, pack->version, result.rules, result.ways[0],
	    pattern_way_names[0], result.ways[1], pattern_way_names[1],
	    result.ways[2], pattern_way_names[2], result.elsewhere,
	    result.flaws->len);
	return result.flaws->len == 0 ||
	       fail(error, GONOGO_ERROR_DATA, "%s: %u flaws",
		   path ? path : pack->name, result.flaws->len);
}

int verb_pack(int argc, char **argv, GError **error)
{
	const GOptionEntry entries[] = {{0}};

	if (!cli_parse(&argc, argv, entries, "lint [FILE...]", 1, 1000,
		"Holds packs of known problems, without a name the shipped "
		"one, against their\nown samples, and says how each pattern "
		"is searched.",
		error))
		return -1;
	if (!g_str_equal(argv[1], "lint")) {
		fail(error, GONOGO_ERROR_USAGE,
		    "pack: '%s' is not what it can do\nhint: gonogo audit pack "
		    "lint FILE",
		    argv[1]);
		return -1;
	}
	for (int i = 2; i < argc; i++)
		if (!lint(argv[i], error))
			return -1;
	if (argc == 2 && !lint(NULL, error))
		return -1;
	return EXITS_DONE;
}
