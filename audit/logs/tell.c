#include "audit/logs/tell.h"

#include "audit/logs/telling.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"

/* ---- known problems ---- */

/* The most that came within `per` seconds, or a minute more: by minutes. */
static uint64_t peak(struct tally *minutes, int64_t per_s)
{
	int64_t width = per_s / 60 + 1;
	uint64_t sum = 0, most = 0;

	tally_sort(minutes);
	for (guint from = 0, to = 0; to < tally_length(minutes); to++) {
		sum += tally_at(minutes, to)->counts[0];
		for (; tally_at(minutes, from)->slot + width <=
		       tally_at(minutes, to)->slot;
		     from++)
			sum -= tally_at(minutes, from)->counts[0];
		most = MAX(most, sum);
	}
	return most;
}

static const struct log_pack *pack_of(
    const GPtrArray *packs, const struct log_rule *rule)
{
	for (guint i = 0; i < packs->len; i++) {
		const struct log_pack *p = g_ptr_array_index(packs, i);
		if (g_ptr_array_find(p->rules, rule, NULL))
			return p;
	}
	return NULL;
}

/* Is the version that runs outside of what the rule is about? */
static struct flag affected(const struct log_rule *r, const char *version)
{
	if (!version || (!r->affects && !r->fixed_in))
		return (struct flag){0};
	bool inside = log_range_holds(r->affects, version);
	for (char **v = r->fixed_in; !r->affects && v && *v; v++)
		inside = inside && !log_range_holds(*v, version);
	return flag_of(inside);
}

static void tell_hit(struct telling *t, const GPtrArray *packs, unsigned rule)
{
	const struct log_rule *r = log_search_rule(t->search, rule);
	struct hits *from = &t->found->hits[rule];
	struct logs_hit *h = shape_add(&logs_hit_shape, &t->out->hits);
	const struct log_pack *pack = pack_of(packs, r);

	h->rule = g_strdup(r->id);
	h->title = g_strdup(r->title);
	h->means = g_strdup(r->means);
	h->hint = g_strdup(r->hint);
	h->pack = pack ? g_strdup(pack->name) : NULL;
	h->severity = r->severity;
	h->resolve_by = r->resolve_by;
	h->mark = g_strdup(log_mark_names[r->mark]);
	h->sense = g_strdup(log_sense_names[r->sense]);
	h->entries = number_of((int64_t)from->seen.entries);
	h->lines = telling_some(from->seen.lines);
	h->first = telling_utc(t, from->seen.first_s);
	h->last = telling_utc(t, from->seen.last_s);
	h->undecided = telling_some(from->undecided);
	uint64_t most =
	    r->per_s ? peak(&from->minutes, r->per_s) : from->seen.entries;
	h->reached = flag_of(most >= (uint64_t)r->count);
	h->affects = affected(r, t->out->version);
	h->anchored = flag_of(log_rule_is_anchored(r));
	if (r->phase == LOG_STARTING)
		h->at_start = flag_of(true);
	h->starting = telling_some(from->starting);
	tally_sort(&from->seen.when);
	telling_nodes(t, &from->seen.when, &h->nodes);
	telling_slots(t, &from->seen.when, 3600, &h->hours);
	telling_samples(t, &from->seen, &h->samples);
	for (char **ref = r->refs; ref && *ref; ref++)
		strings_add(&h->references, *ref);
}

static gint by_weight(gconstpointer a, gconstpointer b)
{
	const struct logs_hit *one = *(struct logs_hit *const *)a;
	const struct logs_hit *two = *(struct logs_hit *const *)b;

	return one->severity != two->severity ? one->severity - two->severity
					      : strcmp(one->rule, two->rule);
}

static void tell_hits(struct telling *t, const GPtrArray *packs)
{
	for (unsigned i = 0; i < log_search_length(t->search); i++)
		if (t->found->hits[i].seen.entries ||
		    t->found->hits[i].undecided)
			tell_hit(t, packs, i);
	if (t->out->hits)
		g_ptr_array_sort(t->out->hits, by_weight);
}

static void tell_packs(struct telling *t, const GPtrArray *packs)
{
	for (guint i = 0; i < packs->len; i++) {
		const struct log_pack *from = g_ptr_array_index(packs, i);
		struct logs_pack *p =
		    shape_add(&logs_pack_shape, &t->out->packs);
		int64_t at = 0;
		p->name = g_strdup(from->name);
		p->version = g_strdup(from->version);
		p->sha256 = g_strdup(from->sha256);
		p->rules = number_of(from->rules->len);
		if (clock_parse(from->as_of, &at, NULL))
			p->as_of = number_of(at);
		if (clock_parse(from->stale_after, &at, NULL))
			p->stale_after = number_of(at);
	}
}

/* ---- all of it ---- */

/* Gives the zone's name as it may be written down. */
static char *zone_name(GTimeZone *zone, const char *asked)
{
	return g_strdup(asked ? asked : g_time_zone_get_identifier(zone));
}

bool logs_tell(const log_search *search, const GPtrArray *packs,
    const struct log_inputs *inputs, struct found *found,
    const struct tell_options *options, struct logs *out, GError **error)
{
	g_autoptr(GTimeZone) zone =
	    options->zone ? g_time_zone_new_identifier(options->zone)
			  : g_time_zone_new_local();
	struct telling t = {search, inputs, found, options, zone, out};

	if (!zone)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no time zone '%s'\nhint: one like Europe/Berlin or "
		    "+01:00",
		    options->zone);
	out->made_by = g_strdup("gonogo-audit " GONOGO_VERSION);
	out->zone = zone_name(zone, options->zone);
	tell_all_files(&t);
	tell_all_nodes(&t);
	tell_packs(&t, packs);
	tell_hits(&t, packs);
	tell_all_errors(&t);
	return true;
}
