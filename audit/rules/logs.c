/* What the logs say: known problems, new errors, and how far they reach. */
#include <inttypes.h>

#include "audit/rules/rule.h"
#include "base/clock.h"

enum { HOUR_S = 3600, LOUD_ENTRIES = 100, LOUD_NODES = 2 };

/* ---- how far they reach ---- */

static const struct logs_node *find_node(const struct logs *l, const char *name)
{
	for (guint i = 0; i < list_length(l->nodes); i++) {
		const struct logs_node *n = g_ptr_array_index(l->nodes, i);
		if (g_str_equal(n->name, name))
			return n;
	}
	return NULL;
}

static void judge_node(const struct judging *j, const struct node *node)
{
	const struct logs_node *n = find_node(&j->facts->logs, node->name);
	struct finding *f = rule_add(j, "node", node->name);

	if (!n || !n->last.known) {
		finding_unknown(f, "no log of %s was read%s", node->name,
		    n ? " that has times" : "");
		finding_remedy(f, "name its folder in [logs] paths: %s=FOLDER",
		    node->name);
		return;
	}
	g_autofree char *from = clock_text(n->first.value);
	g_autofree char *until = clock_text(n->last.value);
	int64_t age = j->as_of - n->last.value;
	g_autofree char *span = clock_span(ABS(age));
	finding_evidence(f, "logs", until, NULL);
	if (age > j->policy->facts_max_age_s)
		finding_unknown(f, "the newest entry of %s is %s old (%s)",
		    node->name, span, until);
	else if (age < -HOUR_S / 2)
		finding_unknown(f,
		    "the newest entry of %s is %s ahead (%s): another time "
		    "zone?",
		    node->name, span, until);
	else
		finding_answer(f, OUTCOME_PASS,
		    "%s: %" PRId64 " entries from %s to %s", node->name,
		    n->entries.value, from, until);
	if (f->outcome != OUTCOME_PASS)
		finding_remedy(f,
		    "see that it is the folder that %s writes to, in the zone "
		    "that "
		    "[logs] zone says",
		    node->name);
}

static void every_node_is_covered(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);

	for (guint i = 0; i < live->len; i++)
		judge_node(j, g_ptr_array_index(live, i));
}

static void all_was_read(const struct judging *j)
{
	const struct logs *l = &j->facts->logs;
	g_autoptr(GString) lost = g_string_new(NULL);
	struct finding *f = rule_add(j, NULL, NULL);

	for (guint i = 0; i < list_length(l->files); i++) {
		const struct logs_file *file = g_ptr_array_index(l->files, i);
		if (file->lost)
			g_string_append_printf(lost, "%s%s: %s",
			    lost->len ? "; " : "", file->path, file->lost);
	}
	for (guint i = 0; i < list_length(l->lost); i++)
		g_string_append_printf(lost, "%s%s", lost->len ? "; " : "",
		    (const char *)g_ptr_array_index(l->lost, i));
	for (guint i = 0; i < list_length(l->hits); i++) {
		const struct logs_hit *h = g_ptr_array_index(l->hits, i);
		if (h->undecided.known)
			g_string_append_printf(lost,
			    "%s%s: %" PRId64 " lines took too many steps",
			    lost->len ? "; " : "", h->rule, h->undecided.value);
	}
	if (lost->len)
		finding_unknown(f, "%s", lost->str);
	else if (l->bytes.known)
		finding_answer(f, OUTCOME_PASS,
		    "%" PRId64 " lines in %" PRId64 " MB were read",
		    l->lines.value, l->bytes.value / 1000000);
}

