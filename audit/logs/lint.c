#include "audit/logs/lint.h"

#include "audit/logs/search.h"

void log_lint_clear(struct log_lint *l)
{
	if (l->lines)
		g_ptr_array_unref(l->lines);
	if (l->flaws)
		g_ptr_array_unref(l->flaws);
	*l = (struct log_lint){0};
}

static void flaw(struct log_lint *l, const struct log_rule *r,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

static void flaw(
    struct log_lint *l, const struct log_rule *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_ptr_array_add(l->flaws, g_strdup_printf("%s: %s", r->id, text));
}

/* ---- samples ---- */

struct sampling {
	log_search *search;
	patterns_tools *tools;
	unsigned rule;
	bool seen; /* by the scan */
};

static void note(unsigned pattern, size_t end, void *user)
{
	struct sampling *s = user;

	(void)end;
	if (log_search_rule_of(s->search, pattern) == s->rule)
		s->seen = true;
}

static bool takes(struct sampling *s, const char *sample)
{
	const struct log_rule *r = log_search_rule(s->search, s->rule);
	enum log_kind kind = LOG_OTHER;
	size_t length = strcspn(sample, "\n");

	for (enum log_kind k = LOG_KINDS; k-- > 0;)
		if ((r->kinds & (1u << k)) && head_is(k, sample, length))
			kind = k;
	struct log_entry entry = {.kind = kind,
	    .headed = head_is(kind, sample, length),
	    .bytes = sample,
	    .length = strlen(sample)};
	if (entry.headed)
		head_read(kind, sample, length, &entry.head);
	s->seen = log_search_way(s->search, s->rule) == PATTERN_ALONE;
	patterns_scan(s->tools, sample, entry.length, note, s);
	return s->seen && log_search_takes_entry(s->search, s->tools, s->rule,
			      &entry) == PATTERN_YES;
}

static void hold_against_samples(struct log_lint *l, struct sampling *s)
{
	const struct log_rule *r = log_search_rule(s->search, s->rule);

	for (char **sample = r->match; sample && *sample; sample++)
		if (!takes(s, *sample))
			flaw(l, r, "does not match its sample '%s'", *sample);
	for (char **sample = r->nomatch; sample && *sample; sample++)
		if (takes(s, *sample))
			flaw(l, r, "matches '%s', which it must not", *sample);
}

/* ---- rules by themselves ---- */

static void judge_samples(struct log_lint *l, const struct log_rule *r)
{
	bool given = r->match && *r->match && r->nomatch && *r->nomatch;

	if (!given && r->mark != MARK_UNTESTED)
		flaw(l, r,
		    "no samples (tests: match and nomatch), and it is not "
		    "marked untested");
}

/*
 * What stops an upgrade must stand where only the product writes: text of users
 * and of hooks turns up anywhere else.
 */
static void judge_anchor(struct log_lint *l, const struct log_rule *r)
{
	bool counts = r->mark == MARK_DOC || r->mark == MARK_CODE;

	if (r->severity == SEVERITY_BLOCKER && counts && !r->levels &&
	    (r->kinds & (1u << LOG_APP)))
		flaw(l, r, "a blocker without levels");
	if (r->severity == SEVERITY_BLOCKER && r->mark == MARK_UNTESTED)
		flaw(l, r, "a blocker that nobody tested");
}

static void judge_versions(struct log_lint *l, const struct log_rule *r)
{
	for (char **v = r->fixed_in; v && *v; v++)
		if (r->affects && log_range_holds(r->affects, *v))
			flaw(l, r, "fixed in %s, which it affects", *v);
}

/* Says how it is found, if it is a pattern that may be used. */
static void judge_pattern(struct log_lint *l, const struct log_rule *r)
{
	const struct pattern main = {
	    .text = r->regex, .literal = r->literal, .across = r->event};
	const struct pattern unless = {.text = r->unless};
	const struct pattern logger = {.text = r->logger};
	enum pattern_way way = PATTERN_SCANNED, other;
	g_autoptr(GError) error = NULL;

	if (!pattern_judge(&main, r->match, &way, &error) ||
	    (r->unless &&
		!pattern_judge(&unless, r->nomatch, &other, &error)) ||
	    (r->logger && !pattern_judge(&logger, r->match, &other, &error))) {
		flaw(l, r, "%s", error->message);
		return;
	}
	bool elsewhere = r->kinds == 1u << KIND_ELSEWHERE;
	l->elsewhere += elsewhere;
	l->ways[way] += !elsewhere;
	g_ptr_array_add(l->lines,
	    g_strdup_printf("%-8s %s%s", r->id,
		elsewhere ? "not searched in logs" : pattern_way_names[way],
		r->mark == MARK_UNTESTED ? ", untested" : ""));
}

void log_lint(const struct log_pack *pack, struct log_lint *out)
{
	*out = (struct log_lint){.rules = pack->rules->len,
	    .lines = g_ptr_array_new_with_free_func(g_free),
	    .flaws = g_ptr_array_new_with_free_func(g_free)};
	for (guint i = 0; i < pack->rules->len; i++) {
		const struct log_rule *r = g_ptr_array_index(pack->rules, i);
		judge_samples(out, r);
		judge_anchor(out, r);
		judge_versions(out, r);
		judge_pattern(out, r);
	}
	if (out->lines->len < pack->rules->len)
		return; /* some are no patterns: none can be tried */
	g_autoptr(GPtrArray) packs = g_ptr_array_new();
	g_ptr_array_add(packs, (void *)pack);
	g_autoptr(GError) error = NULL;
	g_autoptr(log_search) search = log_search_new(packs, NULL, &error);
	if (!search) {
		g_ptr_array_add(out->flaws, g_strdup(error->message));
		return;
	}
	g_autoptr(patterns_tools) tools =
	    patterns_tools_new(log_search_patterns(search));
	for (unsigned i = 0; i < log_search_length(search); i++) {
		struct sampling s = {search, tools, i, false};
		hold_against_samples(out, &s);
	}
}
