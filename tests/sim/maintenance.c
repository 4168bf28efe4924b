#include "tests/sim/maintenance.h"

#include "tests/sim/audit.h"

static const char *const task_names[] = {
    [TASK_RUNNING] = "RUNNING",
    [TASK_SUCCESSFUL] = "SUCCESSFUL",
    [TASK_FAILED] = "FAILED",
    [TASK_CANCELED] = "CANCELED",
};

/* How long Bitbucket's own backup takes once all is drained. */
enum { OWN_BACKUP_MS = 1000 };

/* ---- the machine ---- */

bool maintenance_is_locked(const cluster *c)
{
	return c->maintenance.unlock_token != NULL;
}

static bool is_latched(const struct maintenance *m)
{
	return m->unlock_token && m->task.exists &&
	       m->task.state == TASK_RUNNING;
}

static int64_t task_age(const cluster *c)
{
	return c->now_ms - c->maintenance.task.started_ms;
}

/* Git operations that have not ended yet: one after the other does. */
static int64_t in_flight(const cluster *c)
{
	const struct maintenance *m = &c->maintenance;
	int64_t left = m->git_drain_ms - task_age(c);

	if (!is_latched(m))
		return m->unlock_token ? 0 : m->git_operations;
	if (left <= 0 || m->git_drain_ms <= 0)
		return 0;
	return (m->git_operations * left + m->git_drain_ms - 1) /
	       m->git_drain_ms;
}

static bool git_drained(const cluster *c)
{
	return task_age(c) >= c->maintenance.git_drain_ms;
}

static bool database_drained(const cluster *c)
{
	return task_age(c) >= c->maintenance.database_drain_ms;
}

/* The audit log hears of every backup's begin and end. */
static void tell(cluster *c, const char *action)
{
	const struct audit_event event = {
	    .action = action,
	    .category = "System administration",
	    .author = c->maintenance.owner,
	};

	audit_add(c, &event);
}

static void end_task(cluster *c, enum task_state state)
{
	static const char *const said[] = {
	    [TASK_SUCCESSFUL] = "System backup succeeded",
	    [TASK_FAILED] = "System backup failed",
	    [TASK_CANCELED] = "System backup cancelled",
	};

	c->maintenance.task.state = state;
	tell(c, said[state]);
}

static int64_t drain_end(const struct maintenance *m)
{
	return MAX(m->git_drain_ms, m->database_drain_ms);
}

void maintenance_settle(cluster *c)
{
	struct maintenance *m = &c->maintenance;

	if (!m->task.exists || m->task.state != TASK_RUNNING)
		return;
	if (m->fail_after_ms >= 0 && task_age(c) >= m->fail_after_ms) {
		end_task(c, TASK_FAILED);
		m->fail_after_ms = -1;
	} else if (!m->task.external &&
		   task_age(c) >= drain_end(m) + OWN_BACKUP_MS) {
		end_task(c, TASK_SUCCESSFUL);
	}
}

bool maintenance_fail_task(cluster *c)
{
	const struct task *task = &c->maintenance.task;

	if (!task->exists || task->state != TASK_RUNNING)
		return false;
	end_task(c, TASK_FAILED);
	return true;
}

static void unlock(cluster *c)
{
	struct maintenance *m = &c->maintenance;

	m->locked_ms += c->now_ms - m->locked_since_ms;
	m->unlocks++;
	g_clear_pointer(&m->unlock_token, g_free);
	g_clear_pointer(&m->owner, g_free);
	/* What has ended is forgotten; what runs stays behind. */
	if (m->task.state != TASK_RUNNING)
		m->task.exists = false;
}

void maintenance_break(cluster *c)
{
	if (maintenance_is_locked(c))
		unlock(c);
	c->maintenance.task.exists = false;
}

/* ---- what it tells ---- */

static int64_t percentage(const cluster *c)
{
	enum { DRAINED_AT = 30 };
	const struct maintenance *m = &c->maintenance;

	if (m->task.state == TASK_SUCCESSFUL)
		return 100;
	int64_t whole = drain_end(m);
	int64_t done = whole > 0
			   ? MIN(DRAINED_AT, DRAINED_AT * task_age(c) / whole)
			   : DRAINED_AT;
	return MAX(done, m->task.client_percentage);
}

