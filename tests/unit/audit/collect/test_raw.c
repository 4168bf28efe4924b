#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

#include <cmocka.h>
#include <glib/gstdio.h>

#include "audit/collect/raw.h"
#include "base/file.h"
#include "port/fs.h"

/* A bundle of two replies and a silence, in a folder of its own. */
struct bundle {
	char *path;
};

static void put(raw_store *store, const char *what, const char *body)
{
	g_auto(raw_meta) meta = {.what = g_strdup(what),
	    .collector = g_strdup("apps"),
	    .request = g_strdup("GET http://x/y"),
	    .at = number_of(1000)};

	if (!body)
		meta.error = g_strdup("connection refused");
	assert_true(raw_put(store, &meta, RAW_JSON, body, false, NULL));
}

static int make(void **state)
{
	struct bundle *b = g_new0(struct bundle, 1);
	g_autoptr(redactor) r = redactor_new(NULL, NULL);

	b->path = g_dir_make_tmp("gng.XXXXXX", NULL);
	g_autoptr(raw_store) store = raw_open(b->path, r, NULL);
	put(store, "apps.installed", "{ \"plugins\": [] }");
	put(store, "apps.updates", "<html>");
	put(store, "apps.marketplace", NULL);
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bundle *b = *state;

	ignore(!fs_remove_tree(b->path, NULL));
	g_free(b->path);
	g_free(b);
	return 0;
}

static char *inside(const struct bundle *b, const char *name)
{
	return g_build_filename(b->path, name, NULL);
}

static void write_inside(
    const struct bundle *b, const char *name, const char *text)
{
	g_autofree char *path = inside(b, name);

	assert_true(file_write(path, 0600, text, strlen(text), NULL));
}

static void refused(const struct bundle *b, const char *why)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *raws = raw_load(b->path, &error);

	assert_null(raws);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	if (!strstr(error->message, why))
		fail_msg("%s: not '%s'", error->message, why);
}

static void replies_come_back_as_they_were_put(void **state)
{
	const struct bundle *b = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) raws = raw_load(b->path, &error);

	assert_null(error);
	assert_int_equal(raws->len, 3);
	const struct raw *first = g_ptr_array_index(raws, 0);
	const struct raw *second = g_ptr_array_index(raws, 1);
	const struct raw *third = g_ptr_array_index(raws, 2);
	assert_string_equal(first->text, "{ \"plugins\": [] }");
	assert_string_equal(first->meta.file, "raw/apps/001.json");
	assert_string_equal(first->meta.redaction, "none");
	assert_string_equal(second->meta.file, "raw/apps/002.txt");
	assert_null(third->meta.file);
	assert_string_equal(third->meta.error, "connection refused");
}

static void a_changed_byte_is_no_fact(void **state)
{
	write_inside(*state, "raw/apps/001.json", "{ \"plugins\": {} }");
	refused(*state, "raw/apps/001.json: changed");
}

static void a_missing_reply_is_noticed(void **state)
{
	g_autofree char *path = inside(*state, "raw/apps/001.json");

	assert_int_equal(g_unlink(path), 0);
	refused(*state, "raw/apps/001.json");
}

static void a_reply_that_nobody_asked_for_is_noticed(void **state)
{
	write_inside(*state, "raw/apps/009.json", "{}");
	refused(*state, "raw/apps/009.json: no meta file names it");
}

static void a_meta_names_nothing_but_its_own_reply(void **state)
{
	static const char *const files[] = {"../../etc/passwd",
	    "raw/apps/002.txt", "raw/apps/001.json/../001.json", "/etc/passwd",
	    "raw/apps/001.meta.json"};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *text = g_strdup_printf(
		    "{\"schema\":\"gonogo.raw/1\",\"what\":\"x\","
		    "\"collector\":\"apps\",\"request\":\"y\","
		    "\"at\":\"2026-01-01T00:00:00Z\",\"file\":\"%s\","
		    "\"sha256\":\"%064d\"}",
		    files[i], 0);
		write_inside(*state, "raw/apps/001.meta.json", text);
		refused(*state, "names another file");
	}
}

static void a_link_is_not_followed(void **state)
{
	g_autofree char *path = inside(*state, "raw/apps/001.json");
	g_autofree char *other = inside(*state, "copy.json");

	assert_int_equal(g_rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	refused(*state, "raw/apps/001.json");
}

static void a_meta_without_a_reply_says_why(void **state)
{
	write_inside(*state, "raw/apps/003.meta.json",
	    "{\"schema\":\"gonogo.raw/1\",\"what\":\"x\","
	    "\"collector\":\"apps\",\"request\":\"y\","
	    "\"at\":\"2026-01-01T00:00:00Z\"}");
	refused(*state, "neither a file nor an error");
}

static void an_empty_bundle_is_no_bundle(void **state)
{
	g_autofree char *raw = inside(*state, "raw");
	g_autofree char *apps = inside(*state, "raw/apps");

	assert_true(fs_remove_tree(apps, NULL));
	refused(*state, "no raw replies");
	assert_int_equal(g_rmdir(raw), 0);
	refused(*state, "raw");
}

int main(void)
{
#define each(test) cmocka_unit_test_setup_teardown(test, make, end)
	const struct CMUnitTest tests[] = {
	    each(replies_come_back_as_they_were_put),
	    each(a_changed_byte_is_no_fact),
	    each(a_missing_reply_is_noticed),
	    each(a_reply_that_nobody_asked_for_is_noticed),
	    each(a_meta_names_nothing_but_its_own_reply),
	    each(a_link_is_not_followed),
	    each(a_meta_without_a_reply_says_why),
	    each(an_empty_bundle_is_no_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
