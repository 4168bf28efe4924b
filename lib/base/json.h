/*
 * JSON: the only door to cJSON.
 *
 * Texts are scanned byte by byte before cJSON sees them: UTF-8 only, no
 * duplicate keys, no \u0000, no nesting beyond LIMIT_JSON_DEPTH, nothing
 * behind the document.  Names are compared with case.  Integers are exact
 * within +-(2^53-1); a fraction is kept but no integer getter accepts it.
 *
 * A PATH names a member from the value down: "home.stores.0.path"; "" is the
 * value itself.  Keys that contain a dot are reached by json_member().
 */
#ifndef GONOGO_BASE_JSON_H
#define GONOGO_BASE_JSON_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct json json; /* a value; the root owns what is below it */

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* ---- reading ---- */

/* NAME stands in errors ("facts.json").  DATA, with the byte offset. */
json *json_parse(const char *text, size_t length, const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads the file PATH ("-" is standard input), at most LIMIT_DOCUMENT. */
json *json_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void json_free(json *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(json, json_free)

enum json_kind json_kind(const json *value);

/* The value at PATH; NULL: not there. */
const json *json_find(const json *value, const char *path);
/* The member KEY of an object, dots in KEY meaning nothing; NULL: none. */
const json *json_member(const json *object, const char *key);

/*
 * Typed getters: DATA with the path ("home.free_bytes: not a number") when the
 * value is missing or of another kind.
 */
bool json_u64(const json *value, const char *path, uint64_t *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool json_i64(const json *value, const char *path, int64_t *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool json_bool(const json *value, const char *path, bool *out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Borrowed from VALUE. */
bool json_string(const json *value, const char *path, const char **out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* An array or object to go through with json_each.  Borrowed. */
bool json_array(const json *value, const char *path, const json **out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool json_object(const json *value, const char *path, const json **out,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The string at PATH, or NULL when it is missing or no string.  Borrowed. */
const char *json_text(const json *value, const char *path);

/* Children of an array or object in their order; key is "" in arrays. */
const json *json_first(const json *value);
const json *json_next(const json *child);
const char *json_key(const json *child);
size_t json_length(const json *value);
#define json_each(child, value)                                                \
	for (const json *child = json_first(value); child;                     \
	     child = json_next(child))

/* ---- building: each gives or returns what was added ---- */

json *json_new_object(void);
json *json_new_array(void);
json *json_copy(const json *value);

/* A NULL string adds nothing: what is not known is absent, never "". */
void json_set_string(json *object, const char *key, const char *value);
void json_set_i64(json *object, const char *key, int64_t value);
void json_set_bool(json *object, const char *key, bool value);
/* Takes CHILD; a member of that name is replaced.  Returns CHILD, borrowed. */
json *json_set(json *object, const char *key, json *child);
void json_append_string(json *array, const char *value);
void json_append_i64(json *array, int64_t value);
/* Takes CHILD.  Returns it, borrowed. */
json *json_append(json *array, json *child);
void json_remove(json *object, const char *key);

/* ---- writing: keys sorted by their bytes, so one value has one text ---- */

/* Gives the text with one member a line, indented by a space, newline last. */
char *json_pretty(const json *value);
/* Gives the text on one line without spaces and without a newline. */
char *json_compact(const json *value);
/* Puts json_pretty() at PATH ("-": standard output) by a draft.  SYSTEM. */
bool json_write(const json *value, const char *path,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif
