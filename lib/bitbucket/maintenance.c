#include "bitbucket/maintenance.h"

#include "base/error.h"
#include "bitbucket/rest.h"

/* docs/sources.md#maintenance */
#define LOCK "/mvc/maintenance/lock"
#define BACKUP "/mvc/admin/backups?external=true"
#define PROGRESS "/mvc/admin/backups/progress/client"
#define STATE "/mvc/maintenance"
#define NEWER_STATE "/system/maintenance"

enum { MOST_TOKEN = 1024 }; /* characters of a token that we would keep */

/* Sends METHOD to PATH; the token goes into its header, may be NULL. */
static bool ask(http *h, struct http_request request, const char *unlock_token,
    struct http_reply *reply, GError **error)
{
	g_autofree char *header =
	    g_strconcat("X-Atlassian-Maintenance-Token: ", unlock_token, NULL);
	const char *const headers[] = {unlock_token ? header : NULL, NULL};

	request.headers = headers;
	request.content_type = "application/json";
	return http_do(h, &request, reply, error);
}

static bool fail_reply(const http *h, const struct http_reply *reply,
    const char *what, GError **error)
{
	g_autofree char *complaint = rest_complaint(reply);
	bool rights = reply->status == 401 || reply->status == 403;

	return fail(error,
	    reply->status == 409 ? GONOGO_ERROR_BUSY : GONOGO_ERROR_REMOTE,
	    "%s: %s: %s%s", http_url(h), what, complaint,
	    rights ? "\nhint: [cluster] user must be a system administrator"
		   : "");
}

/*
 * Gives the token NAME of a reply.  A string of any other kind, "null" by a
 * careless server or one with control signs is none: it would unlock nothing.
 */
static char *token_of(const http *h, const struct http_reply *reply,
    const char *path, const char *name, GError **error)
{
	g_autoptr(json) body = rest_json(reply, path, error);

	if (!body) {
		g_prefix_error(error, "%s", http_url(h));
		return NULL;
	}
	const char *token = json_text(body, name);
	bool good = token && *token && !g_str_equal(token, "null") &&
		    strlen(token) <= MOST_TOKEN;
	for (const char *c = token; good && *c; c++)
		good = g_ascii_isgraph(*c);
	if (!good) {
		fail(error, GONOGO_ERROR_REMOTE, "%s%s: the answer has no %s",
		    http_url(h), path, name);
		return NULL;
	}
	return g_strdup(token);
}

bool maintenance_lock(http *h, char **unlock_token, GError **error)
{
	const struct http_request request = {
	    .method = "POST", .path = LOCK, .once = true};
	g_auto(http_reply) reply = {0};

	if (!ask(h, request, NULL, &reply, error))
		return false;
	if (reply.status < 200 || reply.status > 202)
		return fail_reply(h, &reply, "lock", error);
	char *token = token_of(h, &reply, LOCK, "unlockToken", error);
	if (!token)
		return false;
	*unlock_token = token;
	return true;
}

bool maintenance_owner(http *h, char **owner, GError **error)
{
	const struct http_request request = {.path = LOCK, .to_end = true};
	g_auto(http_reply) reply = {0};

	if (!ask(h, request, NULL, &reply, error))
		return false;
	if (reply.status == 404) {
		*owner = NULL;
		return true;
	}
	if (reply.status != 200)
		return fail_reply(h, &reply, "look at the lock", error);
	g_autoptr(json) body = rest_json(&reply, LOCK, error);
	if (!body) {
		g_prefix_error(error, "%s", http_url(h));
		return false;
	}
	const char *name = json_text(body, "owner.name");
	if (!name)
		name = json_text(body, "owner.displayName");
	if (!name)
		name = json_text(body, "owner");
	/* It is locked, whoever that is. */
	*owner = g_strdup(name && *name ? name : "somebody");
	return true;
}

