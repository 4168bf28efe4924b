#include "tests/sim/faults.h"

#include "base/error.h"

const char *const fault_names[FAULT_KINDS] = {
    [FAULT_REFUSE] = "refuse",
    [FAULT_RESET] = "reset",
    [FAULT_CUT] = "cut",
    [FAULT_TIMEOUT] = "timeout",
    [FAULT_LOST] = "lost",
    [FAULT_DRIP] = "drip",
    [FAULT_STATUS] = "status",
    [FAULT_EMPTY] = "empty",
    [FAULT_TRUNCATED] = "truncated",
    [FAULT_WRONG_TYPE] = "wrong-type",
    [FAULT_WRONG_SHAPE] = "wrong-shape",
    [FAULT_HTML] = "html",
    [FAULT_EMPTY_LISTS] = "empty-lists",
    [FAULT_OTHER_HOST] = "other-host",
    [FAULT_SKEW] = "skew",
};

/* ---- the list ---- */

static void fault_free(struct fault *fault)
{
	g_free(fault->path);
	g_free(fault->node);
	g_free(fault->method);
	g_free(fault);
}

struct faults *faults_new(void)
{
	struct faults *f = g_new0(struct faults, 1);

	f->list = g_ptr_array_new_with_free_func((GDestroyNotify)fault_free);
	return f;
}

void faults_free(struct faults *f)
{
	g_ptr_array_unref(f->list);
	g_free(f);
}

static bool read_kind(const json *wish, enum fault_kind *kind, GError **error)
{
	const char *name = json_text(wish, "kind");

	for (int k = 0; k < FAULT_KINDS; k++)
		if (g_strcmp0(name, fault_names[k]) == 0) {
			*kind = (enum fault_kind)k;
			return true;
		}
	return fail(error, GONOGO_ERROR_DATA, "kind: no fault is named \"%s\"",
	    name ? name : "");
}

static bool read_status(const json *wish, unsigned *status, GError **error)
{
	int64_t number = number_at(wish, "status", 500);

	if (number < 200 || number > 599)
		return fail(
		    error, GONOGO_ERROR_DATA, "status: not within 200..599");
	*status = (unsigned)number;
	return true;
}

/* Without the slash at its end, which requests lose, too.  Gives. */
static char *read_path(const json *wish)
{
	const char *path = json_text(wish, "path");
	char *copy = g_strdup(path && *path ? path : "/");
	size_t length = strlen(copy);

	if (length > 1 && copy[length - 1] == '/')
		copy[length - 1] = '\0';
	return copy;
}

uint64_t faults_add(struct faults *f, const json *wish, GError **error)
{
	struct fault fault = {
	    .id = f->last_id + 1,
	    .exact = flag_at(wish, "exact", false),
	    .skip = number_at(wish, "skip", 0),
	    .left = number_at(wish, "count", -1),
	    .ms = MAX(1, number_at(wish, "ms", 50)),
	    .bytes = MAX(1, number_at(wish, "bytes", 1)),
	    .skew_s = number_at(wish, "skew_s", 3600),
	    .retry_after_s = number_at(wish, "retry_after_s", -1),
	};

	if (!read_kind(wish, &fault.kind, error) ||
	    !read_status(wish, &fault.status, error))
		return 0;
	fault.path = read_path(wish);
	fault.node = g_strdup(json_text(wish, "node"));
	fault.method = g_strdup(json_text(wish, "method"));
	g_ptr_array_add(f->list, g_memdup2(&fault, sizeof fault));
	return f->last_id = fault.id;
}

unsigned faults_clear(struct faults *f, uint64_t id)
{
	unsigned removed = 0;

	for (guint i = f->list->len; i-- > 0;) {
		const struct fault *fault = g_ptr_array_index(f->list, i);
		if (id == 0 || fault->id == id) {
			g_ptr_array_remove_index(f->list, i);
			removed++;
		}
	}
	return removed;
}

/* The whole port is closed, as opposed to single requests being reset. */
static bool closes_port(const struct fault *fault)
{
	return fault->kind == FAULT_REFUSE && g_str_equal(fault->path, "/") &&
	       fault->left < 0 && fault->skip == 0 && !fault->method;
}

bool faults_refuse(const struct faults *f, const char *node)
{
	for (guint i = 0; i < f->list->len; i++) {
		const struct fault *fault = g_ptr_array_index(f->list, i);
		if (closes_port(fault) &&
		    (!fault->node || g_strcmp0(fault->node, node) == 0))
			return true;
	}
	return false;
}

static bool waits_for(const struct fault *fault, const char *node,
    const char *method, const char *path)
{
	return fault->left != 0 &&
	       (fault->exact ? g_str_equal(path, fault->path)
			     : g_str_has_prefix(path, fault->path)) &&
	       (!fault->node || g_strcmp0(fault->node, node) == 0) &&
	       (!fault->method || g_str_equal(fault->method, method));
}

struct fault *faults_take(
    struct faults *f, const char *node, const char *method, const char *path)
{
	for (guint i = 0; i < f->list->len; i++) {
		struct fault *fault = g_ptr_array_index(f->list, i);
		if (!waits_for(fault, node, method, path))
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		if (fault->left > 0)
			fault->left--;
		fault->hits++;
		return fault;
	}
	return NULL;
}

