#include "tests/unit/unit.h"

#include "report/brief.h"

static void add(
    GPtrArray **list, const char *key, const char *message, const char *remedy)
{
	struct reason *r = shape_add(&reason_shape, list);

	r->key = g_strdup(key);
	r->message = g_strdup(message);
	r->remedy = g_strdup(remedy);
}

static void fill(struct verdict *v, guint reasons)
{
	g_autofree char *endless = g_strnfill(500, 'x');
	g_autofree char *words = g_strdup_printf("do %s and then rest",
	    "this thing again and again and again and again and again and "
	    "again and again and again and again and again and again and again "
	    "and again and again and again and again and again");

	v->answer = v->answer_without_waivers = ANSWER_NO_GO;
	v->cluster = g_strdup("git.example.com");
	v->current = g_strdup("9.4.21");
	v->target = g_strdup("9.4.22");
	v->procedure = g_strdup("rolling");
	v->as_of = number_of(1785585600);
	v->valid_until = number_of(1785585600 + 7200);
	for (guint i = 0; i < reasons; i++) {
		g_autofree char *message = g_strdup_printf(
		    "%u Ärger\n\x1b[2Jüberall ist nicht vereinbar mit dem, "
		    "was dort steht, und noch viel mehr",
		    i);
		add(&v->reasons, "APPS-incompatible/com.example.app", message,
		    i % 2 ? endless : words);
		add(&v->not_checked, "LOGS-known/some-long-name-of-a-thing",
		    "x", NULL);
	}
}

static void one_cause_of_many_failures_is_shown_once(void **state)
{
	(void)state;
	g_auto(verdict) v = {0};

	add(&v.reasons, "BACKUP-a", "no backup", "gonogo backup create");
	add(&v.reasons, "BACKUP-b", "no backup", "gonogo backup create");
	add(&v.reasons, "BACKUP-c", "no backup", "another command");
	add(&v.reasons, "BACKUP-d", NULL, NULL);
	g_autofree char *text = brief_write(&v, "/b", false);
	assert_non_null(strstr(text, "  1. BACKUP-a: no backup\n"));
	assert_non_null(strstr(text, "  2. BACKUP-c: no backup\n"));
	assert_non_null(strstr(text, "  3. BACKUP-d\n"));
	assert_non_null(strstr(text, "  and 1 more\n"));
	assert_null(strstr(text, "BACKUP-b"));
}

static void the_worst_verdict_fits_a_terminal(void **state)
{
	(void)state;
	g_auto(verdict) v = {0};

	fill(&v, 40);
	g_autofree char *text = brief_write(&v, "/b", false);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	assert_true(g_strv_length(lines) - 1 <= 15);
	for (char **line = lines; *line; line++) {
		assert_true(g_utf8_validate(*line, -1, NULL));
		assert_true(g_utf8_strlen(*line, -1) <= 80);
	}
	assert_non_null(strstr(text, "NO-GO  git.example.com: 9.4.21 -> "
				     "9.4.22 (rolling)\n"));
	assert_non_null(strstr(text, "  and 37 more\n"));
	assert_non_null(strstr(text, "not checked: 40 ("));
	assert_non_null(strstr(text, "(2 h)"));
}

static void only_a_terminal_gets_colour_and_nothing_else_gets_through(
    void **state)
{
	(void)state;
	g_auto(verdict) v = {0};

	fill(&v, 1);
	g_autofree char *plain = brief_write(&v, "/b", false);
	g_autofree char *colour = brief_write(&v, "/b", true);
	assert_null(strchr(plain, '\x1b'));
	assert_true(g_str_has_prefix(colour, "\x1b[1;31mNO-GO\x1b[0m  "));
	assert_null(strstr(colour, "\x1b[2J"));
}

static void what_is_not_known_is_said(void **state)
{
	(void)state;
	g_auto(verdict) v = {0};
	g_autofree char *text = brief_write(&v, "/b", false);

	assert_non_null(strstr(text, "UNKNOWN  (cluster not named): ? -> ?\n"));
	assert_non_null(strstr(text, "not checked: 0\n"));
	assert_null(strstr(text, "valid until"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_worst_verdict_fits_a_terminal),
	    cmocka_unit_test(one_cause_of_many_failures_is_shown_once),
	    cmocka_unit_test(
		only_a_terminal_gets_colour_and_nothing_else_gets_through),
	    cmocka_unit_test(what_is_not_known_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
