#include "audit/logs/mask.h"

#include "audit/logs/head.h"

enum { HEX_LEAST = 8, TOKEN_LEAST = 24, QUOTED_MOST = 400 };

/* What a word is made of. */
struct word {
	const char *at;
	size_t length;
	size_t digits, hex, dots, colons, dashes, slashes, ats, letters, high;
};

/* What a byte is in a word; 0: it is in none. */
enum { PLAIN = 1, OTHER = 2 };

static const unsigned char byte_kinds[256] = {
    ['a' ... 'z'] = PLAIN,
    ['A' ... 'Z'] = PLAIN,
    ['_'] = PLAIN,
    ['0' ... '9'] = OTHER,
    [0x80 ... 0xff] = OTHER,
    ['.'] = OTHER,
    ['@'] = OTHER,
    [':'] = OTHER,
    ['/'] = OTHER,
    ['~'] = OTHER,
    ['-'] = OTHER,
    ['*'] = OTHER,
    ['$'] = OTHER,
    ['%'] = OTHER,
    ['+'] = OTHER,
    ['\\'] = OTHER,
};

static bool is_word_byte(unsigned char c)
{
	return byte_kinds[c] != 0;
}

/*
 * How many bytes from TEXT on are a word of letters, which means itself.  Most
 * words are, and what they are made of need not be counted.
 */
static size_t plain_length(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && byte_kinds[(unsigned char)text[n]] == PLAIN)
		n++;
	if (n == length || !is_word_byte((unsigned char)text[n]))
		return n;
	/* A sentence's end is not the word's. */
	bool ends =
	    (text[n] == '.' || text[n] == ':') &&
	    (n + 1 == length || !is_word_byte((unsigned char)text[n + 1]));
	return ends ? n : 0;
}

static struct word word_at(const char *text, size_t length)
{
	struct word w = {.at = text};

	while (w.length < length && text[w.length] &&
	       is_word_byte((unsigned char)text[w.length])) {
		char c = text[w.length++];
		w.digits += g_ascii_isdigit(c);
		w.hex += g_ascii_isxdigit(c);
		w.letters += g_ascii_isalpha(c);
		w.dots += c == '.';
		w.colons += c == ':';
		w.dashes += c == '-';
		w.slashes += c == '/' || c == '\\';
		w.ats += c == '@';
		w.high += (unsigned char)c >= 0x80;
	}
	/* A sentence's end is not the word's. */
	while (w.length > 1 && strchr(".:", text[w.length - 1])) {
		w.dots -= text[w.length - 1] == '.';
		w.colons -= text[w.length - 1] == ':';
		w.length--;
	}
	/* Signs alone are no word. */
	if (!w.letters && !w.digits && !w.high)
		w.length = 0;
	return w;
}

static bool is_address(const struct word *w)
{
	return (w->dots == 3 && w->digits >= 4 && !w->letters && !w->slashes) ||
	       (w->colons >= 2 && w->hex + w->colons == w->length &&
		   w->digits > 0);
}

static bool is_uuid(const struct word *w)
{
	return w->length == 36 && w->dashes == 4 && w->hex == 32;
}

static bool is_hex(const struct word *w)
{
	return w->length >= HEX_LEAST && w->hex == w->length && w->digits > 0 &&
	       w->digits < w->length;
}

/* What the word is as a whole; NULL: it is what it says. */
static const char *kind_of(const struct word *w)
{
	if (w->digits && w->length == w->digits)
		return "<n>";
	if (w->ats == 1 && w->dots && w->at[0] != '@')
		return "<mail>";
	if (w->digits >= 3 && head_is_request(w->at, w->length))
		return "<id>";
	if (is_address(w))
		return "<ip>";
	if (is_uuid(w))
		return "<uuid>";
	if (is_hex(w))
		return "<hex>";
	return w->slashes && w->length > 1 ? "<path>" : NULL;
}

