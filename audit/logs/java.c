#include "audit/logs/java.h"

#include <stdbool.h>
#include <string.h>

struct walk {
	const char *at;
	GString *out;
	const char *why;
	bool class; /* inside [ ] */
};

/* \p{Lower} and its kind, which PCRE writes as a class: "[:lower:]". */
static const char *posix_of(const char *name, size_t length)
{
	static const char *const names[][2] = {{"Lower", "lower"},
	    {"Upper", "upper"}, {"Alpha", "alpha"}, {"Digit", "digit"},
	    {"Alnum", "alnum"}, {"Punct", "punct"}, {"Graph", "graph"},
	    {"Print", "print"}, {"Blank", "blank"}, {"Cntrl", "cntrl"},
	    {"XDigit", "xdigit"}, {"Space", "space"}};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strlen(names[i][0]) == length &&
		    memcmp(name, names[i][0], length) == 0)
			return names[i][1];
	return NULL;
}

/* At "\p{...}" or "\P{...}". */
static void take_property(struct walk *w)
{
	const char *end = w->at[2] == '{' ? strchr(w->at, '}') : NULL;
	const char *name = w->at + 3;
	size_t length = end ? (size_t)(end - name) : 0;
	const char *posix = posix_of(name, length);

	if (end && posix && w->at[1] == 'p') {
		g_string_append_printf(
		    w->out, w->class ? "[:%s:]" : "[[:%s:]]", posix);
	} else if (end && posix) {
		g_string_append_printf(
		    w->out, w->class ? "[:^%s:]" : "[[:^%s:]]", posix);
	} else {
		/* Also \p{L}: we search bytes, Java letters of all tongues. */
		w->why = "a \\p that only Java knows so";
		return;
	}
	w->at = end + 1;
}

/* At "\uXXXX". */
static void take_unicode(struct walk *w)
{
	gunichar c = 0;
	char utf8[7] = "";

	for (int i = 2; i < 6; i++) {
		int digit = g_ascii_xdigit_value(w->at[i]);
		if (digit < 0) {
			w->why = "a \\u without four digits";
			return;
		}
		c = c * 16 + (gunichar)digit;
	}
	if (c >= 0x80 && w->class) {
		w->why = "a letter beyond ASCII in a class";
		return;
	}
	if (c < 0x80)
		g_string_append_printf(w->out, "\\x%02x", (unsigned)c);
	else
		g_string_append_len(w->out, utf8, g_unichar_to_utf8(c, utf8));
	w->at += 6;
}

static void take_escape(struct walk *w)
{
	char next = w->at[1];

	if (next == 'p' || next == 'P') {
		take_property(w);
	} else if (next == 'u') {
		take_unicode(w);
	} else if (next == '0') {
		w->why = "an octal \\0";
	} else if (next == 'Q') {
		const char *end = strstr(w->at, "\\E");
		end = end ? end + 2 : w->at + strlen(w->at);
		g_string_append_len(w->out, w->at, end - w->at);
		w->at = end;
	} else {
		g_string_append_len(w->out, w->at, next ? 2 : 1);
		w->at += next ? 2 : 1;
	}
}

static void take_in_class(struct walk *w)
{
	char c = *w->at;

	if (c == '&' && w->at[1] == '&')
		w->why = "an intersection of classes ([a-z&&[^x]])";
	else if (c == '[')
		w->why = "a class inside a class";
	else if ((unsigned char)c >= 0x80)
		w->why = "a letter beyond ASCII in a class";
	else if (c == ']')
		w->class = false;
	g_string_append_c(w->out, c);
	w->at++;
}

/* "(?d)" and "(?u)" are Java's, and (?U) is another thing in each. */
static void take_group(struct walk *w)
{
	size_t flags = strspn(w->at + 2, "idmsuxU-");

	if (flags && strchr(":)", w->at[2 + flags]) && w->at[2 + flags] &&
	    strcspn(w->at + 2, "duU") < flags)
		w->why = "a flag that only Java knows ((?d), (?u) or (?U))";
	g_string_append_c(w->out, *w->at++);
}

static void take_outside(struct walk *w)
{
	if (*w->at == '(' && w->at[1] == '?') {
		take_group(w);
		return;
	}
	if (*w->at == '[') {
		w->class = true;
		/* A bracket that comes first is one of its members. */
		size_t first = w->at[1] == '^' ? 2 : 1;
		if (w->at[first] == ']')
			first++;
		g_string_append_len(w->out, w->at, (gssize)first);
		w->at += first;
		return;
	}
	g_string_append_c(w->out, *w->at++);
}

char *java_to_pcre(const char *regex, const char **why)
{
	struct walk w = {.at = regex, .out = g_string_new(NULL)};

	while (*w.at && !w.why) {
		if (*w.at == '\\')
			take_escape(&w);
		else if (w.class)
			take_in_class(&w);
		else
			take_outside(&w);
	}
	if (!w.why)
		return g_string_free(w.out, FALSE);
	*why = w.why;
	g_string_free(w.out, TRUE);
	return NULL;
}
