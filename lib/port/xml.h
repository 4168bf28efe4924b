/*
 * XML, read by expat: the only door to it.  Elements are told with the text
 * that stands directly in them; attributes, comments and processing
 * instructions are passed over.
 *
 * Entities of the document's own, nesting beyond LIMIT_XML_DEPTH and a text
 * beyond LIMIT_XML_TEXT are refused.
 */
#ifndef GONOGO_PORT_XML_H
#define GONOGO_PORT_XML_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct xml_taker {
	void (*open)(const char *name, void *user);
	/* TEXT is UTF-8 and may be empty, never NULL. */
	void (*close)(const char *name, const char *text, void *user);
};

/* NAME stands in errors: DATA with "rules.xml:12: ...". */
bool xml_parse(const char *text, size_t length, const char *name,
    const struct xml_taker *taker, void *user,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
