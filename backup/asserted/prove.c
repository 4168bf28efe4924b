#include "backup/asserted/prove.h"

#include "base/error.h"
#include "base/limits.h"
#include "port/process.h"

/* A variable for the command: what is not known is not set. */
static void tell(GPtrArray *env, const char *name, const char *value)
{
	g_ptr_array_add(
	    env, value ? g_strconcat(name, "=", value, NULL) : g_strdup(name));
}

static GPtrArray *environment(const struct settings *s)
{
	GPtrArray *env = g_ptr_array_new_with_free_func(g_free);

	tell(env, "GONOGO_HOOK", "prove");
	tell(env, "GONOGO_CLUSTER", s->cluster.name);
	tell(env, "GONOGO_HOME", s->home.shared);
	tell(env, "GONOGO_DATABASE", s->database.url);
	tell(env, "GONOGO_BITBUCKET_PASSWORD", NULL);
	tell(env, "GONOGO_DATABASE_PASSWORD", NULL);
	g_ptr_array_add(env, NULL);
	return env;
}

static bool read_it(
    const struct process_result *r, struct assertion *a, GError **error)
{
	g_autoptr(json) said =
	    json_parse(r->out, r->out_length, "what it printed", error);

	if (!said)
		return false;
	g_autofree char *strange = shape_strange(&assertion_shape, said);
	if (strange)
		return fail(error, GONOGO_ERROR_DATA,
		    "%s: nobody knows such a member", strange);
	return document_read(&assertion_shape, said, a, error);
}

bool prove_ask(const struct settings *s, struct assertion *a, GError **error)
{
	g_auto(GStrv) argv = NULL;
	g_auto(process_result) r = {0};
	g_autoptr(GPtrArray) env = environment(s);

	if (!s->adopt.prove)
		return fail(error, GONOGO_ERROR_USAGE,
		    "there is no command that tells of a backup\n"
		    "hint: set [adopt] prove, or name one with --prove; "
		    "templates/hooks has some");
	if (!g_shell_parse_argv(s->adopt.prove, NULL, &argv, error))
		return false;
	const struct process process = {
	    .argv = (const char *const *)argv,
	    .env = (const char *const *)env->pdata,
	    .timeout_s = (unsigned)s->adopt.timeout_s,
	    .limit = LIMIT_ASSERTION,
	};
	if (process_run_ok(&process, &r, error) && read_it(&r, a, error))
		return true;
	g_prefix_error(error, "[adopt] prove: ");
	return false;
}
