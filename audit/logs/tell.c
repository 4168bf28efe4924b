#include "audit/logs/tell.h"

#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"

enum { GAP_HOURS = 2, SURGE_LEAST = 10, SURGE_TIMES = 3 };

struct telling {
	const log_search *search;
	const struct log_inputs *inputs;
	struct found *found;
	const struct tell_options *options;
	GTimeZone *zone;
	struct logs *out;
};

/* ---- times ---- */

/* The repeated hour of a clock change is taken for its second half. */
static struct number utc(const struct telling *t, int64_t local_s)
{
	gint64 at = local_s;

	if (local_s < 0)
		return (struct number){0};
	gint interval =
	    g_time_zone_adjust_time(t->zone, G_TIME_TYPE_STANDARD, &at);
	return number_of(local_s - g_time_zone_get_offset(t->zone, interval));
}

static struct number some(uint64_t count)
{
	return count ? number_of((int64_t)count) : (struct number){0};
}

static const char *node_name(const struct telling *t, uint32_t node)
{
	return g_ptr_array_index(t->inputs->nodes, node);
}

/* ---- counts ---- */

static void tell_nodes(
    const struct telling *t, const struct tally *when, GPtrArray **out)
{
	struct logs_count *last = NULL;
	uint32_t node = 0;

	for (guint i = 0; i < tally_length(when); i++) {
		const struct tally_cell *cell = tally_at(when, i);
		if (!last || cell->node != node) {
			last = shape_add(&logs_count_shape, out);
			last->node = g_strdup(node_name(t, cell->node));
			last->count = number_of(0);
			node = cell->node;
		}
		last->count.value += (int64_t)cell->counts[0];
	}
}

static void tell_slots(const struct telling *t, const struct tally *when,
    int64_t seconds, GPtrArray **out)
{
	for (guint i = 0; i < tally_length(when); i++) {
		const struct tally_cell *cell = tally_at(when, i);
		if (cell->slot < 0)
			continue;
		struct logs_slot *slot = shape_add(&logs_slot_shape, out);
		slot->node = g_strdup(node_name(t, cell->node));
		slot->at = utc(t, cell->slot * seconds);
		slot->count = number_of((int64_t)cell->counts[0]);
	}
}

static void tell_samples(
    const struct telling *t, const struct occurrences *o, GPtrArray **out)
{
	for (int i = 0; i < SAMPLES && o->samples[i].text; i++) {
		const struct sample *from = &o->samples[i];
		const struct log_input *input =
		    g_ptr_array_index(t->inputs->list, from->place.input);
		struct logs_sample *s = shape_add(&logs_sample_shape, out);
		s->node = g_strdup(input->node);
		s->file = log_input_name(input);
		s->at = utc(t, from->place.local_s);
		s->offset = number_of((int64_t)from->place.offset);
		s->text = g_strdup(from->text);
	}
}

/* ---- nodes ---- */

static gint by_place(gconstpointer a, gconstpointer b)
{
	const struct milestone *one = a, *two = b;

	if (one->node != two->node)
		return one->node > two->node ? 1 : -1;
	return place_compare(&one->place, &two->place);
}

/* Did the node log anything of its own before that moment? */
static bool ran_before(const struct telling *t, const struct milestone *m)
{
	for (guint i = 0; i < t->inputs->list->len; i++) {
		const struct file_found *f = &t->found->files[i];
		const struct log_input *input =
		    g_ptr_array_index(t->inputs->list, i);
		if (f->kind == LOG_APP + 1 && f->first_s >= 0 &&
		    f->first_s < m->place.local_s - 60 &&
		    log_inputs_node(t->inputs, input) == m->node)
			return true;
	}
	return false;
}

static struct hits *hits_of_unclean(const struct telling *t)
{
	for (unsigned i = 0; i < log_search_length(t->search); i++)
		if (log_search_rule(t->search, i)->sense == SENSE_UNCLEAN_START)
			return &t->found->hits[i];
	return NULL;
}

