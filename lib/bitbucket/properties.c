#include "bitbucket/properties.h"

/* Java's white space between a key and its value, and before a line. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

static bool is_end(char c)
{
	return c == '\n' || c == '\r';
}

/*
 * One logical line of the text, as it stands there:
 *
 *     "  jdbc.url = jdbc:postgresql\\\n  ://host/db\r\n"
 *      ^start     ^value                          ^end  ^next
 *        ^key    ^key_end
 *
 * Comments and empty lines have nothing in it: key == end.
 */
struct line {
	const char *start, *key, *key_end, *value, *end, *next;
	bool comment;
};

/* The end of the natural line at TEXT, and behind its line end. */
static const char *natural_end(const char *text, const char **next)
{
	const char *end = text + strcspn(text, "\r\n");

	*next = end;
	if (**next == '\r' && (*next)[1] == '\n')
		(*next)++;
	if (**next)
		(*next)++;
	return end;
}

/* Does an odd number of backslashes stand before END? */
static bool goes_on(const char *start, const char *end)
{
	size_t count = 0;

	while (end > start && *--end == '\\')
		count++;
	return count % 2 == 1;
}

/* Behind the backslash at C: what it escapes, or the way to the next line. */
static const char *behind_backslash(const char *c, const char *end)
{
	if (c + 1 >= end)
		return end;
	if (!is_end(c[1]))
		return c + 2;
	c += c[1] == '\r' && c[2] == '\n' ? 3 : 2;
	while (c < end && is_blank(*c))
		c++;
	return c;
}

static bool is_line_break(const char *c, const char *end)
{
	return *c == '\\' && c + 1 < end && is_end(c[1]);
}

static const char *skip_blanks(const char *c, const char *end)
{
	while (c < end && (is_blank(*c) || is_line_break(c, end)))
		c = is_blank(*c) ? c + 1 : behind_backslash(c, end);
	return c;
}

static struct line read_line(const char *text)
{
	struct line l = {.start = text};
	const char *body = text;

	while (is_blank(*body))
		body++;
	l.comment = *body == '#' || *body == '!';
	l.end = natural_end(text, &l.next);
	/* A comment does not go on. */
	while (!l.comment && *l.end && goes_on(body, l.end))
		l.end = natural_end(l.next, &l.next);
	l.key = l.key_end = l.value = l.end;
	if (l.comment)
		return l;
	l.key = skip_blanks(body, l.end);
	const char *c = l.key;
	while (c < l.end && !is_blank(*c) && *c != '=' && *c != ':')
		c = *c == '\\' ? behind_backslash(c, l.end) : c + 1;
	l.key_end = c;
	c = skip_blanks(c, l.end);
	if (c < l.end && (*c == '=' || *c == ':'))
		c = skip_blanks(c + 1, l.end);
	l.value = c;
	return l;
}

/* The four hex digits at C as a number; false: they are none. */
static bool read_hex(const char *c, const char *end, gunichar *unit)
{
	gunichar value = 0;

	if (end - c < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		if (!g_ascii_isxdigit(c[i]))
			return false;
		value = value * 16 + (gunichar)g_ascii_xdigit_value(c[i]);
	}
	*unit = value;
	return true;
}

/* Appends the \uXXXX at C, or the pair of them, and gives what is behind. */
static const char *append_unicode(GString *out, const char *c, const char *end)
{
	enum { REPLACEMENT = 0xfffd };
	gunichar unit = 0, low = 0;

	if (!read_hex(c + 2, end, &unit)) {
		g_string_append_c(out, 'u');
		return c + 2;
	}
	c += 6;
	if (unit >= 0xd800 && unit < 0xdc00 && end - c >= 6 && c[0] == '\\' &&
	    c[1] == 'u' && read_hex(c + 2, end, &low) && low >= 0xdc00 &&
	    low < 0xe000) {
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
		c += 6;
	}
	if (unit == 0 || !g_unichar_validate(unit))
		unit = REPLACEMENT;
	g_string_append_unichar(out, unit);
	return c;
}

/* What a backslash and NAME mean; most signs mean themselves. */
static char control_of(char name)
{
	switch (name) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'f':
		return '\f';
	default:
		return name;
	}
}

/* Gives the text from C to END without escapes and continuations. */
static char *unescape(const char *c, const char *end)
{
	GString *out = g_string_new(NULL);

	while (c < end) {
		if (*c != '\\') {
			g_string_append_c(out, *c++);
			continue;
		}
		/* Java drops one at the very end, too. */
		if (c + 1 >= end || is_end(c[1])) {
			c = behind_backslash(c, end);
			continue;
		}
		if (c[1] == 'u') {
			c = append_unicode(out, c, end);
			continue;
		}
		g_string_append_c(out, control_of(c[1]));
		c += 2;
	}
	return g_string_free(out, FALSE);
}

/* Gives TEXT as UTF-8: Java reads what is not UTF-8 as Latin-1. */
static char *to_utf8(const char *text)
{
	if (g_utf8_validate(text, -1, NULL))
		return g_strdup(text);
	GString *out = g_string_new(NULL);
	for (; *text; text++)
		g_string_append_unichar(out, (guchar)*text);
	return g_string_free(out, FALSE);
}

