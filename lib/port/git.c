#include "port/git.h"

#include "base/error.h"
#include "base/limits.h"

enum {
	VERSION_S = 30,   /* for `git version` */
	SPOKEN_LINES = 5, /* of a flaw */
	NOT_SIGNALLED =
	    128 /* git's own exit for a fatal error; above: killed */
};

/*
 * No configuration but the repository's, no hooks, no prompts, no network, no
 * place for objects but its own; words that do not depend on the language.
 */
static const char *const environment[] = {
    "GIT_CONFIG_NOSYSTEM=1",
    "GIT_CONFIG_GLOBAL=/dev/null",
    "GIT_CONFIG_COUNT=0",
    "GIT_CONFIG_PARAMETERS",
    "GIT_ATTR_NOSYSTEM=1",
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_REPLACE_REF_BASE",
    "GIT_TRACE",
    "GIT_TERMINAL_PROMPT=0",
    "GIT_OPTIONAL_LOCKS=0",
    "GIT_NO_LAZY_FETCH=1",
    "LC_ALL=C",
    NULL,
};

static const char *const settings[] = {
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "protocol.allow=never",
};

static bool run(const char *repository, const char *const *arguments,
    const char *input, unsigned timeout_s, struct process_result *result,
    GError **error)
{
	g_autofree char *place =
	    repository ? g_strconcat("--git-dir=", repository, NULL) : NULL;
	g_autoptr(GPtrArray) argv = g_ptr_array_new();

	g_ptr_array_add(argv, (gpointer) "git");
	for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
		g_ptr_array_add(argv, (gpointer)settings[i]);
	if (place)
		g_ptr_array_add(argv, place);
	for (size_t i = 0; arguments[i]; i++)
		g_ptr_array_add(argv, (gpointer)arguments[i]);
	g_ptr_array_add(argv, NULL);
	const struct process p = {
	    .argv = (const char *const *)argv->pdata,
	    .env = environment,
	    .input = input,
	    .input_length = input ? strlen(input) : 0,
	    .timeout_s = timeout_s,
	};
	return process_run(&p, result, error);
}

bool git_run(const char *repository, const char *const *arguments,
    const char *input, struct process_result *result, GError **error)
{
	return run(repository, arguments, input, LIMIT_GIT_S, result, error);
}

/* Adds the lines of TEXT to LINES. */
static void add_lines(GPtrArray *lines, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_auto(GStrv) all = g_strsplit(valid, "\n", -1);

	for (size_t i = 0; all[i]; i++)
		if (*g_strstrip(all[i]))
			g_ptr_array_add(lines, g_strdup(all[i]));
}

/* Gives the first lines of what git said, and how many there are more. */
static char *describe(const struct process_result *r)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	GString *text = g_string_new(NULL);

	add_lines(lines, r->err);
	add_lines(lines, r->out);
	g_string_printf(text, "exit status %d", r->code);
	for (guint i = 0; i < lines->len && i < SPOKEN_LINES; i++)
		g_string_append_printf(
		    text, "%s%s", i ? "; " : ": ", (char *)lines->pdata[i]);
	if (lines->len > SPOKEN_LINES)
		g_string_append_printf(
		    text, "; and %u lines more", lines->len - SPOKEN_LINES);
	return g_string_free(text, FALSE);
}

bool git_fsck(const char *repository, bool full, char **flaw, GError **error)
{
	const char *const arguments[] = {"fsck", "--no-dangling",
	    "--no-progress", full ? "--full" : "--connectivity-only", NULL};
	g_auto(process_result) r = {0};

	if (!git_run(repository, arguments, NULL, &r, error))
		return false;
	if (r.timed_out)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "git fsck of %s: not done after %d s", repository,
		    LIMIT_GIT_S);
	if (r.code > NOT_SIGNALLED)
		return fail(error, GONOGO_ERROR_SYSTEM,
		    "git fsck of %s: ended by signal %d", repository,
		    r.code - NOT_SIGNALLED);
	*flaw = r.code == 0 ? NULL : describe(&r);
	return true;
}

char *git_version(GError **error)
{
	const char *const arguments[] = {"version", NULL};
	g_auto(process_result) r = {0};

	if (!run(NULL, arguments, NULL, VERSION_S, &r, error))
		return NULL;
	g_auto(GStrv) words = g_strsplit_set(r.out, " \n", -1);
	if (r.code != 0 || g_strv_length(words) < 3 ||
	    !g_ascii_isdigit(*words[2])) {
		fail(error, GONOGO_ERROR_SYSTEM,
		    "git version: exit status %d, no version in its answer",
		    r.code);
		return NULL;
	}
	return g_strdup(words[2]);
}
