#include "report/render/mustache.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/render/parse.h"

struct renderer {
	const struct mustache *how;
	GString *out;
	GPtrArray *stack;     /* const json *: where names are looked up */
	GHashTable *partials; /* indent + name -> tokens; NULL: none */
	guint depth;          /* of partials inside partials */
	guint steps;          /* tokens rendered so far */
};

/* ---- looking up ---- */

static const json *find_first(const struct renderer *r, const char *name)
{
	for (guint i = r->stack->len; i > 0; i--) {
		const json *frame = g_ptr_array_index(r->stack, i - 1);
		const json *found = json_kind(frame) == JSON_OBJECT
					? json_member(frame, name)
					: NULL;
		if (found)
			return found;
	}
	return NULL;
}

/*
 * The first part of a dotted name is looked up the stack, the others only
 * inside what was found.
 */
static const json *find(const struct renderer *r, const char *name)
{
	if (g_str_equal(name, "."))
		return g_ptr_array_index(r->stack, r->stack->len - 1);
	g_auto(GStrv) parts = g_strsplit(name, ".", -1);
	const json *found = find_first(r, parts[0]);
	for (guint i = 1; found && parts[i]; i++)
		found = json_kind(found) == JSON_OBJECT
			    ? json_member(found, parts[i])
			    : NULL;
	return found;
}

static bool is_falsy(const json *value)
{
	bool yes = true;

	if (!value || json_kind(value) == JSON_NULL)
		return true;
	if (json_kind(value) == JSON_ARRAY)
		return json_length(value) == 0;
	return json_kind(value) == JSON_BOOL &&
	       json_bool(value, "", &yes, NULL) && !yes;
}

/* ---- filling in ---- */

static void put(struct renderer *r, const struct token *token)
{
	const json *value = find(r, token->text);
	g_autofree char *text = NULL;

	if (!value || json_kind(value) == JSON_NULL)
		return;
	text = json_kind(value) == JSON_STRING ? g_strdup(json_text(value, ""))
					       : json_compact(value);
	g_autofree char *safe =
	    token->kind == TOKEN_ESCAPED ? r->how->escape(text) : NULL;
	g_string_append(r->out, safe ? safe : text);
}

static bool within_limits(struct renderer *r, GError **error)
{
	if (++r->steps > LIMIT_TEMPLATE_STEPS)
		return fail(error, GONOGO_ERROR_DATA,
		    "template: more than %u steps", LIMIT_TEMPLATE_STEPS);
	return r->out->len <= LIMIT_DOCUMENT ||
	       fail(error, GONOGO_ERROR_DATA, "template: more than %u bytes",
		   LIMIT_DOCUMENT);
}

static bool render_range(struct renderer *r, const GPtrArray *tokens,
    guint from, guint to, GError **error);

static bool render_with(struct renderer *r, const json *frame,
    const GPtrArray *tokens, guint from, guint to, GError **error)
{
	g_ptr_array_add(r->stack, (gpointer)frame);
	bool good = render_range(r, tokens, from, to, error);
	g_ptr_array_set_size(r->stack, (gint)r->stack->len - 1);
	return good;
}

static bool render_section(
    struct renderer *r, const GPtrArray *tokens, guint index, GError **error)
{
	const struct token *section = g_ptr_array_index(tokens, index);
	const json *value = find(r, section->text);
	bool falsy = is_falsy(value);

	if (section->kind == TOKEN_INVERTED)
		return !falsy ||
		       render_range(r, tokens, index + 1, section->end, error);
	if (falsy)
		return true;
	if (json_kind(value) != JSON_ARRAY)
		return render_with(
		    r, value, tokens, index + 1, section->end, error);
	json_each (element, value)
		if (!within_limits(r, error) ||
		    !render_with(
			r, element, tokens, index + 1, section->end, error))
			return false;
	return true;
}

/* ---- partials ---- */

/* Gives TEXT with INDENT before each of its lines. */
static char *indented(const char *text, const char *indent)
{
	GString *out = g_string_new(NULL);

	for (const char *end; *text; text = end) {
		end = strchr(text, '\n');
		end = end ? end + 1 : text + strlen(text);
		g_string_append(out, indent);
		g_string_append_len(out, text, end - text);
	}
	return g_string_free(out, FALSE);
}

/* Finds or reads the partial; *tokens stays NULL when there is none. */
static bool find_partial(struct renderer *r, const struct token *token,
    const GPtrArray **tokens, GError **error)
{
	const char *indent = token->indent ? token->indent : "";
	g_autofree char *key = g_strconcat(indent, token->text, NULL);
	gpointer known = NULL;

	if (g_hash_table_lookup_extended(r->partials, key, NULL, &known)) {
		*tokens = known;
		return true;
	}
	g_autofree char *text =
	    r->how->partial ? r->how->partial(token->text, r->how->user) : NULL;
	g_autofree char *lines = text ? indented(text, indent) : NULL;
	GPtrArray *read = NULL;
	if (lines && !(read = parse_template(lines, token->text, error)))
		return false;
	g_hash_table_insert(r->partials, g_steal_pointer(&key), read);
	*tokens = read;
	return true;
}

static bool render_partial(
    struct renderer *r, const struct token *token, GError **error)
{
	const GPtrArray *tokens = NULL;

	if (r->depth >= LIMIT_TEMPLATE_DEPTH)
		return fail(error, GONOGO_ERROR_DATA,
		    "partial '%s': nested too deep", token->text);
	if (!find_partial(r, token, &tokens, error))
		return false;
	if (!tokens)
		return true;
	r->depth++;
	bool good = render_range(r, tokens, 0, tokens->len, error);
	r->depth--;
	return good;
}

/* ---- the whole ---- */

static bool render_range(struct renderer *r, const GPtrArray *tokens,
    guint from, guint to, GError **error)
{
	for (guint i = from; i < to; i++) {
		const struct token *token = g_ptr_array_index(tokens, i);
		bool good = within_limits(r, error);
		switch (token->kind) {
		case TOKEN_TEXT:
			g_string_append(r->out, token->text);
			break;
		case TOKEN_ESCAPED:
		case TOKEN_PLAIN:
			put(r, token);
			break;
		case TOKEN_SECTION:
		case TOKEN_INVERTED:
			good = good && render_section(r, tokens, i, error);
			i = token->end;
			break;
		case TOKEN_PARTIAL:
			good = good && render_partial(r, token, error);
			break;
		case TOKEN_END:
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

static void tokens_free(gpointer tokens)
{
	if (tokens)
		g_ptr_array_unref(tokens);
}

char *mustache_render(const char *template, const char *name, const json *model,
    const struct mustache *how, GError **error)
{
	g_autoptr(GPtrArray) tokens = parse_template(template, name, error);

	if (!tokens)
		return NULL;
	g_autoptr(GPtrArray) stack = g_ptr_array_new();
	g_autoptr(GHashTable) partials =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, tokens_free);
	struct renderer r = {how, g_string_new(NULL), stack, partials, 0, 0};
	bool good = render_with(&r, model, tokens, 0, tokens->len, error);

	if (!good)
		g_prefix_error(error, "%s: ", name);
	return g_string_free(r.out, !good);
}