bool maintenance_start_backup(
    http *h, const char *unlock_token, char **cancel_token, GError **error)
{
	const struct http_request request = {
	    .method = "POST", .path = BACKUP, .once = true};
	g_auto(http_reply) reply = {0};

	if (!ask(h, request, unlock_token, &reply, error))
		return false;
	if (reply.status < 200 || reply.status > 202)
		return fail_reply(
		    h, &reply, "start of the external backup", error);
	char *token =
	    token_of(h, &reply, "/mvc/admin/backups", "cancelToken", error);
	if (!token)
		return false;
	*cancel_token = token;
	return true;
}

/* The reply of the one that knows: NEWER_STATE where STATE is not there. */
static bool ask_state(http *h, const char *unlock_token,
    struct http_reply *reply, const char **path, GError **error)
{
	static const char *const paths[] = {STATE, NEWER_STATE};

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		const struct http_request request = {
		    .path = paths[i], .to_end = true};

		http_reply_clear(reply);
		*path = paths[i];
		if (!ask(h, request, unlock_token, reply, error))
			return false;
		if (reply->status != 404)
			break;
	}
	return true;
}

static bool is_drained(const json *body, const char *key)
{
	const char *state = json_text(body, key);

	return state && g_str_equal(state, "DRAINED");
}

bool maintenance_poll(http *h, const char *unlock_token,
    struct maintenance_state *state, GError **error)
{
	g_auto(http_reply) reply = {0};
	const char *path = NULL;
	int64_t percentage = 0;

	if (!ask_state(h, unlock_token, &reply, &path, error))
		return false;
	if (reply.status == 404) {
		*state = (struct maintenance_state){0};
		return true;
	}
	if (reply.status != 200)
		return fail_reply(h, &reply, "state of the maintenance", error);
	g_autoptr(json) body = rest_json(&reply, path, error);
	if (!body) {
		g_prefix_error(error, "%s", http_url(h));
		return false;
	}
	/* Some other JSON is no state: it must not read as "not drained". */
	if (!json_text(body, "db-state") || !json_text(body, "scm-state"))
		return fail(error, GONOGO_ERROR_REMOTE,
		    "%s%s: the answer has no db-state and scm-state",
		    http_url(h), path);
	const char *task = json_text(body, "task.state");
	struct maintenance_state read = {
	    .locked = true,
	    .db_drained = is_drained(body, "db-state"),
	    .scm_drained = is_drained(body, "scm-state"),
	    .task_running = task && g_str_equal(task, "RUNNING"),
	};
	g_strlcpy(read.task_state, task ? task : "", sizeof read.task_state);
	if (json_i64(body, "task.progress.percentage", &percentage, NULL))
		read.percentage = (int)CLAMP(percentage, 0, 100);
	*state = read;
	return true;
}

bool maintenance_progress(
    http *h, const char *unlock_token, int percentage, GError **error)
{
	g_autofree char *token = g_uri_escape_string(unlock_token, NULL, FALSE);
	g_autofree char *path = g_strdup_printf(
	    PROGRESS "?token=%s&percentage=%d", token, percentage);
	const struct http_request request = {
	    .method = "POST", .path = path, .to_end = true};
	g_auto(http_reply) reply = {0};

	return ask(h, request, NULL, &reply, error) &&
	       ((reply.status >= 200 && reply.status <= 204) ||
		   fail_reply(h, &reply, "progress of the backup", error));
}

bool maintenance_unlock(http *h, const char *unlock_token, GError **error)
{
	g_autofree char *token = g_uri_escape_string(unlock_token, NULL, FALSE);
	g_autofree char *path = g_strdup_printf(LOCK "?token=%s", token);
	const struct http_request request = {
	    .method = "DELETE", .path = path, .to_end = true};
	g_auto(http_reply) reply = {0};

	return ask(h, request, NULL, &reply, error) &&
	       ((reply.status >= 200 && reply.status <= 204) ||
		   reply.status == 404 ||
		   fail_reply(h, &reply, "unlock", error));
}
