/*
 * The apps: what the product's own update check says of each, and how far that
 * can be believed.  Five empty lists with status 200 mean "nothing was
 * checked", so an app that no list names is UNKNOWN.
 */
#include "audit/rules/rule.h"

/* Gives `Name (key) 1.2.3`. */
static char *title_of(const struct app *app)
{
	return g_strdup_printf("%s (%s) %s", app->name ? app->name : app->key,
	    app->key, app->version ? app->version : "of unknown version");
}

static bool is_judged(const struct app *app)
{
	return app->user_installed.known && app->user_installed.value;
}

static guint count_apps(const struct facts *facts)
{
	guint count = 0;

	for (guint i = 0; i < list_length(facts->apps); i++)
		count += is_judged(g_ptr_array_index(facts->apps, i));
	return count;
}

static const char *target_of(const struct facts *facts)
{
	return facts->plan.target ? facts->plan.target : "the target";
}

/* ---- how far the check can be believed ---- */

/* Gives the keys of the apps that no list names; "" when each is named. */
static char *missed_apps(const struct facts *facts)
{
	GString *missed = g_string_new(NULL);

	for (guint i = 0; i < list_length(facts->apps); i++) {
		const struct app *app = g_ptr_array_index(facts->apps, i);
		if (is_judged(app) &&
		    (!app->answered.known || !app->answered.value))
			g_string_append_printf(
			    missed, "%s%s", missed->len ? ", " : "", app->key);
	}
	return g_string_free(missed, FALSE);
}

/* Why the update check says nothing; NULL: it was made for this target. */
static const char *unmade(const struct facts *facts, const char **what)
{
	const struct app_check *c = &facts->app_check;

	*what = "apps.marketplace";
	if (!c->reachable.known || !c->disabled.known)
		return facts_why_unseen(facts, *what)
			   ? facts_why_unseen(facts, *what)
			   : "not seen";
	if (c->disabled.value)
		return "the connection to the Marketplace is switched off";
	if (!c->reachable.value)
		return "Bitbucket cannot reach the Marketplace";
	*what = "apps.updates";
	if (!c->listed.known)
		return facts_why_unseen(facts, *what)
			   ? facts_why_unseen(facts, *what)
			   : "not seen";
	if (!c->listed.value)
		return "the update check does not list the target";
	*what = "apps.compatibility";
	if (!c->answered.known || !c->answered.value)
		return facts_why_unseen(facts, *what)
			   ? facts_why_unseen(facts, *what)
			   : "not seen";
	if (g_strcmp0(c->target, facts->plan.target) != 0)
		return "it was made for another target";
	return NULL;
}

static void check_is_complete(const struct judging *j)
{
	struct finding *f = rule_add(j, NULL, NULL);
	guint count = count_apps(j->facts);
	g_autofree char *missed = missed_apps(j->facts);
	const char *what = NULL;

	if (!facts_find_source(j->facts, "apps.installed")) {
		rule_unseen(j, f, "apps.installed");
		return;
	}
	if (!count) {
		finding_evidence(f, "apps.installed", "none", NULL);
		finding_answer(f, OUTCOME_PASS, "no app is installed by users");
		return;
	}
	const char *why = unmade(j->facts, &what);
	finding_evidence(f, "apps.installed", NULL, NULL);
	finding_evidence(f, what, why, NULL);
	if (why) {
		finding_unknown(f, "%s: %s", what, why);
	} else if (*missed) {
		finding_unknown(
		    f, "the update check says nothing of %s", missed);
	} else {
		finding_evidence(f, "apps.marketplace", "reachable", NULL);
		finding_evidence(f, "apps.updates", "listed", NULL);
		finding_answer(f, OUTCOME_PASS,
		    "the update check for %s names all %u installed apps",
		    target_of(j->facts), count);
	}
}

/* ---- what it says of each app ---- */

/*
 * Adds a finding for each app that a list puts into STATE, and lets SAY tell
 * it; one PASS when there is none, and that only when the lists were read.
 */
static void each_in_state(const struct judging *j, enum app_state state,
    void (*say)(const struct judging *j, struct finding *f,
	const struct app *app, const char *title),
    const char *none)
{
	guint found = 0;

	for (guint i = 0; i < list_length(j->facts->apps); i++) {
		const struct app *app = g_ptr_array_index(j->facts->apps, i);
		if (!is_judged(app) || !app->answered.known ||
		    !app->answered.value || app->state != (int)state)
			continue;
		g_autofree char *title = title_of(app);
		struct finding *f = rule_add(j, "app", app->key);
		finding_evidence(f, "apps.compatibility", title, NULL);
		say(j, f, app, title);
		found++;
	}
	if (found)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	if (!j->facts->app_check.answered.known && count_apps(j->facts) > 0) {
		rule_unseen(j, f, "apps.compatibility");
		return;
	}
	finding_evidence(f,
	    count_apps(j->facts) > 0 ? "apps.compatibility" : "apps.installed",
	    NULL, NULL);
	finding_answer(f, OUTCOME_PASS, "for %s %s", target_of(j->facts), none);
}

/* A disabled app does not run on the target either. */
static bool is_disabled(const struct app *app)
{
	return app->enabled.known && !app->enabled.value;
}

static void say_incompatible(const struct judging *j, struct finding *f,
    const struct app *app, const char *title)
{
	if (is_disabled(app))
		f->severity = SEVERITY_LOW;
	finding_answer(f, OUTCOME_FAIL,
	    "%s%s: no version of it is declared for %s", title,
	    is_disabled(app) ? ", which is disabled" : "", target_of(j->facts));
	finding_remedy(f,
	    "disable %s in Administration, Manage apps before the upgrade",
	    app->key);
	finding_remedy(f, "ask %s for a version that supports %s",
	    app->vendor ? app->vendor : "its vendor", target_of(j->facts));
}

