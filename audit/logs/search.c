#include "audit/logs/search.h"

#include "base/error.h"

enum { NO_PATTERN = -1 };

struct parts { /* numbers of patterns; NO_PATTERN: none */
	int main, unless, logger;
};

struct log_search {
	GPtrArray *rules;    /* struct log_rule, borrowed */
	struct parts *parts; /* by rule */
	GArray *owners;      /* unsigned: rule by pattern */
	GArray *alone;       /* unsigned */
	patterns *patterns;
};

static int add(
    GArray *list, GArray *owners, unsigned rule, const struct pattern *pattern)
{
	if (!pattern->text)
		return NO_PATTERN;
	g_array_append_val(list, *pattern);
	g_array_append_val(owners, rule);
	return (int)list->len - 1;
}

static bool gather(struct log_search *s, const GPtrArray *packs, GError **error)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < packs->len; i++) {
		const struct log_pack *pack = g_ptr_array_index(packs, i);
		for (guint k = 0; k < pack->rules->len; k++) {
			struct log_rule *r = g_ptr_array_index(pack->rules, k);
			if (!g_hash_table_add(ids, r->id))
				return fail(error, GONOGO_ERROR_DATA,
				    "rule %s stands in two packs", r->id);
			g_ptr_array_add(s->rules, r);
		}
	}
	return true;
}

log_search *log_search_new(
    const GPtrArray *packs, const char *cache, GError **error)
{
	g_autoptr(log_search) s = g_new0(struct log_search, 1);
	g_autoptr(GArray) list =
	    g_array_new(FALSE, TRUE, sizeof(struct pattern));

	s->rules = g_ptr_array_new();
	s->owners = g_array_new(FALSE, TRUE, sizeof(unsigned));
	s->alone = g_array_new(FALSE, TRUE, sizeof(unsigned));
	if (!gather(s, packs, error))
		return NULL;
	s->parts = g_new0(struct parts, s->rules->len + 1);
	for (unsigned i = 0; i < s->rules->len; i++) {
		const struct log_rule *r = g_ptr_array_index(s->rules, i);
		const struct pattern main = {.text = r->regex,
		    .literal = r->literal,
		    .across = r->event,
		    .only_match = r->kinds == 1u << KIND_ELSEWHERE};
		const struct pattern unless = {
		    .text = r->unless, .only_match = true};
		const struct pattern logger = {
		    .text = r->logger, .only_match = true};
		s->parts[i] = (struct parts){add(list, s->owners, i, &main),
		    add(list, s->owners, i, &unless),
		    add(list, s->owners, i, &logger)};
	}
	/* docs/sources.md#logs */
	const struct pattern boot = {
	    .text = "BuildInfoLogger", .literal = true};
	add(list, s->owners, s->rules->len, &boot);
	s->patterns =
	    patterns_compile((const struct pattern *)(const void *)list->data,
		list->len, cache, error);
	if (!s->patterns)
		return NULL;
	for (unsigned i = 0; i < s->rules->len; i++)
		if (log_search_way(s, i) == PATTERN_ALONE &&
		    log_search_rule(s, i)->kinds != 1u << KIND_ELSEWHERE)
			g_array_append_val(s->alone, i);
	return g_steal_pointer(&s);
}

void log_search_free(log_search *s)
{
	if (!s)
		return;
	patterns_free(s->patterns);
	g_ptr_array_unref(s->rules);
	g_array_unref(s->owners);
	g_array_unref(s->alone);
	g_free(s->parts);
	g_free(s);
}

unsigned log_search_length(const log_search *s)
{
	return s->rules->len;
}

const struct log_rule *log_search_rule(const log_search *s, unsigned rule)
{
	return g_ptr_array_index(s->rules, rule);
}

size_t log_search_pattern_count(const log_search *s)
{
	return s->owners->len;
}

const patterns *log_search_patterns(const log_search *s)
{
	return s->patterns;
}

unsigned log_search_rule_of(const log_search *s, unsigned pattern)
{
	return g_array_index(s->owners, unsigned, pattern);
}

enum pattern_way log_search_way(const log_search *s, unsigned rule)
{
	return patterns_way(s->patterns, (unsigned)s->parts[rule].main);
}

