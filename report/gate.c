/*
 * gonogo-report gate: asked before the upgrade begins.
 *
 *     verify the bundle -> its verdict -> the live cluster -> log -> answer
 */
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/share.h"
#include "port/process.h"
#include "report/arguments.h"
#include "report/check.h"
#include "report/drift.h"
#include "report/flaws.h"
#include "report/gatelog.h"
#include "report/render/escape.h"
#include "report/verbs.h"

struct gate {
	const char *bundle, *settings;
	int64_t now;
	bool accept_conditional;
	struct dossier dossier;
	json *reasons;     /* array of {code, text} */
	int code;          /* the worst so far */
	char *live_sha256; /* NULL: not asked, or no answer */
};

/*
 * A verdict's code outranks the trouble of asking (64 and above), and that
 * outranks "later" and "ask a person", as nothing was seen.
 */
static int worse(int a, int b)
{
	int trouble = MAX(a >= EXITS_USAGE ? a : 0, b >= EXITS_USAGE ? b : 0);
	int verdict = exits_worse(
	    a < EXITS_USAGE ? a : EXITS_DONE, b < EXITS_USAGE ? b : EXITS_DONE);
	bool later = verdict == EXITS_HOLD || verdict == EXITS_CONDITIONAL ||
		     verdict == EXITS_DONE;

	return trouble && later ? trouble : verdict;
}

static void add_reason(struct gate *g, int code, const char *text)
{
	json *reason = json_append(g->reasons, json_new_object());

	json_set_i64(reason, "code", code);
	json_set_string(reason, "text", text);
	g->code = worse(g->code, code);
}

/* ---- what was approved ---- */

static bool ask_bundle(struct gate *g, const sign_key *trust, GError **error)
{
	g_autoptr(GPtrArray) flaws = flaws_new();

	if (!check_bundle(g->bundle, trust, g->now, &g->dossier, flaws, error))
		return false;
	for (guint i = 0; i < flaws->len; i++)
		add_reason(g, EXITS_INVALID, g_ptr_array_index(flaws, i));
	return true;
}

static void ask_verdict(struct gate *g)
{
	const struct verdict *v = &g->dossier.verdict;
	int code = answer_exit(v->answer);
	g_autoptr(GString) text = g_string_new("the verdict is ");

	if (code == EXITS_DONE ||
	    (code == EXITS_CONDITIONAL && g->accept_conditional))
		return;
	g_string_append(text, answer_text(v->answer));
	for (guint i = 0; i < list_length(v->reasons); i++) {
		const struct reason *r = g_ptr_array_index(v->reasons, i);
		g_string_append_printf(text, "%s%s", i ? ", " : ": ", r->key);
	}
	add_reason(g, code, text->str);
}

/* ---- what is there now ---- */

static void compare(struct gate *g, const struct process_result *result)
{
	g_autoptr(GError) why = NULL;
	g_auto(facts) live = {0};
	g_autoptr(json) document =
	    json_parse(result->out, result->out_length, "live facts", &why);

	if (!document || !document_read(&facts_shape, document, &live, &why)) {
		add_reason(g, EXITS_UNKNOWN, why->message);
		return;
	}
	g->live_sha256 = hash_hex(result->out, result->out_length);
	g_autoptr(GPtrArray) list = drift_of(&g->dossier.facts, &live);
	for (guint i = 0; i < list->len; i++) {
		const struct drift *d = g_ptr_array_index(list, i);
		add_reason(g, d->code, d->text);
	}
}

static bool ask_cluster(struct gate *g, GError **error)
{
	enum { TIMEOUT_S = 300 };
	g_autofree char *program = share_program("gonogo-audit", error);
	const char *const argv[] = {program, "collect", "-c", g->settings,
	    "--profile", "gate", "--out", "-", NULL};
	const struct process process = {
	    .argv = argv, .timeout_s = TIMEOUT_S, .err_fd = STDERR_FILENO};
	g_auto(process_result) result = {0};

	if (!program || !process_run(&process, &result, error))
		return false;
	if (result.code == EXITS_DONE) {
		compare(g, &result);
		return true;
	}
	g_autofree char *text =
	    result.timed_out
		? g_strdup("the cluster did not answer in time")
		: g_strdup_printf("the cluster could not be looked at: "
				  "gonogo-audit collect ended with %d",
		      result.code);
	/* A signal to the child, too, means that nobody saw the cluster. */
	add_reason(g,
	    result.code >= EXITS_USAGE && result.code < EXITS_SIGNAL &&
		    !result.timed_out
		? result.code
		: EXITS_UNAVAILABLE,
	    text);
	return true;
}

/* ---- the answer ---- */

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

static const char *safe_next(int code)
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

