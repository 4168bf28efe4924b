#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "contract/bundle.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static char *root;

static char *in_root(const char *name)
{
	return g_build_filename(root, name, NULL);
}

static void put(const char *name, const char *text)
{
	g_autofree char *path = in_root(name);
	g_autofree char *parent = g_path_get_dirname(path);

	assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
	assert_true(file_write(path, 0644, text, strlen(text), NULL));
}

static void drop(const char *name)
{
	g_autofree char *path = in_root(name);

	assert_int_equal(g_unlink(path), 0);
}

/* A folder with a sealed bundle in it. */
static int make_bundle(void **state)
{
	g_auto(contents) c = {0};

	(void)state;
	root = g_dir_make_tmp("gonogo-XXXXXX", NULL);
	put("facts.json", "{}\n");
	put("raw/apps/001.json", "[]");
	put("raw/apps/001.meta.json", "{}");
	put("report.html", "<p>");
	put("approvals/a.sshsig", "x");
	put("attestation.dsse.json", "{}");
	c.made_by = g_strdup("test");
	assert_true(contents_scan(&c, root, NULL));
	assert_int_equal(list_length(c.files), 4);
	assert_true(contents_seal(&c, root, NULL));
	return 0;
}

static void remove_tree(const char *path)
{
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *inside = g_build_filename(path, name, NULL);
		if (g_file_test(inside, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(inside, G_FILE_TEST_IS_SYMLINK))
			remove_tree(inside);
		else
			assert_int_equal(g_unlink(inside), 0);
	}
	if (folder)
		g_dir_close(folder);
	assert_int_equal(g_rmdir(path), 0);
}

static int remove_bundle(void **state)
{
	(void)state;
	remove_tree(root);
	g_clear_pointer(&root, g_free);
	return 0;
}

/* Gives what is wrong with the bundle, one flaw a line. */
static char *flaws(void)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

	assert_true(contents_check(root, list, NULL));
	g_ptr_array_add(list, NULL);
	return g_strjoinv("\n", (char **)list->pdata);
}

static void has_flaws(const char *wanted)
{
	g_autofree char *found = flaws();

	assert_string_equal(found, wanted);
}

static void refused(const char *why)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;

	assert_false(contents_check(root, list, &error));
	assert_non_null(strstr(error->message, why));
}

static void a_sealed_bundle_has_no_flaw(void **state)
{
	(void)state;
	has_flaws("");
	put("approvals/b.sshsig", "later");
	put("gate-log.ndjson", "{}");
	put("test-result.dsse.json", "{}");
	has_flaws("");
}

static void sha256sum_understands_the_list(void **state)
{
	(void)state;
	const char *argv[] = {
	    "sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS", NULL};
	int status = -1;

	assert_true(g_spawn_sync(root, (char **)argv, NULL, G_SPAWN_SEARCH_PATH,
	    NULL, NULL, NULL, NULL, &status, NULL));
	assert_int_equal(status, 0);
}

static void the_list_says_what_each_file_is(void **state)
{
	(void)state;
	g_auto(contents) c = {0};

	assert_true(contents_scan(&c, root, NULL));
	const struct content *facts = g_ptr_array_index(c.files, 0);
	const struct content *raw = g_ptr_array_index(c.files, 1);
	const struct content *meta = g_ptr_array_index(c.files, 2);
	assert_string_equal(facts->path, "facts.json");
	assert_string_equal(facts->role, "facts");
	assert_string_equal(facts->media_type, "application/json");
	assert_int_equal(facts->size_bytes.value, 3);
	assert_string_equal(raw->role, "raw");
	assert_string_equal(meta->role, "meta");
}

static void every_harm_is_named(void **state)
{
	(void)state;
	put("facts.json", "{ }");
	has_flaws("facts.json: its checksum differs from SHA256SUMS\n"
		  "facts.json: its checksum differs from CONTENTS.json");
	drop("facts.json");
	has_flaws("facts.json: missing");
	put("facts.json", "{}\n");
	has_flaws("");
	put("raw/apps/002.json", "x");
	has_flaws("raw/apps/002.json: not in SHA256SUMS\n"
		  "raw/apps/002.json: not in CONTENTS.json");
}

/* Replaces FROM by TO in a file of the bundle. */
static void replace(const char *name, const char *from, const char *to)
{
	g_autofree char *path = in_root(name);
	g_autofree char *text = file_read(path, 1 << 20, NULL, NULL);
	g_autoptr(GString) changed = g_string_new(text);

	assert_int_equal(g_string_replace(changed, from, to, 1), 1);
	put(name, changed->str);
}

static void the_lists_are_checked_too(void **state)
{
	(void)state;
	replace("CONTENTS.json", "\"size_bytes\": 3", "\"size_bytes\": 4");
	has_flaws("CONTENTS.json: its checksum differs from SHA256SUMS\n"
		  "facts.json: 3 bytes, CONTENTS.json says 4");
	replace("SHA256SUMS", "  facts.json", "  ../facts.json");
	has_flaws("CONTENTS.json: its checksum differs from SHA256SUMS\n"
		  "facts.json: not in SHA256SUMS\n"
		  "facts.json: 3 bytes, CONTENTS.json says 4\n"
		  "../facts.json: missing");
}

static void lists_that_are_none_are_refused(void **state)
{
	(void)state;
	g_autofree char *path = in_root("SHA256SUMS");
	g_autofree char *text = file_read(path, 1 << 20, NULL, NULL);
	g_autofree char *twice = g_strconcat(text, text, NULL);

	put("SHA256SUMS", twice);
	refused("is listed twice");
	put("SHA256SUMS", "abc  facts.json\n");
	refused("SHA256SUMS:1: not \"<sha256>  <path>\"");
	put("SHA256SUMS", text);
	put("CONTENTS.json", "[]");
	refused("no member \"schema\"");
	drop("CONTENTS.json");
	refused("CONTENTS.json");
}

static void links_and_other_things_are_refused(void **state)
{
	(void)state;
	g_autofree char *link = in_root("raw/link");
	g_autofree char *list = in_root("SHA256SUMS");

	assert_int_equal(symlink("apps", link), 0);
	refused("raw/link: a link has no place");
	drop("raw/link");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	refused("raw/link: a link has no place");
	drop("raw/link");
	assert_int_equal(mkfifo(link, 0600), 0);
	refused("raw/link: neither a file nor a folder");
	drop("raw/link");
	has_flaws("");
	drop("SHA256SUMS");
	assert_int_equal(symlink("/etc/passwd", list), 0);
	refused("SHA256SUMS");
}

static void a_name_that_no_list_can_bear_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = {"a\nb", "a\\b", "a\xff"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		put(names[i], "x");
		refused("a file name that no list can bear");
		drop(names[i]);
	}
}

static void folders_have_a_depth(void **state)
{
	(void)state;
	put("a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/x", "x");
	refused("folders deep");
}

#define WITH_BUNDLE(test)                                                      \
	cmocka_unit_test_setup_teardown(test, make_bundle, remove_bundle)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_BUNDLE(a_sealed_bundle_has_no_flaw),
	    WITH_BUNDLE(sha256sum_understands_the_list),
	    WITH_BUNDLE(the_list_says_what_each_file_is),
	    WITH_BUNDLE(every_harm_is_named),
	    WITH_BUNDLE(the_lists_are_checked_too),
	    WITH_BUNDLE(lists_that_are_none_are_refused),
	    WITH_BUNDLE(links_and_other_things_are_refused),
	    WITH_BUNDLE(a_name_that_no_list_can_bear_is_refused),
	    WITH_BUNDLE(folders_have_a_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
