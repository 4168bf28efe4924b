#include "tests/unit/unit.h"

#include "report/render/escape.h"

static void gives(
    char *(*escape)(const char *), const char *text, const char *wanted)
{
	g_autofree char *out = escape(text);

	assert_string_equal(out, wanted);
}

static void a_terminal_sequence_is_shown_and_not_obeyed(void **state)
{
	(void)state;
	gives(escape_visible, "a\x1b[31mred", "a␛[31mred");
	gives(escape_visible, "a\rb\x7f", "a␍b<U+007F>");
	gives(escape_visible, "\xc2\x9b", "<U+009B>");
	gives(escape_visible, "two\n\tlines", "two\n\tlines");
}

static void what_hides_or_reorders_is_shown(void **state)
{
	(void)state;
	gives(escape_visible, "gnp.\xe2\x80\xaetxt", "gnp.<U+202E>txt");
	gives(escape_visible,
	    "a\xe2\x80\x8b"
	    "b",
	    "a<U+200B>b");
	gives(escape_visible,
	    "a\xe2\x80\xa8"
	    "b",
	    "a<U+2028>b");
	gives(escape_visible, "\xef\xbb\xbf", "<U+FEFF>");
	gives(escape_visible, "Übersicht ✓ 日本", "Übersicht ✓ 日本");
	gives(escape_visible, "\xff", "\xef\xbf\xbd");
	gives(escape_visible, "\xef\xbf\xbf\xef\xb7\x90", "<U+FFFF><U+FDD0>");
}

static void a_line_is_one_line(void **state)
{
	(void)state;
	gives(escape_line, "  a\n\n b\tc  ", "a b c");
	gives(escape_line, " \n", "");
}

static void no_tag_and_no_quote_survives_html(void **state)
{
	(void)state;
	gives(escape_html, "<script>alert('x' & \"y\")</script>",
	    "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)"
	    "&lt;/script&gt;");
	gives(escape_html, "\xe2\x80\xae", "&lt;U+202E&gt;");
}

static void markdown_stays_text(void **state)
{
	(void)state;
	gives(escape_markdown, "<b>*x*</b> [a](b) `c` | d\n# e & f",
	    "&lt;b\\>\\*x\\*&lt;/b\\> \\[a\\]\\(b\\) \\`c\\` \\| d "
	    "\\# e &amp; f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_terminal_sequence_is_shown_and_not_obeyed),
	    cmocka_unit_test(what_hides_or_reorders_is_shown),
	    cmocka_unit_test(a_line_is_one_line),
	    cmocka_unit_test(no_tag_and_no_quote_survives_html),
	    cmocka_unit_test(markdown_stays_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