static json *write_answer(const struct gate *g)
{
	const struct verdict *v = &g->dossier.verdict;
	json *answer = json_new_object();
	g_autofree char *now = clock_text(g->now);

	json_set_string(answer, "schema", "gonogo.gate/1");
	json_set_string(answer, "phase", "open");
	json_set_string(answer, "as_of", now);
	json_set_i64(answer, "code", g->code);
	json_set_string(answer, "answer", word_of(g->code));
	json_set(answer, "reasons", json_copy(g->reasons));
	json_set_string(answer, "live_sha256", g->live_sha256);
	if (g->code != EXITS_DONE)
		json_set_string(answer, "safe_next", safe_next(g->code));
	/* Of evidence that does not hold, nothing is repeated. */
	if (g->code != EXITS_INVALID) {
		json_set_string(answer, "cluster", v->cluster);
		json_set_string(answer, "current", v->current);
		json_set_string(answer, "target", v->target);
		json_set_string(answer, "verdict", answer_names[v->answer]);
	}
	return answer;
}

/* An answer that can't be written down is no GO. */
static json *log_answer(struct gate *g)
{
	g_autoptr(GError) why = NULL;
	json *answer = write_answer(g);

	if (gatelog_append(g->bundle, answer, &why))
		return answer;
	g_prefix_error(&why, "the answer could not be logged: ");
	add_reason(g, EXITS_UNKNOWN, why->message);
	json_free(answer);
	return write_answer(g);
}

static void print_text(const struct gate *g)
{
	const struct verdict *v = &g->dossier.verdict;
	const char *word = word_of(g->code);

	printf("%s", g->code == EXITS_NO_GO ? "NO-GO" : word);
	if (g->code != EXITS_INVALID)
		printf("  %s  %s -> %s", v->cluster ? v->cluster : "-",
		    v->current ? v->current : "?", v->target ? v->target : "?");
	printf("\n");
	/* An app's key or a node's name is not ours. */
	json_each (reason, g->reasons) {
		g_autofree char *line = escape_line(json_text(reason, "text"));
		printf("  %s\n", line);
	}
	if (g->code != EXITS_DONE)
		printf("next: %s\n", safe_next(g->code));
}

static bool ask(struct gate *g, const char *trust, GError **error)
{
	g_autoptr(sign_key) key = sign_read_public(trust, error);

	if (!key || !ask_bundle(g, key, error))
		return false;
	/* Evidence that does not hold says nothing to compare with. */
	if (g->code == EXITS_INVALID)
		return true;
	ask_verdict(g);
	return ask_cluster(g, error);
}

static int answer(
    struct gate *g, const char *trust, bool as_json, GError **error)
{
	if (!ask(g, trust, error))
		return -1;
	g_autoptr(json) said = log_answer(g);
	g_autofree char *text = json_pretty(said);
	if (as_json)
		fputs(text, stdout);
	else
		print_text(g);
	return g->code;
}

int verb_gate(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL;
	g_autofree char *trust = NULL;
	g_autofree char *phase = NULL;
	g_autofree char *settings = NULL;
	g_autofree char *as_of = NULL;
	gboolean accept = FALSE, as_json = FALSE;
	struct gate gate = {0};
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"folder of the bundle", "DIR"},
	    {"trust", 't', 0, G_OPTION_ARG_FILENAME, &trust,
		"public key, got by a way that is trusted", "FILE"},
	    {"phase", 0, 0, G_OPTION_ARG_STRING, &phase,
		"step that is about to be taken: open", "PHASE"},
	    {"settings", 'c', 0, G_OPTION_ARG_FILENAME, &settings,
		"settings, to look at the live cluster", "FILE"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
		"ask as at this time [now]", "TIME"},
	    {"accept-conditional", 0, 0, G_OPTION_ARG_NONE, &accept,
		"let CONDITIONAL through", NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"answer with one JSON object", NULL},
	    {0},
	};

	if (!cli_parse(&argc, argv, options, "", 0, 0,
		"Verifies the bundle, then compares the live cluster with what "
		"was\napproved; each answer is added to gate-log.ndjson.\n"
		"Exit: 0 go, 10 conditional, 20 NO-GO, 30 unknown, 40 invalid "
		"or\nexpired, 50 drift, 60 later, 69 unreachable.",
		error) ||
	    !argument_given(bundle, "--bundle DIR", error) ||
	    !argument_given(trust, "--trust FILE", error) ||
	    !argument_given(phase, "--phase open", error) ||
	    !argument_given(settings, "-c FILE", error) ||
	    !argument_time(as_of, &gate.now, error))
		return -1;
	if (!g_str_equal(phase, "open")) {
		fail(error, GONOGO_ERROR_USAGE,
		    "--phase %s: only open is known", phase);
		return -1;
	}
	gate.bundle = bundle;
	gate.settings = settings;
	gate.accept_conditional = accept;
	gate.reasons = json_new_array();
	int code = answer(&gate, trust, as_json, error);
	dossier_clear(&gate.dossier);
	json_free(gate.reasons);
	g_free(gate.live_sha256);
	return code;
}