static void none_is_silent(const struct judging *j)
{
	const struct logs *l = &j->facts->logs;
	int64_t since = j->as_of - j->policy->logs_look_back_s;

	for (guint i = 0; i < list_length(l->nodes); i++) {
		const struct logs_node *n = g_ptr_array_index(l->nodes, i);
		struct finding *f = rule_add(j, "node", n->name);
		g_autoptr(GString) gaps = g_string_new(NULL);
		for (guint k = 0; k < list_length(n->gaps); k++) {
			const struct logs_gap *g =
			    g_ptr_array_index(n->gaps, k);
			g_autofree char *from = clock_text(g->from.value);
			g_autofree char *until = clock_text(g->until.value);
			if (g->until.value > since)
				g_string_append_printf(gaps, "%s%s to %s",
				    gaps->len ? ", " : "", from, until);
		}
		finding_evidence(f, "logs", gaps->len ? gaps->str : NULL, NULL);
		if (gaps->len)
			finding_answer(f, OUTCOME_FAIL,
			    "%s logged nothing from %s", n->name, gaps->str);
		else
			finding_answer(f, OUTCOME_PASS,
			    "%s logged something all the time", n->name);
	}
}

/* ---- known problems ---- */

/* What of a hit counts: in the look-back window, on nodes that are still of the
 * cluster. */
struct sight {
	int64_t count;
	int64_t recent;   /* of them within the time that blocks */
	GPtrArray *nodes; /* strings, borrowed */
	GString *text;    /* "bb-1:7, bb-2:5" */
};

static void sight_clear(struct sight *s)
{
	g_ptr_array_unref(s->nodes);
	g_string_free(s->text, TRUE);
}

typedef struct sight sight;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sight, sight_clear)

static bool has_left(const struct judging *j, const char *name)
{
	const struct node *node = facts_find_node(j->facts, name);

	return node && node->member.known && !node->member.value;
}

static bool holds(const GPtrArray *names, const char *name)
{
	for (guint i = 0; i < list_length(names); i++)
		if (g_str_equal(g_ptr_array_index(names, i), name))
			return true;
	return false;
}

/* What is counted by hours or days of WIDTH_S; UNDATED: without a time. */
static sight see(const struct judging *j, const GPtrArray *slots,
    int64_t width_s, int64_t undated)
{
	sight s = {.count = undated,
	    .nodes = g_ptr_array_new(),
	    .text = g_string_new(NULL)};
	int64_t since = j->as_of - j->policy->logs_look_back_s - width_s;
	int64_t block = j->as_of - j->policy->logs_block_s - width_s;
	int64_t here = 0;

	for (guint i = 0; i < list_length(slots); i++) {
		const struct logs_slot *slot = g_ptr_array_index(slots, i);
		const struct logs_slot *next =
		    i + 1 < slots->len ? g_ptr_array_index(slots, i + 1) : NULL;
		if (slot->at.value > since && !has_left(j, slot->node)) {
			here += slot->count.value;
			s.count += slot->count.value;
			if (slot->at.value > block)
				s.recent += slot->count.value;
		}
		if (next && g_str_equal(next->node, slot->node))
			continue;
		if (here) {
			g_ptr_array_add(s.nodes, slot->node);
			g_string_append_printf(s.text, "%s%s:%" PRId64,
			    s.text->len ? ", " : "", slot->node, here);
		}
		here = 0;
	}
	return s;
}

static int64_t sum(const GPtrArray *slots)
{
	int64_t all = 0;

	for (guint i = 0; i < list_length(slots); i++) {
		const struct logs_slot *slot = g_ptr_array_index(slots, i);
		all += slot->count.value;
	}
	return all;
}

/* The word of a person that still holds: no more entries, no other node. */
static const struct logs_acknowledged *find_word(
    const struct judging *j, const char *what, const struct sight *s)
{
	const GPtrArray *all = j->facts->logs.acknowledged;

	for (guint i = 0; i < list_length(all); i++) {
		const struct logs_acknowledged *a = g_ptr_array_index(all, i);
		bool same = g_str_equal(a->what, what) &&
			    a->at.value <= j->as_of &&
			    s->count <= a->count.value;
		for (guint k = 0; same && k < s->nodes->len; k++)
			same = holds(a->nodes, g_ptr_array_index(s->nodes, k));
		if (same)
			return a;
	}
	return NULL;
}

static void add_word(
    struct finding *f, const struct logs_acknowledged *a, const char *text)
{
	g_autofree char *day = clock_text(a->at.value);

	finding_answer(f, OUTCOME_PASS, "%s; %s let it be on %.10s: %s", text,
	    a->by, day, a->why);
}