/* A start that no stop came before: the node was killed, or lost power. */
static void weigh_starts(struct telling *t, struct logs_node *n, uint32_t node)
{
	const GArray *all = t->found->milestones;
	const struct milestone *before = NULL;
	int64_t starts = 0, stops = 0, unclean = 0;
	struct hits *hits = hits_of_unclean(t);

	for (guint i = 0; i < all->len; i++) {
		const struct milestone *m =
		    &g_array_index(all, struct milestone, i);
		if (m->node != node)
			continue;
		if (m->kind == MILESTONE_STOP) {
			stops++;
		} else {
			starts++;
			g_free(n->version);
			n->version = *m->version ? g_strdup(m->version) : NULL;
			if (before ? before->kind == MILESTONE_START
				   : ran_before(t, m)) {
				unclean++;
				if (hits)
					occurrences_add(&hits->seen, &m->place,
					    node,
					    (int32_t)(m->place.local_s / 3600));
			}
		}
		before = m;
	}
	n->starts = some((uint64_t)starts);
	n->stops = some((uint64_t)stops);
	n->unclean_starts = some((uint64_t)unclean);
}

struct hours {
	int32_t first, last;
};

/* The first and last hour of any node; first above last: none. */
static struct hours hours_of_all(const struct found *f)
{
	struct hours all = {G_MAXINT32, -1};

	for (guint i = 0; i < tally_length(&f->entries); i++) {
		int32_t slot = tally_at(&f->entries, i)->slot;
		if (slot < 0)
			continue;
		all.first = MIN(all.first, slot);
		all.last = MAX(all.last, slot);
	}
	return all;
}

static void tell_gap(
    const struct telling *t, struct logs_node *n, int32_t from, int32_t until)
{
	if (until - from < GAP_HOURS)
		return;
	struct logs_gap *gap = shape_add(&logs_gap_shape, &n->gaps);
	gap->from = utc(t, (int64_t)from * 3600);
	gap->until = utc(t, (int64_t)until * 3600);
}

static void tell_node(struct telling *t, uint32_t node, struct hours all)
{
	struct logs_node *n = shape_add(&logs_node_shape, &t->out->nodes);
	const struct tally *entries = &t->found->entries;
	uint64_t counts[3] = {0};
	int32_t next = all.first;

	n->name = g_strdup(node_name(t, node));
	for (guint i = 0; i < tally_length(entries); i++) {
		const struct tally_cell *cell = tally_at(entries, i);
		if (cell->node != node)
			continue;
		for (int k = 0; k < 3; k++)
			counts[k] += cell->counts[k];
		if (cell->slot < 0)
			continue;
		struct logs_slot *slot = shape_add(&logs_slot_shape, &n->hours);
		slot->at = utc(t, (int64_t)cell->slot * 3600);
		slot->count = number_of((int64_t)cell->counts[0]);
		tell_gap(t, n, next, cell->slot);
		next = cell->slot + 1;
	}
	if (counts[0] && all.last >= 0)
		tell_gap(t, n, next, all.last + 1);
	n->entries = number_of((int64_t)counts[0]);
	n->warnings = number_of((int64_t)counts[1]);
	n->errors = number_of((int64_t)counts[2]);
	weigh_starts(t, n, node);
}

static void tell_all_nodes(struct telling *t)
{
	struct hours all = hours_of_all(t->found);

	tally_sort(&t->found->entries);
	g_array_sort(t->found->milestones, by_place);
	for (uint32_t node = 0; node < t->inputs->nodes->len; node++)
		tell_node(t, node, all);
	t->out->version = g_strdup(t->options->version);
	for (guint i = 0; i < t->out->nodes->len && !t->out->version; i++) {
		const struct logs_node *n = g_ptr_array_index(t->out->nodes, i);
		t->out->version = g_strdup(n->version);
	}
}

/* ---- files ---- */

