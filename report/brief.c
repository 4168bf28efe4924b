#include "report/brief.h"

#include <inttypes.h>

#include "base/clock.h"
#include "report/render/escape.h"
#include "report/render/leads.h"

enum { COLUMNS = 80, LINES = 15, REASONS = 3, WRAP_LINES = 2 };

/* Appends TEXT as one line of at most WIDTH characters, cut with an ellipsis.
 */
static void put_line(GString *out, const char *text, glong width)
{
	g_autofree char *line = escape_line(text);

	if (g_utf8_strlen(line, -1) > width) {
		*g_utf8_offset_to_pointer(line, width - 1) = '\0';
		g_string_append_printf(out, "%s…\n", g_strchomp(line));
	} else {
		g_string_append_printf(out, "%s\n", line);
	}
}

/* Where a line of WIDTH characters that begins at TEXT is to be broken. */
static const char *break_of(const char *text, glong width)
{
	const char *end = g_utf8_offset_to_pointer(text, width);
	const char *space = end;

	while (space > text && *space != ' ')
		space--;
	return space > text ? space : end;
}

/* TEXT behind FIRST on at most LINES lines, the later ones indented as it. */
static void put_text(
    GString *out, const char *first, const char *text, int lines)
{
	g_autofree char *line = escape_line(text);
	glong indent = (glong)strlen(first), width = COLUMNS - indent;

	g_string_append(out, first);
	for (text = line; lines > 1 && g_utf8_strlen(text, -1) > width;
	     lines--) {
		const char *end = break_of(text, width);
		g_string_append_len(out, text, end - text);
		g_string_append_printf(out, "\n%*s", (int)indent, "");
		text = *end == ' ' ? end + 1 : end;
	}
	put_line(out, text, width);
}

static const char *colour_of(enum answer answer)
{
	static const char *const colours[] = {
	    "\033[1;35m", "\033[1;31m", "\033[1;33m", "\033[1;32m"};

	return colours[answer];
}

static void put_answer(GString *out, const struct verdict *v, bool colour)
{
	const char *answer = answer_text(v->answer);
	bool waived = v->answer_without_waivers != v->answer;
	g_autofree char *rest = g_strdup_printf("%s: %s -> %s%s%s%s%s%s",
	    v->cluster ? v->cluster : "(cluster not named)",
	    v->current ? v->current : "?", v->target ? v->target : "?",
	    v->procedure ? " (" : "", v->procedure ? v->procedure : "",
	    v->procedure ? ")" : "", waived ? "; without waivers " : "",
	    waived ? answer_text(v->answer_without_waivers) : "");

	if (colour)
		g_string_append_printf(
		    out, "%s%s\033[0m  ", colour_of(v->answer), answer);
	else
		g_string_append_printf(out, "%s  ", answer);
	put_line(out, rest, COLUMNS - (glong)strlen(answer) - 2);
}

/* Each message on at most LINES lines, its remedy on WRAP_LINES. */
static void put_reasons(GString *out, const struct verdict *v, int lines)
{
	g_autoptr(GPtrArray) leads = leads_of(v->reasons, REASONS);
	guint count = list_length(v->reasons);

	for (guint i = 0; i < leads->len; i++) {
		const struct reason *r = g_ptr_array_index(leads, i);
		const char *text = r->message ? r->message : r->title;
		g_autofree char *number = g_strdup_printf("  %u. ", i + 1);
		/* The message names the subject, so the rule's id will do. */
		g_autofree char *line = g_strdup_printf("%.*s%s%s",
		    text ? (int)strcspn(r->key, "/") : (int)strlen(r->key),
		    r->key, text ? ": " : "", text ? text : "");
		put_text(out, number, line, lines);
		if (r->waived_by) {
			g_autofree char *by =
			    g_strdup_printf("waived by %s", r->waived_by);
			put_text(out, "     -> ", by, WRAP_LINES);
		} else if (r->remedy)
			put_text(out, "     -> ", r->remedy, WRAP_LINES);
	}
	if (count > leads->len)
		g_string_append_printf(
		    out, "  and %u more\n", count - leads->len);
}

static void put_not_checked(GString *out, const struct verdict *v)
{
	guint count = list_length(v->not_checked);
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "not checked: %u", count);
	for (guint i = 0; i < MIN(count, (guint)REASONS); i++) {
		const struct reason *r = g_ptr_array_index(v->not_checked, i);
		g_string_append_printf(line, "%s%s", i ? ", " : " (", r->key);
	}
	if (count > 0)
		g_string_append(line, count > REASONS ? ", ...)" : ")");
	put_line(out, line->str, COLUMNS);
}

static char *write_brief(
    const struct verdict *v, const char *bundle, bool colour, int lines)
{
	GString *out = g_string_new(NULL);

	put_answer(out, v, colour);
	put_reasons(out, v, lines);
	put_not_checked(out, v);
	if (v->valid_until.known) {
		g_autofree char *until = clock_text(v->valid_until.value);
		int64_t left = v->valid_until.value - v->as_of.value;
		g_autofree char *span = clock_span(left);
		g_string_append_printf(out, "valid until: %s (%s%s)\n", until,
		    left < 0 ? "it is over" : "", left < 0 ? "" : span);
	}
	g_string_append_printf(out,
	    "bundle: %s\nreport: %s/report.html (made by render)\n", bundle,
	    bundle);
	return g_string_free(out, FALSE);
}

static int count_lines(const char *text)
{
	int count = 0;

	while ((text = strchr(text, '\n')))
		count++, text++;
	return count;
}

/* Whole messages where there is room for them. */
char *brief_write(const struct verdict *v, const char *bundle, bool colour)
{
	g_autofree char *text = write_brief(v, bundle, colour, WRAP_LINES);

	return count_lines(text) <= LINES ? g_steal_pointer(&text)
					  : write_brief(v, bundle, colour, 1);
}
