#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/config.h"
#include "base/error.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static const char *const words[] = {"red", "green", NULL};

struct sample {
	char *text, *path, *colour, **list;
	bool flag;
	int64_t number, span_s, span_ms, size;
};

#define AT(member) offsetof(struct sample, member)

static const struct config_key keys[] = {
    {"one", .what = "The first group."},
    {"one", "text", CONFIG_TEXT, AT(text), .what = "a text",
	.example = "anything"},
    {"one", "path", CONFIG_PATH, AT(path), .what = "a path"},
    {"one", "colour", CONFIG_CHOICE, AT(colour), .standard = "red",
	.words = words, .what = "a colour"},
    {"one", "list", CONFIG_LIST, AT(list), .what = "a list"},
    {"two", .what = "The second group."},
    {"two", "flag", CONFIG_FLAG, AT(flag), .standard = "yes", .what = "a flag"},
    {"two", "number", CONFIG_NUMBER, AT(number), .standard = "7", .least = 1,
	.most = 9, .what = "a number"},
    {"two", "span", CONFIG_SECONDS, AT(span_s), .standard = "15m",
	.what = "a span"},
    {"two", "skew", CONFIG_MILLIS, AT(span_ms), .what = "a short span"},
    {"two", "size", CONFIG_BYTES, AT(size), .what = "a size"},
    {0},
};

static void every_kind_of_value_is_read(void **state)
{
	(void)state;
	struct sample s = {0};
	g_autoptr(config) c = config_parse(keys,
	    "# a comment\n"
	    "\n"
	    "[one]\r\n"
	    "text =  two words \n"
	    "path=below/../it\n"
	    "colour = green\n"
	    " list = a ; b c;;d;\n"
	    "[two]\n"
	    "flag = no\n"
	    "number = 9\n"
	    "span = 7d\n"
	    "skew = 250ms\n"
	    "size = 64K\n",
	    "x.conf", "/etc/folder", &s, NULL);

	assert_non_null(c);
	assert_string_equal(s.text, "two words");
	assert_string_equal(s.path, "/etc/folder/it");
	assert_string_equal(s.colour, "green");
	assert_int_equal(g_strv_length(s.list), 3);
	assert_string_equal(s.list[1], "b c");
	assert_false(s.flag);
	assert_int_equal(s.number, 9);
	assert_int_equal(s.span_s, 7 * 86400);
	assert_int_equal(s.span_ms, 250);
	assert_int_equal(s.size, 65536);
	config_clear(keys, &s);
	assert_null(s.text);
	assert_null(s.list);
}

static void what_a_file_leaves_out_keeps_its_default(void **state)
{
	(void)state;
	struct sample s = {0}, plain = {0};
	g_autoptr(config) c =
	    config_parse(keys, "[two]\nnumber=1\n", "x", NULL, &s, NULL);

	config_defaults(keys, &plain);
	assert_non_null(c);
	assert_int_equal(s.number, 1);
	assert_int_equal(s.span_s, 900);
	assert_string_equal(s.colour, "red");
	assert_true(s.flag);
	assert_int_equal(plain.number, 7);
	assert_null(plain.text);
	config_clear(keys, &s);
	config_clear(keys, &plain);
}

static void a_mistake_is_named_with_file_line_group_and_key(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"[one]\ntxet = a\n", "x.conf:2: [one] txet: unknown key\n"
				  "hint: did you mean 'text'?"},
	    {"[one]\nentirely_else = a\n",
		"x.conf:2: [one] entirely_else: unknown key"},
	    {"\n[one]\nspan = 1s\n", "x.conf:3: [one] span: unknown key\n"
				     "hint: 'span' belongs to [two]"},
	    {"[on]\n",
		"x.conf:1: [on]: unknown group\nhint: did you mean [one]?"},
	    {"[one]\ntext = a\n\ntext = b\n",
		"x.conf:4: [one] text: given twice, first in line 2"},
	    {"[one]\n[two]\n[one]\n",
		"x.conf:3: [one]: given twice, first in line 1"},
	    {"text = a\n", "x.conf:1: a key before the first [group]"},
	    {"[one]\ntext\n",
		"x.conf:2: neither [group] nor key = value nor # comment"},
	    {"[one]\n= a\n",
		"x.conf:2: neither [group] nor key = value nor # comment"},
	    {"[one]\ntext = \xff\n", "x.conf:2: not UTF-8"},
	    {"[one]\ntext =\n", "x.conf:2: [one] text: no value\n"
				"hint: put a # before it to leave it out"},
	    {"[one]\ntext = a\\b\n",
		"x.conf:2: [one] text: a backslash is written \\\\"},
	    {"[one]\ncolour = blue\n",
		"x.conf:2: [one] colour: 'blue' is none of: red, green"},
	    {"[two]\nflag = true\n",
		"x.conf:2: [two] flag: 'true' is neither yes nor no"},
	    {"[two]\nnumber = 10\n",
		"x.conf:2: [two] number: '10' is no whole number from 1 to 9"},
	    {"[two]\nnumber = 2x\n",
		"x.conf:2: [two] number: '2x' is no whole number from 1 to 9"},
	    {"[two]\nspan = 5\n",
		"x.conf:2: [two] span: '5' is no span of time like "
		"90s 15m 12h 7d"},
	    {"[two]\nspan = -1s\n",
		"x.conf:2: [two] span: '-1s' is no span of time like "
		"90s 15m 12h 7d"},
	    {"[two]\nskew = s\n",
		"x.conf:2: [two] skew: 's' is no span of time like "
		"250ms 5s 2m"},
	    {"[two]\nsize = 9999999999T\n",
		"x.conf:2: [two] size: '9999999999T' is no size like "
		"4096 64K 20M 4G 1T"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sample s = {0};
		g_autoptr(GError) error = NULL;

		assert_null(config_parse(
		    keys, cases[i].text, "x.conf", NULL, &s, &error));
		assert_string_equal(error->message, cases[i].message);
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
		assert_null(s.colour);
	}
}

