#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/config_groups.h"
#include "base/error.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

struct sample {
	char *by, *key;
	int64_t count;
};

static const struct config_key keys[] = {
    {"", "by", CONFIG_TEXT, offsetof(struct sample, by), .what = "who"},
    {"", "key", CONFIG_PATH, offsetof(struct sample, key), .what = "a file"},
    {"", "count", CONFIG_NUMBER, offsetof(struct sample, count),
	.standard = "7", .what = "how many"},
    {0},
};

/* Writes each group as "name:by:key:count;". */
static bool take(const config *c, const char *name, const void *value,
    void *data, GError **error)
{
	const struct sample *s = value;

	if (!s->by)
		return config_fail(c, name, "by", error, "missing");
	g_string_append_printf(data, "%s:%s:%s:%d;", name, s->by,
	    s->key ? s->key : "", (int)s->count);
	return true;
}

static bool parse(const char *text, GString *out, GError **error)
{
	return config_groups_parse(
	    keys, sizeof(struct sample), text, "/etc/x.conf", take, out, error);
}

static void groups_come_in_their_order_each_with_its_own_values(void **state)
{
	(void)state;
	g_autoptr(GString) out = g_string_new(NULL);

	assert_true(parse("# a comment\n\n[G/02 x]\nby = a\ncount = 3\n"
			  "[by]\nkey = k.pem\nby = b\n",
	    out, NULL));
	assert_string_equal(out->str, "G/02 x:a::3;by:b:/etc/k.pem:7;");
}

static void a_file_without_groups_gives_none(void **state)
{
	(void)state;
	g_autoptr(GString) out = g_string_new(NULL);

	assert_true(parse("", out, NULL));
	assert_true(parse("# nothing yet\n", out, NULL));
	assert_int_equal(out->len, 0);
}

static void a_mistake_is_named_with_file_line_group_and_key(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"by = a\n", "/etc/x.conf:1: before the first [group]"},
	    {"[a]\nby = a\n[a]\n", "/etc/x.conf:3: a second group"},
	    {"[a]\nby = a\n[b]\n\nbi = b\n",
		"/etc/x.conf:5: [b] bi: unknown key\nhint: did you mean 'by'?"},
	    {"[a]\nby = a\nby = b\n", "/etc/x.conf:3: [a] by: given twice"},
	    {"[a]\nby = a\n[b]\ncount = x\n", "/etc/x.conf:4: [b] count: 'x'"},
	    {"[a]\ncount = 1\n", "/etc/x.conf: [a] by: missing"},
	    {"[a]\nby = a\n[]\n", "/etc/x.conf:3: []"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		assert_false(parse(rows[i].text, out, &error));
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
		if (!strstr(error->message, rows[i].says))
			print_message("%s\n", error->message);
		assert_non_null(strstr(error->message, rows[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		groups_come_in_their_order_each_with_its_own_values),
	    cmocka_unit_test(a_file_without_groups_gives_none),
	    cmocka_unit_test(a_mistake_is_named_with_file_line_group_and_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
