/* The step from the running version to the target. */
#include "audit/rules/rule.h"
#include "base/clock.h"
#include "bitbucket/version.h"

/* What the rules of this area compare. */
struct step {
	const char *current, *target;
	struct version from, to;
};

/*
 * Reads the two versions; false: F says what is wrong with them.  A target
 * that is no version is a mistake of the settings, so it fails.
 */
static bool read_step(
    const struct judging *j, struct finding *f, struct step *step)
{
	g_autoptr(GError) error = NULL;

	step->current = j->facts->product.version;
	step->target = j->facts->plan.target;
	if (!step->target) {
		finding_unknown(f, "the settings name no target");
		finding_remedy(f, "set [target] version in the settings");
		return false;
	}
	if (!version_parse(step->target, &step->to, &error)) {
		finding_answer(f, OUTCOME_FAIL, "the target is no version: %s",
		    error->message);
		finding_remedy(f, "set [target] version in the settings");
		return false;
	}
	if (!step->current) {
		rule_unseen(j, f, "product");
		return false;
	}
	if (!version_parse(step->current, &step->from, &error)) {
		finding_unknown(f, "the running version: %s", error->message);
		return false;
	}
	return true;
}

static void target_is_known(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;
	const struct app_check *check = &j->facts->app_check;
	struct finding *f = rule_add(j, NULL, NULL);
	struct step step = {0};

	if (!read_step(j, f, &step))
		return;
	if (k->target_listed.known && k->target_listed.value) {
		g_autofree char *day =
		    k->target.released_at.known
			? clock_text(k->target.released_at.value)
			: NULL;
		finding_answer(f, OUTCOME_PASS, "%s is a release%s%.10s",
		    step.target, day ? " of " : "", day ? day : "");
		finding_evidence(f, "pack.versions", step.target, NULL);
	} else if (check->listed.known && check->listed.value) {
		finding_answer(f, OUTCOME_PASS,
		    "the Marketplace offers %s as an update", step.target);
		finding_evidence(f, "apps.updates", step.target, NULL);
	} else if (k->target_listed.known) {
		finding_unknown(f,
		    "neither the version pack nor the product's update check "
		    "lists %s%s%s",
		    step.target,
		    k->newest_of_line.version ? "; the newest known of its "
						"line is "
					      : "",
		    k->newest_of_line.version ? k->newest_of_line.version : "");
	} else {
		rule_unseen(j, f, "pack.versions");
	}
}

/* The documented procedure begins with 7.9: docs/sources.md#rolling-upgrade */
static const struct version first_rolling = {7, 9, 0};

static void judge_rolling(const struct step *step, struct finding *f)
{
	if (!version_same_line(&step->from, &step->to)) {
		finding_answer(f, OUTCOME_FAIL,
		    "%s to %s leaves the line %u.%u: that is no rolling "
		    "upgrade",
		    step->current, step->target, step->from.major,
		    step->from.minor);
		finding_remedy(f,
		    "choose a target of line %u.%u, or set [target] procedure "
		    "= downtime and follow the vendor's upgrade guide",
		    step->from.major, step->from.minor);
	} else if (version_compare(&step->from, &first_rolling) < 0) {
		finding_answer(f, OUTCOME_FAIL,
		    "rolling upgrades are documented from 7.9 on, and %s runs",
		    step->current);
		finding_remedy(f, "set [target] procedure = downtime");
	} else {
		finding_answer(f, OUTCOME_PASS,
		    "%s to %s is a bug-fix step of line %u.%u", step->current,
		    step->target, step->from.major, step->from.minor);
	}
}

static void step_is_a_bugfix(const struct judging *j)
{
	struct finding *f = rule_add(j, NULL, NULL);
	struct step step = {0};
	const char *why;

	if (!read_step(j, f, &step))
		return;
	finding_evidence(f, "product", step.current, step.target);
	if (version_compare(&step.to, &step.from) <= 0) {
		finding_answer(f, OUTCOME_FAIL,
		    "%s runs already, and %s is not above it", step.current,
		    step.target);
		finding_remedy(
		    f, "set [target] version to one above %s", step.current);
	} else if (rule_when_rolling(j->facts, &why)) {
		judge_rolling(&step, f);
	} else {
		finding_answer(f, OUTCOME_PASS,
		    "%s to %s leads upwards, with downtime", step.current,
		    step.target);
	}
}

