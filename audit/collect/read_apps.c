#include "audit/collect/read_apps.h"

#include "audit/collect/take.h"
#include "base/error.h"

#define UPM_TYPE(name)                                                         \
	"application/vnd.atl.plugins" name "+json, application/json;q=0.5"

/* ---- installed ---- */

static bool read_installed(const struct reading *r, GError **error)
{
	const json *plugins = NULL;

	if (!json_array(r->body, "plugins", &plugins, error))
		return false;
	/* The product is made of system plugins: none is no answer. */
	if (!json_first(plugins))
		return fail(error, GONOGO_ERROR_DATA,
		    "an empty list, but every instance has system apps");
	json_each (plugin, plugins) {
		g_autofree char *key = NULL;
		struct flag user = {0};

		if (!must_string(plugin, "key", &key, error) ||
		    !must_flag(plugin, "userInstalled", &user, error))
			return false;
		/* System apps come and go with the product itself, and so do
		 * those that an application owns. */
		if (!user.value || json_text(plugin, "applicationKey"))
			continue;
		if (facts_find_app(r->facts, key))
			return fail(error, GONOGO_ERROR_DATA,
			    "app %s is listed twice", key);
		struct app *app = shape_add(&app_shape, &r->facts->apps);
		app->key = g_steal_pointer(&key);
		app->user_installed = user;
		if (!take_string(plugin, "name", &app->name, error) ||
		    !must_string(plugin, "version", &app->version, error) ||
		    !take_string(plugin, "vendor.name", &app->vendor, error) ||
		    !must_flag(plugin, "enabled", &app->enabled, error))
			return false;
	}
	return true;
}

/* ---- can the update check be believed? ---- */

static bool read_marketplace(const struct reading *r, GError **error)
{
	struct app_check *c = &r->facts->app_check;

	return must_flag(r->body, "reachable", &c->reachable, error) &&
	       must_flag(r->body, "disabled", &c->disabled, error);
}

static const json *find_update(const json *updates, const char *target)
{
	json_each (version, json_find(updates, "versions"))
		if (target &&
		    g_strcmp0(json_text(version, "version"), target) == 0)
			return version;
	return NULL;
}

/* The Marketplace was away while the list was made. */
static bool is_blind(
    const json *updates, const char *key, bool *blind, GError **error)
{
	bool value = false;

	if (!json_bool(updates, key, &value, error))
		return false;
	*blind |= value;
	return true;
}

static bool read_updates(const struct reading *r, GError **error)
{
	struct app_check *c = &r->facts->app_check;
	const json *versions = NULL;
	bool blind = false;

	if (!json_array(r->body, "versions", &versions, error) ||
	    !is_blind(r->body, "hostStatus.pacDisabled", &blind, error) ||
	    !is_blind(r->body, "hostStatus.pacUnavailable", &blind, error))
		return false;
	if (blind)
		return fail(error, GONOGO_ERROR_DATA,
		    "the Marketplace was disabled or out of reach");
	c->listed =
	    flag_of(find_update(r->body, r->facts->plan.target) != NULL);
	return true;
}

char *apps_compatibility_path(
    const json *updates, const char *target, GError **error)
{
	static const char start[] = "/rest/plugins/1.0/product-updates/";
	static const char end[] = "/compatibility";
	const json *update = find_update(updates, target);
	const char *link = update ? json_text(update, "links.self") : NULL;
	const char *path = link ? strstr(link, start) : NULL;

	if (!target) {
		fail(error, GONOGO_ERROR_DATA,
		    "the settings name no target\n"
		    "hint: [target] version = 9.4.23");
		return NULL;
	}
	if (!update) {
		fail(error, GONOGO_ERROR_DATA,
		    "the update check does not list %s", target);
		return NULL;
	}
	/* start, digits, end: nothing else is asked for in its name. */
	size_t digits = path ? strspn(path + strlen(start), "0123456789") : 0;
	if (!digits || !g_str_equal(path + strlen(start) + digits, end)) {
		fail(error, GONOGO_ERROR_DATA,
		    "%s: its link is not one of a compatibility check", target);
		return NULL;
	}
	return g_strdup(path);
}

/* ---- the five lists ---- */

static bool read_list(
    struct facts *f, const json *list, enum app_state state, GError **error)
{
	json_each (entry, list) {
		const char *key = NULL;

		if (!json_string(entry, "key", &key, error))
			return false;
		struct app *app = facts_find_app(f, key);
		if (!app)
			return fail(error, GONOGO_ERROR_DATA,
			    "it names %s, which is not installed", key);
		if (app->answered.known)
			return fail(
			    error, GONOGO_ERROR_DATA, "it names %s twice", key);
		app->answered = flag_of(true);
		app->state = state;
	}
	return true;
}

static bool read_compatibility(const struct reading *r, GError **error)
{
	static const struct {
		const char *key;
		enum app_state state;
	} lists[] = {
	    {"compatible", APP_COMPATIBLE},
	    {"updateRequired", APP_UPDATE_BEFORE},
	    {"updateRequiredAfterProductUpdate", APP_UPDATE_AFTER},
	    {"incompatible", APP_INCOMPATIBLE},
	    {"unknown", APP_UNKNOWN},
	};
	size_t entries = 0;

	if (!facts_find_source(r->facts, "apps.installed"))
		return fail(error, GONOGO_ERROR_DATA,
		    "no list of installed apps to hold it against");
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		const json *list = NULL;
		if (!json_array(r->body, lists[i].key, &list, error) ||
		    !read_list(r->facts, list, lists[i].state, error))
			return false;
		entries += json_length(list);
	}
	if (!entries && list_length(r->facts->apps))
		return fail(error, GONOGO_ERROR_DATA,
		    "five empty lists for %u installed apps: "
		    "nothing was checked",
		    list_length(r->facts->apps));
	r->facts->app_check.answered = flag_of(true);
	r->facts->app_check.target = g_strdup(r->facts->plan.target);
	return true;
}

void apps_hold_together(struct facts *f)
{
	g_autoptr(GString) missed = g_string_new(NULL);

	if (!f->app_check.answered.known)
		return;
	for (guint i = 0; i < list_length(f->apps); i++) {
		struct app *app = g_ptr_array_index(f->apps, i);
		if (app->answered.known)
			continue;
		app->answered = flag_of(false);
		g_string_append_printf(
		    missed, "%s%s", missed->len ? ", " : "", app->key);
	}
	if (missed->len)
		facts_add_unseen(f, "apps.compatibility.coverage",
		    "the update check says nothing of %s", missed->str);
}

const struct row apps_rows[] = {
    {.what = "apps.installed",
	.permission = "ADMIN",
	.collector = "apps",
	.request = "/rest/plugins/1.0/",
	.accept = UPM_TYPE(".installed"),
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.read = read_installed},
    {.what = "apps.marketplace",
	.permission = "ADMIN",
	.collector = "apps",
	.request = "/rest/plugins/1.0/pac-status",
	.accept = UPM_TYPE(".pac.status"),
	.profiles = PROFILE_FULL,
	.read = read_marketplace},
    {.what = "apps.updates",
	.permission = "ADMIN",
	.collector = "apps",
	.request = "/rest/plugins/1.0/product-updates",
	.accept = UPM_TYPE(".product.updates"),
	.profiles = PROFILE_FULL,
	.read = read_updates},
    {.what = "apps.compatibility",
	.permission = "ADMIN",
	.collector = "apps",
	.request = "{compatibility}",
	.accept = UPM_TYPE(".compatibility"),
	.profiles = PROFILE_FULL,
	.read = read_compatibility},
    {0},
};
