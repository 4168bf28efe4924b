#include "audit/what_if.h"

#include "base/error.h"

static bool refuse(const char *act, GError **error)
{
	return fail(error, GONOGO_ERROR_USAGE,
	    "--what-if %s: neither disable=KEY nor update=KEY:VERSION", act);
}

static struct app *find(struct facts *f, const char *key, GError **error)
{
	struct app *app = facts_find_app(f, key);

	if (!app)
		fail(error, GONOGO_ERROR_USAGE,
		    "--what-if: no app %s is installed", key);
	return app;
}

static bool disable(struct facts *f, const char *key, GError **error)
{
	struct app *app = find(f, key, error);

	if (!app)
		return false;
	app->enabled = flag_of(false);
	if (app->enabled_in_database.known)
		app->enabled_in_database = flag_of(false);
	return true;
}

static bool update(struct facts *f, const char *words, GError **error)
{
	const char *colon = strrchr(words, ':');

	if (!colon || colon == words || !colon[1])
		return refuse(words, error);
	g_autofree char *key = g_strndup(words, (gsize)(colon - words));
	struct app *app = find(f, key, error);
	if (!app)
		return false;
	g_free(app->version);
	app->version = g_strdup(colon + 1);
	app->state =
	    app->state == APP_UPDATE_BEFORE ? APP_COMPATIBLE : APP_UNKNOWN;
	g_clear_pointer(&app->jar_sha256, g_free);
	return true;
}

bool what_if(const char *text, struct facts *f, GError **error)
{
	static const struct {
		const char *name;
		bool (*act)(struct facts *f, const char *words, GError **error);
	} acts[] = {{"disable=", disable}, {"update=", update}};
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);

	for (char **part = parts; *part; part++) {
		bool known = false;
		for (size_t i = 0; i < G_N_ELEMENTS(acts) && !known; i++) {
			known = g_str_has_prefix(*part, acts[i].name);
			if (known && !acts[i].act(f,
					 *part + strlen(acts[i].name), error))
				return false;
		}
		if (!known)
			return refuse(*part, error);
	}
	return true;
}