static void target_is_newest(const struct judging *j)
{
	const struct release *newest = &j->facts->knowledge.newest_of_line;
	struct finding *f = rule_add(j, NULL, NULL);
	struct step step = {0};
	struct version best = {0};

	if (j->policy->newest_bugfix) {
		f->severity = SEVERITY_MEDIUM;
		f->required = flag_of(true);
	}
	if (!read_step(j, f, &step))
		return;
	if (!newest->version || !version_parse(newest->version, &best, NULL)) {
		finding_unknown(f, "the version pack does not know line %u.%u",
		    step.to.major, step.to.minor);
		return;
	}
	finding_evidence(f, "pack.versions", step.target, newest->version);
	if (version_compare(&best, &step.to) <= 0) {
		finding_answer(f, OUTCOME_PASS, "%s is the newest of line %s",
		    step.target, newest->line);
		return;
	}
	finding_answer(f, OUTCOME_FAIL,
	    "%s is not the newest of line %s: %s is", step.target, newest->line,
	    newest->version);
	finding_remedy(f, "set [target] version = %s", newest->version);
}

static void line_is_supported(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;
	struct finding *f = rule_add(j, NULL, NULL);
	struct step step = {0};

	if (!read_step(j, f, &step))
		return;
	if (!k->line_ends_at.known) {
		finding_unknown(f, "no end of life of line %u.%u is known",
		    step.to.major, step.to.minor);
		return;
	}
	g_autofree char *day = clock_text(k->line_ends_at.value);
	bool over = k->line_ends_at.value <= j->as_of;
	finding_evidence(f, "pack.versions", day, NULL);
	finding_answer(f, over ? OUTCOME_FAIL : OUTCOME_PASS,
	    "line %u.%u %s its end of life on %.10s", step.to.major,
	    step.to.minor, over ? "reached" : "reaches", day);
}

/* ---- vulnerabilities ---- */

static void fixes_are_known(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;
	struct finding *f = rule_add(j, NULL, NULL);
	g_autoptr(GString) fixed = g_string_new(NULL);

	if (!k->current_listed.known || !k->target_listed.known) {
		rule_unseen(j, f, "pack.versions");
		return;
	}
	for (guint i = 0; i < list_length(k->advisories); i++) {
		const struct advisory *a = g_ptr_array_index(k->advisories, i);
		if (!a->fixed_by_target.known || !a->fixed_by_target.value)
			continue;
		g_string_append_printf(fixed, "%s%s (%s)",
		    fixed->len ? ", " : "", a->id,
		    a->severity ? a->severity : "severity unknown");
		finding_reference(f, "cve", a->id, NULL);
	}
	finding_evidence(f, "pack.versions", NULL, NULL);
	finding_answer(f, OUTCOME_PASS,
	    fixed->len ? "%s fixes %s"
		       : "%s fixes none of the "
			 "vulnerabilities that the "
			 "version pack knows%s",
	    j->facts->plan.target, fixed->str);
}

static enum severity severity_of(const struct advisory *a)
{
	if (g_strcmp0(a->severity, "critical") == 0 ||
	    g_strcmp0(a->severity, "high") == 0)
		return SEVERITY_HIGH;
	return g_strcmp0(a->severity, "low") == 0 ? SEVERITY_LOW
						  : SEVERITY_MEDIUM;
}

static void judge_open(const struct judging *j, const struct advisory *a)
{
	struct finding *f = rule_add(j, "version", a->id);

	f->severity = (int)severity_of(a);
	finding_evidence(f, "pack.versions", a->id, NULL);
	finding_reference(f, "cve", a->id, NULL);
	if (a->issue)
		finding_reference(f, "issue", a->issue, NULL);
	if (a->fixed_by_target.known)
		finding_answer(f, OUTCOME_FAIL, "%s stays open in %s: %s",
		    a->id, j->facts->plan.target, a->text ? a->text : "");
	else
		finding_unknown(f,
		    "%s names no versions, so nobody can say whether %s has "
		    "it: %s",
		    a->id, j->facts->plan.target, a->text ? a->text : "");
	finding_remedy(f, "read %s%s%s, and watch for a release that fixes it",
	    a->id, a->issue ? " / " : "", a->issue ? a->issue : "");
}

