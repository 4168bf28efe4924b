#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

#include <cmocka.h>
#include <glib/gstdio.h>

#include "audit/collect/redact.h"
#include "base/file.h"

static char *redacted(const redactor *r, const char *text, bool people)
{
	g_autoptr(json) body = json_parse(text, strlen(text), "x", NULL);

	assert_non_null(body);
	g_autoptr(json) clean = redact_json(r, body, people);
	return clean ? json_compact(clean) : NULL;
}

static void secrets_are_taken_out_and_the_rest_stays(void **state)
{
	(void)state;
	g_autoptr(redactor) r = redactor_new(NULL, NULL);
	g_autoptr(secret) password = secret_new("s3cr3t!");
	redactor_hide(r, "bitbucket-password", password);
	g_autofree char *text = redacted(r,
	    "{\"license\":\"AAAB\",\"a\":{\"unlockToken\":\"9d1c\","
	    "\"list\":[\"x s3cr3t! y\",\"me@example.com\",7,null]},"
	    "\"self\":\"/x?atl_token=abc&y=1\",\"hostLicense\":{\"a\":1},"
	    "\"serverId\":\"B1\"}",
	    false);

	assert_string_equal(text,
	    "{\"a\":{\"list\":[\"x <bitbucket-password> y\",\"<mail>\",7,null],"
	    "\"unlockToken\":\"<hidden>\"},\"hostLicense\":{\"a\":1},"
	    "\"license\":\"<hidden>\",\"self\":\"/x?atl_token=<hidden>&y=1\","
	    "\"serverId\":\"B1\"}");
}

static void names_of_members_are_taken_out_too(void **state)
{
	(void)state;
	g_autoptr(redactor) r = redactor_new(NULL, NULL);
	g_autoptr(secret) password = secret_new("s3cr3t!");
	redactor_hide(r, "p", password);
	g_autofree char *text = redacted(r,
	    "{\"me@example.com\":1,\"x s3cr3t!\":{\"a\":2},"
	    "\"user\":{\"name\":\"a\",\"type\":\"s3cr3t!\"}}",
	    true);

	assert_string_equal(text, "{\"<mail>\":1,\"user\":{\"type\":\"<p>\"},"
				  "\"x <p>\":{\"a\":2}}");
}

static void what_holds_no_secret_is_kept_as_it_came(void **state)
{
	(void)state;
	g_autoptr(redactor) r = redactor_new(NULL, NULL);

	assert_null(redacted(r, "{\"version\":\"9.4.22\",\"n\":[1]}", true));
}

static const char event[] =
    "{\"author\":{\"name\":\"Ada Admin\",\"id\":\"2\",\"type\":\"NORMAL\"},"
    "\"affectedObjects\":[{\"name\":\"bob\",\"type\":\"USER\"},"
    "{\"name\":\"app\",\"type\":\"PLUGIN\"}],\"source\":\"192.0.2.1\","
    "\"changedValues\":[{\"from\":\"x\"}],"
    "\"owner\":{\"name\":\"ada\",\"displayName\":\"Ada Admin\"}}";

static void people_are_dropped_where_there_is_no_key(void **state)
{
	(void)state;
	g_autoptr(redactor) r = redactor_new("/nowhere/pseudonym.key", NULL);
	g_autofree char *text = redacted(r, event, true);

	assert_string_equal(text,
	    "{\"affectedObjects\":[{\"type\":\"USER\"},"
	    "{\"name\":\"app\",\"type\":\"PLUGIN\"}],"
	    "\"author\":{\"type\":\"NORMAL\"},\"owner\":{\"name\":\"ada\"}}");
}

static void with_a_key_equal_names_have_equal_pseudonyms(void **state)
{
	(void)state;
	g_autofree char *folder = g_dir_make_tmp("gng.XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "key", NULL);
	assert_true(file_write(path, 0600, "key one", 7, NULL));
	g_autoptr(redactor) r = redactor_new(path, NULL);
	const char *text = "{\"author\":{\"name\":\"Ada\"}}";
	g_autofree char *one = redacted(r, text, true);
	g_autofree char *two = redacted(r, text, true);

	assert_non_null(one);
	assert_string_equal(one, two);
	assert_true(g_str_has_prefix(one, "{\"author\":{\"name\":\"user-"));

	/* Another key, another pseudonym; and nobody else may read it. */
	assert_true(file_write(path, 0600, "key two", 7, NULL));
	g_autoptr(redactor) other = redactor_new(path, NULL);
	g_autofree char *three = redacted(other, text, true);
	assert_string_not_equal(one, three);
	assert_int_equal(g_chmod(path, 0644), 0);
	g_autoptr(GError) error = NULL;
	redactor *open = redactor_new(path, &error);
	assert_null(open);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
	g_unlink(path);
	g_rmdir(folder);
}

static void of_a_page_that_nobody_can_read_little_is_kept(void **state)
{
	(void)state;
	g_autoptr(redactor) r = redactor_new(NULL, NULL);
	g_autofree char *long_text = g_strnfill(100000, ' ');
	g_autofree char *page =
	    g_strconcat("<html><input value='0123456789abcdef0123456789'> hi",
		long_text, NULL);
	g_autofree char *kept = redact_unknown(r, page);

	assert_non_null(strstr(kept, "<html><input value='<long>'> hi"));
	assert_true(strlen(kept) < 5000);
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
	(void)state;
	g_autoptr(redactor) r = redactor_new(NULL, NULL);
	g_autofree char *kept = redact_unknown(r, "a\xff\xfe"
						  "b");

	assert_true(g_utf8_validate(kept, -1, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(secrets_are_taken_out_and_the_rest_stays),
	    cmocka_unit_test(names_of_members_are_taken_out_too),
	    cmocka_unit_test(what_holds_no_secret_is_kept_as_it_came),
	    cmocka_unit_test(people_are_dropped_where_there_is_no_key),
	    cmocka_unit_test(with_a_key_equal_names_have_equal_pseudonyms),
	    cmocka_unit_test(of_a_page_that_nobody_can_read_little_is_kept),
	    cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
