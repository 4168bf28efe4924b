#include "tests/sim/apps.h"

#include "base/error.h"
#include "tests/sim/audit.h"

json *apps_find(const cluster *c, const char *key)
{
	json_each (app, cluster_world(c, "apps"))
		if (g_strcmp0(json_text(app, "key"), key) == 0)
			return (json *)app;
	return NULL;
}

static bool install(cluster *c, json *app, const json *wish, GError **error)
{
	const char *key = json_text(wish, "key");

	if (app)
		return fail(error, GONOGO_ERROR_DATA, "%s: is there", key);
	app = json_append(cluster_list(c, "apps"), json_new_object());
	json_set_bool(app, "enabled", true);
	json_set_bool(app, "userInstalled", true);
	json_set_string(app, "name", key);
	json_set_string(app, "version", "1.0.0");
	json_each (member, wish)
		if (!g_str_equal(json_key(member), "action"))
			json_set(app, json_key(member), json_copy(member));
	return true;
}

static bool update(cluster *c, json *app, const json *wish, GError **error)
{
	const char *version;

	(void)c;
	if (!json_string(wish, "version", &version, error))
		return false;
	json_set_string(app, "version", version);
	return true;
}

static bool enable(cluster *c, json *app, const json *wish, GError **error)
{
	(void)c;
	(void)wish;
	(void)error;
	json_set_bool(app, "enabled", true);
	return true;
}

static bool disable(cluster *c, json *app, const json *wish, GError **error)
{
	(void)c;
	(void)wish;
	(void)error;
	json_set_bool(app, "enabled", false);
	return true;
}

static bool uninstall(cluster *c, json *app, const json *wish, GError **error)
{
	json *left = json_new_array();

	(void)wish;
	(void)error;
	json_each (other, cluster_world(c, "apps"))
		if (other != app)
			json_append(left, json_copy(other));
	json_set(c->world, "apps", left);
	return true;
}

bool apps_change(cluster *c, const json *wish, GError **error)
{
	static const struct {
		const char *name, *event;
		bool needs_app;
		bool (*act)(cluster *, json *, const json *, GError **);
	} actions[] = {
	    {"install", "Plugin installed", false, install},
	    {"update", "Plugin upgraded", true, update},
	    {"enable", "Plugin enabled", true, enable},
	    {"disable", "Plugin disabled", true, disable},
	    {"uninstall", "Plugin uninstalled", true, uninstall},
	};
	const char *action, *key;

	if (!json_string(wish, "action", &action, error) ||
	    !json_string(wish, "key", &key, error))
		return false;
	json *app = apps_find(c, key);
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		if (!g_str_equal(action, actions[i].name))
			continue;
		if (actions[i].needs_app && !app)
			return fail(error, GONOGO_ERROR_DATA,
			    "%s: is not installed", key);
		const char *name =
		    app ? json_text(app, "name") : json_text(wish, "name");
		g_autofree char *object = g_strdup(name ? name : key);
		if (!actions[i].act(c, app, wish, error))
			return false;
		const struct audit_event event = {
		    .action = actions[i].event,
		    .category = "Apps",
		    .author = json_text(wish, "author"),
		    .object = object,
		    .object_type = "PLUGIN",
		    .object_id = key,
		};
		audit_add(c, &event);
		return true;
	}
	return fail(
	    error, GONOGO_ERROR_DATA, "action: \"%s\" is not known", action);
}
