#include "audit/logs/known.h"

struct known {
	const log_search *search;
	patterns_tools *tools;
	unsigned rules;
	uint64_t *last_line, *last_entry, *pending; /* by rule: serials */
	GArray *events; /* unsigned: rules to be asked of the whole entry */
	uint64_t line_serial, entry_serial;
};

known *known_new(const log_search *search, patterns_tools *tools)
{
	struct known *k = g_new0(struct known, 1);

	k->search = search;
	k->tools = tools;
	k->rules = log_search_length(search);
	k->events = g_array_new(FALSE, FALSE, sizeof(unsigned));
	k->last_line = g_new0(uint64_t, k->rules + 1);
	k->last_entry = g_new0(uint64_t, k->rules + 1);
	k->pending = g_new0(uint64_t, k->rules + 1);
	return k;
}

void known_free(known *k)
{
	if (!k)
		return;
	g_array_unref(k->events);
	g_free(k->last_line);
	g_free(k->last_entry);
	g_free(k->pending);
	g_free(k);
}

void known_next_entry(known *k)
{
	k->entry_serial++;
	g_array_set_size(k->events, 0);
}

void known_next_line(known *k)
{
	k->line_serial++;
}

static void count(
    known *k, struct hand *h, unsigned rule, const char *line, size_t length)
{
	const struct log_rule *r = log_search_rule(k->search, rule);
	struct hits *hits = &h->found->hits[rule];

	hits->seen.lines++;
	if (r->sense == SENSE_TROUBLE)
		h->known = true;
	if (k->last_entry[rule] == k->entry_serial)
		return;
	k->last_entry[rule] = k->entry_serial;
	hits->starting += log_entry_is_starting(&h->entry);
	occurrences_add(&hits->seen, &h->place, h->node, hand_slot(h, 3600));
	if (r->per_s)
		tally_add(&hits->minutes, 0, hand_slot(h, 60), 0, 1);
	if (occurrences_wants(&hits->seen, &h->place))
		occurrences_sample(
		    &hits->seen, &h->place, hand_sample(h, line, length));
}

static void weigh(known *k, struct hand *h, unsigned rule,
    enum pattern_answer answer, const char *line, size_t length)
{
	if (answer == PATTERN_YES)
		count(k, h, rule, line, length);
	else if (answer == PATTERN_UNDECIDED)
		h->found->hits[rule].undecided++;
}

static void ask(
    known *k, struct hand *h, unsigned rule, const char *line, size_t length)
{
	weigh(k, h, rule,
	    log_search_takes(
		k->search, k->tools, rule, &h->entry, line, length),
	    line, length);
}

/* "BuildInfoLogger Bitbucket 9.2.1 has shut down", "Starting Bitbucket 9.2.1"
 * docs/sources.md#logs */
static void take_milestone(struct hand *h, const char *line, size_t length)
{
	struct milestone m = {.place = h->place, .node = h->node};
	const char *name = memmem(line, length, "Bitbucket ", 10);
	bool stop = memmem(line, length, " has shut down", 14);

	if (!name || line != h->entry.bytes ||
	    (!stop && !memmem(line, length, "Starting ", 9)))
		return;
	m.kind = stop ? MILESTONE_STOP : MILESTONE_START;
	name += 10;
	for (size_t i = 0;
	     i + 1 < sizeof m.version && name + i < line + length &&
	     (g_ascii_isdigit(name[i]) || name[i] == '.');
	     i++)
		m.version[i] = name[i];
	g_array_append_val(h->found->milestones, m);
}

void known_take(
    known *k, struct hand *h, unsigned pattern, const char *line, size_t length)
{
	unsigned rule = log_search_rule_of(k->search, pattern);

	if (k->last_line[rule] == k->line_serial)
		return;
	k->last_line[rule] = k->line_serial;
	hand_read(h);
	if (rule == k->rules) {
		take_milestone(h, line, length);
		return;
	}
	const struct log_rule *r = log_search_rule(k->search, rule);
	if (!(r->kinds & (1u << h->kind)) || r->sense == SENSE_UNCLEAN_START)
		return;
	if (!r->event) {
		ask(k, h, rule, line, length);
	} else if (k->pending[rule] != k->entry_serial && !h->carried) {
		k->pending[rule] = k->entry_serial;
		g_array_append_val(k->events, rule);
	}
}

/* Rules that only PCRE2 can tell of. */
static void ask_alone(known *k, struct hand *h)
{
	const GArray *alone = log_search_alone(k->search);

	for (guint i = 0; i < alone->len; i++) {
		unsigned rule = g_array_index(alone, unsigned, i);
		const struct log_rule *r = log_search_rule(k->search, rule);
		if (!(r->kinds & (1u << h->kind)))
			continue;
		hand_read(h);
		weigh(k, h, rule,
		    log_search_takes_entry(
			k->search, k->tools, rule, &h->entry),
		    h->entry.bytes, h->entry.length);
	}
}

void known_close(known *k, struct hand *h)
{
	for (guint i = 0; i < k->events->len; i++)
		ask(k, h, g_array_index(k->events, unsigned, i), h->entry.bytes,
		    h->entry.length);
	ask_alone(k, h);
}
