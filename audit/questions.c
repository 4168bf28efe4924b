#include "audit/questions.h"

#include "base/clock.h"

/* Says why an answer that is there does not count; F stays open. */
static void refuse(
    struct finding *f, const struct attestation *a, const char *why)
{
	g_autofree char *asked = f->message;
	g_autofree char *day = clock_text(a->at.value);

	f->message = g_strdup_printf(
	    "%s (%s answered on %.10s, but %s)", asked, a->by, day, why);
}

static bool counts(
    const struct judging *j, struct finding *f, const struct attestation *a)
{
	const char *target = j->facts->plan.target;
	g_autofree char *why = NULL;

	if (g_strcmp0(a->target, target) != 0) {
		why = g_strdup_printf("of %s, not of %s", a->target,
		    target ? target : "this upgrade");
	} else if (a->at.value > j->as_of) {
		why = g_strdup("that is after the moment that is judged");
	} else if (j->as_of - a->at.value > j->policy->answers_max_age_s) {
		g_autofree char *most =
		    clock_span(j->policy->answers_max_age_s);
		why = g_strdup_printf("%s is the limit", most);
	}
	if (why)
		refuse(f, a, why);
	return !why;
}

struct number questions_settle(const struct judging *j, struct finding *f)
{
	const struct attestation *a = f->outcome == OUTCOME_MANUAL
					  ? facts_find_answer(j->facts, f->key)
					  : NULL;

	if (!a || !counts(j, f, a))
		return (struct number){0};
	g_autofree char *asked = f->message;
	g_autofree char *day = clock_text(a->at.value);
	f->message = NULL;
	finding_evidence(f, "answers", a->yes.value ? "yes" : "no", "yes");
	finding_answer(f, a->yes.value ? OUTCOME_PASS : OUTCOME_FAIL,
	    "%s %s, says %s on %.10s%s%s", asked, a->yes.value ? "Yes" : "No",
	    a->by, day, a->why ? ": " : "", a->why ? a->why : "");
	return number_of(a->at.value + j->policy->answers_max_age_s);
}

/* ---- the file for people ---- */

static const char preface[] =
    "# What only people can say of the upgrade to %s. Take the # away from\n"
    "# the answer and say who answers and when; without an answer the "
    "question\n"
    "# stays open, and there is no GO. It counts for this target alone.\n";

/* Each line of TEXT becomes a comment of its own. */
static void put_comment(GString *out, const char *before, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++)
		g_string_append_printf(
		    out, "# %s%s\n", line == lines ? before : "", *line);
}

static void put_question(
    GString *out, const struct finding *f, const char *target)
{
	g_string_append_c(out, '\n');
	put_comment(out, "", f->message ? f->message : f->title);
	if (list_length(f->remediation) > 0)
		put_comment(
		    out, "first: ", g_ptr_array_index(f->remediation, 0));
	g_string_append_printf(out,
	    "[%s]\n#answer = yes\n#by = \n#at = 2026-11-20T10:00:00Z\n"
	    "target = %s\n#why = \n",
	    f->key, target);
}

char *questions_text(const struct findings *found, const char *target)
{
	g_autoptr(GString) out = g_string_new(NULL);

	if (!target)
		target = "?";
	g_string_append_printf(out, preface, target);
	for (guint i = 0; i < list_length(found->list); i++) {
		const struct finding *f = g_ptr_array_index(found->list, i);
		if (f->outcome == OUTCOME_MANUAL)
			put_question(out, f, target);
	}
	return g_strdup(out->str);
}