static const char *task_message(const cluster *c)
{
	const struct task *task = &c->maintenance.task;

	if (task->state == TASK_FAILED)
		return "The backup failed";
	if (task->state == TASK_CANCELED)
		return "The backup was canceled";
	if (task->state == TASK_SUCCESSFUL)
		return "The backup is complete";
	if (!database_drained(c))
		return "Draining database connections";
	if (!git_drained(c))
		return "Draining Git operations";
	return task->external ? "Waiting for the external backup"
			      : "Writing the backup";
}

static json *task_json(const cluster *c)
{
	const struct task *task = &c->maintenance.task;
	json *value = json_new_object();
	json *progress = json_set(value, "progress", json_new_object());

	json_set_string(value, "id", task->id);
	json_set_string(value, "type", "BACKUP");
	json_set_string(value, "state", task_names[task->state]);
	json_set_string(progress, "message", task_message(c));
	json_set_i64(progress, "percentage", percentage(c));
	return value;
}

static const char *latch_name(const cluster *c, bool drained)
{
	if (!is_latched(&c->maintenance))
		return "AVAILABLE";
	return drained ? "DRAINED" : "LATCHED";
}

static json *state_json(const cluster *c)
{
	json *value = json_new_object();

	if (c->maintenance.task.exists)
		json_set(value, "task", task_json(c));
	json_set_string(value, "db-state", latch_name(c, database_drained(c)));
	json_set_string(value, "scm-state", latch_name(c, git_drained(c)));
	return value;
}

static json *owner_json(const struct request *r)
{
	const char *name = r->cluster->maintenance.owner;
	json *owner = json_new_object();

	json_set_string(owner, "name", name);
	json_each (user, cluster_world(r->cluster, "users"))
		if (g_strcmp0(json_text(user, "name"), name) == 0)
			json_set_string(owner, "displayName",
			    json_text(user, "display_name"));
	return owner;
}

/* ---- requests ---- */

static void conflict(struct reply *reply, const char *message)
{
	reply_error(reply, 409,
	    "com.atlassian.bitbucket.maintenance.MaintenanceException", "%s",
	    message);
}

static void none(struct reply *reply)
{
	reply_error(reply, 404, "com.atlassian.bitbucket.NoSuchEntityException",
	    "No maintenance is in progress");
}

/* False: TOKEN does not open the lock; the reply says so. */
static bool opens(
    const struct request *r, const char *token, struct reply *reply)
{
	const char *right = r->cluster->maintenance.unlock_token;

	if (right && g_strcmp0(token, right) == 0)
		return true;
	conflict(reply, right ? "The provided token does not match"
			      : "The system is not locked for maintenance");
	return false;
}

static void post_lock(struct request *r, struct reply *reply)
{
	struct maintenance *m = &r->cluster->maintenance;
	json *value = json_new_object();

	if (m->unlock_token) {
		m->refusals++;
		json_free(value);
		conflict(reply, "The system is already locked");
		return;
	}
	m->unlock_token = cluster_draw(r->cluster);
	m->owner = g_strdup(r->user);
	m->locks++;
	m->locked_since_ms = r->cluster->now_ms;
	json_set_string(value, "unlockToken", m->unlock_token);
	json_set(value, "owner", owner_json(r));
	reply_json(reply, 202, value);
}

static void get_lock(struct request *r, struct reply *reply)
{
	if (!maintenance_is_locked(r->cluster)) {
		none(reply);
		return;
	}
	json *value = json_new_object();
	json_set(value, "owner", owner_json(r));
	reply_json(reply, 200, value);
}

static void delete_lock(struct request *r, struct reply *reply)
{
	if (!maintenance_is_locked(r->cluster)) {
		none(reply);
		return;
	}
	if (!opens(r, request_argument(r, "token"), reply)) {
		r->cluster->maintenance.refusals++;
		return;
	}
	unlock(r->cluster);
	reply_empty(reply, 200);
}

static void post_backup(struct request *r, struct reply *reply)
{
	struct task *task = &r->cluster->maintenance.task;
	bool external = g_strcmp0(request_argument(r, "external"), "true") == 0;

	if (!opens(
		r, request_header(r, "x-atlassian-maintenance-token"), reply))
		return;
	if (task->exists && task->state == TASK_RUNNING) {
		conflict(reply, "Another backup is in progress");
		return;
	}
	g_free(task->id);
	*task = (struct task){
	    .exists = true,
	    .external = external,
	    .id = cluster_draw(r->cluster),
	    .started_ms = r->cluster->now_ms,
	};
	tell(r->cluster, "System backup started");
	json *value = task_json(r->cluster);
	json_set_string(value, "cancelToken", task->id);
	reply_json(reply, 202, value);
}

