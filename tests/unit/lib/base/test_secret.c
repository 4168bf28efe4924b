#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/secret.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static char *folder, *path;

static int make_folder(void **state)
{
	(void)state;
	folder = g_dir_make_tmp("gonogo-XXXXXX", NULL);
	path = g_build_filename(folder, "bitbucket-password", NULL);
	g_unsetenv("GONOGO_BITBUCKET_PASSWORD");
	g_unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	ignore(g_unlink(path));
	int code = g_rmdir(folder);
	g_free(folder);
	g_free(path);
	return code;
}

static void put(const char *text, int mode)
{
	assert_true(file_write(path, mode, text, strlen(text), NULL));
	assert_int_equal(g_chmod(path, mode), 0);
}

static void the_first_line_is_the_secret(void **state)
{
	(void)state;
	put("pa ss\r\nsecond\n", 0600);
	g_autoptr(secret) s = secret_read(path, NULL);

	assert_string_equal(secret_reveal(s), "pa ss");
}

static void a_file_that_others_may_read_is_refused(void **state)
{
	(void)state;
	static const int modes[] = {0640, 0604, 0660, 0601};

	for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_autoptr(GError) error = NULL;
		put("secret", modes[i]);
		assert_null(secret_read(path, &error));
		assert_non_null(strstr(error->message, "hint: chmod 600 "));
		assert_null(strstr(error->message, "secret\n"));
	}
}

static void an_empty_one_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "\nsecond\n", "\r\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		put(texts[i], 0600);
		assert_null(secret_read(path, &error));
		assert_non_null(strstr(error->message, "first line is empty"));
	}
}

static void file_then_environment_then_credential(void **state)
{
	(void)state;
	secret *found = NULL;

	assert_true(secret_find("bitbucket-password", NULL, &found, NULL));
	assert_null(found);

	put("credential", 0644);
	g_setenv("CREDENTIALS_DIRECTORY", folder, TRUE);
	assert_true(secret_find("bitbucket-password", NULL, &found, NULL));
	assert_string_equal(secret_reveal(found), "credential");
	g_clear_pointer(&found, secret_free);

	g_setenv("GONOGO_BITBUCKET_PASSWORD", "environment", TRUE);
	assert_true(secret_find("bitbucket-password", NULL, &found, NULL));
	assert_string_equal(secret_reveal(found), "environment");
	g_clear_pointer(&found, secret_free);
	g_unsetenv("CREDENTIALS_DIRECTORY");

	put("file", 0600);
	assert_true(secret_find("bitbucket-password", path, &found, NULL));
	assert_string_equal(secret_reveal(found), "file");
	g_clear_pointer(&found, secret_free);
	g_unsetenv("GONOGO_BITBUCKET_PASSWORD");
}

static void a_named_file_that_is_missing_is_an_error(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	secret *found = NULL;

	assert_false(secret_find("x", "/nowhere/x", &found, &error));
	assert_null(found);
	assert_non_null(strstr(error->message, "/nowhere/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_line_is_the_secret),
	    cmocka_unit_test(a_file_that_others_may_read_is_refused),
	    cmocka_unit_test(an_empty_one_is_refused),
	    cmocka_unit_test(file_then_environment_then_credential),
	    cmocka_unit_test(a_named_file_that_is_missing_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
