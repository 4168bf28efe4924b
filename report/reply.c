#include "report/reply.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/exits.h"
#include "report/render/escape.h"

static const char *word_of(int code)
{
	switch (code) {
	case EXITS_DONE:
		return "GO";
	case EXITS_CONDITIONAL:
		return "CONDITIONAL";
	case EXITS_NO_GO:
		return "NO_GO";
	case EXITS_UNKNOWN:
		return "UNKNOWN";
	case EXITS_INVALID:
		return "INVALID";
	case EXITS_DRIFT:
		return "DRIFT";
	case EXITS_HOLD:
		return "HOLD";
	default:
		return "UNAVAILABLE";
	}
}

static const char *next_before_start(int code)
{
	switch (code) {
	case EXITS_CONDITIONAL:
		return "have the warnings accepted, then ask with "
		       "--accept-conditional; upgrade mode stays off";
	case EXITS_HOLD:
		return "ask again later; upgrade mode stays off";
	case EXITS_INVALID:
		return "stop and find out who changed the evidence; upgrade "
		       "mode stays off";
	case EXITS_DRIFT:
		return "audit again; upgrade mode stays off, unless somebody "
		       "began already";
	default:
		return "do not start; upgrade mode stays off";
	}
}

/*
 * Nothing here ends an upgrade that has begun: a mixed cluster serves its
 * users, and cancelling or finalising one is what would strand it.
 */
static const char *safe_next(enum step_kind kind, int code)
{
	bool later = code == EXITS_HOLD || code >= EXITS_USAGE;

	switch (kind) {
	case STEP_OPEN:
		return next_before_start(code);
	case STEP_NODE_DRAIN:
		return later ? "drain nobody yet, ask again; the mixed cluster "
			       "goes on serving; do not cancel"
			     : "drain nobody; bring the node that is named to "
			       "the target or take it offline; the mixed "
			       "cluster goes on serving; do not cancel";
	case STEP_NODE_JOINED:
		return later ? "wait for this node and ask again; drain no "
			       "other; do not cancel"
			     : "drain no other; finish this node: put the "
			       "target on it and start it, or take it "
			       "offline; do not cancel";
	case STEP_FINALIZE:
		return later ? "do not finalise yet, ask again; upgrade mode "
			       "stays on"
			     : "do not finalise; bring every node to the "
			       "target first; upgrade mode stays on; do not "
			       "cancel";
	case STEP_CLOSE:
		break;
	}
	return later ? "wait for the upgrade tasks and ask again"
		     : "every node stays as it is; look at the upgrade tasks, "
		       "and retry them";
}

json *reply_write(const struct reply *r)
{
	const struct verdict *v = r->verdict;
	json *answer = json_new_object();
	g_autofree char *now = clock_text(r->now);

	json_set_string(answer, "schema", "gonogo.gate/1");
	json_set_string(answer, "phase", r->phase_text);
	json_set_string(answer, "node", r->phase.node);
	json_set_string(answer, "as_of", now);
	json_set_i64(answer, "code", r->code);
	json_set_string(answer, "answer", word_of(r->code));
	json_set(answer, "reasons", json_copy(r->reasons));
	if (json_length(r->notes) > 0)
		json_set(answer, "notes", json_copy(r->notes));
	json_set_string(answer, "live_sha256", r->live_sha256);
	if (r->code == EXITS_DONE)
		json_set_string(answer, "then", r->then);
	else
		json_set_string(
		    answer, "safe_next", safe_next(r->phase.kind, r->code));
	/* Of evidence that does not hold, nothing is repeated. */
	if (r->code != EXITS_INVALID) {
		json_set_string(answer, "cluster", v->cluster);
		json_set_string(answer, "current", v->current);
		json_set_string(answer, "target", v->target);
		json_set_string(answer, "verdict", answer_names[v->answer]);
	}
	return answer;
}

/* An app's key or a node's name is not ours. */
static void print_line(const char *before, const char *text)
{
	g_autofree char *line = escape_line(text);

	printf("%s%s\n", before, line);
}

void reply_print(const struct reply *r)
{
	const struct verdict *v = r->verdict;

	printf("%s", r->code == EXITS_NO_GO ? "NO-GO" : word_of(r->code));
	if (r->code != EXITS_INVALID)
		printf("  %s  %s -> %s", v->cluster ? v->cluster : "-",
		    v->current ? v->current : "?", v->target ? v->target : "?");
	print_line("  ", r->phase_text);
	json_each (reason, r->reasons)
		print_line("  ", json_text(reason, "text"));
	json_each (note, r->notes)
		print_line("  note: ", json_text(note, ""));
	if (r->code != EXITS_DONE)
		printf("next: %s\n", safe_next(r->phase.kind, r->code));
	else if (r->then)
		print_line("then: ", r->then);
}