static void post_progress(struct request *r, struct reply *reply)
{
	struct task *task = &r->cluster->maintenance.task;
	int64_t percent = request_number(r, "percentage", -1, 100);

	if (percent < 0) {
		reply_error(reply, 400, NULL, "percentage: not within 0..100");
		return;
	}
	if (!opens(r, request_argument(r, "token"), reply))
		return;
	if (!task->exists) {
		none(reply);
		return;
	}
	task->client_percentage = percent;
	if (percent == 100 && task->state == TASK_RUNNING)
		end_task(r->cluster, TASK_SUCCESSFUL);
	reply_empty(reply, 202);
}

static void get_state(struct request *r, struct reply *reply)
{
	const struct maintenance *m = &r->cluster->maintenance;
	const char *token = request_header(r, "x-atlassian-maintenance-token");

	if (!m->unlock_token && !m->task.exists)
		none(reply);
	else if (!m->unlock_token || !token || opens(r, token, reply))
		reply_json(reply, 200, state_json(r->cluster));
}

static void post_cancel(struct request *r, struct reply *reply)
{
	struct maintenance *m = &r->cluster->maintenance;

	if (!m->task.exists || m->task.state != TASK_RUNNING) {
		none(reply);
	} else if (g_strcmp0(request_argument(r, "token"), m->task.id) != 0) {
		conflict(reply, "The provided token does not match");
	} else {
		end_task(r->cluster, TASK_CANCELED);
		if (!m->unlock_token)
			m->task.exists = false;
		reply_empty(reply, 202);
	}
}

const struct route maintenance_routes[] = {
    {"POST", "/mvc/maintenance/lock", PERMISSION_SYS_ADMIN, ROUTE_WHILE_LOCKED,
	post_lock},
    {"GET", "/mvc/maintenance/lock", PERMISSION_SYS_ADMIN, ROUTE_WHILE_LOCKED,
	get_lock},
    {"DELETE", "/mvc/maintenance/lock", PERMISSION_SYS_ADMIN,
	ROUTE_WHILE_LOCKED, delete_lock},
    {"POST", "/mvc/admin/backups", PERMISSION_SYS_ADMIN, ROUTE_WHILE_LOCKED,
	post_backup},
    {"POST", "/mvc/admin/backups/progress/client", PERMISSION_SYS_ADMIN,
	ROUTE_WHILE_LOCKED, post_progress},
    {"GET", "/mvc/maintenance", PERMISSION_SYS_ADMIN, ROUTE_WHILE_LOCKED,
	get_state},
    {"POST", "/mvc/maintenance", PERMISSION_SYS_ADMIN, ROUTE_WHILE_LOCKED,
	post_cancel},
    {"GET", "/system/maintenance", PERMISSION_SYS_ADMIN, ROUTE_WHILE_LOCKED,
	get_state},
    {0},
};

/* ---- the control port's side ---- */

void maintenance_set(cluster *c, const json *wish)
{
	struct maintenance *m = &c->maintenance;

	m->git_operations =
	    number_at(wish, "git_operations", m->git_operations);
	m->git_drain_ms = number_at(wish, "git_drain_ms", m->git_drain_ms);
	m->database_drain_ms =
	    number_at(wish, "database_drain_ms", m->database_drain_ms);
	m->fail_after_ms = number_at(wish, "fail_after_ms", m->fail_after_ms);
}

json *maintenance_json(const cluster *c)
{
	const struct maintenance *m = &c->maintenance;
	json *value = json_new_object();
	int64_t running = m->unlock_token ? c->now_ms - m->locked_since_ms : 0;

	json_set_bool(value, "locked", m->unlock_token != NULL);
	json_set_string(value, "owner", m->owner);
	json_set_i64(value, "locks", m->locks);
	json_set_i64(value, "unlocks", m->unlocks);
	json_set_i64(value, "refusals", m->refusals);
	json_set_i64(value, "locked_ms", m->locked_ms + running);
	json_set_i64(value, "git_operations", in_flight(c));
	json_set_i64(value, "git_drain_ms", m->git_drain_ms);
	json_set_i64(value, "database_drain_ms", m->database_drain_ms);
	json_set_i64(value, "fail_after_ms", m->fail_after_ms);
	if (m->task.exists)
		json_set(value, "task", task_json(c));
	return value;
}
