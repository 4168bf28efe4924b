#include "backup/aws/wait.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"

enum {
	FIRST_LOOK_MS = 500, /* then half as long again each time, up to */
	LAST_LOOK_MS = 30000,
	AHEAD_S = 300, /* AWS's clock and ours may differ so much */
};

struct running {
	const char *arn;
	char *id;    /* of its job */
	char *point; /* ARN; NULL: it has not ended */
	char *state; /* that was told last */
};

static void running_free(gpointer data)
{
	struct running *one = data;

	g_free(one->id);
	g_free(one->point);
	g_free(one->state);
	g_free(one);
}

/* ---- the jobs ---- */

static GPtrArray *start_all(const struct aws_round *r, GError **error)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(running_free);

	for (char **arn = r->resources; *arn; arn++) {
		struct running *one = g_new0(struct running, 1);
		g_autofree char *token = g_uuid_string_random();
		one->arn = *arn;
		g_ptr_array_add(all, one);
		if (!aws_start(r->aws, *arn, token, &one->id, error)) {
			g_prefix_error(error, "%s: ", *arn);
			return NULL;
		}
		log_say("AWS Backup job %s of %s", one->id, *arn);
	}
	return g_steal_pointer(&all);
}

static bool has_failed(const char *state)
{
	static const char *const bad[] = {
	    "ABORTED", "FAILED", "EXPIRED", "PARTIAL", NULL};

	return g_strv_contains(bad, state);
}

static bool look_at(
    const struct aws_round *r, struct running *one, GError **error)
{
	g_auto(aws_job) job = {0};

	if (!aws_look(r->aws, one->id, &job, error))
		return false;
	if (g_strcmp0(job.state, one->state) != 0)
		log_say("job %s is %s%s%s", one->id, job.state,
		    job.percent ? ", per cent: " : "",
		    job.percent ? job.percent : "");
	g_free(one->state);
	one->state = g_steal_pointer(&job.state);
	if (has_failed(one->state))
		return fail(error, GONOGO_ERROR_REMOTE,
		    "the AWS Backup job %s of %s is %s: %s\n"
		    "hint: its page in the AWS Backup console tells more; "
		    "nothing was recorded",
		    one->id, one->arn, one->state,
		    job.message ? job.message : "no reason said");
	if (!g_str_equal(one->state, "COMPLETED"))
		return true;
	one->point = g_steal_pointer(&job.point);
	return one->point ||
	       fail(error, GONOGO_ERROR_REMOTE,
		   "the AWS Backup job %s is COMPLETED and names no recovery "
		   "point",
		   one->id);
}

static bool fail_late(const GPtrArray *all, GError **error)
{
	g_autoptr(GString) ids = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++) {
		const struct running *one = g_ptr_array_index(all, i);
		if (!one->point)
			g_string_append_printf(
			    ids, "%s%s", ids->len ? ", " : "", one->id);
	}
	return fail(error, GONOGO_ERROR_REMOTE,
	    "AWS Backup was not done in time; these jobs run on: %s\n"
	    "hint: [aws] timeout says how long they may take; nothing was "
	    "recorded",
	    ids->str);
}

static bool wait_all(
    const struct aws_round *r, const GPtrArray *all, GError **error)
{
	unsigned pause_ms = FIRST_LOOK_MS;

	for (guint left = all->len; left > 0;) {
		if (clock_monotonic() >= r->deadline)
			return fail_late(all, error);
		if (!stop_wait(pause_ms, error))
			return false;
		pause_ms = MIN(pause_ms + pause_ms / 2, LAST_LOOK_MS);
		left = 0;
		for (guint i = 0; i < all->len; i++) {
			struct running *one = g_ptr_array_index(all, i);
			if (!one->point && !look_at(r, one, error))
				return false;
			left += one->point == NULL;
		}
	}
	return true;
}

/* ---- their points ---- */

static bool is_as_asked(const struct aws_round *r, const struct running *one,
    const struct aws_point *p, GError **error)
{
	if (g_strcmp0(p->resource, one->arn) != 0)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "it is of %s, not of %s",
		    p->resource ? p->resource : "nothing that is named",
		    one->arn);
	if (g_strcmp0(p->vault, r->vault) != 0)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "it lies in the vault %s, not in %s",
		    p->vault ? p->vault : "(none)", r->vault);
	if (g_strcmp0(p->status, "COMPLETED") != 0 &&
	    g_strcmp0(p->status, "AVAILABLE") != 0)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "it is %s, not COMPLETED",
		    p->status ? p->status : "(none)");
	if (!p->created_at.known || !p->completed_at.known ||
	    p->completed_at.value < p->created_at.value)
		return fail(error, GONOGO_ERROR_REMOTE,
		    "it does not say from when to when it was made");
	if (p->created_at.value >= r->began - AHEAD_S)
		return true;
	g_autofree char *at = clock_text(p->created_at.value);
	return fail(error, GONOGO_ERROR_REMOTE,
	    "it was made at %s, before its job was started", at);
}

static void add_point(const struct aws_round *r, const struct running *one,
    struct aws_point *p, struct assertion *a)
{
	struct asserted_point *to =
	    shape_add(&asserted_point_shape, &a->points);

	to->part = (int)r->part;
	to->id = g_strdup(one->point);
	to->at = p->created_at;
	to->until = p->completed_at;
	to->place = g_strdup_printf("vault %s, %s", r->vault, r->region);
	to->resource = g_strdup(one->arn);
	/* What is not said to be encrypted counts as if it were not. */
	to->encrypted = flag_of(p->encrypted.known && p->encrypted.value);
	to->bytes = p->bytes;
}

static bool prove_one(const struct aws_round *r, const struct running *one,
    struct assertion *a, GError **error)
{
	g_auto(aws_point) p = {0};
	bool found = false;

	if (!aws_find(r->aws, one->arn, one->point, &p, &found, error))
		return false;
	if (!found)
		fail(error, GONOGO_ERROR_REMOTE,
		    "the vault %s does not list it", r->vault);
	if (!found || !is_as_asked(r, one, &p, error)) {
		g_prefix_error(error,
		    "recovery point %s of job %s: ", one->point, one->id);
		return false;
	}
	add_point(r, one, &p, a);
	return true;
}

bool aws_round(const struct aws_round *r, struct assertion *a, GError **error)
{
	if (!r->resources)
		return true;
	g_autoptr(GPtrArray) all = start_all(r, error);
	if (!all || !wait_all(r, all, error))
		return false;
	for (guint i = 0; i < all->len; i++)
		if (!prove_one(r, g_ptr_array_index(all, i), a, error))
			return false;
	return true;
}
