/*
 * Nobody changes the cluster while it is upgraded.  What has changed since it
 * was approved is the gate's to say; here it counts from the announcement on.
 */
#include "audit/rules/rule.h"
#include "base/clock.h"

static const char announced[] = "FREEZE-announced";

/* When the freeze was announced for this target; not known: nobody says so. */
static struct number since(const struct facts *facts)
{
	const struct attestation *a = facts_find_answer(facts, announced);

	if (!a || !a->yes.value ||
	    g_strcmp0(a->target, facts->plan.target) != 0)
		return (struct number){0};
	return a->at;
}

static bool is_announced(const struct facts *facts, const char **why)
{
	*why = "no freeze has been announced yet";
	return since(facts).known;
}

/*
 * What a freeze forbids; whatever else stands in the log is daily life.
 * docs/sources.md#audit-log
 */
static bool is_forbidden(const struct audit_event *e)
{
	static const char *const begins[] = {"Plugin ", "App ", "License ",
	    "Licence ", "Global settings ", "Cluster "};

	for (size_t i = 0; i < G_N_ELEMENTS(begins); i++)
		if (g_ascii_strncasecmp(
			e->action, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void name_event(struct finding *f, const struct audit_event *e)
{
	g_autofree char *at = clock_text(e->at.value);
	g_autofree char *text = g_strdup_printf("%s %s%s%s by %s", at,
	    e->action, e->object ? ": " : "", e->object ? e->object : "",
	    e->author ? e->author : "somebody");

	finding_evidence(f, "audit.events", text, NULL);
}

static void nothing_changes(const struct judging *j)
{
	const struct facts *facts = j->facts;
	const struct number from = since(facts);
	struct finding *f = rule_add(j, NULL, NULL);
	g_autofree char *day = clock_text(from.value);
	guint count = 0;

	if (!facts_find_source(facts, "audit.events")) {
		rule_unseen(j, f, "audit.events");
		return;
	}
	if (!facts->audit_since.known ||
	    facts->audit_since.value > from.value) {
		finding_unknown(f,
		    "the audit log was not asked as far back as %s, when the "
		    "freeze was announced",
		    day);
		return;
	}
	for (guint i = 0; i < list_length(facts->audit_events); i++) {
		const struct audit_event *e =
		    g_ptr_array_index(facts->audit_events, i);
		if (e->at.value <= from.value || !is_forbidden(e))
			continue;
		name_event(f, e);
		count++;
	}
	if (count) {
		finding_answer(f, OUTCOME_FAIL,
		    "%u change%s of apps, licence or settings since %s", count,
		    count == 1 ? "" : "s", day);
		return;
	}
	finding_evidence(f, "audit.events", NULL, NULL);
	finding_answer(f, OUTCOME_PASS,
	    "no change of apps, licence or settings since %s", day);
}

const struct rule freeze_rules[] = {
    {.id = "FREEZE-announced",
	.ask = "Do the other administrators know that nobody changes apps or "
	       "settings until the upgrade is done?",
	.mend = "tell them, and show a banner: Administration, Announcement "
		"banner",
	.source = "docs/sources.md#guide",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.judge = rule_ask_person},
    {.id = "FREEZE-quiet",
	.ask = "Has nobody changed apps, licence or settings since the freeze "
	       "was announced?",
	.mend = "find out who did and why; audit again, as what was judged "
		"before has changed",
	.source = "docs/sources.md#audit-log",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"audit.events"},
	.applies = is_announced,
	.judge = nothing_changes},
    {0},
};