const GArray *log_search_alone(const log_search *s)
{
	return s->alone;
}

/* ---- does it count? ---- */

bool log_entry_is_starting(const struct log_entry *entry)
{
	static const char thread[] =
	    "spring-startup"; /* docs/sources.md#logs */
	const struct head *h = &entry->head;

	return entry->headed && h->thread_length == strlen(thread) &&
	       memcmp(entry->bytes + h->thread, thread, h->thread_length) == 0;
}

/* A level, phase or logger that nobody knows rules nothing out. */
static bool is_of_entry(const log_search *s, patterns_tools *tools,
    unsigned rule, const struct log_entry *entry)
{
	const struct log_rule *r = log_search_rule(s, rule);
	const struct head *h = &entry->head;

	if (r->levels && h->level && !(r->levels & (1u << h->level)))
		return false;
	if (r->phase && entry->headed && h->thread_length &&
	    (r->phase == LOG_STARTING) != log_entry_is_starting(entry))
		return false;
	return s->parts[rule].logger == NO_PATTERN || !h->logger_length ||
	       patterns_match(tools, (unsigned)s->parts[rule].logger,
		   entry->bytes + h->logger, h->logger_length,
		   NULL) == PATTERN_YES;
}

/* The first group holds a number, and it is below the rule's `least`. */
static bool is_too_small(
    const struct log_rule *r, const char *text, const struct pattern_span *span)
{
	if (!r->least)
		return false;
	g_autofree char *digits =
	    g_strndup(text + span->start, MIN(span->end - span->start, 20u));
	return g_ascii_strtoll(digits, NULL, 10) < r->least;
}

static enum pattern_answer weigh(const log_search *s, patterns_tools *tools,
    unsigned rule, const char *text, size_t length, bool sure)
{
	const struct log_rule *r = log_search_rule(s, rule);
	const struct parts *parts = &s->parts[rule];
	struct pattern_span span = {0};
	enum pattern_answer answer =
	    sure && !r->least ? PATTERN_YES
			      : patterns_match(tools, (unsigned)parts->main,
				    text, length, &span);

	if (answer != PATTERN_YES)
		return answer;
	if (is_too_small(r, text, &span))
		return PATTERN_NO;
	if (parts->unless == NO_PATTERN)
		return PATTERN_YES;
	answer =
	    patterns_match(tools, (unsigned)parts->unless, text, length, NULL);
	return answer == PATTERN_NO    ? PATTERN_YES
	       : answer == PATTERN_YES ? PATTERN_NO
				       : PATTERN_UNDECIDED;
}

enum pattern_answer log_search_takes(const log_search *s, patterns_tools *tools,
    unsigned rule, const struct log_entry *entry, const char *line,
    size_t length)
{
	const struct log_rule *r = log_search_rule(s, rule);
	bool on_head = entry->headed && line == entry->bytes;
	size_t skipped =
	    on_head && !r->whole_line ? MIN(entry->head.logger, length) : 0;
	bool sure =
	    !skipped && !r->event &&
	    !patterns_must_confirm(s->patterns, (unsigned)s->parts[rule].main);

	if (!is_of_entry(s, tools, rule, entry))
		return PATTERN_NO;
	if (r->event) {
		skipped = entry->headed && !r->whole_line
			      ? MIN(entry->head.logger, entry->length)
			      : 0;
		return weigh(s, tools, rule, entry->bytes + skipped,
		    entry->length - skipped, false);
	}
	return weigh(s, tools, rule, line + skipped, length - skipped, sure);
}

enum pattern_answer log_search_takes_entry(const log_search *s,
    patterns_tools *tools, unsigned rule, const struct log_entry *entry)
{
	const char *end = entry->bytes + entry->length;
	enum pattern_answer best = PATTERN_NO;

	for (const char *line = entry->bytes; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop ? stop : end;
		enum pattern_answer answer = log_search_takes(
		    s, tools, rule, entry, line, (size_t)(stop - line));
		if (answer == PATTERN_YES || log_search_rule(s, rule)->event)
			return answer;
		if (answer == PATTERN_UNDECIDED)
			best = answer;
		line = stop + 1;
	}
	return best;
}
