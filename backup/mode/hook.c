#include "backup/mode/hook.h"

#include "base/error.h"
#include "port/process.h"

bool hook_run(const struct hook *h, char **said, GError **error)
{
	g_auto(GStrv) argv = NULL;
	g_auto(process_result) r = {0};

	*said = NULL;
	if (!h->command)
		return true;
	if (!g_shell_parse_argv(h->command, NULL, &argv, error))
		return false;
	g_autofree char *what = g_strconcat("GONOGO_HOOK=", h->what, NULL);
	g_autofree char *name =
	    g_strconcat("GONOGO_SNAPSHOT=", h->snapshot, NULL);
	g_autofree char *home =
	    g_strconcat("GONOGO_HOME=", h->settings->home.shared, NULL);
	g_autofree char *mount = g_strconcat("GONOGO_MOUNT=", h->mount, NULL);
	const char *const env[] = {what, name, home, mount, NULL};
	const struct process process = {
	    .argv = (const char *const *)argv,
	    .env = env,
	    .timeout_s = (unsigned)h->settings->snapshot.timeout_s,
	    .to_end = h->to_end,
	};
	if (!process_run_ok(&process, &r, error)) {
		g_prefix_error(error, "[snapshot] %s: ", h->what);
		return false;
	}
	*said = g_strstrip(g_strdup(r.out));
	return true;
}