static gint by_offset(gconstpointer a, gconstpointer b)
{
	const struct span *one = a, *two = b;

	return one->offset > two->offset   ? 1
	       : one->offset < two->offset ? -1
					   : 0;
}

/* The clock may have gone back between two parts, too. */
static uint64_t went_back(const struct file_found *f)
{
	uint64_t times = f->backwards;

	if (!f->spans)
		return times;
	g_array_sort(f->spans, by_offset);
	for (guint i = 1; i < f->spans->len; i++) {
		const struct span *before =
		    &g_array_index(f->spans, struct span, i - 1);
		const struct span *span =
		    &g_array_index(f->spans, struct span, i);
		times += span->first_s < before->last_s - 1800;
	}
	return times;
}

static void tell_file(struct telling *t, guint at)
{
	const struct log_input *i = g_ptr_array_index(t->inputs->list, at);
	const struct file_found *found = &t->found->files[at];
	struct logs_file *f = shape_add(&logs_file_shape, &t->out->files);
	struct logs *l = t->out;

	f->path = log_input_name(i);
	f->node = g_strdup(i->node);
	f->kind = g_strdup(
	    log_kind_names[found->kind ? found->kind - 1 : (int)i->kind]);
	f->bytes = number_of((int64_t)found->bytes);
	f->lines = number_of((int64_t)found->lines);
	f->entries = number_of((int64_t)found->entries);
	f->first = utc(t, found->first_s);
	f->last = utc(t, found->last_s);
	f->orphan_lines = some(found->orphans);
	f->cut_lines = some(found->long_lines);
	f->cut_entries = some(found->cut_entries);
	f->binary_lines = some(found->binary);
	f->undated_entries = some(found->no_stamp);
	f->clock_went_back = some(went_back(found));
	if (found->unfinished)
		f->unfinished = flag_of(true);
	f->lost = g_strdup(i->lost);

	l->files_lost.value += i->lost != NULL;
	l->bytes.value += f->bytes.value;
	l->lines.value += f->lines.value;
	l->entries.value += f->entries.value;
	if (f->first.known &&
	    (!l->from.known || f->first.value < l->from.value))
		l->from = f->first;
	if (f->last.known &&
	    (!l->until.known || f->last.value > l->until.value))
		l->until = f->last;
}

static void tell_files(struct telling *t)
{
	struct logs *l = t->out;

	l->bytes = l->lines = l->entries = l->files_lost = number_of(0);
	for (guint i = 0; i < t->inputs->list->len; i++)
		tell_file(t, i);
	for (guint i = 0; i < t->inputs->lost->len; i++)
		strings_add(&l->lost, g_ptr_array_index(t->inputs->lost, i));
	l->files_lost.value += t->inputs->lost->len;
	l->passed_over = some(t->inputs->passed_over);
}

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
	h->lines = some(from->seen.lines);
	h->first = utc(t, from->seen.first_s);
	h->last = utc(t, from->seen.last_s);
	h->undecided = some(from->undecided);
	uint64_t most =
	    r->per_s ? peak(&from->minutes, r->per_s) : from->seen.entries;
	h->reached = flag_of(most >= (uint64_t)r->count);
	h->affects = affected(r, t->out->version);
	tally_sort(&from->seen.when);
	tell_nodes(t, &from->seen.when, &h->nodes);
	tell_slots(t, &from->seen.when, 3600, &h->hours);
	tell_samples(t, &from->seen, &h->samples);
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

/* ---- errors that no rule knows ---- */

static gint by_f1(gconstpointer a, gconstpointer b)
{
	const struct logs_error *one = *(struct logs_error *const *)a;
	const struct logs_error *two = *(struct logs_error *const *)b;

	return strcmp(one->f1, two->f1);
}

