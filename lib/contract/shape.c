#include "contract/shape.h"

#include "base/clock.h"
#include "base/error.h"

static void *member(const struct field *field, const void *value)
{
	return (char *)value + field->offset;
}

static bool given(const struct field *field)
{
	return field->key != NULL;
}

/* ---- lists ---- */

static gpointer add(GPtrArray **list, gpointer element)
{
	if (!*list)
		*list = g_ptr_array_new();
	g_ptr_array_add(*list, element);
	return element;
}

void *shape_add(const struct shape *shape, GPtrArray **list)
{
	return add(list, g_malloc0(shape->size));
}

void strings_add(GPtrArray **list, const char *text)
{
	add(list, g_strdup(text));
}

/* ---- freeing ---- */

static void clear_list(const struct shape *shape, GPtrArray **list)
{
	if (!*list)
		return;
	for (guint i = 0; i < (*list)->len; i++) {
		gpointer element = g_ptr_array_index(*list, i);
		if (shape)
			shape_clear(shape, element);
		g_free(element);
	}
	g_clear_pointer(list, g_ptr_array_unref);
}

void shape_clear(const struct shape *shape, void *value)
{
	for (const struct field *f = shape->fields; given(f); f++) {
		void *at = member(f, value);
		if (f->kind == FIELD_STRING)
			g_clear_pointer((char **)at, g_free);
		else if (f->kind == FIELD_STRINGS || f->kind == FIELD_LIST)
			clear_list(f->shape, at);
		else if (f->kind == FIELD_STRUCT)
			shape_clear(f->shape, at);
	}
	memset(value, 0, shape->size);
}

/* ---- writing ---- */

static void write_list(
    json *object, const struct field *field, const GPtrArray *list)
{
	if (!list)
		return;
	json *array = json_set(object, field->key, json_new_array());
	for (guint i = 0; i < list->len; i++) {
		const void *element = g_ptr_array_index(list, i);
		if (field->kind == FIELD_STRINGS)
			json_append_string(array, element);
		else
			json_append(array, shape_write(field->shape, element));
	}
}

static void write_field(
    json *object, const struct field *field, const void *value)
{
	const void *at = member(field, value);
	const struct number *number = at;
	const struct flag *flag = at;

	switch (field->kind) {
	case FIELD_STRING:
		json_set_string(object, field->key, *(char *const *)at);
		break;
	case FIELD_NUMBER:
		if (number->known)
			json_set_i64(object, field->key, number->value);
		break;
	case FIELD_FLAG:
		if (flag->known)
			json_set_bool(object, field->key, flag->value);
		break;
	case FIELD_TIME:
		if (number->known) {
			g_autofree char *text = clock_text(number->value);
			json_set_string(object, field->key, text);
		}
		break;
	case FIELD_CHOICE:
		json_set_string(
		    object, field->key, field->choices[*(const int *)at]);
		break;
	case FIELD_STRUCT: {
		json *inner = shape_write(field->shape, at);
		/* A part of which nothing is known is absent as a whole. */
		if (json_first(inner) || field->must)
			json_set(object, field->key, inner);
		else
			json_free(inner);
		break;
	}
	case FIELD_STRINGS:
	case FIELD_LIST:
		write_list(object, field, *(GPtrArray *const *)at);
		break;
	}
}

json *shape_write(const struct shape *shape, const void *value)
{
	json *object = json_new_object();

	for (const struct field *f = shape->fields; given(f); f++)
		write_field(object, f, value);
	return object;
}

/* ---- reading ---- */

static bool read_choice(
    const struct field *field, const json *found, int *out, GError **error)
{
	const char *text;

	if (!json_string(found, "", &text, error))
		return false;
	for (int i = 0; field->choices[i]; i++)
		if (g_str_equal(field->choices[i], text)) {
			*out = i;
			return true;
		}
	return fail(
	    error, GONOGO_ERROR_DATA, "'%s' is none of its words", text);
}

static bool read_list(const struct field *field, const json *found,
    GPtrArray **list, GError **error)
{
	const json *array;
	size_t i = 0;

	if (!json_array(found, "", &array, error))
		return false;
	*list = g_ptr_array_new();
	json_each (element, array) {
		const char *text = NULL;
		bool good = field->kind == FIELD_STRINGS
				? json_string(element, "", &text, error)
				: shape_read(field->shape, element,
				      shape_add(field->shape, list), error);
		if (!good) {
			g_prefix_error(error, "%zu: ", i);
			return false;
		}
		if (text)
			strings_add(list, text);
		i++;
	}
	return true;
}

static bool read_field(
    const struct field *field, const json *found, void *value, GError **error)
{
	void *at = member(field, value);
	struct number *number = at;
	struct flag *flag = at;
	const char *text;

	switch (field->kind) {
	case FIELD_STRING:
		if (!json_string(found, "", &text, error))
			return false;
		*(char **)at = g_strdup(text);
		return true;
	case FIELD_NUMBER:
		return number->known =
			   json_i64(found, "", &number->value, error);
	case FIELD_FLAG:
		return flag->known = json_bool(found, "", &flag->value, error);
	case FIELD_TIME:
		return number->known = json_string(found, "", &text, error) &&
				       clock_parse(text, &number->value, error);
	case FIELD_CHOICE:
		return read_choice(field, found, at, error);
	case FIELD_STRUCT:
		return shape_read(field->shape, found, at, error);
	case FIELD_STRINGS:
	case FIELD_LIST:
		return read_list(field, found, at, error);
	}
	return false;
}

