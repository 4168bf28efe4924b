/* `audit judge`: a bundle's raw replies to facts.json and findings.json. */
#include "audit/collect/normalise.h"
#include "audit/judge.h"
#include "audit/questions.h"
#include "audit/rules/rule.h"
#include "audit/verbs.h"
#include "audit/what_if.h"
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "contract/verdict.h"
#include "port/fs.h"

struct options {
	char *bundle, *policy, *as_of, *out, *answers, *ask, *what_if;
	char **without;
};

static void options_clear(struct options *o)
{
	g_free(o->bundle);
	g_free(o->policy);
	g_free(o->as_of);
	g_free(o->out);
	g_free(o->answers);
	g_free(o->ask);
	g_free(o->what_if);
	g_strfreev(o->without);
}

typedef struct options options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options, options_clear)

static bool is_area(const char *name)
{
	g_autofree char *prefix = g_strconcat(name, "-", NULL);
	const struct rule *rule = NULL;

	while ((rule = rules_next(rule)))
		if (g_str_has_prefix(rule->id, prefix))
			return true;
	return false;
}

static bool check(const struct options *o, int64_t *as_of, GError **error)
{
	if (!o->bundle)
		return fail(error, GONOGO_ERROR_USAGE,
		    "no bundle\nhint: name it with --bundle");
	for (char **area = o->without; area && *area; area++)
		if (!is_area(*area))
			return fail(error, GONOGO_ERROR_USAGE,
			    "no area '%s'\nhint: `gonogo audit rules` lists "
			    "them",
			    *area);
	if (o->ask && g_file_test(o->ask, G_FILE_TEST_EXISTS))
		return fail(error, GONOGO_ERROR_USAGE,
		    "%s is there already\nhint: --answers %s takes what it "
		    "says",
		    o->ask, o->ask);
	*as_of = clock_now();
	return !o->as_of || clock_parse(o->as_of, as_of, error);
}

static bool save(const struct options *o, const struct facts *facts,
    const struct findings *found, GError **error)
{
	const char *out = o->out ? o->out : o->bundle;
	g_autofree char *facts_path = g_build_filename(out, "facts.json", NULL);
	g_autofree char *findings_path =
	    g_build_filename(out, "findings.json", NULL);

	return fs_make_folders(out, 0755, error) &&
	       document_save(&facts_shape, facts, facts_path, error) &&
	       document_save(&findings_shape, found, findings_path, error);
}

/* Puts the answers of FILE into the bundle, where judging finds them. */
static bool take_answers(const struct options *o, GError **error)
{
	size_t length = 0;
	g_autofree char *to = g_build_filename(o->bundle, "answers.conf", NULL);
	g_autofree char *text =
	    o->answers ? file_read(o->answers, LIMIT_SETTINGS, &length, error)
		       : NULL;

	return !o->answers ||
	       (text && file_write(to, 0600, text, length, error));
}

/* An answer to what nobody asks is a slip of the pen. */
static bool check_answers(const struct facts *facts, GError **error)
{
	for (guint i = 0; i < list_length(facts->answers); i++) {
		const struct attestation *a =
		    g_ptr_array_index(facts->answers, i);
		g_autofree char *id =
		    g_strndup(a->question, strcspn(a->question, "/"));
		if (!rules_find(id))
			return fail(error, GONOGO_ERROR_USAGE,
			    "answers.conf: [%s]: no rule '%s'\n"
			    "hint: `gonogo audit judge --ask FILE` writes the "
			    "open questions",
			    a->question, id);
	}
	return true;
}

static bool ask(const struct options *o, const struct facts *facts,
    const struct findings *found, GError **error)
{
	if (!o->ask)
		return true;
	g_autofree char *text = questions_text(found, facts->plan.target);
	if (g_str_equal(o->ask, "-"))
		return fputs(text, stdout) != EOF;
	return file_write(o->ask, 0600, text, strlen(text), error);
}

