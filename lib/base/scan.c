#include "base/scan.h"

#include <math.h>

#include "base/error.h"
#include "base/limits.h"

struct scan {
	const char *text;
	size_t length;
	size_t at;
	const char *name;
	GError **error;
};

static bool refuse(struct scan *s, const char *why)
{
	return fail(s->error, GONOGO_ERROR_DATA, "%s: byte %zu: %s", s->name,
	    s->at, why);
}

static int peek(const struct scan *s)
{
	return s->at < s->length ? (unsigned char)s->text[s->at] : -1;
}

static void skip_space(struct scan *s)
{
	while (s->at < s->length && strchr(" \t\r\n", s->text[s->at]))
		s->at++;
}

/* Reads the four digits of \uXXXX behind the `u`. */
static bool code_unit(struct scan *s, unsigned *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		int c = peek(s);
		if (c < 0 || !g_ascii_isxdigit((char)c))
			return refuse(s, "\\u wants four hex digits");
		*unit = *unit * 16 + (unsigned)g_ascii_xdigit_value((char)c);
	}
	return true;
}

static bool escape(struct scan *s, GString *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = peek(s);
	const char *found = c > 0 ? strchr(from, c) : NULL;
	unsigned unit, low;

	s->at++;
	if (found) {
		g_string_append_c(out, to[found - from]);
		return true;
	}
	if (c != 'u')
		return refuse(s, "unknown escape");
	if (!code_unit(s, &unit))
		return false;
	if (unit == 0)
		return refuse(s, "\\u0000 in a string");
	if (unit >= 0xdc00 && unit < 0xe000)
		return refuse(s, "a lone surrogate");
	if (unit >= 0xd800 && unit < 0xdc00) {
		if (peek(s) != '\\' || s->at + 1 >= s->length ||
		    s->text[s->at + 1] != 'u')
			return refuse(s, "a lone surrogate");
		s->at += 2;
		if (!code_unit(s, &low))
			return false;
		if (low < 0xdc00 || low >= 0xe000)
			return refuse(s, "a lone surrogate");
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	g_string_append_unichar(out, unit);
	return true;
}

/* OUT receives the plain text, so that equal names are seen as equal. */
static bool string(struct scan *s, GString *out)
{
	s->at++;
	for (;;) {
		int c = peek(s);
		if (c < 0)
			return refuse(s, "a string without end");
		if (c < 0x20)
			return refuse(s, "a control character in a string");
		s->at++;
		if (c == '"')
			return true;
		if (c != '\\')
			g_string_append_c(out, (char)c);
		else if (!escape(s, out))
			return false;
	}
}

static void digits(struct scan *s)
{
	while (peek(s) >= '0' && peek(s) <= '9')
		s->at++;
}

static bool number(struct scan *s)
{
	size_t start = s->at, first;

	if (peek(s) == '-')
		s->at++;
	first = s->at;
	digits(s);
	if (s->at == first || (s->text[first] == '0' && s->at > first + 1))
		return refuse(s, "not a number");
	if (peek(s) == '.') {
		first = ++s->at;
		digits(s);
		if (s->at == first)
			return refuse(s, "not a number");
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		first = s->at;
		digits(s);
		if (s->at == first)
			return refuse(s, "not a number");
	}
	g_autofree char *copy = g_strndup(s->text + start, s->at - start);
	if (!isfinite(g_ascii_strtod(copy, NULL)))
		return refuse(s, "a number out of range");
	return true;
}

static bool word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t length = strlen(words[i]);
		if (s->length - s->at >= length &&
		    memcmp(s->text + s->at, words[i], length) == 0) {
			s->at += length;
			return true;
		}
	}
	return refuse(s, "not JSON");
}

static bool value(struct scan *s, int depth);

/* One `"name":` of an object; NAMES holds those that came before. */
static bool member_name(struct scan *s, GHashTable *names)
{
	g_autoptr(GString) name = g_string_new(NULL);

	skip_space(s);
	if (peek(s) != '"')
		return refuse(s, "wants a member's name");
	if (!string(s, name))
		return false;
	if (!g_hash_table_add(names, g_strdup(name->str)))
		return refuse(s, "two members of one name");
	skip_space(s);
	if (peek(s) != ':')
		return refuse(s, "wants a colon");
	s->at++;
	return true;
}

static bool container(struct scan *s, int depth)
{
	bool object = peek(s) == '{';
	int end = object ? '}' : ']';
	g_autoptr(GHashTable) names =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	if (depth >= LIMIT_JSON_DEPTH)
		return refuse(s, "nested too deep");
	s->at++;
	skip_space(s);
	if (peek(s) == end) {
		s->at++;
		return true;
	}
	for (;;) {
		if (object && !member_name(s, names))
			return false;
		if (!value(s, depth + 1))
			return false;
		skip_space(s);
		int c = peek(s);
		if (c != ',' && c != end)
			return refuse(s, "wants a comma or an end");
		s->at++;
		if (c == end)
			return true;
	}
}

static bool value(struct scan *s, int depth)
{
	skip_space(s);
	int c = peek(s);
	if (c == '{' || c == '[')
		return container(s, depth);
	if (c == '"') {
		g_autoptr(GString) text = g_string_new(NULL);
		return string(s, text);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return number(s);
	return c < 0 ? refuse(s, "ends too early") : word(s);
}

bool scan_json(
    const char *text, size_t length, const char *name, GError **error)
{
	struct scan s = {text, length, 0, name, error};
	const char *bad;

	if (!g_utf8_validate_len(text, length, &bad)) {
		s.at = (size_t)(bad - text);
		return refuse(&s, "not UTF-8, or a NUL byte");
	}
	if (!value(&s, 0))
		return false;
	skip_space(&s);
	return s.at == length || refuse(&s, "something behind the document");
}
