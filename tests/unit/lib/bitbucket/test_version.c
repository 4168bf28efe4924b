#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bitbucket/version.h"

static struct version read_version(const char *text)
{
	struct version v = {7, 7, 7};

	assert_true(version_parse(text, &v, NULL));
	return v;
}

static void order_is_numeric(void **state)
{
	(void)state;
	static const char *const rising[] = {"7.21.9", "8.0", "8.9.27",
	    "8.10.0", "9.4.9", "9.4.10", "10.2.6", "10.10.0"};

	for (size_t i = 0; i < G_N_ELEMENTS(rising); i++)
		for (size_t j = 0; j < G_N_ELEMENTS(rising); j++) {
			struct version a = read_version(rising[i]);
			struct version b = read_version(rising[j]);
			int order = version_compare(&a, &b);

			assert_int_equal(
			    (order > 0) - (order < 0), (i > j) - (i < j));
		}
}

static void a_line_is_major_and_minor(void **state)
{
	(void)state;
	struct version a = read_version("9.4"), b = read_version("9.4.22"),
		       c = read_version("9.5.22"), d = read_version("8.4.22");

	assert_int_equal(a.bugfix, 0);
	assert_true(version_same_line(&a, &b));
	assert_false(version_same_line(&b, &c));
	assert_false(version_same_line(&b, &d));
}

static void anything_else_is_no_version(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "9", "9.", "9.4.", ".4.2",
	    "9.4.22-m1", "9.4.22.1", "9.4-rc2", " 9.4", "9.4 ", "v9.4", "+9.4",
	    "9.-4", "9.4.9999999999", "9,4"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct version v = {7, 7, 7};
		g_autoptr(GError) error = NULL;

		if (version_parse(texts[i], &v, &error))
			fail_msg("%s", texts[i]);
		assert_non_null(strstr(error->message, texts[i]));
		assert_int_equal(v.major, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_is_numeric),
	    cmocka_unit_test(a_line_is_major_and_minor),
	    cmocka_unit_test(anything_else_is_no_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
