/*
 * Properties of the JSON reader: what is written reads back as the same text,
 * and a text that was harmed at any byte is refused or reads back, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/json.h"
#include "base/scan.h"

#include <cmocka.h>

static json *make(GRand *random, int depth)
{
	static const char *const texts[] = {
	    "", "a", "\"\\\n\t\x01", "é 漢 \xf0\x9f\x99\x82", "a.b", "/"};
	int kind = g_rand_int_range(random, 0, depth > 3 ? 2 : 4);
	json *value = kind < 3 ? json_new_object() : json_new_array();

	for (int i = g_rand_int_range(random, 0, 4); i > 0; i--) {
		g_autofree char *key = g_strdup_printf("%s%d",
		    texts[g_rand_int_range(random, 0, G_N_ELEMENTS(texts))], i);
		if (kind == 3)
			json_append(value, make(random, depth + 1));
		else if (kind == 2)
			json_set(value, key, make(random, depth + 1));
		else if (kind == 1)
			json_set_i64(value, key,
			    g_rand_boolean(random)
				? -((INT64_C(1) << 53) - 1)
				: g_rand_int_range(random, -99, 99));
		else
			json_set_string(value, key, key);
	}
	return value;
}

static void what_is_written_reads_back_as_the_same_text(void **state)
{
	(void)state;
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (int i = 0; i < 300; i++) {
		g_autoptr(json) value = make(random, 0);
		g_autofree char *pretty = json_pretty(value);
		g_autofree char *compact = json_compact(value);
		g_autoptr(json) one =
		    json_parse(pretty, strlen(pretty), "x", NULL);
		g_autoptr(json) two =
		    json_parse(compact, strlen(compact), "x", NULL);
		assert_non_null(one);
		assert_non_null(two);
		g_autofree char *again = json_pretty(two);
		g_autofree char *copy = json_compact(one);
		assert_string_equal(again, pretty);
		assert_string_equal(copy, compact);
	}
}

static void a_harmed_text_is_refused_or_sound(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude42\"],"
	    "\"b\":{\"c\":\"\xc3\xa9\"}}";
	guint refused = 0;

	for (size_t at = 0; at + 1 < sizeof text; at++)
		for (int byte = 0; byte < 256; byte++) {
			g_autofree char *harmed = g_strdup(text);
			harmed[at] = (char)byte;
			g_autoptr(json) value =
			    json_parse(harmed, sizeof text - 1, "x", NULL);
			if (!value) {
				refused++;
				continue;
			}
			g_autofree char *out = json_compact(value);
			g_autoptr(json) again =
			    json_parse(out, strlen(out), "x", NULL);
			assert_non_null(again);
		}
	assert_true(refused > 10000);
}

static void every_beginning_of_a_text_is_refused(void **state)
{
	(void)state;
	static const char text[] = "{\"a\":[1,true,\"\\ud83d\\ude42\"]}";

	for (size_t length = 0; length + 1 < sizeof text; length++)
		assert_false(scan_json(text, length, "x", NULL));
	assert_true(scan_json(text, sizeof text - 1, "x", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_reads_back_as_the_same_text),
	    cmocka_unit_test(a_harmed_text_is_refused_or_sound),
	    cmocka_unit_test(every_beginning_of_a_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
