#define PCRE2_CODE_UNIT_WIDTH 8

#include "port/patterns_strain.h"

#include <glib.h>
#include <pcre2.h>

/*
 * Forty letters: what grows with the length's third power stays far below the
 * limit, what doubles with each letter does not.
 */
enum { DRAWN = 40, STEPS = 400000, LONGEST = 300 };

struct straining {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	bool bad;
};

static void try(struct straining *s, const GString *text)
{
	int result = pcre2_match(s->code, (PCRE2_SPTR)text->str, text->len, 0,
	    PCRE2_NO_JIT, s->data, s->context);

	if (result < PCRE2_ERROR_PARTIAL)
		s->bad = true;
}

/* The first AT letters of TEXT, then those behind them (WIDTH) many times. */
static void draw_out(
    struct straining *s, const char *text, size_t at, size_t width)
{
	g_autoptr(GString) harm = g_string_new_len(text, (gssize)at);

	for (size_t i = 0; i < DRAWN; i++)
		g_string_append_len(harm, text + at, (gssize)width);
	g_string_append_c(harm, '\x01');
	try(s, harm);
}

static void draw_out_all(struct straining *s, const char *text)
{
	size_t length = MIN(strlen(text), (size_t)LONGEST);

	for (size_t at = 0; at < length && !s->bad; at++)
		for (size_t width = 1; width <= 3 && at + width <= length;
		     width++)
			draw_out(s, text, at, width);
}

/* Gives the letters of the regex without what only steers it. */
static char *letters_of(const char *regex)
{
	GString *out = g_string_new(NULL);

	for (const char *c = regex; *c; c++) {
		if (*c == '\\' && c[1]) {
			c++;
			g_string_append_c(out, *c == 'd'   ? '0'
					       : *c == 's' ? ' '
					       : *c == 'w' ? 'a'
							   : *c);
		} else if (*c == '.') {
			g_string_append_c(out, 'x');
		} else if (!strchr("()[]{}*+?|^$", *c)) {
			g_string_append_c(out, *c);
		}
	}
	return g_string_free(out, FALSE);
}

bool strain(const char *regex, uint32_t flags, char *const *samples)
{
	struct straining s = {0};
	int number;
	PCRE2_SIZE at;

	/* A letter that must come is easily added to a text behind its harm:
	 * its absence shall not end the search early. */
	s.code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
	    flags | PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NO_START_OPTIMIZE,
	    &number, &at, NULL);
	if (!s.code)
		return false;
	s.data = pcre2_match_data_create(1, NULL);
	s.context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(s.context, STEPS);

	g_autofree char *letters = letters_of(regex);
	draw_out_all(&s, letters);
	/* Each letter alone, for what stands behind alternatives. */
	for (const char *c = letters; *c && !s.bad; c++)
		draw_out(&s, c, 0, 1);
	for (char *const *sample = samples; sample && *sample; sample++)
		draw_out_all(&s, *sample);

	pcre2_match_context_free(s.context);
	pcre2_match_data_free(s.data);
	pcre2_code_free(s.code);
	return !s.bad;
}