static void none_is_incompatible(const struct judging *j)
{
	each_in_state(
	    j, APP_INCOMPATIBLE, say_incompatible, "no app is incompatible");
}

static void say_update_before(const struct judging *j, struct finding *f,
    const struct app *app, const char *title)
{
	if (is_disabled(app))
		f->severity = SEVERITY_LOW;
	finding_answer(f, OUTCOME_FAIL,
	    "%s has to be updated before the upgrade to %s", title,
	    target_of(j->facts));
	finding_remedy(f,
	    "update %s in Administration, Manage apps, and audit again",
	    app->key);
}

static void none_needs_update_before(const struct judging *j)
{
	each_in_state(j, APP_UPDATE_BEFORE, say_update_before,
	    "no app has to be updated before the upgrade");
}

static void say_update_after(const struct judging *j, struct finding *f,
    const struct app *app, const char *title)
{
	if (is_disabled(app))
		f->severity = SEVERITY_LOW;
	finding_answer(f, OUTCOME_FAIL,
	    "%s works on %s only after an update of its own", title,
	    target_of(j->facts));
	finding_remedy(f,
	    "plan the update of %s right after the upgrade is finalised",
	    app->key);
}

static void none_needs_update_after(const struct judging *j)
{
	each_in_state(j, APP_UPDATE_AFTER, say_update_after,
	    "no app has to be updated after the upgrade");
}

static void say_unknown(const struct judging *j, struct finding *f,
    const struct app *app, const char *title)
{
	f->required = flag_of(!is_disabled(app));
	finding_unknown(f,
	    "%s%s is not listed in the Marketplace, or its look-up failed",
	    title, is_disabled(app) ? ", which is disabled," : "");
	finding_remedy(f,
	    "try %s on a staging copy with %s, then name APPS-unknown/%s in "
	    "[checks] optional of the policy",
	    app->key, target_of(j->facts), app->key);
}

static void none_is_unknown(const struct judging *j)
{
	each_in_state(j, APP_UNKNOWN, say_unknown, "every app is known");
}

/* ---- the second witness ---- */

/* No row in the database means the app's default, which is not "disabled". */
static void database_agrees(const struct judging *j)
{
	guint before = list_length(j->out->list);
	guint seen = 0;

	if (!facts_find_source(j->facts, "database.apps"))
		return;
	for (guint i = 0; i < list_length(j->facts->apps); i++) {
		const struct app *app = g_ptr_array_index(j->facts->apps, i);
		if (!app->enabled.known || !app->enabled_in_database.known)
			continue;
		seen++;
		if (app->enabled.value == app->enabled_in_database.value)
			continue;
		g_autofree char *title = title_of(app);
		struct finding *f = rule_add(j, "app", app->key);
		const char *own = app->enabled.value ? "enabled" : "disabled";
		const char *stored =
		    app->enabled_in_database.value ? "enabled" : "disabled";
		finding_evidence(f, "apps.installed", own, stored);
		finding_evidence(f, "database.apps", stored, own);
		finding_answer(f, OUTCOME_FAIL,
		    "%s is %s, and %s in the database: it will be %s after "
		    "the next start",
		    title, own, stored, stored);
		finding_remedy(f,
		    "enable or disable %s once more in Administration, Manage "
		    "apps",
		    app->key);
	}
	if (list_length(j->out->list) > before)
		return;
	finding_answer(rule_add(j, NULL, NULL), OUTCOME_PASS,
	    "the database agrees with what is enabled (%u apps with a row)",
	    seen);
}

/* Where no app is installed there is nothing to check, and no check to see. */
const struct rule apps_rules[] = {
    {.id = "APPS-check-complete",
	.ask = "Does the update check answer for every installed app?",
	.mend = "let Bitbucket reach the Marketplace, then open "
		"Administration, Bitbucket update check once",
	.source = "docs/sources.md#update-check",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"settings", "apps.installed",
	    "apps.installed|apps.marketplace|apps.updates|apps.compatibility"},
	.judge = check_is_complete},
    {.id = "APPS-incompatible",
	.ask = "Is no app incompatible with the target?",
	.mend = "disable the app before the upgrade",
	.source = "docs/sources.md#update-check",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"apps.installed", "apps.installed|apps.compatibility"},
	.judge = none_is_incompatible},
    {.id = "APPS-update-before",
	.ask = "Is every app as new as the target asks for?",
	.mend = "update the app before the upgrade",
	.source = "docs/sources.md#update-check",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"apps.installed", "apps.installed|apps.compatibility"},
	.judge = none_needs_update_before},
    {.id = "APPS-update-after",
	.ask = "Does every app work before it is updated itself?",
	.mend = "plan the update of the app right after the upgrade",
	.source = "docs/sources.md#update-check",
	.severity = SEVERITY_MEDIUM,
	.resolve_by = PHASE_AFTER,
	.required = true,
	.inputs = {"apps.installed", "apps.installed|apps.compatibility"},
	.judge = none_needs_update_after},
    {.id = "APPS-unknown",
	.ask = "Does the Marketplace know every app?",
	.mend = "try the app on a staging copy with the target",
	.source = "docs/sources.md#update-check",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"apps.installed", "apps.installed|apps.compatibility"},
	.judge = none_is_unknown},
    {.id = "APPS-enabled-agrees",
	.ask = "Does the database agree with which apps are enabled?",
	.mend = "enable or disable the app once more",
	.source = "docs/sources.md#apps",
	.severity = SEVERITY_MEDIUM,
	.relation = RELATION_WORSENED,
	.required = true,
	.inputs = {"apps.installed", "database.apps"},
	.judge = database_agrees},
    {0},
};
