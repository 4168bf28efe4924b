#include "report/render/svg.h"

#include <inttypes.h>

#include "base/clock.h"
#include "report/render/escape.h"

enum {
	PITCH = 12,   /* from one mark to the next, px */
	COLUMNS = 22, /* so that a row fits a narrow screen */
	AGE_WIDTH = 300,
};

static const char *const kinds[] = {
    "stop", "warn", "open", "hand", "note", "good", "none"};

static void put_title(GString *out, const char *title)
{
	g_autofree char *safe = escape_html(title);

	g_string_append_printf(out, "<title>%s</title>", safe);
}

/* The mark of KIND in the cell that begins at X, Y; 10 px each way. */
static void put_shape(GString *out, const char *kind, int x, int y)
{
	if (g_str_equal(kind, "stop"))
		g_string_append_printf(out,
		    "<rect x=\"%d\" y=\"%d\" width=\"9\" height=\"9\"/>", x, y);
	else if (g_str_equal(kind, "warn"))
		g_string_append_printf(
		    out, "<path d=\"M%d.5 %dl5 9h-10z\"/>", x + 4, y);
	else if (g_str_equal(kind, "open") || g_str_equal(kind, "hand"))
		g_string_append_printf(
		    out, "<path d=\"M%d.5 %dl4 4-4 4-4-4z\"/>", x + 4, y + 1);
	else if (g_str_equal(kind, "none"))
		g_string_append_printf(
		    out, "<path d=\"M%d %dh6\"/>", x + 2, y + 5);
	else
		g_string_append_printf(out,
		    "<circle cx=\"%d.5\" cy=\"%d.5\" r=\"%s\"/>", x + 4, y + 4,
		    g_str_equal(kind, "good") ? "4" : "2");
}

static void put_mark(
    GString *out, const struct finding *f, struct word word, guint place)
{
	g_autofree char *title = g_strdup_printf("%s: %s", f->key, word.text);

	g_string_append_printf(out, "<g class=\"%s\">", word.kind);
	put_title(out, title);
	put_shape(out, word.kind, (int)(place % COLUMNS) * PITCH + 1,
	    (int)(place / COLUMNS) * PITCH + 1);
	g_string_append(out, "</g>");
}

char *svg_marks(const GPtrArray *findings)
{
	GString *out = g_string_new(NULL);
	guint count = findings->len, place = 0;
	guint rows = MAX(1, (count + COLUMNS - 1) / COLUMNS);
	guint columns = MAX(1, MIN(count, COLUMNS));
	g_autofree char *title = words_count(count, "check", "checks");

	g_string_append_printf(out,
	    "<svg class=\"marks\" role=\"img\" width=\"%u\" height=\"%u\" "
	    "viewBox=\"0 0 %u %u\">",
	    columns * PITCH, rows * PITCH, columns * PITCH, rows * PITCH);
	put_title(out, title);
	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
		for (guint i = 0; i < count; i++) {
			const struct finding *f =
			    g_ptr_array_index(findings, i);
			struct word word =
			    words_finding(f->outcome, f->severity, f->relation);
			if (g_str_equal(word.kind, kinds[k]))
				put_mark(out, f, word, place++);
		}
	g_string_append(out, "</svg>");
	return g_string_free(out, FALSE);
}

char *svg_age(int64_t age_s, int64_t limit_s)
{
	int64_t most = MAX(MAX(age_s, limit_s), 1);
	int64_t shown = MAX(age_s, 0);
	/* Nine tenths of the width are the longer of the two. */
	int bar = (int)((double)shown / (double)most * AGE_WIDTH * 0.9);
	int tick = (int)((double)limit_s / (double)most * AGE_WIDTH * 0.9);
	g_autofree char *age = clock_span(shown);
	g_autofree char *limit = clock_span(limit_s);
	g_autofree char *title =
	    g_strdup_printf("%s old, the policy allows %s", age, limit);
	GString *out = g_string_new(NULL);

	g_string_append_printf(out,
	    "<svg class=\"age %s\" role=\"img\" viewBox=\"0 0 %d 18\" "
	    "preserveAspectRatio=\"none\">",
	    age_s <= limit_s ? "good" : "stop", AGE_WIDTH);
	put_title(out, title);
	g_string_append_printf(out,
	    "<path class=\"track\" d=\"M0 6h%dv6H0z\"/>"
	    "<path class=\"bar\" d=\"M0 6h%dv6H0z\"/>"
	    "<path class=\"tick\" d=\"M%d 0v18\"/></svg>",
	    AGE_WIDTH, MAX(bar, 3), tick);
	return g_string_free(out, FALSE);
}
