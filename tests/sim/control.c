#include "tests/sim/control.h"

#include "base/error.h"
#include "tests/sim/apps.h"
#include "tests/sim/lifecycle.h"
#include "tests/sim/maintenance.h"
#include "tests/sim/world.h"
#include "tests/sim/zdu.h"

/* A verb reads WISH, acts, and may fill ANSWER.  DATA: a wrong wish. */
struct verb {
	const char *name;
	bool (*act)(sim *s, const json *wish, json *answer, GError **error);
};

static bool refuse(GError **error, const char *what, const char *value)
{
	return fail(error, GONOGO_ERROR_DATA, "%s: \"%s\" is not known", what,
	    value ? value : "");
}

/* ---- faults ---- */

static bool add_fault(sim *s, const json *wish, json *answer, GError **error)
{
	uint64_t id = faults_add(s->faults, wish, error);

	if (id)
		json_set_i64(answer, "id", (int64_t)id);
	return id != 0;
}

static bool clear_faults(sim *s, const json *wish, json *answer, GError **error)
{
	(void)error;
	json_set_i64(answer, "cleared",
	    faults_clear(s->faults, (uint64_t)number_at(wish, "id", 0)));
	return true;
}

/* ---- nodes ---- */

enum { STEP_MS = 100 };

static void travel(
    sim *s, struct node *node, const json *wish, bool upgrades, bool stays_down)
{
	const struct journey way = {
	    .version = upgrades ? json_text(wish, "version") : NULL,
	    .drain_ms = number_at(wish, "drain_ms", STEP_MS),
	    .stop_ms = number_at(wish, "stop_ms", STEP_MS),
	    .down_ms = number_at(wish, "down_ms", STEP_MS),
	    .start_ms = number_at(wish, "start_ms", STEP_MS),
	    .stays_down = stays_down,
	};

	lifecycle_begin(s->cluster, node, &way);
}

static bool set_out(sim *s, struct node *node, const json *wish, GError **error)
{
	const char *action = json_text(wish, "action");

	if (!action)
		return true;
	if (g_str_equal(action, "crash")) {
		lifecycle_crash(s->cluster, node);
		return true;
	}
	if (g_str_equal(action, "start")) {
		if (node->state != NODE_OFFLINE)
			return fail(error, GONOGO_ERROR_BUSY, "%s is %s",
			    node->name, node_state_names[node->state]);
		lifecycle_start(s->cluster, node, json_text(wish, "version"),
		    number_at(wish, "start_ms", STEP_MS));
		return true;
	}
	bool upgrade = g_str_equal(action, "upgrade");
	bool stop = g_str_equal(action, "stop");
	if (!upgrade && !stop && !g_str_equal(action, "restart"))
		return refuse(error, "action", action);
	if (upgrade && !version_build(json_text(wish, "version")))
		return fail(error, GONOGO_ERROR_DATA, "version: missing");
	if (node->state != NODE_ACTIVE && node->state != NODE_ERROR)
		return fail(error, GONOGO_ERROR_BUSY, "%s is %s", node->name,
		    node_state_names[node->state]);
	travel(s, node, wish, upgrade, stop);
	return true;
}

static bool change_node(sim *s, const json *wish, json *answer, GError **error)
{
	const char *name = json_text(wish, "node");
	const char *version = json_text(wish, "version");
	struct node *node = cluster_node(s->cluster, name);

	if (!node)
		return refuse(error, "node", name);
	if (!set_out(s, node, wish, error))
		return false;
	/* Without an action the version is planted, whatever the rules say. */
	if (version && !json_text(wish, "action")) {
		g_free(node->version);
		node->version = g_strdup(version);
	}
	node->skew_s = number_at(wish, "skew_s", node->skew_s);
	node->status_error = flag_at(wish, "status_error", node->status_error);
	json_set_string(answer, "id", node->id);
	json_set_string(answer, "state", node_state_names[node->state]);
	return true;
}

/* ---- the rest ---- */

static bool change_app(sim *s, const json *wish, json *answer, GError **error)
{
	(void)answer;
	return apps_change(s->cluster, wish, error);
}

