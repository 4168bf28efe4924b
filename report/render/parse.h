/*
 * A Mustache template taken apart: a flat list of tokens in the order of the
 * text, sections knowing where they end.
 *
 *     "a {{#b}}c{{/b}}"  ->  TEXT "a ", SECTION b (end 3), TEXT "c", END b
 *
 * Lines that hold nothing but one section, end, comment, partial or delimiter
 * tag ("standalone") vanish here, so that rendering knows nothing of lines.
 */
#ifndef GONOGO_REPORT_RENDER_PARSE_H
#define GONOGO_REPORT_RENDER_PARSE_H

#include <glib.h>

enum token_kind {
	TOKEN_TEXT,
	TOKEN_ESCAPED,  /* {{name}} */
	TOKEN_PLAIN,    /* {{{name}}}, {{&name}} */
	TOKEN_SECTION,  /* {{#name}} */
	TOKEN_INVERTED, /* {{^name}} */
	TOKEN_END,      /* {{/name}} */
	TOKEN_PARTIAL,  /* {{>name}} */
};

struct token {
	enum token_kind kind;
	char *text;   /* of a TEXT; the name of anything else */
	char *indent; /* of a standalone PARTIAL: white space before it */
	guint end;    /* of a SECTION or INVERTED: index of its END */
};

/*
 * Gives the tokens (struct token *) of TEMPLATE.  DATA with NAME and line: a
 * tag or section that is not closed, an END of another section, a tag without
 * a name, sections nested beyond LIMIT_TEMPLATE_DEPTH.
 */
GPtrArray *parse_template(const char *template, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
