#include "audit/collect/read_watch.h"

#include "audit/collect/take.h"
#include "base/clock.h"
#include "base/error.h"

/* ---- health checks ---- */

/* Both spellings occur. */
static bool read_healthy(const json *status, struct flag *out, GError **error)
{
	const char *key =
	    json_member(status, "isHealthy") ? "isHealthy" : "healthy";

	return must_flag(status, key, out, error);
}

static bool read_health(const struct reading *r, GError **error)
{
	const json *statuses = NULL;

	if (r->meta->http_status.value == 204) {
		facts_add_unseen(
		    r->facts, r->name, "the health checks have never run")
		    ->kind = UNSEEN_NOT_HERE;
		return true;
	}
	if (!json_array(r->body, "statuses", &statuses, error))
		return false;
	if (!json_first(statuses))
		return fail(error, GONOGO_ERROR_DATA, "no health check at all");
	json_each (status, statuses) {
		struct health_check *h =
		    shape_add(&health_check_shape, &r->facts->health);
		if (!must_string(status, "completeKey", &h->key, error) ||
		    !take_string(status, "name", &h->name, error) ||
		    !take_string(status, "nodeId", &h->node, error) ||
		    !take_string(status, "severity", &h->severity, error) ||
		    !read_healthy(status, &h->healthy, error))
			return false;
		/* A reason is given even for what is healthy. */
		if (!h->healthy.value &&
		    !take_string(status, "failureReason", &h->reason, error))
			return false;
	}
	return true;
}

/* ---- audit log ---- */

/* Since when the log was asked: its own request says so. */
static struct number asked_since(const struct raw_meta *meta)
{
	const char *from =
	    meta->request ? strstr(meta->request, "from=") : NULL;
	int64_t at = 0;

	if (!from)
		return (struct number){0};
	from += strlen("from=");
	g_autofree char *text = g_strndup(from, strcspn(from, "&"));
	return clock_parse(text, &at, NULL) ? number_of(at)
					    : (struct number){0};
}

static bool read_events(const struct reading *r, GError **error)
{
	r->facts->audit_since = asked_since(r->meta);
	json_each (entity, r->body) {
		struct audit_event *e =
		    shape_add(&audit_event_shape, &r->facts->audit_events);
		if (!take_time(entity, "timestamp", &e->at, error) ||
		    !must_string(entity, "type.action", &e->action, error) ||
		    !take_string(
			entity, "type.category", &e->category, error) ||
		    !take_string(entity, "author.name", &e->author, error) ||
		    !take_string(
			entity, "affectedObjects.0.name", &e->object, error))
			return false;
		if (!e->at.known)
			return fail(error, GONOGO_ERROR_DATA,
			    "an event without a timestamp");
	}
	return true;
}

/* ---- pre-upgrade information, rate limit ---- */

/* A cluster without a way to the vendor says so: docs/sources.md#planning */
static bool read_no_data(const struct reading *r, GError **error)
{
	if (!strstr(r->text, "No data available"))
		return fail(error, GONOGO_ERROR_DATA, "500: internal error");
	facts_add_unseen(r->facts, r->name,
	    "Bitbucket has no data of the vendor's about upgrades")
	    ->kind = UNSEEN_NOT_HERE;
	return true;
}

static bool read_pre_upgrade(const struct reading *r, GError **error)
{
	const json *versions = NULL;
	const char *target = r->facts->plan.target;

	if (r->meta->http_status.value == 500)
		return read_no_data(r, error);
	if (!json_array(r->body, "versions", &versions, error))
		return false;
	json_each (version, versions) {
		const char *name = json_text(version, "shortName");
		if (!name)
			name = json_text(version, "fullName");
		if (target && g_strcmp0(name, target) == 0)
			return must_flag(version, "isZduAvailable",
			    &r->facts->cluster.zdu_available, error);
	}
	return fail(error, GONOGO_ERROR_DATA, "it does not list %s",
	    target ? target : "a target, for the settings name none");
}

static bool read_rate_limit(const struct reading *r, GError **error)
{
	return must_flag(
	    r->body, "enabled", &r->facts->cluster.rate_limited, error);
}

const struct row watch_rows[] = {
    {.what = "health",
	.permission = "ADMIN",
	.collector = "bitbucket",
	.request = "/rest/troubleshooting/1.0/lastRun",
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.also = {204},
	.read = read_health},
    {.what = "audit.events",
	.permission = "ADMIN",
	.collector = "bitbucket",
	.request = "/rest/auditing/1.0/events?from={from}&to={to}&limit=10000",
	.pages = PAGES_AUDIT,
	.people = true,
	.profiles = PROFILE_FULL,
	.read = read_events},
    {.what = "pre-upgrade",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = "/rest/troubleshooting/1.0/pre-upgrade/info?zdu=true",
	.profiles = PROFILE_FULL,
	.also = {500},
	.read = read_pre_upgrade},
    {.what = "rate-limit",
	.permission = "ADMIN",
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/rate-limit/settings",
	.profiles = PROFILE_FULL,
	.read = read_rate_limit},
    {0},
};