static void an_error_found_later_still_knows_its_line(void **state)
{
	(void)state;
	struct sample s = {0};
	g_autoptr(GError) error = NULL, other = NULL;
	g_autoptr(config) c =
	    config_parse(keys, "[one]\n\ntext=a\n", "x", NULL, &s, NULL);

	assert_false(config_fail(c, "one", "text", &error, "no %s", "good"));
	assert_string_equal(error->message, "x:3: [one] text: no good");
	assert_false(config_fail(c, "two", "flag", &other, "why"));
	assert_string_equal(other->message, "x: [two] flag: why");
	config_clear(keys, &s);
}

static void a_missing_file_is_named(void **state)
{
	(void)state;
	struct sample s = {0};
	g_autoptr(GError) error = NULL;

	assert_null(config_read(keys, "/nowhere/x.conf", &s, &error));
	assert_non_null(strstr(error->message, "/nowhere/x.conf"));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM));
}

static void values_as_json_carry_their_units(void **state)
{
	(void)state;
	struct sample s = {0};
	g_autoptr(config) c = config_parse(keys,
	    "[one]\nlist=a;b\n[two]\nskew=2s\nsize=1K\n", "x", NULL, &s, NULL);
	g_autoptr(json) document = config_write(keys, &s);
	g_autofree char *text = json_compact(document);

	assert_string_equal(text,
	    "{\"one\":{\"colour\":\"red\",\"list\":[\"a\",\"b\"]},"
	    "\"two\":{\"flag\":true,\"number\":7,\"size_bytes\":1024,"
	    "\"skew_ms\":2000,\"span_s\":900}}");
	config_clear(keys, &s);
}

static void the_template_leaves_every_default_as_it_is(void **state)
{
	(void)state;
	struct sample s = {0}, plain = {0};
	g_autofree char *text = config_template(keys, "A file for people.");
	g_autoptr(config) c =
	    config_parse(keys, text, "template", NULL, &s, NULL);

	assert_non_null(c);
	config_defaults(keys, &plain);
	assert_null(s.text);
	assert_string_equal(s.colour, plain.colour);
	assert_int_equal(s.span_s, plain.span_s);
	assert_non_null(strstr(text, "# A file for people.\n"));
	assert_non_null(strstr(text, "\n[one]\n\n# a text; for example:\n"
				     "#text = anything\n"));
	assert_non_null(
	    strstr(text, "# a colour (red, green)\n#colour = red\n"));
	config_clear(keys, &s);
	config_clear(keys, &plain);
}

static void a_key_of_the_template_is_set_in_its_place(void **state)
{
	(void)state;
	struct sample s = {0};
	g_autofree char *text = config_template(keys, "A file for people.");
	g_autofree char *one = config_set(text, "one", "text", "a\\b");
	g_autofree char *two = config_set(one, "two", "number", "3");
	g_autofree char *again = config_set(two, "two", "number", "4");
	g_autoptr(config) c =
	    config_parse(keys, again, "template", NULL, &s, NULL);

	assert_non_null(c);
	assert_string_equal(s.text, "a\\b");
	assert_int_equal(s.number, 4);
	assert_non_null(
	    strstr(again, "# a text; for example:\ntext = a\\\\b\n"));
	assert_null(config_set(text, "one", "number", "3"));
	config_clear(keys, &s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_of_value_is_read),
	    cmocka_unit_test(what_a_file_leaves_out_keeps_its_default),
	    cmocka_unit_test(a_mistake_is_named_with_file_line_group_and_key),
	    cmocka_unit_test(an_error_found_later_still_knows_its_line),
	    cmocka_unit_test(a_missing_file_is_named),
	    cmocka_unit_test(values_as_json_carry_their_units),
	    cmocka_unit_test(the_template_leaves_every_default_as_it_is),
	    cmocka_unit_test(a_key_of_the_template_is_set_in_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
