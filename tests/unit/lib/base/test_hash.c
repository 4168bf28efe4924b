#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <fcntl.h>

#include "base/error.h"
#include "base/hash.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

/* FIPS 180-2, appendix B. */
static const char of_abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char of_nothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void digests_are_those_of_the_standard(void **state)
{
	(void)state;
	g_autofree char *abc = hash_hex("abc", 3);
	g_autofree char *nothing = hash_hex("", 0);

	assert_string_equal(abc, of_abc);
	assert_string_equal(nothing, of_nothing);
}

static void parts_and_the_whole_agree_and_it_starts_again(void **state)
{
	(void)state;
	g_autoptr(hash) h = hash_new();

	hash_add(h, "a", 1);
	hash_add(h, "bc", 2);
	g_autofree char *abc = hash_end_hex(h);
	g_autofree char *nothing = hash_end_hex(h);
	assert_string_equal(abc, of_abc);
	assert_string_equal(nothing, of_nothing);
}

static void a_digest_on_its_way_does_not_end_it(void **state)
{
	(void)state;
	g_autoptr(hash) h = hash_new();

	g_autofree char *none = hash_so_far_hex(h);
	hash_add(h, "abc", 3);
	g_autofree char *first = hash_so_far_hex(h);
	g_autofree char *second = hash_end_hex(h);
	assert_string_equal(none, of_nothing);
	assert_string_equal(first, of_abc);
	assert_string_equal(second, of_abc);
}

static void a_file_is_hashed_to_its_end(void **state)
{
	(void)state;
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("gonogo-XXXXXX", &path, NULL);
	g_autofree char *bytes = g_strnfill(1000000, 'a');

	assert_int_equal(write(fd, bytes, 1000000), 1000000);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	g_autofree char *digest = hash_fd(fd, NULL);
	assert_string_equal(digest, "cdc76e5c9914fb9281a1c7e284d73e67"
				    "f1809a48a497200e046d39ccc7112cd0");
	assert_int_equal(close(fd), 0);
	assert_int_equal(unlink(path), 0);
}

static void what_can_not_be_read_is_an_error(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	assert_null(hash_fd(fd, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM));
	assert_int_equal(close(fd), 0);
}

static void a_digest_is_64_lower_case_hex_digits(void **state)
{
	(void)state;
	g_autofree char *upper = g_ascii_strup(of_abc, -1);
	g_autofree char *longer = g_strconcat(of_abc, "0", NULL);

	assert_true(hash_is_hex(of_abc));
	assert_false(hash_is_hex(upper));
	assert_false(hash_is_hex(longer));
	assert_false(hash_is_hex(of_abc + 1));
	assert_false(hash_is_hex(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(digests_are_those_of_the_standard),
	    cmocka_unit_test(parts_and_the_whole_agree_and_it_starts_again),
	    cmocka_unit_test(a_digest_on_its_way_does_not_end_it),
	    cmocka_unit_test(a_file_is_hashed_to_its_end),
	    cmocka_unit_test(what_can_not_be_read_is_an_error),
	    cmocka_unit_test(a_digest_is_64_lower_case_hex_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
