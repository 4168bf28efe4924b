#include "report/render/junit.h"

#include <stdarg.h>

#include "base/clock.h"
#include "report/render/escape.h"

enum shown { SHOWN_PASSED, SHOWN_SKIPPED, SHOWN_FAILURE, SHOWN_ERROR };

/* A test case on its way. */
struct case_ {
	const char *suite, *name, *title, *message, *remedy;
	enum shown shown;
	const char *outcome, *severity, *relation; /* NULL: not said */
	const char *waived_by;
};

static void put(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Appends FORMAT, whose arguments are all strings, each made harmless. */
static void put(GString *out, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	for (const char *p = format; *p; p++) {
		if (p[0] != '%' || p[1] != 's') {
			g_string_append_c(out, *p);
			continue;
		}
		const char *text = va_arg(arguments, const char *);
		g_autofree char *line = escape_line(text ? text : "");
		g_autofree char *safe = escape_html(line);
		g_string_append(out, safe);
		p++;
	}
	va_end(arguments);
}

/* The kind that verdict_of() makes of it; see contract/verdict.h. */
static enum shown shown_of(const struct finding *f, const struct verdict *v)
{
	const GPtrArray *reasons = v->reasons;

	if (f->outcome == OUTCOME_NOT_APPLICABLE)
		return SHOWN_SKIPPED;
	for (guint i = 0; i < list_length(reasons); i++) {
		const struct reason *r = g_ptr_array_index(reasons, i);
		if (g_strcmp0(r->key, f->key) == 0)
			return r->waived_by                 ? SHOWN_PASSED
			       : r->outcome == OUTCOME_FAIL ? SHOWN_FAILURE
							    : SHOWN_ERROR;
	}
	return f->outcome == OUTCOME_UNKNOWN || f->outcome == OUTCOME_MANUAL
		   ? SHOWN_SKIPPED
		   : SHOWN_PASSED;
}

/* The waiver that covers F; NULL: none. */
static const char *waiver_of(const struct finding *f, const struct verdict *v)
{
	for (guint i = 0; i < list_length(v->reasons); i++) {
		const struct reason *r = g_ptr_array_index(v->reasons, i);
		if (g_strcmp0(r->key, f->key) == 0)
			return r->waived_by;
	}
	return NULL;
}

static void put_property(GString *out, const char *name, const char *value)
{
	if (value)
		put(out, "\t\t\t\t<property name=\"%s\" value=\"%s\"/>\n", name,
		    value);
}

static void put_case(GString *out, const struct case_ *c)
{
	put(out,
	    "\t\t<testcase classname=\"gonogo.%s\" name=\"%s\" time=\"0\">\n",
	    c->suite, c->name);
	g_string_append(out, "\t\t\t<properties>\n");
	put_property(out, "asks", c->title);
	put_property(out, "outcome", c->outcome);
	put_property(out, "severity", c->severity);
	put_property(out, "relation", c->relation);
	put_property(out, "waived by", c->waived_by);
	if (c->shown == SHOWN_PASSED)
		put_property(out, "found", c->message);
	g_string_append(out, "\t\t\t</properties>\n");
	if (c->shown == SHOWN_SKIPPED)
		put(out, "\t\t\t<skipped message=\"%s\"/>\n", c->message);
	if (c->shown == SHOWN_FAILURE)
		put(out,
		    "\t\t\t<failure type=\"%s\" message=\"%s\">%s</failure>\n",
		    c->severity ? c->severity : c->outcome, c->message,
		    c->remedy);
	if (c->shown == SHOWN_ERROR)
		put(out, "\t\t\t<error type=\"%s\" message=\"%s\">%s</error>\n",
		    c->outcome, c->message, c->remedy);
	g_string_append(out, "\t\t</testcase>\n");
}

static int count(const GArray *cases, enum shown shown)
{
	int found = 0;

	for (guint i = 0; i < cases->len; i++)
		found += g_array_index(cases, struct case_, i).shown == shown;
	return found;
}

static void put_counts(GString *out, const GArray *cases)
{
	g_string_append_printf(out,
	    " tests=\"%u\" failures=\"%d\" errors=\"%d\" time=\"0\"",
	    cases->len, count(cases, SHOWN_FAILURE), count(cases, SHOWN_ERROR));
}

static void add_verdict(GArray *cases, const struct verdict *v, char *message)
{
	const struct case_ one = {
	    .suite = "verdict",
	    .name = "GO",
	    .title = "May the upgrade begin?",
	    .message = message,
	    .remedy = "see report.html",
	    .shown = v->answer == ANSWER_GO        ? SHOWN_PASSED
		     : v->answer == ANSWER_UNKNOWN ? SHOWN_ERROR
						   : SHOWN_FAILURE,
	    .outcome = answer_names[v->answer],
	};

	g_array_append_val(cases, one);
}

/* What keeps the verdict from GO and is no finding: an area without any. */
static void add_missing(
    GArray *cases, const struct findings *findings, const struct verdict *v)
{
	for (guint i = 0; i < list_length(v->reasons); i++) {
		const struct reason *r = g_ptr_array_index(v->reasons, i);
		if (findings_find(findings, r->key))
			continue;
		const struct case_ one = {
		    .suite = "verdict",
		    .name = r->key,
		    .title = r->title,
		    .message = r->message,
		    .remedy = r->remedy,
		    .shown = r->outcome == OUTCOME_FAIL ? SHOWN_FAILURE
							: SHOWN_ERROR,
		    .outcome = outcome_names[r->outcome],
		    .severity = severity_names[r->severity],
		};
		g_array_append_val(cases, one);
	}
}

static void add_finding(
    GArray *cases, const struct finding *f, const struct verdict *v)
{
	const char *remedy = list_length(f->remediation)
				 ? g_ptr_array_index(f->remediation, 0)
				 : NULL;
	const struct case_ one = {
	    .suite = f->area,
	    .name = f->key,
	    .title = f->title,
	    .message = f->message ? f->message : f->why,
	    .remedy = remedy,
	    .shown = shown_of(f, v),
	    .outcome = outcome_names[f->outcome],
	    .severity = severity_names[f->severity],
	    .relation = relation_names[f->relation],
	    .waived_by = waiver_of(f, v),
	};

	g_array_append_val(cases, one);
}

/* Findings are sorted by key, which begins with the area. */
static void put_suites(GString *out, const GArray *cases, const char *stamp)
{
	for (guint from = 0, to; from < cases->len; from = to) {
		const char *suite =
		    g_array_index(cases, struct case_, from).suite;
		g_autoptr(GArray) mine =
		    g_array_new(FALSE, FALSE, sizeof(struct case_));
		for (to = from; to < cases->len; to++) {
			const struct case_ *c =
			    &g_array_index(cases, struct case_, to);
			if (g_strcmp0(c->suite, suite) != 0)
				break;
			g_array_append_vals(mine, c, 1);
		}
		put(out, "\t<testsuite name=\"%s\" timestamp=\"%s\"", suite,
		    stamp);
		put_counts(out, mine);
		g_string_append_printf(
		    out, " skipped=\"%d\">\n", count(mine, SHOWN_SKIPPED));
		for (guint i = 0; i < mine->len; i++)
			put_case(out, &g_array_index(mine, struct case_, i));
		g_string_append(out, "\t</testsuite>\n");
	}
}

char *junit_write(
    const struct findings *findings, const struct verdict *verdict)
{
	GString *out =
	    g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	g_autoptr(GArray) cases =
	    g_array_new(FALSE, FALSE, sizeof(struct case_));
	g_autofree char *stamp = clock_text(verdict->as_of.value);
	char *message =
	    g_strdup_printf("%s: %s to %s, %s", answer_text(verdict->answer),
		verdict->current, verdict->target, verdict->procedure);

	add_verdict(cases, verdict, message);
	add_missing(cases, findings, verdict);
	for (guint i = 0; i < list_length(findings->list); i++)
		add_finding(
		    cases, g_ptr_array_index(findings->list, i), verdict);
	put(out, "<testsuites name=\"gonogo %s\"", verdict->cluster);
	put_counts(out, cases);
	g_string_append(out, ">\n");
	put_suites(out, cases, stamp);
	g_string_append(out, "</testsuites>\n");
	g_free(message);
	return g_string_free(out, FALSE);
}