static void tell_error(struct telling *t, struct unknown *u)
{
	struct logs_error *e = shape_add(&logs_error_shape, &t->out->errors);

	e->f1 = fingerprint_text("f1", u->fine);
	e->c1 = fingerprint_text("c1", u->coarse);
	e->level = g_strdup(
	    log_level_names[u->levels & (1u << LEVEL_ERROR) ? LEVEL_ERROR
							    : LEVEL_WARN]);
	e->entries = number_of((int64_t)u->seen.entries);
	e->starting = some(u->starting);
	e->first = utc(t, u->seen.first_s);
	e->last = utc(t, u->seen.last_s);
	tally_sort(&u->seen.when);
	tell_nodes(t, &u->seen.when, &e->nodes);
	tell_slots(t, &u->seen.when, 86400, &e->days);
	tell_samples(t, &u->seen, &e->samples);
}

static int64_t hours_of(const struct logs *l)
{
	int64_t span = l->from.known && l->until.known
			   ? (l->until.value - l->from.value) / 3600
			   : 0;

	return MAX(span, 1);
}

static const struct logs_error *find_error(const struct logs *l, const char *f1)
{
	for (guint lo = 0, hi = list_length(l->errors); lo < hi;) {
		guint middle = lo + (hi - lo) / 2;
		const struct logs_error *e =
		    g_ptr_array_index(l->errors, middle);
		int order = strcmp(f1, e->f1);
		if (order == 0)
			return e;
		if (order < 0)
			hi = middle;
		else
			lo = middle + 1;
	}
	return NULL;
}

/* A full list ends at its largest fingerprint: beyond it nothing is told. */
static bool can_tell(const struct logs *l, const char *f1)
{
	if (!l->errors_dropped.known)
		return true;
	const struct logs_error *last =
	    g_ptr_array_index(l->errors, list_length(l->errors) - 1);
	return strcmp(f1, last->f1) <= 0;
}

static enum logs_state weigh(const struct telling *t,
    const struct logs_error *e, const struct logs *base)
{
	const struct logs_error *before = find_error(base, e->f1);

	if (!before)
		return can_tell(base, e->f1) ? LOGS_NEW : LOGS_UNWEIGHED;
	/* Rates by the hour, without fractions. */
	int64_t now = e->entries.value * hours_of(base);
	int64_t then = before->entries.value * hours_of(t->out);
	return e->entries.value >= SURGE_LEAST && now >= SURGE_TIMES * then
		   ? LOGS_SURGING
		   : LOGS_KNOWN;
}

static void compare(struct telling *t)
{
	const struct logs *base = t->options->baseline;

	t->out->baseline = g_strdup(t->options->baseline_sha256);
	for (guint i = 0; i < list_length(t->out->errors); i++) {
		struct logs_error *e = g_ptr_array_index(t->out->errors, i);
		e->state = weigh(t, e, base);
	}
	for (guint i = 0; i < list_length(base->errors); i++) {
		const struct logs_error *e = g_ptr_array_index(base->errors, i);
		if (find_error(t->out, e->f1) || !can_tell(t->out, e->f1))
			continue;
		struct logs_gone *gone =
		    shape_add(&logs_gone_shape, &t->out->gone);
		const struct logs_sample *sample =
		    list_length(e->samples) ? g_ptr_array_index(e->samples, 0)
					    : NULL;
		gone->f1 = g_strdup(e->f1);
		gone->text = sample ? g_strdup(sample->text) : NULL;
		gone->entries = e->entries;
		gone->last = e->last;
	}
}

static void tell_errors(struct telling *t)
{
	GHashTableIter all;
	gpointer value;

	g_hash_table_iter_init(&all, t->found->unknown);
	while (g_hash_table_iter_next(&all, NULL, &value))
		tell_error(t, value);
	if (t->out->errors)
		g_ptr_array_sort(t->out->errors, by_f1);
	t->out->errors_dropped = some(t->found->unknown_dropped);
	if (t->options->baseline)
		compare(t);
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
	tell_files(&t);
	tell_all_nodes(&t);
	tell_packs(&t, packs);
	tell_hits(&t, packs);
	tell_errors(&t);
	return true;
}
