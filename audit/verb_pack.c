/* `audit pack`: is a pack of known problems fit for use?  And the vendor's own
 * patterns as one. */
#include "audit/logs/import.h"
#include "audit/logs/lint.h"
#include "audit/verbs.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"

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

/* The pack goes to standard output, what was left out to standard error. */
static bool import(const char *path, GError **error)
{
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_PACK, &length, error);
	g_autofree char *name = g_path_get_basename(path);
	g_auto(log_import_result) result = {0};

	if (!text ||
	    !log_import(text, length, name, clock_now(), &result, error))
		return false;
	for (guint i = 0; i < result.notes->len; i++)
		log_warn("%s", (char *)g_ptr_array_index(result.notes, i));
	if (!result.rules)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: not one entry can be used", path);
	g_autoptr(log_pack) pack =
	    log_pack_read(result.pack, strlen(result.pack), path, error);
	if (!pack)
		return false;
	fputs(result.pack, stdout);
	log_say("%u rules, %u notes; `gonogo audit pack lint` says how each "
		"is searched",
	    result.rules, result.notes->len);
	return true;
}

static bool lint_all(int argc, char **argv, GError **error)
{
	for (int i = 2; i < argc; i++)
		if (!lint(argv[i], error))
			return false;
	return argc > 2 || lint(NULL, error);
}

int verb_pack(int argc, char **argv, GError **error)
{
	const GOptionEntry entries[] = {{0}};

	if (!cli_parse(&argc, argv, entries, "lint [FILE...] | import FILE.xml",
		1, 1000,
		"lint holds packs of known problems, without a name the "
		"shipped one, against\ntheir own samples, and says how each "
		"pattern is searched.  import prints a\nuser's copy of the "
		"vendor's RegexEntry file as a pack, and says what it left\n"
		"out.",
		error))
		return -1;
	if (g_str_equal(argv[1], "lint"))
		return lint_all(argc, argv, error) ? EXITS_DONE : -1;
	if (g_str_equal(argv[1], "import") && argc == 3)
		return import(argv[2], error) ? EXITS_DONE : -1;
	fail(error, GONOGO_ERROR_USAGE,
	    "pack: '%s' is not what it can do\nhint: gonogo audit pack lint "
	    "FILE, or import FILE.xml",
	    argv[1]);
	return -1;
}