/* A word with runs of digits named. */
static void append_word(GString *out, const struct word *w)
{
	for (size_t i = 0; i < w->length; i++) {
		if (!g_ascii_isdigit(w->at[i])) {
			g_string_append_c(out, w->at[i]);
			continue;
		}
		while (i + 1 < w->length && g_ascii_isdigit(w->at[i + 1]))
			i++;
		g_string_append(out, "<n>");
	}
}

/* Behind the quote that closes the one at TEXT; 0: none does. */
static size_t quoted(const char *text, size_t length)
{
	size_t most = MIN(length, (size_t)QUOTED_MOST);
	const char *close =
	    most > 1 ? memchr(text + 1, text[0], most - 1) : NULL;

	return close ? (size_t)(close - text) + 1 : 0;
}

void mask_message(GString *out, const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		bool begins =
		    at == 0 || !is_word_byte((unsigned char)text[at - 1]);
		size_t close = (text[at] == '\'' || text[at] == '"') && begins
				   ? quoted(text + at, length - at)
				   : 0;
		if (close) {
			g_string_append(out, "<q>");
			at += close;
			continue;
		}
		size_t plain = plain_length(text + at, length - at);
		if (plain) {
			g_string_append_len(out, text + at, (gssize)plain);
			at += plain;
			continue;
		}
		struct word w = {0};
		if (is_word_byte((unsigned char)text[at]))
			w = word_at(text + at, length - at);
		if (!w.length) {
			g_string_append_c(out, text[at++]);
			continue;
		}
		const char *kind = kind_of(&w);
		if (kind)
			g_string_append(out, kind);
		else
			append_word(out, &w);
		at += w.length;
	}
}

/* ---- what may be shown ---- */

static bool is_secret_word(const struct word *w)
{
	static const struct {
		size_t length;
		const char *text;
	} words[] = {{8, "password"}, {6, "passwd"}, {3, "pwd"}, {6, "secret"},
	    {5, "token"}, {13, "authorization"}, {6, "bearer"}, {5, "basic"},
	    {6, "apikey"}, {7, "api-key"}, {7, "api_key"}, {6, "cookie"}};
	char last = g_ascii_tolower(w->at[w->length - 1]);

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t n = words[i].length;
		if (w->length >= n && words[i].text[n - 1] == last &&
		    g_ascii_strncasecmp(
			w->at + w->length - n, words[i].text, n) == 0)
			return true;
	}
	return false;
}

static bool is_token(const struct word *w)
{
	return w->length >= TOKEN_LEAST && w->digits >= 4 && w->dots < 2 &&
	       !w->slashes && w->letters >= 4;
}

/* Of "token:abc" the part with its colon; 0: it is no such word. */
static size_t secret_prefix(const struct word *w)
{
	const char *colon = memchr(w->at, ':', w->length);
	struct word name = *w;

	if (!colon)
		return 0;
	name.length = (size_t)(colon - w->at);
	return name.length && is_secret_word(&name) ? name.length + 1 : 0;
}

void mask_private(GString *out, const char *text, size_t length)
{
	g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
	size_t end = strlen(valid);
	bool secret = false;

	for (size_t at = 0; at < end;) {
		struct word w = word_at(valid + at, end - at);
		if (!w.length) {
			unsigned char c = (unsigned char)valid[at++];
			g_string_append_c(out,
			    c < ' ' && c != '\n' && c != '\t' ? '?' : (char)c);
			secret = secret && strchr(" =:\"'", c);
			continue;
		}
		const char *kind = kind_of(&w);
		size_t prefix = secret_prefix(&w);
		g_string_append_len(out, w.at, (gssize)prefix);
		if (prefix || (secret && !is_secret_word(&w)))
			g_string_append(out, "<secret>");
		else if (is_token(&w))
			g_string_append(out, "<token>");
		else if (kind && (g_str_equal(kind, "<mail>") ||
				     g_str_equal(kind, "<ip>")))
			g_string_append(out, kind);
		else
			g_string_append_len(out, w.at, (gssize)w.length);
		secret = is_secret_word(&w);
		at += w.length;
	}
}