bool shape_read(const struct shape *shape, const json *document, void *value,
    GError **error)
{
	const json *object;
	bool good = json_object(document, "", &object, error);

	for (const struct field *f = shape->fields; good && given(f); f++) {
		const json *found = json_member(object, f->key);
		if (!found && f->must)
			good = fail(error, GONOGO_ERROR_DATA, "missing");
		else if (found)
			good = read_field(f, found, value, error);
		if (!good)
			g_prefix_error(error, "%s: ", f->key);
	}
	if (!good)
		shape_clear(shape, value);
	return good;
}

/* ---- strangers ---- */

static const struct field *find_field(
    const struct shape *shape, const char *key)
{
	for (const struct field *f = shape->fields; given(f); f++)
		if (g_str_equal(f->key, key))
			return f;
	return NULL;
}

static char *strange_in_list(const struct field *field, const json *list)
{
	size_t i = 0;

	json_each (element, list) {
		g_autofree char *inner = shape_strange(field->shape, element);
		if (inner)
			return g_strdup_printf("%zu.%s", i, inner);
		i++;
	}
	return NULL;
}

char *shape_strange(const struct shape *shape, const json *document)
{
	json_each (member, document) {
		const char *key = json_key(member);
		const struct field *f = find_field(shape, key);
		g_autofree char *inner = NULL;
		if (!f && !g_str_equal(key, "schema"))
			return g_strdup(key);
		if (f && f->kind == FIELD_LIST)
			inner = strange_in_list(f, member);
		else if (f && f->kind == FIELD_STRUCT)
			inner = shape_strange(f->shape, member);
		if (inner)
			return g_strconcat(key, ".", inner, NULL);
	}
	return NULL;
}

/* ---- whole documents ---- */

static char *schema_name(const struct shape *shape)
{
	return g_strdup_printf("gonogo.%s/1", shape->name);
}

json *document_write(const struct shape *shape, const void *value)
{
	g_autofree char *schema = schema_name(shape);
	json *document = shape_write(shape, value);

	json_set_string(document, "schema", schema);
	return document;
}

bool document_read(const struct shape *shape, const json *document, void *value,
    GError **error)
{
	g_autofree char *schema = schema_name(shape);
	const char *found = json_text(document, "schema");

	if (!found)
		return fail(error, GONOGO_ERROR_DATA,
		    "no member \"schema\", wants \"%s\"", schema);
	if (!g_str_equal(found, schema))
		return fail(error, GONOGO_ERROR_DATA,
		    "schema is \"%s\", this program reads \"%s\"", found,
		    schema);
	return shape_read(shape, document, value, error);
}

bool document_load(
    const struct shape *shape, const char *path, void *value, GError **error)
{
	g_autoptr(json) document = json_read(path, error);

	if (!document)
		return false;
	if (!document_read(shape, document, value, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	return true;
}

bool document_save(const struct shape *shape, const void *value,
    const char *path, GError **error)
{
	g_autoptr(json) document = document_write(shape, value);

	return json_write(document, path, error);
}

/* ---- JSON Schema ---- */

static json *typed(const char *type)
{
	json *schema = json_new_object();

	json_set_string(schema, "type", type);
	return schema;
}

static json *shape_schema(const struct shape *shape);

static json *field_schema(const struct field *field)
{
	json *schema = NULL;

	switch (field->kind) {
	case FIELD_STRING:
		return typed("string");
	case FIELD_NUMBER:
		return typed("integer");
	case FIELD_FLAG:
		return typed("boolean");
	case FIELD_TIME:
		schema = typed("string");
		json_set_string(schema, "pattern",
		    "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
		    "T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$");
		return schema;
	case FIELD_CHOICE:
		schema = typed("string");
		json *words = json_set(schema, "enum", json_new_array());
		for (int i = 0; field->choices[i]; i++)
			json_append_string(words, field->choices[i]);
		return schema;
	case FIELD_STRUCT:
		return shape_schema(field->shape);
	case FIELD_STRINGS:
	case FIELD_LIST:
		schema = typed("array");
		json_set(schema, "items",
		    field->shape ? shape_schema(field->shape)
				 : typed("string"));
		return schema;
	}
	return schema;
}

static json *shape_schema(const struct shape *shape)
{
	json *schema = typed("object");
	json *properties = json_set(schema, "properties", json_new_object());
	json *required = json_new_array();

	for (const struct field *f = shape->fields; given(f); f++) {
		json_set(properties, f->key, field_schema(f));
		/* A choice always has a word, so it is always written. */
		if (f->must || f->kind == FIELD_CHOICE)
			json_append_string(required, f->key);
	}
	json_set(schema, "required", required);
	return schema;
}

json *document_schema(const struct shape *shape)
{
	g_autofree char *name = schema_name(shape);
	json *schema = shape_schema(shape);
	json *own = typed("string");

	json_set_string(own, "const", name);
	json_set((json *)json_member(schema, "properties"), "schema", own);
	json_append_string((json *)json_member(schema, "required"), "schema");
	json_set_string(
	    schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_set_string(schema, "title", name);
	return schema;
}
