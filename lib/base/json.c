#include "base/json.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/scan.h"

/* Beyond it a double no longer tells neighbours apart. */
static const double most_exact = 9007199254740991.0;

static const cJSON *inner(const json *value)
{
	return (const cJSON *)value;
}

static cJSON *own(json *value)
{
	return (cJSON *)value;
}

/* ---- reading ---- */

json *json_parse(
    const char *text, size_t length, const char *name, GError **error)
{
	if (!scan_json(text, length, name, error))
		return NULL;
	cJSON *root = cJSON_ParseWithLength(text, length);
	if (!root)
		fail(error, GONOGO_ERROR_DATA, "%s: not JSON", name);
	return (json *)root;
}

json *json_read(const char *path, GError **error)
{
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);

	return text ? json_parse(text, length, path, error) : NULL;
}

void json_free(json *value)
{
	cJSON_Delete(own(value));
}

enum json_kind json_kind(const json *value)
{
	const cJSON *item = inner(value);

	if (cJSON_IsBool(item))
		return JSON_BOOL;
	if (cJSON_IsNumber(item))
		return JSON_NUMBER;
	if (cJSON_IsString(item))
		return JSON_STRING;
	if (cJSON_IsArray(item))
		return JSON_ARRAY;
	return cJSON_IsObject(item) ? JSON_OBJECT : JSON_NULL;
}

const json *json_member(const json *object, const char *key)
{
	return cJSON_IsObject(inner(object))
		   ? (const json *)cJSON_GetObjectItemCaseSensitive(
			 inner(object), key)
		   : NULL;
}

const json *json_find(const json *value, const char *path)
{
	if (!*path)
		return value;
	g_auto(GStrv) steps = g_strsplit(path, ".", -1);
	for (size_t i = 0; steps[i] && value; i++) {
		uint64_t place;
		if (json_kind(value) != JSON_ARRAY)
			value = json_member(value, steps[i]);
		else if (g_ascii_string_to_unsigned(
			     steps[i], 10, 0, INT_MAX, &place, NULL))
			value = (const json *)cJSON_GetArrayItem(
			    inner(value), (int)place);
		else
			value = NULL;
	}
	return value;
}

/* The value itself has no name; who asked for it knows where it stands. */
static bool refuse(const char *path, const char *why, GError **error)
{
	return fail(
	    error, GONOGO_ERROR_DATA, "%s%s%s", path, *path ? ": " : "", why);
}

static const json *want(const json *value, const char *path,
    enum json_kind kind, const char *what, GError **error)
{
	const json *found = json_find(value, path);

	if (found && json_kind(found) == kind)
		return found;
	g_autofree char *why =
	    g_strconcat(found ? "not " : "missing, wants ", what, NULL);
	ignore(refuse(path, why, error));
	return NULL;
}

static bool whole(
    const json *value, const char *path, double *number, GError **error)
{
	const json *found = want(value, path, JSON_NUMBER, "a number", error);

	if (!found)
		return false;
	double n = inner(found)->valuedouble;
	if (n != trunc(n) || fabs(n) > most_exact)
		return refuse(path, "not an integer within 2^53", error);
	*number = n;
	return true;
}

bool json_u64(
    const json *value, const char *path, uint64_t *out, GError **error)
{
	double number;

	if (!whole(value, path, &number, error))
		return false;
	if (number < 0)
		return refuse(path, "negative", error);
	*out = (uint64_t)number;
	return true;
}

bool json_i64(const json *value, const char *path, int64_t *out, GError **error)
{
	double number;

	if (!whole(value, path, &number, error))
		return false;
	*out = (int64_t)number;
	return true;
}

bool json_bool(const json *value, const char *path, bool *out, GError **error)
{
	const json *found =
	    want(value, path, JSON_BOOL, "true or false", error);

	if (found)
		*out = cJSON_IsTrue(inner(found));
	return found != NULL;
}

bool json_string(
    const json *value, const char *path, const char **out, GError **error)
{
	const json *found = want(value, path, JSON_STRING, "a string", error);

	if (found)
		*out = inner(found)->valuestring;
	return found != NULL;
}

bool json_array(
    const json *value, const char *path, const json **out, GError **error)
{
	const json *found = want(value, path, JSON_ARRAY, "an array", error);

	if (found)
		*out = found;
	return found != NULL;
}

bool json_object(
    const json *value, const char *path, const json **out, GError **error)
{
	const json *found = want(value, path, JSON_OBJECT, "an object", error);

	if (found)
		*out = found;
	return found != NULL;
}

const char *json_text(const json *value, const char *path)
{
	const json *found = value ? json_find(value, path) : NULL;

	return found ? cJSON_GetStringValue(inner(found)) : NULL;
}

