#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

#include <cmocka.h>

#include "base/limits.h"
#include "port/yaml.h"

static json *parse(const char *text, GError **error)
{
	return yaml_parse(text, strlen(text), "pack.yaml", error);
}

static void refused(const char *text, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(json) value = parse(text, &error);

	assert_null(value);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	if (!strstr(error->message, why))
		fail_msg("%s: not '%s'", error->message, why);
}

static void every_scalar_stays_the_text_it_is(void **state)
{
	(void)state;
	g_autoptr(json) value = parse("line: 8.10\n"
				      "yes: no\n"
				      "empty:\n"
				      "list:\n"
				      "- 010\n"
				      "- 'it''s'\n"
				      "- {a: ~, b: [1, x]}\n",
	    NULL);
	g_autofree char *text = json_compact(value);

	assert_string_equal(text,
	    "{\"empty\":\"\",\"line\":\"8.10\",\"list\":[\"010\",\"it's\","
	    "{\"a\":\"~\",\"b\":[\"1\",\"x\"]}],\"yes\":\"no\"}");
}

static void what_a_pack_never_needs_is_refused_with_its_line(void **state)
{
	(void)state;
	refused("a: 1\nb: 2\na: 3\n", "pack.yaml:3: 'a' twice");
	refused("a: &x 1\nb: *x\n", "pack.yaml:1: anchors");
	refused("a: *x\n", "pack.yaml:1");
	refused("a: !!int 1\n", "pack.yaml:1: anchors, aliases and tags");
	refused("- a\n---\n- b\n", "a second document");
	refused("? [a]\n: b\n", "a key must be one plain text");
	refused("a: \"x\\0y\"\n", "a NUL byte");
	refused("just words\n", "neither a mapping nor a list");
	refused("", "empty");
	refused("a: [1\n", "pack.yaml:");
	refused("a: \xff\n", "pack.yaml:");
}

static void nesting_has_a_limit(void **state)
{
	(void)state;
	g_autofree char *deep = g_strnfill(LIMIT_YAML_DEPTH + 1, '[');
	g_autofree char *open = g_strnfill(LIMIT_YAML_DEPTH, '[');
	g_autofree char *shut = g_strnfill(LIMIT_YAML_DEPTH, ']');
	g_autofree char *deepest = g_strconcat(open, shut, NULL);
	g_autoptr(json) value = parse(deepest, NULL);

	assert_non_null(value);
	refused(deep, "nested too deep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_scalar_stays_the_text_it_is),
	    cmocka_unit_test(what_a_pack_never_needs_is_refused_with_its_line),
	    cmocka_unit_test(nesting_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