GHashTable *properties_parse(const char *text)
{
	g_autofree char *valid = to_utf8(text);
	GHashTable *table =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	for (const char *c = valid; *c;) {
		struct line l = read_line(c);

		if (l.key < l.end)
			g_hash_table_replace(table, unescape(l.key, l.key_end),
			    unescape(l.value, l.end));
		c = l.next;
	}
	return table;
}

/* ---- secrets ---- */

/* docs/sources.md#properties */
static const char *const secret_words[] = {"password", "passwd", "passphrase",
    "pwd", "secret", "token", "license", "licence", "credential", "apikey",
    "api-key", "private"};

/* The first secret word in lower-case TEXT; NULL: none. */
static const char *find_secret_word(const char *text)
{
	const char *first = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(secret_words); i++) {
		const char *at = strstr(text, secret_words[i]);

		if (at && (!first || at < first))
			first = at;
	}
	return first;
}

bool properties_is_secret(const char *key)
{
	g_autofree char *lower = g_ascii_strdown(key, -1);

	/* "encryption.key" is one, "server.ssl.key-store" is a path. */
	return find_secret_word(lower) || g_str_has_suffix(lower, "key");
}

/* Gives VALUE without a login in a URL and without secret parameters. */
static char *redact_urls(const char *value)
{
	static const struct {
		const char *pattern, *replacement;
	} rules[] = {
	    /* scheme://user:password@host */
	    {"(\\w+://)[^/?#\\s]*@", "\\1<login>@"},
	    /* the same with a slash in the password; a port is none */
	    {"(\\w+://)[^/?#\\s:<]*:(?!\\d+(?:[/?#\\s,]|$))\\S*@",
		"\\1<login>@"},
	    /* ?password=x and ;password=x */
	    {"(?i)([?&;][^=&;\\s]*(?:password|passwd|passphrase|pwd|secret|"
	     "token|credential|key)=)[^&;\\s]*",
		"\\1<secret>"},
	};
	char *text = g_strdup(value);

	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autoptr(GRegex) pattern =
		    g_regex_new(rules[i].pattern, 0, 0, NULL);
		char *next = g_regex_replace(
		    pattern, text, -1, 0, rules[i].replacement, 0, NULL);

		/* One that can't be searched is not let through. */
		g_free(text);
		text = next ? next : g_strdup("<unreadable>");
	}
	return text;
}

static void append_escaped(GString *out, const char *value)
{
	static const char controls[] = "\n\t\r\f\\", names[] = "ntrf\\";

	for (const char *c = value; *c; c++) {
		const char *control = strchr(controls, *c);

		if (control)
			g_string_append_printf(
			    out, "\\%c", names[control - controls]);
		else
			g_string_append_c(out, *c);
	}
}

static void append_redacted_property(GString *out, const struct line *l)
{
	g_autofree char *key = unescape(l->key, l->key_end);
	g_autofree char *value = unescape(l->value, l->end);
	g_string_append_len(out, l->start, l->value - l->start);
	if (*value && properties_is_secret(key)) {
		g_string_append_printf(out, "<%s>", key);
		return;
	}
	g_autofree char *shown = redact_urls(value);
	if (g_str_equal(shown, value))
		g_string_append_len(out, l->value, l->end - l->value);
	else
		append_escaped(out, shown);
}

/*
 * People comment a password out and forget it: behind a secret word nothing of
 * the comment stays.
 */
static void append_redacted_comment(GString *out, const struct line *l)
{
	g_autofree char *raw = g_strndup(l->start, (gsize)(l->end - l->start));
	g_autofree char *text = redact_urls(raw);
	size_t mark = strspn(text, "#! \t\f");
	struct line inside = read_line(text + mark);
	g_autofree char *key = unescape(inside.key, inside.key_end);
	g_autofree char *lower = g_ascii_strdown(text, -1);
	const char *word = find_secret_word(lower);
	const char *kept = NULL; /* what of it stays */

	if (inside.value < inside.end && properties_is_secret(key))
		kept = inside.value;
	else if (word)
		kept = text + (word - lower) +
		       strcspn(text + (word - lower), " \t\f:=");
	if (!kept || !*kept) {
		g_string_append(out, text);
		return;
	}
	g_string_append_len(out, text, kept - text);
	g_string_append_printf(out, "%s<%s>", kept == inside.value ? "" : " ",
	    kept == inside.value ? key : "secret");
}

char *properties_redact(const char *text)
{
	g_autofree char *valid = to_utf8(text);
	GString *out = g_string_new(NULL);

	for (const char *c = valid; *c;) {
		struct line l = read_line(c);

		if (l.comment)
			append_redacted_comment(out, &l);
		else
			append_redacted_property(out, &l);
		g_string_append_len(out, l.end, l.next - l.end);
		c = l.next;
	}
	return g_string_free(out, FALSE);
}
