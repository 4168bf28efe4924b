#include "port/xml.h"

#include <expat.h>

#include "base/error.h"
#include "base/limits.h"

struct reader {
	XML_Parser parser;
	const struct xml_taker *taker;
	void *user;
	GPtrArray *texts; /* GString by open element */
	const char *why;  /* why it was refused; NULL: it was not */
};

static void refuse(struct reader *r, const char *why)
{
	r->why = r->why ? r->why : why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void free_text(gpointer text)
{
	g_string_free(text, TRUE);
}

static void XMLCALL on_open(
    void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = user;

	(void)attributes;
	if (r->texts->len == LIMIT_XML_DEPTH) {
		refuse(r, "elements too deep in each other");
		return;
	}
	g_ptr_array_add(r->texts, g_string_new(NULL));
	r->taker->open(name, r->user);
}

static void XMLCALL on_close(void *user, const XML_Char *name)
{
	struct reader *r = user;
	const GString *text = g_ptr_array_index(r->texts, r->texts->len - 1);

	r->taker->close(name, text->str, r->user);
	g_ptr_array_set_size(r->texts, (gint)r->texts->len - 1);
}

static void XMLCALL on_text(void *user, const XML_Char *bytes, int length)
{
	struct reader *r = user;
	GString *text = g_ptr_array_index(r->texts, r->texts->len - 1);

	if (text->len + (size_t)length > LIMIT_XML_TEXT)
		refuse(r, "a text that is too long");
	else
		g_string_append_len(text, bytes, length);
}

/* What can name itself can grow without end. */
static void XMLCALL on_entity(void *user, const XML_Char *name, int parameter,
    const XML_Char *value, int length, const XML_Char *base,
    const XML_Char *system, const XML_Char *public, const XML_Char *notation)
{
	(void)name;
	(void)parameter;
	(void)value;
	(void)length;
	(void)base;
	(void)system;
	(void)public;
	(void)notation;
	refuse(user, "it declares entities of its own");
}

bool xml_parse(const char *text, size_t length, const char *name,
    const struct xml_taker *taker, void *user, GError **error)
{
	struct reader r = {.parser = XML_ParserCreate(NULL),
	    .taker = taker,
	    .user = user,
	    .texts = g_ptr_array_new_with_free_func(free_text)};
	bool good = true;

	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_open, on_close);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetEntityDeclHandler(r.parser, on_entity);
	if (length > G_MAXINT)
		good = fail(error, GONOGO_ERROR_DATA, "%s: too long", name);
	else if (XML_Parse(r.parser, text, (int)length, XML_TRUE) !=
		 XML_STATUS_OK)
		good = fail(error, GONOGO_ERROR_DATA, "%s:%lu: %s", name,
		    XML_GetCurrentLineNumber(r.parser),
		    r.why ? r.why
			  : XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	g_ptr_array_unref(r.texts);
	return good;
}
