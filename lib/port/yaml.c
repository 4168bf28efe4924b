#include "port/yaml.h"

#include <yaml.h>

#include "base/error.h"
#include "base/limits.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(yaml_parser_t, yaml_parser_delete)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(yaml_event_t, yaml_event_delete)

/* What is open around the event at hand, outermost first. */
struct level {
	json *value;
	char *key; /* of a mapping: read, and its value is still to come */
};

struct reader {
	yaml_parser_t *parser;
	const char *name;
	struct level levels[LIMIT_YAML_DEPTH];
	int depth;
	json *root;
	unsigned documents;
};

static bool refuse(const struct reader *r, const yaml_mark_t *mark,
    const char *why, GError **error)
{
	return fail(error, GONOGO_ERROR_DATA, "%s:%zu: %s", r->name,
	    mark->line + 1, why);
}

static struct level *innermost(struct reader *r)
{
	return r->depth ? &r->levels[r->depth - 1] : NULL;
}

/* A scalar where a mapping wants a key becomes that key. */
static bool take_key(
    struct reader *r, const yaml_event_t *event, GError **error)
{
	struct level *level = innermost(r);
	const char *text = (const char *)event->data.scalar.value;

	if (json_member(level->value, text)) {
		g_autofree char *why = g_strdup_printf("'%s' twice", text);
		return refuse(r, &event->start_mark, why, error);
	}
	level->key = g_strdup(text);
	return true;
}

/* Takes VALUE and puts it where it belongs. */
static void place(struct reader *r, json *value)
{
	struct level *level = innermost(r);

	if (!level) {
		r->root = value;
	} else if (json_kind(level->value) == JSON_ARRAY) {
		json_append(level->value, value);
	} else {
		json_set(level->value, level->key, value);
		g_clear_pointer(&level->key, g_free);
	}
}

static bool wants_key(struct reader *r)
{
	struct level *level = innermost(r);

	return level && json_kind(level->value) == JSON_OBJECT && !level->key;
}

static bool take_scalar(
    struct reader *r, const yaml_event_t *event, GError **error)
{
	const char *text = (const char *)event->data.scalar.value;

	if (strlen(text) != event->data.scalar.length)
		return refuse(r, &event->start_mark, "a NUL byte", error);
	if (wants_key(r))
		return take_key(r, event, error);
	struct level *level = innermost(r);
	if (!level)
		return refuse(r, &event->start_mark,
		    "neither a mapping nor a list", error);
	if (json_kind(level->value) == JSON_ARRAY)
		json_append_string(level->value, text);
	else
		json_set_string(level->value, level->key, text);
	g_clear_pointer(&level->key, g_free);
	return true;
}

static bool open_level(
    struct reader *r, const yaml_event_t *event, json *value, GError **error)
{
	g_autoptr(json) owned = value;

	if (wants_key(r))
		return refuse(r, &event->start_mark,
		    "a key must be one plain text", error);
	if (r->depth == LIMIT_YAML_DEPTH)
		return refuse(r, &event->start_mark, "nested too deep", error);
	place(r, g_steal_pointer(&owned));
	r->levels[r->depth++].value = value;
	return true;
}

static bool has_anchor_or_tag(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor || event->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor ||
		       event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor ||
		       event->data.mapping_start.tag;
	default:
		return event->type == YAML_ALIAS_EVENT;
	}
}

static bool take_event(
    struct reader *r, const yaml_event_t *event, GError **error)
{
	if (has_anchor_or_tag(event))
		return refuse(r, &event->start_mark,
		    "anchors, aliases and tags are not read", error);
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return r->documents++ == 0 || refuse(r, &event->start_mark,
						  "a second document", error);
	case YAML_SCALAR_EVENT:
		return take_scalar(r, event, error);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(r, event, json_new_array(), error);
	case YAML_MAPPING_START_EVENT:
		return open_level(r, event, json_new_object(), error);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	default:
		return true;
	}
}

static bool read_events(struct reader *r, GError **error)
{
	for (;;) {
		g_auto(yaml_event_t) event = {0};

		if (!yaml_parser_parse(r->parser, &event))
			return refuse(r, &r->parser->problem_mark,
			    r->parser->problem ? r->parser->problem
					       : "not YAML",
			    error);
		if (event.type == YAML_STREAM_END_EVENT)
			return true;
		if (!take_event(r, &event, error))
			return false;
	}
}

json *yaml_parse(
    const char *text, size_t length, const char *name, GError **error)
{
	g_auto(yaml_parser_t) parser = {0};
	struct reader r = {.parser = &parser, .name = name};

	if (!yaml_parser_initialize(&parser))
		g_error("out of memory");
	yaml_parser_set_input_string(
	    &parser, (const unsigned char *)text, length);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);

	g_autoptr(json) root = NULL;
	bool whole = read_events(&r, error);
	root = r.root;
	for (int i = 0; i < LIMIT_YAML_DEPTH; i++)
		g_free(r.levels[i].key);
	if (!whole)
		return NULL;
	if (!root) {
		fail(error, GONOGO_ERROR_DATA, "%s: empty", name);
		return NULL;
	}
	return g_steal_pointer(&root);
}
