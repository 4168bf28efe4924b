#include "audit/rules/condition.h"

#include <inttypes.h>

/* ---- one value ---- */

/* Reads the numbers that TEXT begins with: 17.0.12 of "17.0.12+7". */
static bool read_numbers(const char *text, uint64_t out[4])
{
	char *end = NULL;

	if (!g_ascii_isdigit(*text))
		return false;
	for (size_t i = 0; i < 4; i++) {
		out[i] = g_ascii_strtoull(text, &end, 10);
		if (*end != '.' || !g_ascii_isdigit(end[1]))
			break;
		text = end + 1;
	}
	return true;
}

/* Below 0, 0, above 0 in *order; false: one of them is no number. */
static bool compare(const char *a, const char *b, int *order)
{
	uint64_t x[4] = {0}, y[4] = {0};

	if (!read_numbers(a, x) || !read_numbers(b, y))
		return false;
	*order = 0;
	for (size_t i = 0; i < 4 && *order == 0; i++)
		*order = (x[i] > y[i]) - (x[i] < y[i]);
	return true;
}

static enum holds yes_no(bool yes)
{
	return yes ? HOLDS_YES : HOLDS_NO;
}

static enum holds is(const char *fact, const char *value)
{
	return yes_no(g_str_equal(fact, value));
}

static enum holds is_not(const char *fact, const char *value)
{
	return yes_no(!g_str_equal(fact, value));
}

static enum holds below(const char *fact, const char *value)
{
	int order;

	return compare(fact, value, &order) ? yes_no(order < 0) : HOLDS_UNKNOWN;
}

static enum holds from(const char *fact, const char *value)
{
	int order;

	return compare(fact, value, &order) ? yes_no(order >= 0)
					    : HOLDS_UNKNOWN;
}

static enum holds contains(const char *fact, const char *value)
{
	return yes_no(strstr(fact, value) != NULL);
}

static enum holds there(const char *fact, const char *value)
{
	(void)fact;
	(void)value;
	return HOLDS_YES;
}

static const struct op {
	const char *name;
	bool needs_value;
	enum holds (*test)(const char *fact, const char *value);
} ops[] = {
    {"is", true, is},
    {"is-not", true, is_not},
    {"below", true, below},
    {"from", true, from},
    {"contains", true, contains},
    {"there", false, there},
};

static const struct op *find_op(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ops); i++)
		if (g_strcmp0(name, ops[i].name) == 0)
			return &ops[i];
	return NULL;
}

bool condition_op(const char *name, bool *needs_value)
{
	const struct op *op = find_op(name);

	*needs_value = op && op->needs_value;
	return op != NULL;
}

/* ---- where it stands ---- */

struct asking {
	const struct condition *condition;
	const struct op *op;
	enum holds absent; /* what a missing fact means */
};

/* Of two values of one fact: one that holds suffices. */
static enum holds either(enum holds a, enum holds b)
{
	if (a == HOLDS_YES || b == HOLDS_YES)
		return HOLDS_YES;
	return a == HOLDS_UNKNOWN ? a : b;
}

static enum holds test(const struct asking *a, const json *value)
{
	g_autofree char *text = NULL;

	switch (json_kind(value)) {
	case JSON_STRING:
		text = g_strdup(json_text(value, ""));
		break;
	case JSON_NUMBER:
	case JSON_BOOL:
		text = json_compact(value);
		break;
	default:
		return HOLDS_UNKNOWN;
	}
	return a->op->test(text, a->condition->value);
}

/* Holds it at the PATH ("", "/nodes/...") below VALUE, NULL: nothing there? */
static enum holds follow(
    const struct asking *a, const json *value, const char *path)
{
	if (!value)
		return a->absent;
	if (*path != '/')
		return test(a, value);
	size_t length = strcspn(path + 1, "/");
	g_autofree char *step = g_strndup(path + 1, length);
	path += 1 + length;
	if (!g_str_equal(step, "*"))
		return follow(a, json_member(value, step), path);
	enum holds all = json_first(value) ? HOLDS_NO : a->absent;
	json_each (child, value)
		all = either(all, follow(a, child, path));
	return all;
}

enum holds condition_holds(
    const struct condition *c, const struct facts *f, const json *document)
{
	const struct asking asking = {c, find_op(c->op),
	    c->seen && facts_find_source(f, c->seen) ? HOLDS_NO
						     : HOLDS_UNKNOWN};

	if (!asking.op || (asking.op->needs_value && !c->value) || !c->fact)
		return HOLDS_UNKNOWN;
	return follow(&asking, document, c->fact);
}

enum holds condition_all(const struct note *note, const struct facts *f,
    const json *document, const struct condition **decides)
{
	enum holds all = HOLDS_YES;

	*decides = NULL;
	for (guint i = 0; i < list_length(note->when); i++) {
		const struct condition *c = g_ptr_array_index(note->when, i);
		enum holds one = condition_holds(c, f, document);
		if (one == HOLDS_NO) {
			*decides = c;
			return HOLDS_NO;
		}
		if (!*decides || (one == HOLDS_UNKNOWN && all == HOLDS_YES))
			*decides = c;
		if (one == HOLDS_UNKNOWN)
			all = one;
	}
	return all;
}
