#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/json.h"

static void refused(const char *text, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json) value = json_parse(text, strlen(text), "x", &error);

	assert_null(value);
	assert_non_null(strstr(error->message, why));
}

static void what_cjson_would_let_through_is_refused(void **state)
{
	(void)state;
	refused("{\"a\":1,\"a\":2}", "two members");
	refused("{\"a\":1,\"\\u0061\":2}", "two members");
	refused("\"\\u0000\"", "u0000");
	refused("\"\\ud800\"", "surrogate");
	refused("1e999", "out of range");
	refused("[1] x", "behind");
	refused("{\"a\":01}", "not a number");
	refused("\"\xff\"", "UTF-8");
	refused("<html>", "not JSON");
	refused("", "too early");
	refused("[1,2", "comma");
	g_autofree char *deep = g_strnfill(100, '[');
	refused(deep, "deep");
}

static void keys_are_written_in_order_of_their_bytes(void **state)
{
	(void)state;
	const char *text =
	    "{\"b\":[1,-2,true,null],\"B\":\"x\\n\\\"\",\"a\":{}}";
	g_autoptr(json) value = json_parse(text, strlen(text), "x", NULL);
	g_autofree char *compact = json_compact(value);

	assert_string_equal(
	    compact, "{\"B\":\"x\\n\\\"\",\"a\":{},\"b\":[1,-2,true,null]}");
}

static void a_getter_names_the_place(void **state)
{
	(void)state;
	const char *text = "{\"home\":{\"free_bytes\":\"7\",\"n\":[1,2.5]}}";
	g_autoptr(json) value = json_parse(text, strlen(text), "x", NULL);
	g_autoptr(GError) error = NULL;
	uint64_t number = 7;

	assert_false(json_u64(value, "home.free_bytes", &number, &error));
	assert_string_equal(error->message, "home.free_bytes: not a number");
	assert_int_equal(number, 7);
	assert_true(json_u64(value, "home.n.0", &number, NULL));
	assert_int_equal(number, 1);
	assert_false(json_u64(value, "home.n.1", &number, NULL));
	assert_null(json_find(value, "Home"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_cjson_would_let_through_is_refused),
	    cmocka_unit_test(keys_are_written_in_order_of_their_bytes),
	    cmocka_unit_test(a_getter_names_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