json *faults_json(const struct faults *f)
{
	json *list = json_new_array();

	for (guint i = 0; i < f->list->len; i++) {
		const struct fault *fault = g_ptr_array_index(f->list, i);
		json *entry = json_append(list, json_new_object());
		json_set_i64(entry, "id", (int64_t)fault->id);
		json_set_string(entry, "kind", fault_names[fault->kind]);
		json_set_string(entry, "path", fault->path);
		json_set_string(entry, "node", fault->node);
		json_set_string(entry, "method", fault->method);
		json_set_i64(entry, "left", fault->left);
		json_set_i64(entry, "hits", (int64_t)fault->hits);
	}
	return list;
}

/* ---- instead of an answer ---- */

static void refuse_with(const struct fault *fault, struct reply *reply)
{
	static const struct {
		unsigned status;
		const char *exception, *message;
	} known[] = {
	    {401, "com.atlassian.bitbucket.AuthorisationException",
		"You are not permitted to access this resource"},
	    {403, "com.atlassian.bitbucket.AuthorisationException",
		"You are not permitted to access this resource"},
	    {404, "com.atlassian.bitbucket.NoSuchEntityException",
		"The requested resource does not exist"},
	    {429, NULL, "Rate limit exceeded"},
	    {503, NULL, "The service is unavailable"},
	};
	const char *exception = NULL;
	const char *message = "An internal error occurred";

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i].status == fault->status) {
			exception = known[i].exception;
			message = known[i].message;
		}
	reply_error(reply, fault->status, exception, "%s", message);
	if (fault->retry_after_s >= 0) {
		g_autofree char *wait =
		    g_strdup_printf("%" PRId64, fault->retry_after_s);
		reply_header(reply, "Retry-After", wait);
	}
}

bool fault_instead(const struct fault *fault, struct reply *reply)
{
	switch (fault->kind) {
	case FAULT_REFUSE:
	case FAULT_TIMEOUT:
		return true;
	case FAULT_STATUS:
		refuse_with(fault, reply);
		return true;
	case FAULT_HTML:
		reply_html(reply, 200, "Log in - Bitbucket",
		    "Log in with your account to continue.");
		return true;
	default:
		return false;
	}
}

/* ---- a spoiled answer ---- */

static json *retyped(const json *value)
{
	int64_t number = 0;
	bool flag = false;

	if (json_i64(value, "", &number, NULL)) {
		g_autofree char *text =
		    g_strdup_printf("\"%" PRId64 "\"", number);
		return json_parse(text, strlen(text), "retyped", NULL);
	}
	if (json_bool(value, "", &flag, NULL))
		return flag ? json_parse("\"true\"", 6, "retyped", NULL)
			    : json_parse("\"false\"", 7, "retyped", NULL);
	if (json_kind(value) == JSON_STRING)
		return json_parse("7", 1, "retyped", NULL);
	if (json_kind(value) == JSON_NUMBER || json_kind(value) == JSON_NULL)
		return json_new_object();
	json *copy = json_kind(value) == JSON_ARRAY ? json_new_array()
						    : json_new_object();
	json_each (child, value) {
		json *bent = retyped(child);
		if (json_kind(value) == JSON_ARRAY)
			json_append(copy, bent);
		else
			json_set(copy, json_key(child), bent);
	}
	return copy;
}

static json *reshaped(const json *value)
{
	json *other;

	if (json_kind(value) == JSON_OBJECT) {
		other = json_new_array();
		json_append(other, json_copy(value));
	} else {
		other = json_new_object();
		json_set(other, "value", json_copy(value));
	}
	return other;
}

static json *without_entries(const json *value)
{
	if (json_kind(value) == JSON_ARRAY)
		return json_new_array();
	if (json_kind(value) != JSON_OBJECT)
		return json_copy(value);
	json *copy = json_new_object();
	json_each (child, value)
		json_set(copy, json_key(child), without_entries(child));
	return copy;
}

static void bend_json(struct reply *reply, json *(*bend)(const json *))
{
	json *bent = reply->json ? bend(reply->json) : json_new_array();
	unsigned status = reply->status;

	reply_json(reply, status, bent);
}

void fault_bend(const struct fault *fault, struct reply *reply)
{
	if (fault->kind == FAULT_WRONG_TYPE) {
		bend_json(reply, retyped);
	} else if (fault->kind == FAULT_WRONG_SHAPE) {
		bend_json(reply, reshaped);
	} else if (fault->kind == FAULT_EMPTY_LISTS) {
		bend_json(reply, without_entries);
	} else if (fault->kind == FAULT_EMPTY) {
		g_clear_pointer(&reply->json, json_free);
		g_clear_pointer(&reply->text, g_free);
		reply->status = 200;
	} else if (fault->kind == FAULT_TRUNCATED) {
		if (reply->json) {
			reply->text = json_compact(reply->json);
			g_clear_pointer(&reply->json, json_free);
		}
		if (reply->text)
			reply->text[strlen(reply->text) / 2] = '\0';
	}
}
