#include "base/config.h"

static const char *unit_of(const struct config_key *key)
{
	return key->kind == CONFIG_SECONDS  ? "_s"
	       : key->kind == CONFIG_MILLIS ? "_ms"
	       : key->kind == CONFIG_BYTES  ? "_bytes"
					    : "";
}

/* The object of GROUP inside DOCUMENT, made when it is not there yet. */
static json *group_of(json *document, const char *group)
{
	json *found = (json *)json_member(document, group);

	return found ? found : json_set(document, group, json_new_object());
}

static void write_value(
    json *group, const char *name, const struct config_key *key, const void *at)
{
	switch (key->kind) {
	case CONFIG_TEXT:
	case CONFIG_PATH:
	case CONFIG_CHOICE:
		json_set_string(group, name, *(char *const *)at);
		break;
	case CONFIG_FLAG:
		json_set_bool(group, name, *(const bool *)at);
		break;
	case CONFIG_NUMBER:
	case CONFIG_SECONDS:
	case CONFIG_MILLIS:
	case CONFIG_BYTES:
		json_set_i64(group, name, *(const int64_t *)at);
		break;
	case CONFIG_LIST: {
		char *const *list = *(char *const *const *)at;
		json *array = json_set(group, name, json_new_array());
		for (; list && *list; list++)
			json_append_string(array, *list);
		break;
	}
	}
}

json *config_write(const struct config_key *keys, const void *value)
{
	json *document = json_new_object();

	for (const struct config_key *k = keys; k->group; k++) {
		if (!k->key)
			continue;
		g_autofree char *name = g_strconcat(k->key, unit_of(k), NULL);
		write_value(group_of(document, k->group), name, k,
		    (const char *)value + k->offset);
	}
	return document;
}

static json *typed(const char *type)
{
	json *schema = json_new_object();

	json_set_string(schema, "type", type);
	return schema;
}

static json *key_schema(const struct config_key *key)
{
	json *schema;

	switch (key->kind) {
	case CONFIG_FLAG:
		schema = typed("boolean");
		break;
	case CONFIG_NUMBER:
	case CONFIG_SECONDS:
	case CONFIG_MILLIS:
	case CONFIG_BYTES:
		schema = typed("integer");
		json_set_i64(schema, "minimum", key->least);
		if (key->most)
			json_set_i64(schema, "maximum", key->most);
		break;
	case CONFIG_LIST:
		schema = typed("array");
		json_set(schema, "items", typed("string"));
		break;
	case CONFIG_CHOICE:
		schema = typed("string");
		json *words = json_set(schema, "enum", json_new_array());
		for (int i = 0; key->words[i]; i++)
			json_append_string(words, key->words[i]);
		break;
	default:
		schema = typed("string");
	}
	json_set_string(schema, "description", key->what);
	return schema;
}

json *config_schema(const struct config_key *keys)
{
	json *schema = typed("object");
	json *properties = json_set(schema, "properties", json_new_object());

	for (const struct config_key *k = keys; k->group; k++) {
		json *group = (json *)json_member(properties, k->group);
		if (!group) {
			group = json_set(properties, k->group, typed("object"));
			json_set(group, "properties", json_new_object());
		}
		if (!k->key) {
			json_set_string(group, "description", k->what);
			continue;
		}
		g_autofree char *name = g_strconcat(k->key, unit_of(k), NULL);
		json_set((json *)json_member(group, "properties"), name,
		    key_schema(k));
	}
	return schema;
}

/* ---- the file for people ---- */

static void put_comment(GString *out, const char *text)
{
	enum { WIDTH = 76 };
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	size_t used = WIDTH;

	for (int i = 0; words[i]; i++) {
		size_t length = strlen(words[i]);
		bool fresh = used + 1 + length > WIDTH;
		g_string_append(out, fresh ? (i ? "\n# " : "# ") : " ");
		g_string_append(out, words[i]);
		used = fresh ? length : used + 1 + length;
	}
	g_string_append_c(out, '\n');
}

static void put_key(GString *out, const struct config_key *key)
{
	g_autoptr(GString) text = g_string_new(key->what);

	if (key->words) {
		g_autofree char *words = g_strjoinv(", ", (char **)key->words);
		g_string_append_printf(text, " (%s)", words);
	}
	if (!key->standard && key->example)
		g_string_append(text, "; for example:");
	put_comment(out, text->str);
	const char *value = key->standard ? key->standard : key->example;
	g_string_append_printf(out, "#%s =%s%s\n", key->key,
	    value && *value ? " " : "", value ? value : "");
}

char *config_template(const struct config_key *keys, const char *preface)
{
	GString *out = g_string_new(NULL);

	put_comment(out, preface);
	for (const struct config_key *k = keys; k->group; k++) {
		g_string_append_c(out, '\n');
		if (k->key) {
			put_key(out, k);
		} else {
			put_comment(out, k->what);
			g_string_append_printf(out, "[%s]\n", k->group);
		}
	}
	return g_string_free(out, FALSE);
}

/* Is LINE the row of KEY, commented or set? */
static bool is_row_of(const char *line, const char *key)
{
	if (*line == '#')
		line++;
	return g_str_has_prefix(line, key) &&
	       g_str_has_prefix(line + strlen(key), " =");
}

/* Gives VALUE as a line of the file has it. */
static char *escape(const char *value)
{
	GString *out = g_string_new(value);

	g_string_replace(out, "\\", "\\\\", 0);
	g_string_replace(out, "\n", "\\n", 0);
	return g_string_free(out, FALSE);
}

char *config_set(
    const char *text, const char *group, const char *key, const char *value)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *heading = g_strdup_printf("[%s]", group);
	g_autofree char *escaped = escape(value);
	bool inside = false;

	for (guint i = 0; lines[i]; i++) {
		if (*lines[i] == '[')
			inside = g_str_equal(lines[i], heading);
		if (inside && is_row_of(lines[i], key)) {
			g_free(lines[i]);
			lines[i] = g_strconcat(key, " = ", escaped, NULL);
			return g_strjoinv("\n", lines);
		}
	}
	return NULL;
}
