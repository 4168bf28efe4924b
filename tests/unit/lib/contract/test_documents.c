/*
 * What holds for every document.  With the words `write FOLDER` it writes one
 * full and one bare document of each kind there instead, for the scenario that
 * holds them against the schemas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "documents.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

/* Gives the text of a document of SHAPE, filled. */
static char *text_of(const struct shape *shape, guint32 seed, int density)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	g_autofree void *value = g_malloc0(shape->size);

	fill(shape, value, random, density);
	g_autoptr(json) document = document_write(shape, value);
	shape_clear(shape, value);
	return json_pretty(document);
}

static void comes_back_the_same(const struct shape *shape, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autofree void *value = g_malloc0(shape->size);
	g_autoptr(json) before = json_parse(text, strlen(text), "x", &error);

	assert_non_null(before);
	assert_true(document_read(shape, before, value, &error));
	g_autoptr(json) after = document_write(shape, value);
	g_autofree char *again = json_pretty(after);
	assert_string_equal(again, text);
	shape_clear(shape, value);
}

static void what_was_written_is_read_back_byte_for_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
		for (guint32 seed = 0; seed < 25; seed++) {
			/* Full, bare, and everything between. */
			int density = seed == 0 ? 100 : seed == 1 ? 0 : 50;
			g_autofree char *text =
			    text_of(documents[i], seed, density);
			comes_back_the_same(documents[i], text);
		}
}

static void a_full_document_names_every_member(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
		g_autofree char *text = text_of(documents[i], 0, 100);
		g_autoptr(json) document =
		    json_parse(text, strlen(text), "x", NULL);
		size_t members = 0;
		for (const struct field *f = documents[i]->fields; f->key; f++)
			members++;
		assert_int_equal(json_length(document), members + 1);
	}
}

/* Reads TEXT as SHAPE and expects the refusal to say WHY. */
static void refused(const struct shape *shape, json *document, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autofree void *value = g_malloc0(shape->size);
	g_autofree void *empty = g_malloc0(shape->size);

	assert_false(document_read(shape, document, value, &error));
	assert_non_null(strstr(error->message, why));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	assert_memory_equal(value, empty, shape->size);
}

static void another_schema_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
		g_autofree char *text = text_of(documents[i], 0, 100);
		g_autofree char *newer =
		    g_strdup_printf("gonogo.%s/2", documents[i]->name);
		g_autoptr(json) document =
		    json_parse(text, strlen(text), "x", NULL);

		json_set_string(document, "schema", newer);
		refused(documents[i], document, newer);
		json_remove(document, "schema");
		refused(documents[i], document, "no member \"schema\"");
	}
}

static void a_member_of_another_kind_is_refused_and_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++)
		for (const struct field *f = documents[i]->fields; f->key;
		     f++) {
			g_autofree char *text = text_of(documents[i], 0, 100);
			g_autoptr(json) document =
			    json_parse(text, strlen(text), "x", NULL);
			/* No field of a document is null. */
			g_autoptr(json) null =
			    json_parse("[null]", 6, "x", NULL);
			json_set(document, f->key, json_copy(json_first(null)));
			refused(documents[i], document, f->key);
			json_remove(document, f->key);
			if (f->must)
				refused(documents[i], document, "missing");
		}
}

static void what_a_later_program_adds_is_passed_over(void **state)
{
	(void)state;
	g_autofree char *text = text_of(&facts_shape, 3, 50);
	g_autoptr(json) document = json_parse(text, strlen(text), "x", NULL);
	g_auto(facts) facts = {0};

	json_set_string(document, "of_tomorrow", "x");
	assert_true(document_read(&facts_shape, document, &facts, NULL));
}

static void an_error_deep_inside_says_where(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"schema\":\"gonogo.facts/"
	    "1\",\"made_at\":\"2026-08-01T12:00:00Z\","
	    "\"nodes\":[{\"name\":\"a\"},{\"name\":\"b\",\"cores\":\"four\"}]}";
	g_autoptr(json) document = json_parse(text, strlen(text), "x", NULL);
	g_autoptr(GError) error = NULL;
	g_auto(facts) facts = {0};

	assert_false(document_read(&facts_shape, document, &facts, &error));
	assert_string_equal(error->message, "nodes: 1: cores: not a number");
}

