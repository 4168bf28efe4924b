/*
 * The shared home, as this machine sees it: nothing is written, no link is
 * followed, and each look has its end.
 */
#include <inttypes.h>

#include "audit/collect/ask.h"
#include "audit/collect/jars.h"
#include "audit/collect/repositories.h"
#include "audit/collect/rows.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/stop.h"
#include "bitbucket/home.h"
#include "bitbucket/properties.h"
#include "port/fs.h"

static char *as_text(json *value)
{
	g_autoptr(json) owned = value;

	return value ? json_pretty(value) : NULL;
}

static char *look_at_check(const struct asking *a, GError **error)
{
	const char *home = a->settings->home.shared;
	json *value = NULL;

	if (home_check(home, error)) {
		value = json_new_object();
		json_set_string(value, "path", home);
	}
	return as_text(value);
}

static char *look_at_space(const struct asking *a, GError **error)
{
	const char *home = a->settings->home.shared;
	g_auto(fs_mount) mount = {0};
	struct fs_space space = {0};

	if (!fs_space(home, &space, error) || !fs_mount_of(home, &mount, error))
		return NULL;
	json *value = json_new_object();
	json_set_string(value, "filesystem", mount.filesystem);
	json_set_string(value, "mount_point", mount.point);
	json_set_string(value, "mount_options", mount.options);
	json_set_i64(value, "free_bytes", (int64_t)space.free_bytes);
	json_set_i64(value, "size_bytes", (int64_t)space.size_bytes);
	return as_text(value);
}

static char *look_at_properties(const struct asking *a, GError **error)
{
	g_autofree char *path =
	    g_build_filename(a->settings->home.shared, HOME_PROPERTIES, NULL);
	g_autofree char *text = file_read(path, LIMIT_SETTINGS, NULL, error);

	return text ? properties_redact(text) : NULL;
}

static char *look_at_stores(const struct asking *a, GError **error)
{
	if (!a->stores) {
		fail(error, GONOGO_ERROR_REMOTE,
		    "the rows of bb_data_store were not seen");
		return NULL;
	}
	json *list = json_new_array();
	json_each (row, a->stores) {
		const char *path = json_text(row, "path");
		int64_t id = 0;
		if (!json_i64(row, "id", &id, error)) {
			json_free(list);
			return NULL;
		}
		g_autofree char *text = g_strdup_printf("%" PRId64, id);
		json *store = json_append(list, json_new_object());
		json_set_string(store, "id", text);
		json_set_bool(store, "there",
		    path && g_file_test(path, G_FILE_TEST_IS_DIR));
	}
	return as_text(list);
}

static char *look_at_repositories(const struct asking *a, GError **error)
{
	return as_text(repositories_look(a->settings->home.shared, error));
}

static char *look_at_apps(const struct asking *a, GError **error)
{
	g_autofree char *folder =
	    g_build_filename(a->settings->home.shared, HOME_APPS, NULL);

	return as_text(jars_look(folder, error));
}

static const struct {
	const char *what;
	char *(*look)(const struct asking *a, GError **error);
} looks[] = {
    {"home.check", look_at_check},
    {"home.space", look_at_space},
    {"home.properties", look_at_properties},
    {"home.stores", look_at_stores},
    {"home.repositories", look_at_repositories},
    {"home.apps", look_at_apps},
};

static bool ask_look(
    struct asking *a, const struct row *row, size_t i, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL;

	if (a->settings->home.shared)
		text = looks[i].look(a, &why);
	else
		fail(&why, GONOGO_ERROR_USAGE,
		    "the settings name no shared home; hint: [home] shared");
	if (stop_requested(error))
		return false;
	if (!text)
		return ask_put_failure(a, row, NULL, why->message, error);
	return ask_put(
	    a, row, NULL, row->text ? RAW_TEXT : RAW_JSON, text, error);
}

bool ask_home(struct asking *a, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
		const struct row *row = rows_find(looks[i].what);
		if (ask_wants(a, row, "home") && !ask_look(a, row, i, error))
			return false;
	}
	return true;
}
