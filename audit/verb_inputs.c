#include "audit/verb_inputs.h"

#include "base/error.h"
#include "port/fs.h"

char *const *verb_logs_named(
    const struct settings *s, char *const *paths, GError **error)
{
	char *const *named = *paths ? paths : s->logs.paths;

	if (named && *named)
		return named;
	fail(error, GONOGO_ERROR_USAGE,
	    "no logs are named\n"
	    "hint: as arguments, or with -c in [logs] paths");
	return NULL;
}

bool verb_save_in_bundle(const char *bundle, const char *what,
    const struct shape *shape, const void *value, GError **error)
{
	g_autofree char *folder = g_build_filename(bundle, what, NULL);
	g_autofree char *name = g_strconcat(what, ".json", NULL);
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return fs_make_folders(folder, 0700, error) &&
	       document_save(shape, value, path, error);
}
