#include "report/render/escape.h"

#include <glib.h>
#include <stdbool.h>

/* Shows nothing of itself, or changes how its neighbours are shown? */
static bool is_hidden(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);

	return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
	       type == G_UNICODE_LINE_SEPARATOR ||
	       type == G_UNICODE_PARAGRAPH_SEPARATOR ||
	       type == G_UNICODE_PRIVATE_USE || c == 0x034f ||
	       (c >= 0xfe00 && c <= 0xfe0f) ||
	       /* No characters at all, and no XML may hold them. */
	       (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

char *escape_visible(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *out = g_string_new(NULL);

	for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == '\n' || c == '\t' || !is_hidden(c))
			g_string_append_unichar(out, c);
		else if (c < 0x20)
			g_string_append_unichar(out, 0x2400 + c);
		else
			g_string_append_printf(out, "<U+%04X>", c);
	}
	return g_string_free(out, FALSE);
}

char *escape_line(const char *text)
{
	g_autofree char *visible = escape_visible(text);
	GString *out = g_string_new(NULL);

	for (const char *p = visible; *p; p++) {
		if (!g_ascii_isspace(*p))
			g_string_append_c(out, *p);
		else if (out->len && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	if (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	return g_string_free(out, FALSE);
}

char *escape_html(const char *text)
{
	g_autofree char *visible = escape_visible(text);
	GString *out = g_string_new(NULL);

	for (const char *p = visible; *p; p++) {
		switch (*p) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		case '"':
			g_string_append(out, "&quot;");
			break;
		case '\'':
			g_string_append(out, "&#39;");
			break;
		default:
			g_string_append_c(out, *p);
		}
	}
	return g_string_free(out, FALSE);
}

char *escape_markdown(const char *text)
{
	g_autofree char *line = escape_line(text);
	GString *out = g_string_new(NULL);

	for (const char *p = line; *p; p++) {
		if (*p == '<')
			g_string_append(out, "&lt;");
		else if (*p == '&')
			g_string_append(out, "&amp;");
		else if (strchr("\\`*_{}[]()#!|>~$", *p))
			g_string_append_printf(out, "\\%c", *p);
		else
			g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}
