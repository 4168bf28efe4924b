/*
 * Mustache, the logic-less templates: the whole core of the public
 * specification (interpolation, sections, inverted sections, comments,
 * partials, set delimiters, standalone lines).
 *
 *     Dear {{name}},{{#items}}
 *       {{title}}{{/items}}
 *
 * Pure: a template and a model in, a text out.  Whatever the template, it ends:
 * nesting, work and output have limits (base/limits.h).
 */
#ifndef GONOGO_REPORT_RENDER_MUSTACHE_H
#define GONOGO_REPORT_RENDER_MUSTACHE_H

#include "base/json.h"

struct mustache {
	/* Gives TEXT made harmless where {{name}} puts it. */
	char *(*escape)(const char *text);
	/* Gives the text of {{> NAME}}; NULL: there is none, which the
	 * specification reads as empty.  May be NULL. */
	char *(*partial)(const char *name, void *user);
	void *user;
};

/*
 * Gives the text of TEMPLATE filled in from MODEL.  NAME stands in errors:
 * DATA with "report.html:12: ..." for a template that is not well formed, and
 * where a limit is passed.
 */
char *mustache_render(const char *template, const char *name, const json *model,
    const struct mustache *how, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
