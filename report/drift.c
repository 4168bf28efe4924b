#include "report/drift.h"

#include "base/clock.h"
#include "base/exits.h"

void drift_free(gpointer drift)
{
	struct drift *d = drift;

	g_free(d->text);
	g_free(d);
}

void drift_add(GPtrArray *list, int code, const char *format, ...)
{
	struct drift *d = g_new0(struct drift, 1);
	va_list arguments;

	va_start(arguments, format);
	d->code = code;
	d->text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_ptr_array_add(list, d);
}

void drift_unseen(GPtrArray *list, const struct facts *live, const char *what,
    const char *source)
{
	const char *why = facts_why_unseen(live, source);

	drift_add(list, EXITS_UNKNOWN, "%s: not seen now: %s", what,
	    why ? why : "nobody answered");
}

/* ---- one value ---- */

/* What the approval does not know, nothing rests on. */
static void compare_text(GPtrArray *list, const struct facts *live,
    const char *what, const char *source, const char *was, const char *is)
{
	if (was && !is)
		drift_unseen(list, live, what, source);
	else if (was && !g_str_equal(was, is))
		drift_add(
		    list, EXITS_DRIFT, "%s: was %s, is %s", what, was, is);
}

static const char *flag_text(struct flag flag)
{
	return !flag.known ? NULL : flag.value ? "yes" : "no";
}

static void compare_flag(GPtrArray *list, const struct facts *live,
    const char *what, const char *source, struct flag was, struct flag is)
{
	compare_text(list, live, what, source, flag_text(was), flag_text(is));
}

static void compare_number(GPtrArray *list, const struct facts *live,
    const char *what, const char *source, struct number was, struct number is)
{
	g_autofree char *a =
	    was.known ? g_strdup_printf("%" G_GINT64_FORMAT, was.value) : NULL;
	g_autofree char *b =
	    is.known ? g_strdup_printf("%" G_GINT64_FORMAT, is.value) : NULL;

	compare_text(list, live, what, source, a, b);
}

static void compare_time(GPtrArray *list, const struct facts *live,
    const char *what, const char *source, struct number was, struct number is)
{
	g_autofree char *a = was.known ? clock_text(was.value) : NULL;
	g_autofree char *b = is.known ? clock_text(is.value) : NULL;

	compare_text(list, live, what, source, a, b);
}

/* ---- nodes ---- */

bool drift_passes(const char *state)
{
	static const char *const passing[] = {
	    "STARTING", "DRAINING", "TERMINATING", NULL};

	return g_strv_contains(passing, state);
}

static void compare_node(GPtrArray *list, const struct facts *live,
    const struct node *was, const struct node *is)
{
	g_autofree char *name = g_strconcat("node ", was->name, NULL);
	g_autofree char *version = g_strconcat(name, " version", NULL);
	g_autofree char *state = g_strconcat(name, " state", NULL);

	compare_text(
	    list, live, version, "cluster.zdu", was->version, is->version);
	if (is->state && drift_passes(is->state))
		drift_add(list, EXITS_HOLD, "%s: is %s", name, is->state);
	else
		compare_text(
		    list, live, state, "cluster.zdu", was->state, is->state);
}

static void compare_nodes(
    GPtrArray *list, const struct facts *approved, const struct facts *live)
{
	if (list_length(live->nodes) == 0) {
		drift_unseen(list, live, "nodes", "cluster.members");
		return;
	}
	for (guint i = 0; i < list_length(approved->nodes); i++) {
		const struct node *was = g_ptr_array_index(approved->nodes, i);
		const struct node *is = facts_find_node(live, was->name);
		if (is)
			compare_node(list, live, was, is);
		else
			drift_add(
			    list, EXITS_DRIFT, "node %s: is gone", was->name);
	}
	for (guint i = 0; i < live->nodes->len; i++) {
		const struct node *is = g_ptr_array_index(live->nodes, i);
		if (!facts_find_node(approved, is->name))
			drift_add(list, EXITS_DRIFT,
			    "node %s: was not there when approved", is->name);
	}
}

/* ---- the cluster ---- */

