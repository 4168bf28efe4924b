/* Whole files: read with a limit, and seen as the old or the new one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <fcntl.h>
#include <glib/gstdio.h>

#include "base/draft.h"
#include "base/error.h"
#include "base/file.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static char *folder, *path;

static int make_folder(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("gonogo-XXXXXX", NULL);
	path = g_build_filename(folder, "it", NULL);
	return 0;
}

/* Fails when a test leaves more behind than the file itself. */
static int remove_folder(void **state)
{
	(void)state;
	ignore(g_unlink(path));
	int code = g_rmdir(folder);
	g_free(folder);
	g_free(path);
	return code;
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	size_t length = 0;

	assert_true(file_write(path, 0600, "a\0b", 3, NULL));
	g_autofree char *bytes = file_read(path, 3, &length, NULL);
	assert_int_equal(length, 3);
	assert_memory_equal(bytes, "a\0b", 4);
	GStatBuf status;
	assert_int_equal(g_stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_longer_file_than_allowed_is_refused(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	size_t length = 0;

	assert_true(file_write(path, 0600, "abcd", 4, NULL));
	assert_null(file_read(path, 3, &length, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	g_autofree char *whole = file_read(path, 4, &length, NULL);
	assert_string_equal(whole, "abcd");
}

static void a_text_has_no_nul(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	assert_true(file_write(path, 0600, "a\0b", 3, NULL));
	assert_null(file_read(path, 9, NULL, &error));
	assert_non_null(strstr(error->message, "NUL"));
}

static void a_missing_file_is_named(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	assert_null(file_read("/nowhere/it", 9, NULL, &error));
	assert_string_equal(
	    error->message, "/nowhere/it: No such file or directory");
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM));
}

static void a_folder_is_no_file(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	assert_null(file_read(folder, 9, NULL, &error));
	assert_non_null(strstr(error->message, folder));
}

static void an_abandoned_draft_leaves_the_old_file(void **state)
{
	(void)state;
	assert_true(file_write(path, 0600, "old", 3, NULL));
	{
		g_auto(draft) d = {0};
		assert_true(draft_open(&d, path, 0600, NULL));
		assert_true(file_write_fd(d.fd, d.partial, "new", 3, NULL));
		assert_true(g_file_test(d.partial, G_FILE_TEST_EXISTS));
	}
	g_autofree char *text = file_read(path, 9, NULL, NULL);
	assert_string_equal(text, "old");
	g_autofree char *partial = g_strconcat(path, ".partial", NULL);
	assert_false(g_file_test(partial, G_FILE_TEST_EXISTS));
}

static void a_committed_draft_is_empty(void **state)
{
	(void)state;
	g_auto(draft) d = {0};

	assert_true(draft_open(&d, path, 0600, NULL));
	assert_true(file_write_fd(d.fd, d.partial, "new", 3, NULL));
	assert_true(draft_commit(&d, NULL));
	assert_null(d.path);
	assert_null(d.partial);
	g_autofree char *text = file_read(path, 9, NULL, NULL);
	assert_string_equal(text, "new");
}

static void a_draft_follows_no_link(void **state)
{
	(void)state;
	g_autofree char *partial = g_strconcat(path, ".partial", NULL);
	g_autoptr(GError) error = NULL;

	assert_int_equal(symlink("/dev/null", partial), 0);
	assert_false(file_write(path, 0600, "x", 1, &error));
	assert_non_null(strstr(error->message, partial));
	assert_int_equal(g_unlink(partial), 0);
}

static void a_full_disk_is_an_error(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	assert_false(file_write_fd(fd, "the file", "x", 1, &error));
	assert_string_equal(
	    error->message, "writing the file: No space left on device");
	assert_int_equal(close(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(a_longer_file_than_allowed_is_refused),
	    cmocka_unit_test(a_text_has_no_nul),
	    cmocka_unit_test(a_missing_file_is_named),
	    cmocka_unit_test(a_folder_is_no_file),
	    cmocka_unit_test(an_abandoned_draft_leaves_the_old_file),
	    cmocka_unit_test(a_committed_draft_is_empty),
	    cmocka_unit_test(a_draft_follows_no_link),
	    cmocka_unit_test(a_full_disk_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