/* The verdict that `report decide` would give. */
static void print_verdict(const char *when, const struct facts *facts,
    const struct policy *policy, int64_t as_of, bool reasons)
{
	g_auto(findings) found = {0};
	g_auto(verdict) v = {0};

	judge_all(facts, policy, as_of, NULL, &found);
	verdict_of(&v, facts, &found, policy, as_of);
	printf("%s: %s\n", when, answer_text((enum answer)v.answer));
	for (guint i = 0; reasons && i < list_length(v.reasons); i++) {
		const struct reason *r = g_ptr_array_index(v.reasons, i);
		printf("  %s: %s\n", r->key, r->message ? r->message : "");
	}
}

/* Says what an act would change; nothing is written. */
static bool try_acts(const struct options *o, const struct policy *policy,
    int64_t as_of, struct facts *facts, GError **error)
{
	g_autofree char *after = g_strconcat("after ", o->what_if, NULL);

	print_verdict("as it is", facts, policy, as_of, false);
	if (!what_if(o->what_if, facts, error))
		return false;
	print_verdict(after, facts, policy, as_of, true);
	return true;
}

static void tell(const struct findings *found)
{
	guint counts[5] = {0};

	for (guint i = 0; i < list_length(found->list); i++) {
		const struct finding *f = g_ptr_array_index(found->list, i);
		counts[f->outcome]++;
	}
	log_say("%u findings: %u pass, %u fail, %u unknown, %u for a person, "
		"%u do not apply",
	    list_length(found->list), counts[OUTCOME_PASS],
	    counts[OUTCOME_FAIL], counts[OUTCOME_UNKNOWN],
	    counts[OUTCOME_MANUAL], counts[OUTCOME_NOT_APPLICABLE]);
}

int verb_judge(int argc, char **argv, GError **error)
{
	g_auto(options) o = {0};
	g_auto(facts) facts = {0};
	g_auto(findings) found = {0};
	int64_t as_of = 0;
	const GOptionEntry entries[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &o.bundle,
		"the bundle to judge", "DIR"},
	    {"policy", 'p', 0, G_OPTION_ARG_FILENAME, &o.policy,
		"the policy [the bundle's, else the built-in]", "FILE"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &o.as_of,
		"judge as of then [now]", "TIME"},
	    {"without", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o.without,
		"leave an area out; may be given again", "AREA"},
	    {"answers", 0, 0, G_OPTION_ARG_FILENAME, &o.answers,
		"what only people can say: into the bundle first", "FILE"},
	    {"ask", 0, 0, G_OPTION_ARG_FILENAME, &o.ask,
		"write what is still to be answered there", "FILE"},
	    {"what-if", 0, 0, G_OPTION_ARG_STRING, &o.what_if,
		"disable=KEY,update=KEY:VERSION: the verdict after it", "ACTS"},
	    {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out,
		"where to write [the bundle]", "DIR"},
	    {0},
	};

	if (!cli_parse(&argc, argv, entries, "", 0, 0,
		"Holds what was collected against the rules, without a "
		"network, and writes\nfacts.json and findings.json.  "
		"`gonogo report decide` says what they mean.",
		error) ||
	    !check(&o, &as_of, error))
		return -1;
	g_autoptr(policy) policy = policy_of(o.policy, o.bundle, error);
	if (!policy || !take_answers(&o, error) ||
	    !normalise(o.bundle, as_of, &facts, error) ||
	    !check_answers(&facts, error))
		return -1;
	if (o.what_if)
		return try_acts(&o, policy, as_of, &facts, error) ? EXITS_DONE
								  : -1;
	judge_all(
	    &facts, policy, as_of, (const char *const *)o.without, &found);
	if (!save(&o, &facts, &found, error) || !ask(&o, &facts, &found, error))
		return -1;
	tell(&found);
	return EXITS_DONE;
}
