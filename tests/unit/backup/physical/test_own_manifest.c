#include "backup/physical/own_manifest.h"

#include "backup/physical/cut.h"
#include "base/error.h"
#include "tests/unit/unit.h"

#define SUM "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const char whole[] =
    "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [\n"
    "{ \"Path\": \"PG_VERSION\", \"Size\": 4, \"Checksum-Algorithm\": "
    "\"SHA256\", \"Checksum\": \"" SUM "\" },\n"
    "{ \"Encoded-Path\": \"61ff\", \"Size\": 4, \"Checksum-Algorithm\": "
    "\"SHA256\", \"Checksum\": \"" SUM "\" }\n],\n"
    "\"WAL-Ranges\": [\n{ \"Timeline\": 1, \"Start-LSN\": \"0/4000028\", "
    "\"End-LSN\": \"0/4000100\" }\n],\n";

/* With the sum of what stands before it. */
static char *sealed(const char *text)
{
	g_autofree char *sum = hash_hex(text, strlen(text));

	return g_strdup_printf("%s\"Manifest-Checksum\": \"%s\"}\n", text, sum);
}

static own_manifest *read_sealed(const char *text, GError **error)
{
	g_autofree char *all = sealed(text);

	return own_manifest_read(all, strlen(all), error);
}

static void its_files_and_its_wal_are_read(void **state)
{
	(void)state;
	g_autoptr(own_manifest) m = read_sealed(whole, NULL);

	assert_non_null(m);
	assert_int_equal(g_hash_table_size(m->files), 2);
	assert_non_null(g_hash_table_lookup(m->files, "a\xff"));
	assert_int_equal(m->timeline, 1);
	assert_int_equal(m->first_lsn, 0x4000028);
	assert_int_equal(m->last_lsn, 0x4000100);
}

static void one_that_was_changed_is_refused(void **state)
{
	(void)state;
	g_autofree char *all = sealed(whole);
	static const struct {
		const char *from, *to;
	} harms[] = {{"SHA256", "CRC32C"}, {"\"Size\": 4", "\"Size\": -4"},
	    {"PG_VERSION\"", "a\""}, {"61ff", "61f"}, {"61ff", "6100"},
	    {"0/4000028", "nowhere"}, {"\"Files\"", "\"Fixes\""},
	    {"\"Timeline\": 1", "\"Timeline\": 0"}};

	for (size_t i = 0; i < strlen(all); i++) {
		g_autoptr(own_manifest) m = NULL;
		all[i] ^= 1;
		m = own_manifest_read(all, strlen(all), NULL);
		/* The end of the last line is not under the sum. */
		assert_true(!m || i > strlen(all) - 3);
		all[i] ^= 1;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(harms); i++) {
		g_autoptr(GString) text = g_string_new(whole);
		g_autoptr(GError) error = NULL;
		g_string_replace(text, harms[i].from, harms[i].to, 1);
		g_autoptr(own_manifest) m = read_sealed(text->str, &error);
		/* Another name is as good as any. */
		if (g_str_equal(harms[i].to, "a\""))
			continue;
		assert_null(m);
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	}
}

static struct cut_file *add(GHashTable *files, const char *path)
{
	struct cut_file *f = g_new0(struct cut_file, 1);

	f->path = (char *)path;
	f->bytes = 4;
	g_strlcpy(f->sha256, SUM, sizeof f->sha256);
	g_hash_table_insert(files, f->path, f);
	return f;
}

static void what_came_must_be_what_was_told(void **state)
{
	(void)state;
	g_autoptr(own_manifest) m = read_sealed(whole, NULL);
	g_autoptr(GHashTable) files =
	    g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	g_autoptr(GError) error = NULL;

	struct cut_file *one = add(files, "PG_VERSION");
	assert_false(own_manifest_agrees(m, files, &error));
	assert_non_null(strstr(error->message, "it did not come"));
	g_clear_error(&error);
	add(files, "a\xff");
	assert_true(own_manifest_agrees(m, files, NULL));
	one->bytes = 5;
	assert_false(own_manifest_agrees(m, files, NULL));
	one->bytes = 4;
	one->sha256[0] = 'a';
	assert_false(own_manifest_agrees(m, files, NULL));
	one->sha256[0] = SUM[0];
	add(files, "stranger");
	assert_false(own_manifest_agrees(m, files, &error));
	assert_non_null(strstr(error->message, "stranger: it came"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(its_files_and_its_wal_are_read),
	    cmocka_unit_test(one_that_was_changed_is_refused),
	    cmocka_unit_test(what_came_must_be_what_was_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
