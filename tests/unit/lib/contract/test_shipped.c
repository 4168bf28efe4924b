/*
 * Files of the tree that are made of the code's own tables: the JSON Schemas
 * and the files for people.  With the words `write FOLDER` it writes what they
 * ought to be, below FOLDER, for `make regen`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "contract/settings.h"
#include "documents.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static const char settings_preface[] =
    "Settings of gonogo: where things are. Take the # away from a key to set "
    "it; what stands behind it is the default or, where it says \"for "
    "example\", what it could be. Relative paths start at this file's folder. "
    "Passwords never stand "
    "here: each has a file of its own, mode 0600. Every key is told in "
    "gonogo.conf(5).";

static const char policy_preface[] =
    "Policy of gonogo: what is asked for before the answer is GO. What stands "
    "behind a # is in force already; take the # away and change it. The hash "
    "of the policy stands in every verdict.";

/* Gives the text of the JSON Schema of a document. */
static char *schema_text(const struct shape *shape)
{
	g_autoptr(json) schema =
	    shape ? document_schema(shape) : policy_schema();

	return json_pretty(schema);
}

struct shipped {
	char *path, *text;
};

static void free_shipped(gpointer shipped)
{
	struct shipped *s = shipped;

	g_free(s->path);
	g_free(s->text);
	g_free(s);
}

static void add(GPtrArray *list, char *path, char *text)
{
	struct shipped *s = g_new(struct shipped, 1);

	*s = (struct shipped){path, text};
	g_ptr_array_add(list, s);
}

static GPtrArray *all_shipped(void)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(free_shipped);

	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
		add(list,
		    g_strdup_printf("docs/schema/%s.json", documents[i]->name),
		    schema_text(documents[i]));
	add(list, g_strdup("docs/schema/policy.json"), schema_text(NULL));
	add(list, g_strdup("templates/gonogo.conf"),
	    config_template(settings_keys, settings_preface));
	add(list, g_strdup("templates/policy.conf"),
	    config_template(policy_keys, policy_preface));
	return list;
}

static void shipped_files_are_what_the_tables_say(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) list = all_shipped();

	for (guint i = 0; i < list->len; i++) {
		const struct shipped *s = g_ptr_array_index(list, i);
		g_autoptr(GError) error = NULL;
		g_autofree char *text =
		    file_read(s->path, LIMIT_DOCUMENT, NULL, &error);
		if (!text || !g_str_equal(text, s->text))
			print_message("%s: run `make regen`\n", s->path);
		assert_non_null(text);
		assert_string_equal(text, s->text);
	}
}

static int write_all(const char *folder)
{
	g_autoptr(GPtrArray) list = all_shipped();

	for (guint i = 0; i < list->len; i++) {
		const struct shipped *s = g_ptr_array_index(list, i);
		g_autoptr(GError) error = NULL;
		g_autofree char *path = g_build_filename(folder, s->path, NULL);
		g_autofree char *parent = g_path_get_dirname(path);
		if (g_mkdir_with_parents(parent, 0755) != 0 ||
		    !file_write(path, 0644, s->text, strlen(s->text), &error)) {
			g_printerr("%s: %s\n", path,
			    error ? error->message : "no folder");
			return 74;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shipped_files_are_what_the_tables_say),
	};

	if (argc == 3 && g_str_equal(argv[1], "write"))
		return write_all(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