const json *json_first(const json *value)
{
	return value ? (const json *)inner(value)->child : NULL;
}

const json *json_next(const json *child)
{
	return (const json *)inner(child)->next;
}

const char *json_key(const json *child)
{
	return inner(child)->string ? inner(child)->string : "";
}

size_t json_length(const json *value)
{
	size_t length = 0;

	json_each (child, value)
		length++;
	return length;
}

/* ---- building ---- */

json *json_new_object(void)
{
	return (json *)cJSON_CreateObject();
}

json *json_new_array(void)
{
	return (json *)cJSON_CreateArray();
}

json *json_copy(const json *value)
{
	return (json *)cJSON_Duplicate(inner(value), true);
}

void json_remove(json *object, const char *key)
{
	cJSON_DeleteItemFromObjectCaseSensitive(own(object), key);
}

json *json_set(json *object, const char *key, json *child)
{
	json_remove(object, key);
	g_assert(cJSON_AddItemToObject(own(object), key, own(child)));
	return child;
}

json *json_append(json *array, json *child)
{
	g_assert(cJSON_AddItemToArray(own(array), own(child)));
	return child;
}

static json *new_string(const char *value)
{
	return (json *)cJSON_CreateString(value);
}

void json_set_string(json *object, const char *key, const char *value)
{
	if (value)
		json_set(object, key, new_string(value));
}

void json_set_i64(json *object, const char *key, int64_t value)
{
	g_assert(fabs((double)value) <= most_exact);
	json_set(object, key, (json *)cJSON_CreateNumber((double)value));
}

void json_set_bool(json *object, const char *key, bool value)
{
	json_set(object, key, (json *)cJSON_CreateBool(value));
}

void json_append_string(json *array, const char *value)
{
	json_append(array, new_string(value));
}

void json_append_i64(json *array, int64_t value)
{
	g_assert(fabs((double)value) <= most_exact);
	json_append(array, (json *)cJSON_CreateNumber((double)value));
}

/* ---- writing ---- */

static void put_string(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_printf(out, "\\%c", *c);
		else if (*c == '\n')
			g_string_append(out, "\\n");
		else if ((unsigned char)*c < 0x20)
			g_string_append_printf(out, "\\u%04x", *c);
		else
			g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
}

static void put_number(GString *out, double number)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	if (number == trunc(number) && fabs(number) <= most_exact)
		g_string_append_printf(out, "%" PRId64, (int64_t)number);
	else
		g_string_append(out, g_ascii_dtostr(text, sizeof text, number));
}

static gint by_key(gconstpointer a, gconstpointer b)
{
	return strcmp(json_key(*(json *const *)a), json_key(*(json *const *)b));
}

static void put_break(GString *out, int depth)
{
	if (depth >= 0)
		g_string_append_printf(out, "\n%*s", depth, "");
}

/* A negative DEPTH is the compact form. */
static void put_value(GString *out, const json *value, int depth)
{
	const cJSON *item = inner(value);
	enum json_kind kind = json_kind(value);
	int below = depth < 0 ? depth : depth + 1;

	if (kind == JSON_NULL) {
		g_string_append(out, "null");
	} else if (kind == JSON_BOOL) {
		g_string_append(out, cJSON_IsTrue(item) ? "true" : "false");
	} else if (kind == JSON_NUMBER) {
		put_number(out, item->valuedouble);
	} else if (kind == JSON_STRING) {
		put_string(out, item->valuestring);
	} else {
		bool object = kind == JSON_OBJECT;
		g_autoptr(GPtrArray) children = g_ptr_array_new();
		json_each (child, value)
			g_ptr_array_add(children, (gpointer)child);
		if (object)
			g_ptr_array_sort(children, by_key);
		g_string_append_c(out, object ? '{' : '[');
		for (guint i = 0; i < children->len; i++) {
			const json *child = g_ptr_array_index(children, i);
			if (i > 0)
				g_string_append_c(out, ',');
			put_break(out, below);
			if (object) {
				put_string(out, json_key(child));
				g_string_append(out, depth < 0 ? ":" : ": ");
			}
			put_value(out, child, below);
		}
		if (children->len > 0)
			put_break(out, depth);
		g_string_append_c(out, object ? '}' : ']');
	}
}

char *json_pretty(const json *value)
{
	GString *out = g_string_new(NULL);

	put_value(out, value, 0);
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

char *json_compact(const json *value)
{
	GString *out = g_string_new(NULL);

	put_value(out, value, -1);
	return g_string_free(out, FALSE);
}

bool json_write(const json *value, const char *path, GError **error)
{
	g_autofree char *text = json_pretty(value);

	return file_write(path, 0644, text, strlen(text), error);
}