static void none_stays_open(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;
	guint before = list_length(j->out->list);

	if (!k->target_listed.known)
		return;
	for (guint i = 0; i < list_length(k->advisories); i++) {
		const struct advisory *a = g_ptr_array_index(k->advisories, i);
		if (!a->fixed_by_target.known || !a->fixed_by_target.value)
			judge_open(j, a);
	}
	if (list_length(j->out->list) > before)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_evidence(f, "pack.versions", NULL, NULL);
	finding_answer(f, OUTCOME_PASS,
	    "the version pack knows no vulnerability of %s",
	    j->facts->plan.target);
}

/* ---- what is written of the step ---- */

static void nothing_is_known_to_break(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;

	if (!k->target_listed.known)
		return;
	for (guint i = 0; i < list_length(k->regressions); i++) {
		const struct note *note = g_ptr_array_index(k->regressions, i);
		g_autofree char *id =
		    g_strndup(note->text, strcspn(note->text, ": "));
		struct finding *f = rule_add(j, "version", id);
		finding_evidence(f, "pack.versions", note->text, NULL);
		finding_reference(f, "issue", id, NULL);
		finding_answer(f, OUTCOME_FAIL, "%s (concerns: %s)", note->text,
		    note->at ? note->at : "not said");
	}
	if (list_length(k->regressions) > 0)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_evidence(f, "pack.versions", NULL, NULL);
	finding_answer(
	    f, OUTCOME_PASS, "the version pack knows of none on the way");
}

const struct rule path_rules[] = {
    {.id = "PATH-target-known",
	.ask = "Is the target a release that exists?",
	.mend = "check [target] version against the vendor's list of "
		"releases, or bring a newer version pack",
	.source = "docs/sources.md#versions",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"settings", "pack.versions|apps.updates"},
	.judge = target_is_known},
    {.id = "PATH-bugfix-step",
	.ask = "Does the procedure fit the step?",
	.mend = "choose a higher bug-fix release of the running line",
	.source = "docs/sources.md#rolling-upgrade",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"settings", "product"},
	.judge = step_is_a_bugfix},
    {.id = "PATH-newest-bugfix",
	.ask = "Is the target the newest bug-fix release of its line?",
	.mend = "choose the newest release of the line as the target",
	.source = "docs/sources.md#versions",
	.severity = SEVERITY_INFO,
	.relation = RELATION_WORSENED,
	.inputs = {"settings", "pack.versions"},
	.judge = target_is_newest},
    {.id = "PATH-line-supported",
	.ask = "Is the target's line still supported?",
	.mend = "plan the step to a supported line; this upgrade does not "
		"wait for it",
	.source = "docs/sources.md#versions",
	.severity = SEVERITY_HIGH,
	.resolve_by = PHASE_AFTER,
	.relation = RELATION_PRE_EXISTING,
	.inputs = {"settings", "pack.versions"},
	.judge = line_is_supported},
    {.id = "PATH-vulnerabilities-fixed",
	.ask = "Is it known which vulnerabilities the step closes?",
	.mend = "read the vendor's security advisories of the versions on the "
		"way",
	.source = "docs/sources.md#advisories",
	.severity = SEVERITY_INFO,
	.relation = RELATION_PRE_EXISTING,
	.inputs = {"settings", "product", "pack.versions"},
	.judge = fixes_are_known},
    {.id = "PATH-vulnerabilities-open",
	.ask = "Is no known vulnerability left open in the target?",
	.mend = "choose a release that fixes it, or plan the next step",
	.source = "docs/sources.md#advisories",
	.severity = SEVERITY_HIGH,
	.resolve_by = PHASE_AFTER,
	.relation = RELATION_PRE_EXISTING,
	.inputs = {"settings", "product", "pack.versions"},
	.judge = none_stays_open},
    {.id = "PATH-known-regressions",
	.ask = "Is nothing known to go wrong on the way?",
	.mend = "drain each node before it is stopped, and look at the table "
		"databasechangeloglock when one does not start",
	.source = "docs/sources.md#regressions",
	.severity = SEVERITY_LOW,
	.resolve_by = PHASE_BEFORE_NODE,
	.inputs = {"pack.versions"},
	.judge = nothing_is_known_to_break},
    {0},
};
