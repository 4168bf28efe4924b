/*
 * gonogo-rules(7) is made of the rows.  With the words `write FOLDER` it is
 * written below FOLDER, for `make regen`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "audit/rules/rule.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

static const char page_path[] = "docs/man/gonogo-rules.7";

static const struct {
	const char *area, *what;
} areas[] = {
    {"PATH", "The step from the running version to the target."},
    {"NOTES", "What the notes of the versions on the way demand."},
    {"CLUSTER", "The nodes, and what stands beside them."},
    {"LICENCE", "The licence."},
    {"APPS", "The apps that users installed."},
    {"FREEZE", "Nobody changes the cluster meanwhile."},
    {"CONFIG", "What this site made its own of what the product installs."},
    {"PLATFORM", "What Bitbucket stands on."},
    {"LOGS", "What the logs say."},
    {"CAPACITY", "The load while a node is away."},
    {"BACKUP", "The way back."},
    {"EVIDENCE", "The evidence itself."},
};

static const char preface[] =
    ".Dd November 22, 2026\n"
    ".Dt GONOGO-RULES 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm gonogo-rules\n"
    ".Nd what is asked before a Bitbucket cluster is upgraded\n"
    ".Sh DESCRIPTION\n"
    "Each rule asks one question whose good answer is yes.\n"
    "It answers\n"
    ".Sy pass ,\n"
    ".Sy fail ,\n"
    ".Sy unknown ,\n"
    ".Sy manual\n"
    "(a person has to attest it) or\n"
    ".Sy not_applicable ,\n"
    "with its evidence.\n"
    "What was not seen, or seen too long ago, is unknown, never a pass.\n"
    ".Pp\n"
    "The verdict is the first of these that holds:\n"
    ".Bl -tag -width CONDITIONAL\n"
    ".It NO-GO\n"
    "a rule of severity blocker or high failed, and not on trouble that is\n"
    "there with or without the upgrade;\n"
    ".It UNKNOWN\n"
    "a required rule is unknown or manual, or an area was not judged;\n"
    ".It CONDITIONAL\n"
    "a rule of severity medium failed;\n"
    ".It GO\n"
    "otherwise.\n"
    ".El\n"
    ".Pp\n"
    "A policy may name rules, findings or areas that are not required:\n"
    ".Xr gonogo-policy 5 .\n"
    "Trouble with the relation\n"
    ".Sy pre-existing\n"
    "is shown apart and stops nobody: to wait for it would hold up the\n"
    "security fix.\n";

static const char closing[] =
    ".Sh SEE ALSO\n"
    ".Xr gonogo 1 ,\n"
    ".Xr gonogo-audit 1 ,\n"
    ".Xr gonogo-policy 5\n"
    ".Pp\n"
    ".Ql gonogo audit rules\n"
    "lists the rules and, with a bundle, what each finds in it;\n"
    ".Ql gonogo audit explain\n"
    "tells one in full.\n";

static void put_rule(GString *out, const struct rule *rule)
{
	g_string_append_printf(out, ".It %s\n%s\n.br\nWhen not: %s.\n",
	    rule->id, rule->ask, rule->mend);
	g_string_append_printf(out, ".br\nSeverity %s%s, to settle %s, %s.\n",
	    severity_names[rule->severity], rule->required ? ", required" : "",
	    phase_names[rule->resolve_by], relation_names[rule->relation]);
}

static char *page_text(void)
{
	GString *out = g_string_new(preface);

	for (size_t i = 0; i < G_N_ELEMENTS(areas); i++) {
		g_autofree char *prefix = g_strconcat(areas[i].area, "-", NULL);
		const struct rule *rule = NULL;
		g_string_append_printf(out, ".Sh %s\n%s\n.Bl -tag -width Ds\n",
		    areas[i].area, areas[i].what);
		while ((rule = rules_next(rule)))
			if (g_str_has_prefix(rule->id, prefix))
				put_rule(out, rule);
		g_string_append(out, ".El\n");
	}
	g_string_append(out, closing);
	return g_string_free(out, FALSE);
}

static void the_manual_is_made_of_the_rows(void **state)
{
	(void)state;
	g_autofree char *made = page_text();
	g_autofree char *page =
	    file_read(page_path, LIMIT_TEMPLATE, NULL, NULL);

	if (g_strcmp0(page, made) != 0)
		print_message("%s: run `make regen`\n", page_path);
	assert_non_null(page);
	assert_string_equal(page, made);
}

static void every_rule_is_told(void **state)
{
	(void)state;
	g_autofree char *made = page_text();
	const struct rule *rule = NULL;

	while ((rule = rules_next(rule))) {
		g_autofree char *item = g_strdup_printf(".It %s\n", rule->id);
		assert_non_null(strstr(made, item));
	}
}

/* Gives the anchor of a heading as Markdown makes it: "end-of-life". */
static char *anchor_of(const char *heading)
{
	GString *out = g_string_new(NULL);

	heading += strspn(heading, "#");
	heading += strspn(heading, " ");
	for (; *heading; heading++)
		if (g_ascii_isalnum(*heading) || *heading == '-')
			g_string_append_c(out, g_ascii_tolower(*heading));
		else if (*heading == ' ')
			g_string_append_c(out, '-');
	return g_string_free(out, FALSE);
}

static bool has_anchor(const char *source)
{
	g_auto(GStrv) parts = g_strsplit(source, "#", 2);
	g_autofree char *text = file_read(parts[0], LIMIT_TEMPLATE, NULL, NULL);
	g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

	for (guint i = 0; lines[i] && parts[1]; i++) {
		g_autofree char *anchor = anchor_of(lines[i]);
		if (*lines[i] == '#' && g_str_equal(anchor, parts[1]))
			return true;
	}
	return false;
}

static void every_source_is_written(void **state)
{
	(void)state;
	const struct rule *rule = NULL;

	while ((rule = rules_next(rule))) {
		if (!has_anchor(rule->source))
			print_message("%s: %s\n", rule->id, rule->source);
		assert_true(has_anchor(rule->source));
	}
}

static int write_page(const char *folder)
{
	g_autofree char *text = page_text();
	g_autofree char *path = g_build_filename(folder, page_path, NULL);
	g_autofree char *parent = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	if (g_mkdir_with_parents(parent, 0755) == 0 &&
	    file_write(path, 0644, text, strlen(text), &error))
		return 0;
	g_printerr("%s: %s\n", path, error ? error->message : "no folder");
	return 74;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_manual_is_made_of_the_rows),
	    cmocka_unit_test(every_rule_is_told),
	    cmocka_unit_test(every_source_is_written),
	};

	if (argc == 3 && g_str_equal(argv[1], "write"))
		return write_page(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
