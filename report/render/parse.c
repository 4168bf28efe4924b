#include "report/render/parse.h"

#include <stdbool.h>

#include "base/error.h"
#include "base/limits.h"

struct parser {
	const char *name;  /* of the template, for errors */
	const char *start; /* of the whole text */
	const char *at;    /* what is not read yet */
	char *open, *close;
	GPtrArray *tokens; /* struct token */
	GArray *sections;  /* indices of the sections that are open */
};

static void token_free(gpointer data)
{
	struct token *token = data;

	g_free(token->text);
	g_free(token->indent);
	g_free(token);
}

/* Takes TEXT. */
static struct token *add(
    struct parser *parser, enum token_kind kind, char *text)
{
	struct token *token = g_new0(struct token, 1);

	token->kind = kind;
	token->text = text;
	g_ptr_array_add(parser->tokens, token);
	return token;
}

static void add_text(struct parser *parser, const char *from, const char *to)
{
	if (to > from)
		add(parser, TOKEN_TEXT, g_strndup(from, (gsize)(to - from)));
}

static bool refuse(const struct parser *parser, const char *at, GError **error,
    const char *format, ...) G_GNUC_PRINTF(4, 5);
static bool refuse(const struct parser *parser, const char *at, GError **error,
    const char *format, ...)
{
	va_list arguments;
	unsigned line = 1;

	for (const char *p = parser->start; p < at; p++)
		line += *p == '\n';
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return fail(
	    error, GONOGO_ERROR_DATA, "%s:%u: %s", parser->name, line, text);
}

/* ---- lines ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Is the tag from TAG to END alone on its line?  Then *line_start is where the
 * white space before it begins, and *line_end where the next line does.
 */
static bool stands_alone(const struct parser *parser, const char *tag,
    const char *end, const char **line_start, const char **line_end)
{
	while (tag > parser->start && is_blank(tag[-1]))
		tag--;
	if (tag > parser->start && tag[-1] != '\n')
		return false;
	while (is_blank(*end))
		end++;
	if (*end == '\r' && end[1] == '\n')
		end++;
	if (*end && *end != '\n')
		return false;
	*line_start = tag;
	*line_end = *end ? end + 1 : end;
	return true;
}

/* ---- tags ---- */

static bool set_delimiters(
    struct parser *parser, const char *tag, const char *text, GError **error)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
	const char *found[3] = {NULL};
	guint count = 0;

	for (char **word = words; *word; word++)
		if (**word && count < G_N_ELEMENTS(found))
			found[count++] = *word;
	if (count != 2 || strchr(found[0], '=') || strchr(found[1], '='))
		return refuse(parser, tag, error,
		    "delimiters are two words without a '='");
	g_free(parser->open);
	g_free(parser->close);
	parser->open = g_strdup(found[0]);
	parser->close = g_strdup(found[1]);
	return true;
}

static bool open_section(struct parser *parser, const char *tag, GError **error)
{
	guint index = parser->tokens->len - 1;

	if (parser->sections->len >= LIMIT_TEMPLATE_DEPTH)
		return refuse(parser, tag, error, "nested too deep");
	g_array_append_val(parser->sections, index);
	return true;
}

static bool close_section(
    struct parser *parser, const char *tag, const char *name, GError **error)
{
	if (parser->sections->len == 0)
		return refuse(parser, tag, error,
		    "section '%s' ends here but began nowhere", name);
	guint index =
	    g_array_index(parser->sections, guint, parser->sections->len - 1);
	struct token *section = g_ptr_array_index(parser->tokens, index);
	if (!g_str_equal(section->text, name))
		return refuse(parser, tag, error,
		    "section '%s' ends here, but '%s' is the open one", name,
		    section->text);
	section->end = parser->tokens->len - 1;
	g_array_set_size(parser->sections, parser->sections->len - 1);
	return true;
}

static enum token_kind kind_of(char sigil)
{
	switch (sigil) {
	case '#':
		return TOKEN_SECTION;
	case '^':
		return TOKEN_INVERTED;
	case '/':
		return TOKEN_END;
	case '>':
		return TOKEN_PARTIAL;
	case '{':
	case '&':
		return TOKEN_PLAIN;
	default:
		return TOKEN_ESCAPED;
	}
}

/* Adds the tag that begins at TAG and is named NAME. */
static bool add_tag(struct parser *parser, const char *tag, char sigil,
    const char *name, const char *indent_start, GError **error)
{
	enum token_kind kind = kind_of(sigil);

	if (!*name || strpbrk(name, " \t\r\n"))
		return refuse(parser, tag, error,
		    "'%s': a tag holds one name without white space", name);
	struct token *token = add(parser, kind, g_strdup(name));
	if (kind == TOKEN_PARTIAL && indent_start)
		token->indent =
		    g_strndup(indent_start, (gsize)(tag - indent_start));
	if (kind == TOKEN_SECTION || kind == TOKEN_INVERTED)
		return open_section(parser, tag, error);
	return kind != TOKEN_END || close_section(parser, tag, name, error);
}

/* Reads the tag at TAG; the text before it, from parser->at, comes first. */
static bool read_tag(struct parser *parser, const char *tag, GError **error)
{
	const char *inner = tag + strlen(parser->open);
	char sigil = *inner && strchr("#^/>!=&{", *inner) ? *inner++ : '\0';
	char partner[] = {sigil == '{' ? '}' : sigil == '=' ? '=' : '\0', '\0'};
	g_autofree char *close = g_strconcat(partner, parser->close, NULL);
	const char *end = strstr(inner, close);

	if (!end)
		return refuse(parser, tag, error, "this tag is not closed");
	const char *next = end + strlen(close);
	const char *line_start = NULL, *line_end = NULL;
	bool alone = sigil && strchr("#^/>!=", sigil) &&
		     stands_alone(parser, tag, next, &line_start, &line_end);
	g_autofree char *name =
	    g_strstrip(g_strndup(inner, (gsize)(end - inner)));

	add_text(parser, parser->at, alone ? line_start : tag);
	parser->at = alone ? line_end : next;
	if (sigil == '!')
		return true;
	if (sigil == '=')
		return set_delimiters(parser, tag, name, error);
	return add_tag(
	    parser, tag, sigil, name, alone ? line_start : NULL, error);
}

static bool read_all(struct parser *parser, GError **error)
{
	for (const char *tag; (tag = strstr(parser->at, parser->open));)
		if (!read_tag(parser, tag, error))
			return false;
	add_text(parser, parser->at, parser->at + strlen(parser->at));
	if (parser->sections->len == 0)
		return true;
	guint index = g_array_index(parser->sections, guint, 0);
	const struct token *section = g_ptr_array_index(parser->tokens, index);
	return refuse(parser, parser->start + strlen(parser->start), error,
	    "section '%s' is not closed", section->text);
}

GPtrArray *parse_template(
    const char *template, const char *name, GError **error)
{
	struct parser parser = {
	    .name = name,
	    .start = template,
	    .at = template,
	    .open = g_strdup("{{"),
	    .close = g_strdup("}}"),
	    .tokens = g_ptr_array_new_with_free_func(token_free),
	    .sections = g_array_new(FALSE, FALSE, sizeof(guint)),
	};
	bool good = read_all(&parser, error);

	g_free(parser.open);
	g_free(parser.close);
	g_array_unref(parser.sections);
	if (!good)
		g_clear_pointer(&parser.tokens, g_ptr_array_unref);
	return parser.tokens;
}
