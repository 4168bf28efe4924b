#include "tests/unit/unit.h"

#include <fcntl.h>
#include <glib/gstdio.h>

#include "backup/db/files.h"
#include "backup/db/tables.h"
#include "base/error.h"
#include "base/file.h"

static char *path;

static int before(void **state)
{
	(void)state;
	path = g_strdup("/tmp/gonogo-tables-XXXXXX");
	int fd = g_mkstemp(path);
	return close(fd);
}

static int after(void **state)
{
	(void)state;
	ignore(unlink(path));
	g_clear_pointer(&path, g_free);
	return 0;
}

static void put(const char *text)
{
	assert_true(file_write(path, 0600, text, strlen(text), NULL));
}

static bool measure(const char *text, struct table *t, GError **error)
{
	put(text);
	int fd = g_open(path, O_RDONLY | O_CLOEXEC);
	bool measured = table_measure_file(t, fd, path, error);
	close(fd);
	return measured;
}

static void rows_are_what_stands_before_the_end_mark(void **state)
{
	(void)state;
	struct table t = {0};
	const char *rows = "1\ta\\nb\n2\t\\N\n3\t\\\\.\n";
	g_autofree char *file = g_strconcat(rows, "\\.\n\n\n", NULL);
	g_autofree char *sha256 = hash_hex(rows, strlen(rows));

	assert_true(measure(file, &t, NULL));
	assert_int_equal(t.rows, 3);
	assert_int_equal(t.bytes, strlen(rows));
	assert_string_equal(t.sha256, sha256);
}

static void an_empty_table_has_no_rows(void **state)
{
	(void)state;
	struct table t = {0};
	g_autofree char *sha256 = hash_hex("", 0);

	assert_true(measure("\\.\n\n\n", &t, NULL));
	assert_int_equal(t.rows, 0);
	assert_string_equal(t.sha256, sha256);
}

static void rows_longer_than_a_step_are_counted_once(void **state)
{
	(void)state;
	struct table t = {0};
	g_autoptr(GString) text = g_string_new(NULL);

	for (int i = 0; i < 700000; i++)
		g_string_append_printf(text, "%d\n", i);
	g_autofree char *sha256 = hash_hex(text->str, text->len);
	g_string_append(text, "\\.\n\n\n");
	assert_true(measure(text->str, &t, NULL));
	assert_int_equal(t.rows, 700000);
	assert_string_equal(t.sha256, sha256);
}

static void a_file_that_is_cut_short_is_refused(void **state)
{
	(void)state;
	struct table t = {0};
	static const char *const cut[] = {
	    "", "1\n", "1\n\\.\n", "1\n\\.\n\n", "\\.\n\n\nx"};

	for (size_t i = 0; i < G_N_ELEMENTS(cut); i++) {
		g_autoptr(GError) error = NULL;
		assert_false(measure(cut[i], &t, &error));
		assert_int_equal(error->code, GONOGO_ERROR_DATA);
	}
}

static void tables_come_back_as_they_were(void **state)
{
	(void)state;
	g_auto(tables) out = {0}, in = {0};
	struct table *t = tables_add(&out, "public.\"odd\tname\n\"");
	struct sequence *s = tables_add_sequence(&out, "public.a_seq");

	t->columns = g_strdup("a, \"b\tc\"");
	t->rows = G_MAXUINT64;
	t->bytes = 12;
	memset(t->sha256, 'a', HASH_HEX);
	s->last = g_strdup("-9223372036854775808");
	s->is_called = true;
	assert_true(tables_write(&out, path, NULL));
	assert_true(tables_read(&in, path, NULL));
	const struct table *read = g_ptr_array_index(in.tables, 0);
	assert_string_equal(read->name, t->name);
	assert_string_equal(read->columns, t->columns);
	assert_string_equal(read->sha256, t->sha256);
	assert_true(read->rows == t->rows && read->bytes == 12);
	const struct sequence *stood = g_ptr_array_index(in.sequences, 0);
	assert_string_equal(stood->last, s->last);
	assert_true(stood->is_called);
}

static void damaged_lists_are_refused_with_their_line(void **state)
{
	(void)state;
	static const char heading[] =
	    "kind\tname\trows\tbytes\tsha256\tcolumns\n";
	static const char *const lines[] = {"table\tx\t1\t2\tzz\ta\n",
	    "table\tx\tone\t2\tzz\ta\n", "sequence\tx\tfive\tt\n", "view\tx\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_auto(tables) in = {0};
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strconcat(heading, lines[i], NULL);

		put(text);
		assert_false(tables_read(&in, path, &error));
		assert_non_null(strstr(error->message, ":2: "));
	}
}

static void files_come_back_as_they_were(void **state)
{
	(void)state;
	g_autoptr(GPtrArray) out = db_files_new();
	g_autofree char *sha256 = hash_hex("x", 1);

	db_files_add(out, sha256, ".zst", 7, "9.dat");
	db_files_add(out, sha256, "", 1, "10.dat");
	assert_true(db_files_write(out, path, NULL));
	g_autoptr(GPtrArray) in = db_files_read(path, NULL);
	assert_int_equal(in->len, 2);
	const struct db_file *first = g_ptr_array_index(in, 0);
	assert_string_equal(first->name, "10.dat");
	assert_string_equal(first->suffix, "");
	const struct db_file *second = g_ptr_array_index(in, 1);
	assert_string_equal(second->sha256, sha256);
	assert_string_equal(second->suffix, ".zst");
	assert_int_equal(second->bytes, 7);
}

static void a_name_that_leaves_its_folder_is_refused(void **state)
{
	(void)state;
	g_autofree char *sha256 = hash_hex("x", 1);
	static const char *const names[] = {
	    "../x", "a/b", "", ".x", "a\tb", "x\ny"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text =
		    g_strdup_printf("%s\t-\t1\t%s\n", sha256, names[i]);

		put(text);
		assert_null(db_files_read(path, &error));
		assert_int_equal(error->code, GONOGO_ERROR_DATA);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_are_what_stands_before_the_end_mark),
	    cmocka_unit_test(an_empty_table_has_no_rows),
	    cmocka_unit_test(rows_longer_than_a_step_are_counted_once),
	    cmocka_unit_test(a_file_that_is_cut_short_is_refused),
	    cmocka_unit_test(tables_come_back_as_they_were),
	    cmocka_unit_test(damaged_lists_are_refused_with_their_line),
	    cmocka_unit_test(files_come_back_as_they_were),
	    cmocka_unit_test(a_name_that_leaves_its_folder_is_refused),
	};

	return cmocka_run_group_tests(tests, before, after);
}