/* What to write when it was looked into. */
static void add_way_out(
    struct finding *f, const char *what, const struct sight *s)
{
	g_autoptr(GString) nodes = g_string_new(NULL);

	for (guint i = 0; i < s->nodes->len; i++)
		g_string_append_printf(nodes, "%s%s", i ? "; " : "",
		    (const char *)g_ptr_array_index(s->nodes, i));
	finding_remedy(f,
	    "if it may be so: write [%s] with by, at, why, count = %" PRId64
	    " and nodes = %s into the file of [logs] acknowledged",
	    what, s->count, nodes->str);
}

static bool is_sure(const struct logs_hit *h)
{
	bool seen = g_strcmp0(h->mark, "doc") == 0 ||
		    g_strcmp0(h->mark, "code seen") == 0;

	return seen && h->anchored.known && h->anchored.value;
}

/* While a node starts much goes wrong that is none of these. */
static bool is_start_up_noise(const struct logs_hit *h)
{
	return h->starting.known && h->starting.value >= h->entries.value &&
	       !(h->at_start.known && h->at_start.value);
}

/* Does it count at all? */
static bool counts(const struct logs_hit *h)
{
	return g_strcmp0(h->sense, "good") != 0 && h->entries.value > 0 &&
	       (!h->reached.known || h->reached.value) &&
	       (!h->affects.known || h->affects.value);
}

enum bearing { BLOCKS, ASKS, WARNS };

static enum bearing bearing_of(const struct logs_hit *h, const struct sight *s)
{
	if (h->severity > SEVERITY_HIGH || !s->recent || is_start_up_noise(h))
		return WARNS;
	return is_sure(h) ? BLOCKS : ASKS;
}

static void judge_hit(const struct judging *j, const struct logs_hit *h,
    const struct sight *s, enum bearing bearing)
{
	struct finding *f = rule_add(j, "log", h->rule);
	const struct logs_acknowledged *word = find_word(j, h->rule, s);
	const struct logs_sample *sample =
	    list_length(h->samples) ? g_ptr_array_index(h->samples, 0) : NULL;
	g_autofree char *last =
	    h->last.known ? clock_text(h->last.value) : g_strdup("at no time");
	g_autofree char *text =
	    g_strdup_printf("%s: %" PRId64 " entries, last %s (%s)", h->title,
		s->count, last, s->text->len ? s->text->str : "undated");

	finding_evidence(f, "logs", sample ? sample->text : NULL, NULL);
	for (guint i = 0; i < list_length(h->references); i++)
		finding_reference(
		    f, "kb", g_ptr_array_index(h->references, i), NULL);
	if (word) {
		add_word(f, word, text);
		return;
	}
	if (bearing == WARNS)
		f->severity = MAX(h->severity, (int)SEVERITY_MEDIUM);
	if (bearing == ASKS)
		finding_answer(f, OUTCOME_MANUAL,
		    "%s; what is looked for was never held against a real log "
		    "of it, so a person has to see",
		    text);
	else
		finding_answer(f, OUTCOME_FAIL, "%s", text);
	if (h->hint)
		finding_remedy(f, "%s", h->hint);
	add_way_out(f, h->rule, s);
}

static void judge_hits(const struct judging *j, bool blocking)
{
	const struct logs *l = &j->facts->logs;
	guint before = list_length(j->out->list);

	for (guint i = 0; i < list_length(l->hits); i++) {
		const struct logs_hit *h = g_ptr_array_index(l->hits, i);
		g_auto(sight) s =
		    see(j, h->hours, HOUR_S, h->entries.value - sum(h->hours));
		enum bearing bearing = bearing_of(h, &s);
		if (s.count && counts(h) && (bearing == BLOCKS) == blocking)
			judge_hit(j, h, &s, bearing);
	}
	if (list_length(j->out->list) > before || !l->bytes.known)
		return;
	g_autofree char *span = clock_span(
	    blocking ? j->policy->logs_block_s : j->policy->logs_look_back_s);
	finding_answer(rule_add(j, NULL, NULL), OUTCOME_PASS,
	    "no known problem %sin the logs of the last %s",
	    blocking ? "that stops an upgrade " : "", span);
}

