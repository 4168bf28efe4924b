#include "audit/collect/node_file.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

static const char schema[] = "gonogo.node/1";

void node_file_clear(struct node_file *f)
{
	g_clear_pointer(&f->name, g_free);
	g_clear_pointer(&f->machine, json_free);
}

bool node_file_of(GHashTable *pieces, struct node_file *out, GError **error)
{
	const char *name = g_hash_table_lookup(pieces, "name");
	const char *at = g_hash_table_lookup(pieces, "at");
	g_autofree char *bare = g_strstrip(g_strdup(name ? name : ""));
	g_autofree char *stamp = g_strstrip(g_strdup(at ? at : ""));
	int64_t time = 0;

	if (!*bare)
		return fail(error, GONOGO_ERROR_DATA, "name: missing");
	if (!clock_parse(stamp, &time, error)) {
		g_prefix_error(error, "at: ");
		return false;
	}
	json *machine = node_pieces_machine(pieces, error);
	if (!machine)
		return false;
	*out = (struct node_file){g_steal_pointer(&bare), time, machine};
	return true;
}

static bool read_document(
    const char *text, size_t length, struct node_file *out, GError **error)
{
	g_autoptr(json) root = json_parse(text, length, schema, error);
	const json *machine = NULL;
	const char *name = NULL, *at = NULL;
	int64_t time = 0;

	if (!root)
		return false;
	if (g_strcmp0(json_text(root, "schema"), schema) != 0)
		return fail(error, GONOGO_ERROR_DATA, "no %s", schema);
	if (!json_string(root, "name", &name, error) ||
	    !json_string(root, "at", &at, error) ||
	    !clock_parse(at, &time, error) ||
	    !json_object(root, "machine", &machine, error))
		return false;
	*out = (struct node_file){g_strdup(name), time, json_copy(machine)};
	return true;
}

bool node_file_read(const char *path, struct node_file *out, GError **error)
{
	size_t length = 0;
	g_autofree char *text = file_read(path, LIMIT_DOCUMENT, &length, error);

	if (!text)
		return false;
	if (*text == '{') {
		if (read_document(text, length, out, error))
			return true;
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	g_autoptr(GHashTable) pieces = node_pieces_tar(path, error);
	if (!pieces)
		return false;
	if (node_file_of(pieces, out, error))
		return true;
	g_prefix_error(error, "%s: ", path);
	return false;
}

json *node_file_write(const struct node_file *f)
{
	json *document = json_new_object();
	g_autofree char *at = clock_text(f->at);

	json_set_string(document, "schema", schema);
	json_set_string(document, "name", f->name);
	json_set_string(document, "at", at);
	json_set(document, "machine", json_copy(f->machine));
	return document;
}