/* BEGUN: the upgrade was let through, so upgrade mode may be on. */
static void compare_cluster(GPtrArray *list, const struct facts *approved,
    const struct facts *live, bool begun)
{
	const struct cluster *was = &approved->cluster, *is = &live->cluster;

	compare_text(list, live, "version", "product",
	    approved->product.version, live->product.version);
	begun = begun && g_strcmp0(is->zdu_state, "READY_TO_UPGRADE") == 0 &&
		is->upgrade_mode.known && is->upgrade_mode.value;
	if (!is->zdu_state)
		drift_unseen(list, live, "upgrade state", "cluster.zdu");
	else if (begun)
		;
	else if (was->zdu_state && !g_str_equal(was->zdu_state, is->zdu_state))
		drift_add(list, EXITS_DRIFT, "upgrade state: was %s, is %s",
		    was->zdu_state, is->zdu_state);
	else if (!g_str_equal(is->zdu_state, "STABLE"))
		drift_add(list, EXITS_HOLD, "upgrade state: is %s, not STABLE",
		    is->zdu_state);
	if (!is->upgrade_mode.known)
		drift_unseen(list, live, "upgrade mode", "cluster.zdu");
	else if (is->upgrade_mode.value && !begun)
		drift_add(list,
		    was->upgrade_mode.known && !was->upgrade_mode.value
			? EXITS_DRIFT
			: EXITS_HOLD,
		    "upgrade mode: is on");
	if (is->maintenance.known && is->maintenance.value)
		drift_add(list, EXITS_HOLD,
		    "maintenance lock: Bitbucket is locked now");
	else if (was->maintenance.known && !is->maintenance.known)
		drift_unseen(list, live, "maintenance lock", "cluster.lock");
}

/* ---- apps ---- */

static void compare_app(GPtrArray *list, const struct facts *live,
    const struct app *was, const struct app *is)
{
	g_autofree char *version =
	    g_strconcat("app ", was->key, " version", NULL);
	g_autofree char *enabled =
	    g_strconcat("app ", was->key, " enabled", NULL);

	compare_text(
	    list, live, version, "apps.installed", was->version, is->version);
	compare_flag(
	    list, live, enabled, "apps.installed", was->enabled, is->enabled);
}

/* Bitbucket's own apps change with it while it is upgraded. */
static bool comes_with_it(const struct app *app, bool rolling)
{
	return rolling && app->user_installed.known &&
	       !app->user_installed.value;
}

static void compare_apps(GPtrArray *list, const struct facts *approved,
    const struct facts *live, bool rolling)
{
	/* No Bitbucket is without any: an empty list was not seen. */
	if (list_length(live->apps) == 0 ||
	    facts_why_unseen(live, "apps.installed")) {
		drift_unseen(list, live, "apps", "apps.installed");
		return;
	}
	for (guint i = 0; i < list_length(approved->apps); i++) {
		const struct app *was = g_ptr_array_index(approved->apps, i);
		const struct app *is = facts_find_app(live, was->key);
		if (comes_with_it(was, rolling))
			continue;
		if (is)
			compare_app(list, live, was, is);
		else
			drift_add(
			    list, EXITS_DRIFT, "app %s: is gone", was->key);
	}
	for (guint i = 0; i < live->apps->len; i++) {
		const struct app *is = g_ptr_array_index(live->apps, i);
		if (!facts_find_app(approved, is->key) &&
		    !comes_with_it(is, rolling))
			drift_add(list, EXITS_DRIFT,
			    "app %s %s: was not installed when approved",
			    is->key, is->version ? is->version : "");
	}
}

/* ---- licence ---- */

/* Not the number of users: that changes with every newcomer. */
static void compare_licence(
    GPtrArray *list, const struct facts *approved, const struct facts *live)
{
	const struct licence *was = &approved->licence, *is = &live->licence;
	static const char source[] = "licence";

	if (facts_why_unseen(live, source)) {
		drift_unseen(list, live, "licence", source);
		return;
	}
	compare_text(list, live, "licence's server id", source, was->server_id,
	    is->server_id);
	compare_flag(list, live, "licence for Data Center", source,
	    was->data_center, is->data_center);
	compare_time(list, live, "licence's end", source, was->expires_at,
	    is->expires_at);
	compare_time(list, live, "licence's end of maintenance", source,
	    was->maintenance_expires_at, is->maintenance_expires_at);
	compare_number(list, live, "licence's users", source, was->users_max,
	    is->users_max);
	compare_flag(list, live, "licence for unlimited users", source,
	    was->unlimited_users, is->unlimited_users);
	compare_text(list, live, "licence's support entitlement", source,
	    was->support_entitlement, is->support_entitlement);
}

GPtrArray *drift_of(
    const struct facts *approved, const struct facts *live, bool begun)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(drift_free);

	compare_cluster(list, approved, live, begun);
	compare_nodes(list, approved, live);
	compare_apps(list, approved, live, false);
	compare_licence(list, approved, live);
	return list;
}

GPtrArray *drift_while_rolling(
    const struct facts *approved, const struct facts *live)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(drift_free);

	compare_apps(list, approved, live, true);
	compare_licence(list, approved, live);
	return list;
}
