#include "backup/install.h"

#include <errno.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "bitbucket/home.h"
#include "bitbucket/properties.h"
#include "contract/shape.h"

/* docs/sources.md#install */
static const char *const folders[] = {
    "bin", "conf", "opensearch/config", "elasticsearch/config"};
static const char units[] = "/etc/systemd/system";

struct finding {
	GPtrArray *paths; /* char * */
	GPtrArray **notes;
};

static void add(struct finding *f, const char *path, const char *why)
{
	if (g_ptr_array_find_with_equal_func(f->paths, path, g_str_equal, NULL))
		return;
	if (access(path, R_OK) == 0) {
		g_ptr_array_add(f->paths, g_strdup(path));
		return;
	}
	g_autofree char *note =
	    g_strdup_printf("%s, which %s names, can't be read: %s", path, why,
		g_strerror(errno));
	strings_add(f->notes, note);
}

/* ---- what files name ---- */

/* Adds each path that the first group of PATTERN finds in TEXT. */
static void add_matches(struct finding *f, const char *text,
    const char *pattern, const char *below, const char *why)
{
	g_autoptr(GRegex) regex =
	    g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	g_regex_match(regex, text, 0, &match);
	for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
		g_autofree char *found = g_match_info_fetch(match, 1);
		g_autofree char *path = g_build_filename(found, below, NULL);
		/* A variable of the shell's is known to nobody here. */
		if (g_path_is_absolute(path) && !strchr(path, '$'))
			add(f, path, why);
	}
}

static void read_scripts(struct finding *f, const char *install)
{
	g_autofree char *folder = g_build_filename(install, "bin", NULL);
	g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);

	for (const char *name; listing && (name = g_dir_read_name(listing));) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *text =
		    g_str_has_suffix(name, ".sh")
			? file_read(path, LIMIT_SETTINGS, NULL, NULL)
			: NULL;
		if (!text)
			continue;
		add_matches(f, text,
		    "-Djavax\\.net\\.ssl\\.(?:trust|key)Store=[\"']?"
		    "([^\\s\"']+)",
		    NULL, path);
		/* The JVM's own store of authorities. */
		add_matches(f, text,
		    "^\\s*(?:export\\s+)?(?:JRE_HOME|JAVA_HOME)=[\"']?"
		    "([^\\s\"']+)",
		    "lib/security/cacerts", path);
	}
}

static void read_properties(struct finding *f, const char *home)
{
	g_autofree char *path = g_build_filename(home, HOME_PROPERTIES, NULL);
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, NULL);
	g_autoptr(GHashTable) all = text ? properties_parse(text) : NULL;
	GHashTableIter iter;
	gpointer key, value;

	if (!all)
		return;
	g_hash_table_iter_init(&iter, all);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const char *file = value;
		if (g_str_has_prefix(file, "file:"))
			file += strlen("file:");
		if ((g_str_has_suffix(key, "key-store") ||
			g_str_has_suffix(key, "trust-store")) &&
		    g_path_is_absolute(file))
			add(f, file, key);
	}
}

static void find_units(struct finding *f)
{
	g_autoptr(GDir) listing = g_dir_open(units, 0, NULL);

	for (const char *name; listing && (name = g_dir_read_name(listing));) {
		g_autofree char *path = g_build_filename(units, name, NULL);
		if (strstr(name, "bitbucket"))
			add(f, path, units);
	}
}

/* ---- the whole ---- */

static bool find_folders(struct finding *f, const char *install, GError **error)
{
	guint before = f->paths->len;

	for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
		g_autofree char *path =
		    g_build_filename(install, folders[i], NULL);
		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			add(f, path, "[home] install");
	}
	return f->paths->len > before ||
	       fail(error, GONOGO_ERROR_USAGE,
		   "[home] install: %s has neither bin nor conf that can be "
		   "read\n"
		   "hint: name the folder that Bitbucket's archive was "
		   "unpacked into, or leave it out",
		   install);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *install_files(
    const struct settings *s, GPtrArray **notes, GError **error)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	struct finding f = {paths, notes};

	for (char **also = s->backup.also; also && *also; also++)
		g_ptr_array_add(paths, g_strdup(*also));
	if (s->home.install) {
		if (!find_folders(&f, s->home.install, error))
			return NULL;
		read_scripts(&f, s->home.install);
		read_properties(&f, s->home.shared);
		g_autofree char *inside =
		    g_build_filename(s->home.shared, "shared", NULL);
		read_properties(&f, inside);
		find_units(&f);
		g_ptr_array_sort(paths, by_name);
	}
	g_ptr_array_add(paths, NULL);
	return g_steal_pointer(&paths);
}