/* Gives the shape that the document names as its schema; NULL: policy. */
static const struct shape *shape_of(const json *document)
{
	const char *schema = json_text(document, "schema");

	for (size_t i = 0; i < G_N_ELEMENTS(documents); i++) {
		g_autofree char *name =
		    g_strdup_printf("gonogo.%s/1", documents[i]->name);
		if (g_strcmp0(schema, name) == 0)
			return documents[i];
	}
	assert_string_equal(schema, "gonogo.policy/1");
	return NULL;
}

/* Every member of FOUND is one that KNOWN has, too. */
static void has_only(const json *found, const json *known)
{
	if (json_kind(found) == JSON_ARRAY) {
		json_each (child, found)
			has_only(child, json_first(known));
	} else if (json_kind(found) == JSON_OBJECT) {
		json_each (child, found) {
			const json *twin = json_member(known, json_key(child));
			if (!twin)
				print_message("%s\n", json_key(child));
			assert_non_null(twin);
			has_only(child, twin);
		}
	}
}

/* Gives a full document of SHAPE, when that reads DOCUMENT. */
static json *full_of(const struct shape *shape, const json *document)
{
	g_autoptr(policy) policy = policy_default();
	g_autoptr(GError) error = NULL;

	if (!shape)
		return policy_write(policy);
	g_autofree void *value = g_malloc0(shape->size);
	if (!document_read(shape, document, value, &error))
		print_message("%s\n", error->message);
	assert_null(error);
	shape_clear(shape, value);
	g_autofree char *text = text_of(shape, 0, 100);
	return json_parse(text, strlen(text), "full", NULL);
}

static void the_examples_of_the_page_are_documents(void **state)
{
	(void)state;
	g_autofree char *page =
	    file_read("docs/formats.md", LIMIT_TEMPLATE, NULL, NULL);
	g_auto(GStrv) parts = g_strsplit(page, "```json\n", -1);
	guint examples = 0;

	for (guint i = 1; parts[i]; i++, examples++) {
		size_t length = (size_t)(strstr(parts[i], "```") - parts[i]);
		g_autoptr(GError) error = NULL;
		g_autoptr(json) document =
		    json_parse(parts[i], length, "example", &error);
		assert_non_null(document);
		g_autoptr(json) full = full_of(shape_of(document), document);
		has_only(document, full);
	}
	assert_int_equal(examples, G_N_ELEMENTS(documents) + 1);
}

static bool write_one(const char *folder, const struct shape *shape,
    const char *kind, int density, GError **error)
{
	g_autofree char *path =
	    g_strdup_printf("%s/%s.%s.json", folder, shape->name, kind);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	g_autofree void *value = g_malloc0(shape->size);

	fill(shape, value, random, density);
	bool good = document_save(shape, value, path, error);
	shape_clear(shape, value);
	return good;
}

static int write_all(const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(policy) policy = policy_default();
	g_autoptr(json) document = policy_write(policy);
	g_autofree char *path =
	    g_build_filename(folder, "policy.full.json", NULL);
	bool good = json_write(document, path, &error);

	for (size_t i = 0; good && i < G_N_ELEMENTS(documents); i++)
		good = write_one(folder, documents[i], "full", 100, &error) &&
		       write_one(folder, documents[i], "bare", 0, &error);
	if (!good)
		g_printerr("%s\n", error->message);
	return good ? 0 : 70;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_read_back_byte_for_byte),
	    cmocka_unit_test(a_full_document_names_every_member),
	    cmocka_unit_test(another_schema_is_refused),
	    cmocka_unit_test(a_member_of_another_kind_is_refused_and_named),
	    cmocka_unit_test(what_a_later_program_adds_is_passed_over),
	    cmocka_unit_test(an_error_deep_inside_says_where),
	    cmocka_unit_test(the_examples_of_the_page_are_documents),
	};

	if (argc == 3 && g_str_equal(argv[1], "write"))
		return write_all(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
