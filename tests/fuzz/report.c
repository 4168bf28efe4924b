/* Readers of templates and of what the gate is shown. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/error.h"
#include "port/dsse.h"
#include "report/gatelog.h"
#include "report/render/escape.h"
#include "report/render/mustache.h"

static char *partial(const char *name, void *user)
{
	(void)user;
	/* One that calls itself, and so must meet a limit. */
	return g_str_has_prefix(name, "p") ? g_strdup("{{#a}}{{>p}}{{/a}}")
					   : NULL;
}

/* A template, a NUL, the model. */
static void mustache(const char *bytes, size_t length)
{
	static const struct mustache how = {escape_html, partial, NULL};
	g_autofree char *template = fuzz_text(bytes, length);
	size_t used = MIN(strlen(template) + 1, length);
	g_autoptr(json) model =
	    json_parse(bytes + used, length - used, "m", NULL);
	g_autofree char *out = NULL;

	if (!model)
		model = json_parse(
		    "{\"a\":[1,{\"b\":\"<\"}],\"c\":true}", 30, "m", NULL);
	ignore(
	    CALL((out = mustache_render(template, "t", model, &how, &error))));
}

static void escapes(const char *bytes, size_t length)
{
	g_autofree char *text = fuzz_text(bytes, length);
	g_autofree char *html = escape_html(text);
	g_autofree char *line = escape_line(text);
	g_autofree char *visible = escape_visible(text);
	g_autofree char *markdown = escape_markdown(text);

	HOLDS(!strpbrk(html, "<>\"'"));
	HOLDS(!strpbrk(line, "\n\r\t\033") && !strpbrk(markdown, "\n\r"));
	HOLDS(!strchr(visible, '\033'));
	HOLDS(g_utf8_validate(html, -1, NULL));
	HOLDS(g_utf8_validate(line, -1, NULL));
	HOLDS(g_utf8_validate(visible, -1, NULL));
	HOLDS(g_utf8_validate(markdown, -1, NULL));
}

/* Nobody's signature is in the corpus: none may ever be believed. */
static void envelope(const char *bytes, size_t length)
{
	static sign_key *key;
	g_autoptr(json) e = json_parse(bytes, length, "x", NULL);
	g_autofree char *payload = NULL;
	size_t size = 0;

	if (!key) {
		g_autofree char *path =
		    g_build_filename(fuzz_folder(), "key", NULL);
		HOLDS(CALL(sign_make(path, &error)));
		HOLDS(CALL((key = sign_read_private(path, &error))));
	}
	if (e)
		HOLDS(!CALL((
		    payload = dsse_open(key, DSSE_IN_TOTO, e, &size, &error))));
}

static void gate_log(const char *bytes, size_t length)
{
	g_autofree char *path = fuzz_put("gate-log.ndjson", bytes, length);
	g_autoptr(GPtrArray) flaws = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(json) record = json_new_object();

	gatelog_check(fuzz_folder(), NULL, flaws);
	json_set_string(record, "phase", "open");
	g_autofree char *digest = NULL;
	bool added =
	    CALL(gatelog_append(fuzz_folder(), record, NULL, &digest, &error));
	/* A whole one stays whole. */
	if (flaws->len == 0 && added) {
		gatelog_check(fuzz_folder(), NULL, flaws);
		HOLDS(flaws->len == 0);
	}
}

const struct fuzz_reader fuzz_readers[] = {
    {"mustache", mustache},
    {"escape", escapes},
    {"envelope", envelope},
    {"gate-log", gate_log},
    {0},
};
