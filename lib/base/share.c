#include "base/share.h"

#include "base/error.h"

/* Gives the folder of the running program. */
static char *own_folder(GError **error)
{
	g_autoptr(GError) inner = NULL;
	g_autofree char *program = g_file_read_link("/proc/self/exe", &inner);

	if (!program) {
		fail(error, GONOGO_ERROR_SYSTEM, "%s", inner->message);
		return NULL;
	}
	return g_path_get_dirname(program);
}

char *share_file(const char *name, GError **error)
{
	/* Installed; built in build/; built in build/san/. */
	static const char *const places[] = {"../share/gonogo", "..", "../.."};
	const char *chosen = g_getenv("GONOGO_SHARE");
	g_autofree char *own = own_folder(error);

	if (!own)
		return NULL;
	if (chosen)
		return g_build_filename(chosen, name, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree char *path =
		    g_build_filename(own, places[i], name, NULL);
		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return g_canonicalize_filename(path, NULL);
	}
	fail(error, GONOGO_ERROR_SYSTEM,
	    "%s: not installed beside %s\n"
	    "hint: GONOGO_SHARE names the folder that holds it",
	    name, own);
	return NULL;
}

char *share_program(const char *name, GError **error)
{
	const char *chosen = g_getenv("GONOGO_LIBEXEC");
	g_autofree char *own = own_folder(error);

	if (!own)
		return NULL;
	g_autofree char *path =
	    g_build_filename(chosen ? chosen : own, name, NULL);
	if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
		return g_steal_pointer(&path);
	fail(error, GONOGO_ERROR_SYSTEM,
	    "%s: no such program\nhint: GONOGO_LIBEXEC names its folder", path);
	return NULL;
}
