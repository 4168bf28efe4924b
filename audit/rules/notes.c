/* The notes of every version on the way. */
#include "audit/rules/condition.h"
#include "audit/rules/rule.h"

static bool step_is_known(const struct knowledge *k)
{
	return k->current_listed.known && k->target_listed.known;
}

/*
 * A bug-fix step often has no note; that is proved, not assumed.  Of versions
 * whose notes nobody has recorded, a person says that they were read.
 */
static void notes_are_read(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;
	guint unread = list_length(k->unread);
	struct finding *f = rule_add(j, NULL, NULL);

	if (!step_is_known(k)) {
		rule_unseen(j, f, "pack.versions");
		return;
	}
	finding_evidence(f, "pack.versions", NULL, NULL);
	if (!unread) {
		finding_answer(f, OUTCOME_PASS,
		    "it is recorded which notes the versions on the way to %s "
		    "have",
		    j->facts->plan.target);
		return;
	}
	const char *first = g_ptr_array_index(k->unread, 0);
	const char *last = g_ptr_array_index(k->unread, unread - 1);
	finding_answer(f, OUTCOME_MANUAL,
	    "Has somebody read the release and upgrade notes of %s%s%s?", first,
	    unread > 1 ? " to " : "", unread > 1 ? last : "");
}

/* ---- the notes that the pack has ---- */

static char *condition_text(const struct condition *c)
{
	return c->value ? g_strdup_printf("%s %s %s", c->fact, c->op, c->value)
			: g_strdup_printf("%s is %s", c->fact, c->op);
}

static enum severity severity_of(const struct note *note)
{
	for (int i = 0; severity_names[i]; i++)
		if (g_strcmp0(note->severity, severity_names[i]) == 0)
			return (enum severity)i;
	return SEVERITY_HIGH;
}

/* It concerns this cluster: who says no severity asks what was done. */
static void note_concerns(
    struct finding *f, const struct note *note, const char *because)
{
	f->severity = (int)severity_of(note);
	finding_answer(f, note->severity ? OUTCOME_FAIL : OUTCOME_MANUAL,
	    "%s: %s%s%s%s%s", note->at, note->text, *because ? " (" : "",
	    because, *because ? ")" : "",
	    note->severity ? "" : ": has this been taken care of?");
}

static void judge_note(
    const struct judging *j, const struct note *note, const json *document)
{
	struct finding *f = rule_add(j, "version", note->id);
	const struct condition *decides = NULL;
	enum holds holds = condition_all(note, j->facts, document, &decides);
	g_autofree char *because =
	    decides ? condition_text(decides) : g_strdup("");

	finding_evidence(f, "pack.versions", note->text, NULL);
	if (holds == HOLDS_YES)
		note_concerns(f, note, because);
	else if (holds == HOLDS_NO)
		finding_answer(f, OUTCOME_NOT_APPLICABLE,
		    "%s: %s: not so here: %s", note->at, note->text, because);
	else
		finding_answer(f, OUTCOME_MANUAL,
		    "%s: %s: nobody saw whether %s: does it concern this "
		    "cluster, and has it been taken care of?",
		    note->at, note->text, because);
}

static void notes_are_kept(const struct judging *j)
{
	const struct knowledge *k = &j->facts->knowledge;

	if (!step_is_known(k))
		return;
	g_autoptr(json) document =
	    k->notes ? shape_write(&facts_shape, j->facts) : NULL;
	for (guint i = 0; i < list_length(k->notes); i++)
		judge_note(j, g_ptr_array_index(k->notes, i), document);
	if (list_length(k->notes) > 0)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_evidence(f, "pack.versions", NULL, NULL);
	finding_answer(f, OUTCOME_PASS,
	    "the version pack has no note on the way to %s",
	    j->facts->plan.target);
}

const struct rule notes_rules[] = {
    {.id = "NOTES-read",
	.ask = "Has somebody read the notes of every version on the way?",
	.mend = "read the release notes and the upgrade notes of the versions "
		"on the way on the vendor's pages",
	.source = "docs/sources.md#upgrade-notes",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"settings", "product", "pack.versions"},
	.judge = notes_are_read},
    {.id = "NOTES-on-the-way",
	.ask = "Is what the notes of the versions on the way demand done?",
	.mend = "do what the note says, or say why it does not concern this "
		"cluster",
	.source = "docs/sources.md#upgrade-notes",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"settings", "product", "pack.versions"},
	.judge = notes_are_kept},
    {0},
};