static void none_blocks(const struct judging *j)
{
	judge_hits(j, true);
}

static void none_warns(const struct judging *j)
{
	judge_hits(j, false);
}

/* ---- errors that no rule knows ---- */

static void judge_error(const struct judging *j, const struct logs_error *e)
{
	struct finding *f = rule_add(j, "log", e->f1);
	g_auto(sight) s =
	    see(j, e->days, 24 * HOUR_S, e->entries.value - sum(e->days));
	const struct logs_acknowledged *word = find_word(j, e->f1, &s);
	const struct logs_sample *sample =
	    list_length(e->samples) ? g_ptr_array_index(e->samples, 0) : NULL;
	bool starting =
	    e->starting.known && e->starting.value >= e->entries.value;
	g_autofree char *text =
	    g_strdup_printf("%s %s: %" PRId64 " entries (%s)%s: %.*s",
		logs_state_names[e->state], e->level, e->entries.value,
		s.text->str, starting ? ", all while a node started" : "",
		sample ? (int)strcspn(sample->text, "\n") : 0,
		sample ? sample->text : "");

	finding_evidence(f, "logs", sample ? sample->text : NULL, NULL);
	if (word) {
		add_word(f, word, text);
		return;
	}
	if (!starting && g_strcmp0(e->level, "ERROR") == 0 &&
	    e->entries.value >= LOUD_ENTRIES && s.nodes->len >= LOUD_NODES)
		f->severity = SEVERITY_MEDIUM;
	finding_answer(f, OUTCOME_FAIL, "%s", text);
	add_way_out(f, e->f1, &s);
}

static void nothing_is_new(const struct judging *j)
{
	const struct logs *l = &j->facts->logs;
	guint before = list_length(j->out->list);

	if (!l->baseline) {
		struct finding *f = rule_add(j, NULL, NULL);
		if (l->bytes.known)
			finding_unknown(
			    f, "there is no earlier run to compare with");
		return;
	}
	for (guint i = 0; i < list_length(l->errors); i++) {
		const struct logs_error *e = g_ptr_array_index(l->errors, i);
		if (e->state == LOGS_NEW || e->state == LOGS_SURGING)
			judge_error(j, e);
	}
	if (list_length(j->out->list) == before)
		finding_answer(rule_add(j, NULL, NULL), OUTCOME_PASS,
		    "no error is new or comes more often than before");
}

const struct rule logs_rules[] = {
    {.id = "LOGS-covered",
	.ask = "Were the logs of every live node read, up to now?",
	.mend = "name the log folder of every node in [logs] paths",
	.source = "docs/sources.md#logs",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"logs", "cluster.members"},
	.judge = every_node_is_covered},
    {.id = "LOGS-whole",
	.ask = "Was every log read to its end?",
	.mend = "see why a log can't be read: gonogo audit logs PATH",
	.source = "docs/sources.md#logs",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"logs"},
	.judge = all_was_read},
    {.id = "LOGS-blockers",
	.ask = "Is no known problem in the logs that stops an upgrade?",
	.mend = "look into it, and acknowledge what may be so",
	.source = "docs/sources.md#logs",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"logs"},
	.judge = none_blocks},
    {.id = "LOGS-problems",
	.ask = "Are the logs free of other known problems?",
	.mend = "look into it, and acknowledge what may be so",
	.source = "docs/sources.md#logs",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"logs"},
	.judge = none_warns},
    {.id = "LOGS-new-errors",
	.ask = "Is no error new, or more frequent than before?",
	.mend = "look into it: gonogo audit logs shows samples",
	.source = "docs/sources.md#logs",
	.severity = SEVERITY_LOW,
	.inputs = {"logs"},
	.judge = nothing_is_new},
    {.id = "LOGS-silent",
	.ask = "Did every node log all the time?",
	.mend = "see why it was silent: was it stopped, or did it hang?",
	.source = "docs/sources.md#logs",
	.severity = SEVERITY_LOW,
	.inputs = {"logs"},
	.judge = none_is_silent},
    {0},
};
