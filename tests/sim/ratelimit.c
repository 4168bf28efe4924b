#include "tests/sim/ratelimit.h"

enum { USUAL_CAPACITY = 60, USUAL_FILL_RATE = 5 };

struct bucket { /* in thousandths of a token */
	int64_t filled, at_ms;
};

static struct bucket *bucket_of(
    const struct request *r, int64_t capacity, int64_t fill_rate)
{
	g_autofree char *name = g_strconcat(r->node->name, " ", r->user, NULL);
	struct bucket *bucket = g_hash_table_lookup(r->cluster->buckets, name);
	int64_t now = r->cluster->now_ms;

	if (!bucket) {
		bucket = g_new0(struct bucket, 1);
		bucket->filled = capacity * 1000;
		g_hash_table_insert(
		    r->cluster->buckets, g_steal_pointer(&name), bucket);
	} else {
		bucket->filled = MIN(capacity * 1000,
		    bucket->filled + (now - bucket->at_ms) * fill_rate);
	}
	bucket->at_ms = now;
	return bucket;
}

bool ratelimit_spend(struct request *r, struct reply *reply)
{
	const cluster *c = r->cluster;
	int64_t capacity =
	    cluster_number(c, "rate_limit.capacity", USUAL_CAPACITY);
	int64_t fill_rate =
	    cluster_number(c, "rate_limit.fill_rate", USUAL_FILL_RATE);

	if (!r->user || !cluster_flag(c, "rate_limit.enabled", false))
		return true;
	struct bucket *bucket = bucket_of(r, capacity, fill_rate);
	if (bucket->filled >= 1000) {
		bucket->filled -= 1000;
		return true;
	}
	int64_t missing = 1000 - bucket->filled;
	int64_t wait_s =
	    fill_rate > 0 ? (missing / fill_rate + 999) / 1000 : 3600;
	g_autofree char *wait = g_strdup_printf("%" PRId64, MAX(1, wait_s));
	reply_error(
	    reply, 429, NULL, "Rate limit of user %s exceeded", r->user);
	reply_header(reply, "Retry-After", wait);
	return false;
}

static void get_settings(struct request *r, struct reply *reply)
{
	json *settings = json_new_object();
	json *usual = json_set(settings, "defaultSettings", json_new_object());

	json_set_bool(settings, "enabled",
	    cluster_flag(r->cluster, "rate_limit.enabled", false));
	json_set_i64(usual, "capacity",
	    cluster_number(r->cluster, "rate_limit.capacity", USUAL_CAPACITY));
	json_set_i64(usual, "fillRate",
	    cluster_number(
		r->cluster, "rate_limit.fill_rate", USUAL_FILL_RATE));
	reply_json(reply, 200, settings);
}

const struct route ratelimit_routes[] = {
    {"GET", "/rest/api/~/admin/rate-limit/settings", PERMISSION_ADMIN, 0,
	get_settings},
    {0},
};