static bool change_maintenance(
    sim *s, const json *wish, json *answer, GError **error)
{
	const char *action = json_text(wish, "action");

	(void)answer;
	if (action && g_str_equal(action, "break"))
		maintenance_break(s->cluster);
	else if (action && g_str_equal(action, "fail")) {
		if (!maintenance_fail_task(s->cluster))
			return fail(
			    error, GONOGO_ERROR_BUSY, "no backup is running");
	} else if (action) {
		return refuse(error, "action", action);
	}
	maintenance_set(s->cluster, wish);
	return true;
}

static bool change_zdu(sim *s, const json *wish, json *answer, GError **error)
{
	(void)answer;
	(void)error;
	zdu_set(s->cluster, wish);
	return true;
}

static bool change_world(sim *s, const json *wish, json *answer, GError **error)
{
	(void)answer;
	(void)error;
	world_merge(s->cluster->world, wish);
	world_complete(s->cluster->world);
	return true;
}

static bool clear_journal(
    sim *s, const json *wish, json *answer, GError **error)
{
	(void)wish;
	(void)answer;
	(void)error;
	journal_clear(&s->journal);
	return true;
}

static const struct verb verbs[] = {
    {"fault", add_fault},
    {"clear", clear_faults},
    {"node", change_node},
    {"app", change_app},
    {"maintenance", change_maintenance},
    {"zdu", change_zdu},
    {"world", change_world},
    {"forget", clear_journal},
};

/* ---- what is ---- */

static json *node_json(const struct node *node)
{
	json *value = json_new_object();

	json_set_string(value, "name", node->name);
	json_set_string(value, "id", node->id);
	json_set_string(value, "version", node->version);
	json_set_string(value, "state", node_state_names[node->state]);
	json_set_i64(value, "skew_s", node->skew_s);
	json_set_bool(value, "status_error", node->status_error);
	return value;
}

static json *world_json(const sim *s)
{
	json *world = json_copy(s->cluster->world);

	json_each (user, json_member(world, "users")) {
		json_remove((json *)user, "password");
		json_remove((json *)user, "tokens");
	}
	return world;
}

static json *state_json(const sim *s)
{
	json *value = json_new_object();
	json *nodes = json_set(value, "nodes", json_new_array());

	for (guint i = 0; i < s->cluster->nodes->len; i++)
		json_append(
		    nodes, node_json(g_ptr_array_index(s->cluster->nodes, i)));
	json_set(value, "maintenance", maintenance_json(s->cluster));
	json_set(value, "zdu", zdu_json(s->cluster));
	json_set(value, "faults", faults_json(s->faults));
	json_set_i64(value, "requests", (int64_t)s->journal.count);
	json_set(value, "world", world_json(s));
	return value;
}

static void complain(struct reply *reply, const GError *error)
{
	g_assert(error);
	bool busy = g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_BUSY);

	reply_error(reply, busy ? 409 : 400, NULL, "%s", error->message);
}

static void act(sim *s, const struct verb *verb, const struct request *r,
    struct reply *reply)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json) wish =
	    r->length ? json_parse(r->body, r->length, "request", &error)
		      : json_new_object();
	g_autoptr(json) answer = json_new_object();

	if (wish && verb->act(s, wish, answer, &error))
		reply_json(reply, 200, g_steal_pointer(&answer));
	else
		complain(reply, error);
}

void control_serve(sim *s, struct request *r, struct reply *reply)
{
	bool get = g_str_equal(r->method, "GET");

	if (get && g_str_equal(r->path, "/control/state")) {
		reply_json(reply, 200, state_json(s));
		return;
	}
	if (get && g_str_equal(r->path, "/control/journal")) {
		reply_json(reply, 200, journal_json(&s->journal));
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
		g_autofree char *path =
		    g_strconcat("/control/", verbs[i].name, NULL);
		if (!g_str_equal(r->path, path))
			continue;
		if (g_str_equal(r->method, "POST"))
			act(s, &verbs[i], r, reply);
		else
			reply_error(reply, 405, NULL, "POST it");
		return;
	}
	reply_error(reply, 404, NULL, "no verb at %s", r->path);
}
