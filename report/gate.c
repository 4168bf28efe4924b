/*
 * gonogo-report gate: asked before every step of the upgrade.
 *
 *     ledger -> verify the bundle -> order of the steps -> its verdict, who
 *         approved, the window -> the live cluster -> log, ledger -> answer
 *
 * Evidence, approvals and their time are judged when the upgrade opens; a later
 * step is judged by signatures, order and the cluster, so that nothing that
 * expires meanwhile strands a mixed cluster.
 */
#include "base/cli.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/share.h"
#include "base/window.h"
#include "contract/settings.h"
#include "port/process.h"
#include "report/approvals.h"
#include "report/arguments.h"
#include "report/check.h"
#include "report/drift.h"
#include "report/flaws.h"
#include "report/gatelog.h"
#include "report/plan.h"
#include "report/reply.h"
#include "report/rollout.h"
#include "report/verbs.h"

struct gate {
	const char *bundle, *settings_path;
	bool accept_conditional;
	char *phase_text;
	struct step step;
	int64_t now;
	struct settings *settings;
	sign_key *signer; /* of the log's lines; NULL: they stay unsigned */
	struct dossier dossier;
	char *subject;
	struct ledger *ledger; /* NULL: it could not be opened */
	struct approvals approvals;
	json *reasons, *notes;
	int code; /* the worst so far */
	char *live_sha256;
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

static void add_reason(struct gate *g, int code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static void add_reason(struct gate *g, int code, const char *format, ...)
{
	json *reason = json_append(g->reasons, json_new_object());
	va_list arguments;

	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	json_set_i64(reason, "code", code);
	json_set_string(reason, "text", text);
	g->code = worse(g->code, code);
}

/* ---- what was approved ---- */

/* A bundle without sums has no ledger; that it is bad, others say. */
static bool open_ledger(struct gate *g, GError **error)
{
	g_autoptr(GError) why = NULL;

	g->subject = approvals_subject(g->bundle, &why);
	if (!g->subject)
		return true;
	g->ledger = ledger_open(g->settings->state.dir, g->subject, &why);
	if (g->ledger)
		return true;
	if (g_error_matches(why, GONOGO_ERROR, GONOGO_ERROR_BUSY)) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	add_reason(g, EXITS_UNKNOWN, "the ledger: %s", why->message);
	return true;
}

/* `next`: the step that was let through last and not yet looked after. */
static bool choose_phase(struct gate *g, GError **error)
{
	if (g_str_equal(g->phase_text, "next")) {
		g_auto(facts) facts = {0};
		g_autofree char *path =
		    g_build_filename(g->bundle, "facts.json", NULL);
		if (!document_load(&facts_shape, path, &facts, error))
			return false;
		g_free(g->phase_text);
		g->phase_text = plan_resume(&facts, g->ledger);
	}
	return step_parse(g->phase_text, &g->step, error);
}

static bool has_begun(const struct gate *g)
{
	return g->step.kind != STEP_OPEN && g->ledger && g->ledger->opened;
}

static bool ask_bundle(struct gate *g, const sign_key *trust, GError **error)
{
	g_autoptr(GPtrArray) flaws = flaws_new();
	int64_t at = has_begun(g) ? g->ledger->opened->at.value : g->now;

	if (!check_bundle(g->bundle, trust, at, &g->dossier, flaws, error))
		return false;
	if (g->ledger)
		gatelog_compare(g->bundle, g->ledger, flaws);
	for (guint i = 0; i < flaws->len; i++)
		add_reason(g, EXITS_INVALID, "%s",
		    (const char *)g_ptr_array_index(flaws, i));
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
	add_reason(g, code, "%s", text->str);
}

/* ---- the order of the steps ---- */

/* New approvals let the same bundle be begun anew. */
static void ask_opening(struct gate *g, guint approvers)
{
	const struct ledger *l = g->ledger;
	bool anew =
	    approvers > 0 && approvers >= (guint)g->dossier.policy->approvals;

	if (l->opened && l->drained->len > 0 && !anew)
		add_reason(g, EXITS_INVALID,
		    "its upgrade has begun already: an approval opens one, "
		    "once");
}

static void ask_later_step(struct gate *g)
{
	const struct ledger *l = g->ledger;
	const char *node = g->step.node;

	if (node && !facts_find_node(&g->dossier.facts, node))
		add_reason(g, EXITS_DRIFT,
		    "node %s: is not in what was approved", node);
	if (g->step.kind == STEP_NODE_DRAIN && ledger_has(l->drained, node) &&
	    !g_str_equal(l->drained->pdata[l->drained->len - 1], node))
		add_reason(g, EXITS_INVALID,
		    "node %s: was let go already, and another one after it",
		    node);
	if (l->closed && g->step.kind != STEP_CLOSE)
		add_reason(g, EXITS_INVALID, "its upgrade is closed");
	else if (l->finalized && g->step.kind == STEP_NODE_DRAIN)
		add_reason(
		    g, EXITS_INVALID, "its upgrade was finalised already");
}

/*
 * False: the ledger does not know what was let through, so that there is
 * nothing to hold the cluster against.
 */
static bool ask_order(struct gate *g, guint approvers)
{
	bool opening = g->step.kind == STEP_OPEN;

	if (!g->ledger)
		return false;
	if (!g->ledger->opened && (!opening || gatelog_has_passed(g->bundle))) {
		add_reason(g, EXITS_UNKNOWN,
		    "%s: the ledger does not know that this upgrade was "
		    "opened%s",
		    g->ledger->path, opening ? ", the gate's log does" : "");
		return false;
	}
	if (opening)
		ask_opening(g, approvers);
	else
		ask_later_step(g);
	return true;
}

/* ---- people, and their time ---- */

/* Who approved, of those whose approval opened nothing yet. */
static bool ask_people(struct gate *g, guint *approvers, GError **error)
{
	const struct settings *s = g->settings;
	guint wanted = (guint)g->dossier.policy->approvals;
	g_autoptr(GPtrArray) notes = flaws_new();
	g_autoptr(GPtrArray) spent =
	    g->ledger ? ledger_spent(g->ledger) : g_ptr_array_new();
	g_autofree char *signers =
	    g_build_filename(g->bundle, "allowed_signers", NULL);
	g_autofree char *krl = g_build_filename(g->bundle, "krl", NULL);
	/* The site's own lists win: they know who left since. */
	const struct sshsig_trust trust = {
	    s->people.signers                          ? s->people.signers
	    : g_file_test(signers, G_FILE_TEST_EXISTS) ? signers
						       : NULL,
	    s->people.revoked                      ? s->people.revoked
	    : g_file_test(krl, G_FILE_TEST_EXISTS) ? krl
						   : NULL};

	/* Asked again before the next step, the same approvals count. */
	if (g->ledger && g->ledger->opened && g->ledger->drained->len == 0)
		g_ptr_array_set_size(spent, 0);
	if (!approvals_find(&g->approvals, &g->dossier, g->subject, &trust,
		g->now, spent, notes, error))
		return false;
	for (guint i = 0; i < notes->len; i++)
		json_append_string(g->notes, g_ptr_array_index(notes, i));
	*approvers = list_length(g->approvals.people.names);
	if (*approvers < wanted)
		add_reason(g, EXITS_INVALID,
		    "%u of %u approvals are there, and count", *approvers,
		    wanted);
	return true;
}

static void ask_window(struct gate *g)
{
	const char *window = g->settings->gate.window;

	if (window_left_s(window, g->now) == 0)
		add_reason(
		    g, EXITS_HOLD, "the window is closed: %s UTC", window);
}

/* ---- what is there now ---- */

static void compare(struct gate *g, const struct process_result *result)
{
	g_autoptr(GError) why = NULL;
	g_auto(facts) live = {0};
	g_autoptr(json) document =
	    json_parse(result->out, result->out_length, "live facts", &why);

	if (!document || !document_read(&facts_shape, document, &live, &why)) {
		add_reason(g, EXITS_UNKNOWN, "%s", why->message);
		return;
	}
	g->live_sha256 = hash_hex(result->out, result->out_length);
	const struct rollout rollout = {
	    &g->dossier.facts, &live, g->ledger, g->step};
	g_autoptr(GPtrArray) list =
	    g->step.kind == STEP_OPEN
		? drift_of(
		      &g->dossier.facts, &live, g->ledger && g->ledger->opened)
		: drift_while_rolling(&g->dossier.facts, &live);
	if (g->step.kind != STEP_OPEN && g->ledger)
		rollout_judge(list, &rollout);
	for (guint i = 0; i < list->len; i++) {
		const struct drift *d = g_ptr_array_index(list, i);
		add_reason(g, d->code, "%s", d->text);
	}
}

static bool ask_cluster(struct gate *g, GError **error)
{
	enum { TIMEOUT_S = 300 };
	g_autofree char *program = share_program("gonogo-audit", error);
	const char *const argv[] = {program, "collect", "-c", g->settings_path,
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
	/* A signal to the child, too, means that nobody saw the cluster. */
	int code = result.code >= EXITS_USAGE && result.code < EXITS_SIGNAL &&
			   !result.timed_out
		       ? result.code
		       : EXITS_UNAVAILABLE;
	if (result.timed_out)
		add_reason(g, code, "the cluster did not answer in time");
	else
		add_reason(g, code,
		    "the cluster could not be looked at: gonogo-audit collect "
		    "ended with %d",
		    result.code);
	return true;
}

/* ---- the answer ---- */

static json *write_answer(const struct gate *g)
{
	g_autofree char *then =
	    g->code == EXITS_DONE
		? plan_then(&g->dossier.facts, g->ledger, g->step)
		: NULL;
	const struct reply reply = {g->phase_text, g->step, g->now, g->code,
	    g->reasons, g->notes, g->live_sha256, then, &g->dossier.verdict};

	return reply_write(&reply);
}

/* An answer that can't be written down is no GO. */
static bool log_answer(struct gate *g, char **digest)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(json) answer = write_answer(g);

	if (gatelog_append(g->bundle, answer, g->signer, digest, &why))
		return true;
	add_reason(g, EXITS_UNKNOWN, "the answer could not be logged: %s",
	    why->message);
	return false;
}

/* The same step asked again, before another one, is in the ledger already. */
static bool is_repeat(const struct gate *g)
{
	const GPtrArray *all = g->ledger->all;
	const struct passed *last = all->len ? all->pdata[all->len - 1] : NULL;

	return last && g_str_equal(last->phase, g->phase_text);
}

static void record(struct gate *g)
{
	g_autofree char *digest = NULL;
	g_autoptr(GError) why = NULL;

	if (!log_answer(g, &digest) || g->code != EXITS_DONE || is_repeat(g))
		return;
	if (ledger_add(g->ledger, g->phase_text, g->now,
		g->step.kind == STEP_OPEN ? g->approvals.nonces : NULL, digest,
		&why))
		return;
	add_reason(g, EXITS_UNKNOWN, "the ledger: %s", why->message);
	g_clear_pointer(&digest, g_free);
	ignore(log_answer(g, &digest));
}

static bool ask(struct gate *g, const char *trust, GError **error)
{
	g_autoptr(sign_key) key = sign_read_public(trust, error);
	guint approvers = 0;

	if (!key || !open_ledger(g, error) || !choose_phase(g, error) ||
	    !ask_bundle(g, key, error))
		return false;
	/* Evidence that does not hold says nothing to compare with. */
	if (g->code == EXITS_INVALID)
		return true;
	if (g->step.kind == STEP_OPEN) {
		ask_verdict(g);
		if (!ask_people(g, &approvers, error))
			return false;
	}
	bool known = ask_order(g, approvers);
	if (g->step.kind == STEP_OPEN || g->step.kind == STEP_NODE_DRAIN)
		ask_window(g);
	/* Nobody asks the cluster where the paper says no. */
	return !known || g->code == EXITS_INVALID || ask_cluster(g, error);
}

static int answer(
    struct gate *g, const char *trust, bool as_json, GError **error)
{
	g->settings = settings_read(g->settings_path, error);
	if (!g->settings)
		return -1;
	if (g->settings->sign.key &&
	    !(g->signer = sign_read_private(g->settings->sign.key, error)))
		return -1;
	if (!ask(g, trust, error))
		return -1;
	record(g);
	g_autofree char *then =
	    g->code == EXITS_DONE
		? plan_then(&g->dossier.facts, g->ledger, g->step)
		: NULL;
	const struct reply reply = {g->phase_text, g->step, g->now, g->code,
	    g->reasons, g->notes, g->live_sha256, then, &g->dossier.verdict};
	g_autoptr(json) said = reply_write(&reply);
	g_autofree char *text = json_pretty(said);
	if (as_json)
		fputs(text, stdout);
	else
		reply_print(&reply);
	return g->code;
}

static void gate_clear(struct gate *g)
{
	dossier_clear(&g->dossier);
	approvals_clear(&g->approvals);
	ledger_close(g->ledger);
	settings_free(g->settings);
	sign_key_free(g->signer);
	json_free(g->reasons);
	json_free(g->notes);
	g_free(g->live_sha256);
	g_free(g->subject);
	g_free(g->phase_text);
}

int verb_gate(int argc, char **argv, GError **error)
{
	g_autofree char *bundle = NULL;
	g_autofree char *trust = NULL;
	g_autofree char *settings = NULL;
	g_autofree char *as_of = NULL;
	gboolean accept = FALSE, as_json = FALSE;
	struct gate gate = {0};
	const GOptionEntry options[] = {
	    {"bundle", 'b', 0, G_OPTION_ARG_FILENAME, &bundle,
		"folder of the bundle", "DIR"},
	    {"trust", 't', 0, G_OPTION_ARG_FILENAME, &trust,
		"public key, got by a way that is trusted", "FILE"},
	    {"phase", 0, 0, G_OPTION_ARG_STRING, &gate.phase_text,
		"open node-drain:N node-joined:N finalize close next", "PHASE"},
	    {"settings", 'c', 0, G_OPTION_ARG_FILENAME, &settings,
		"settings: live cluster, ledger, window, who approves", "FILE"},
	    {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
		"ask as at this time [now]", "TIME"},
	    {"accept-conditional", 0, 0, G_OPTION_ARG_NONE, &accept,
		"let CONDITIONAL through", NULL},
	    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json,
		"answer with one JSON object", NULL},
	    {0},
	};
	int code = -1;

	if (cli_parse(&argc, argv, options, "", 0, 0,
		"Asked before every step of a rolling upgrade: verifies the "
		"bundle, and\ncompares the live cluster with what was approved "
		"and what went on since.\nEach answer is added to "
		"gate-log.ndjson, each 0 to the ledger, too.\n"
		"Exit: 0 go, 10 conditional, 20 NO-GO, 30 unknown, 40 invalid "
		"or\nexpired, 50 drift, 60 later, 69 unreachable.",
		error) &&
	    argument_given(bundle, "--bundle DIR", error) &&
	    argument_given(trust, "--trust FILE", error) &&
	    argument_given(gate.phase_text, "--phase PHASE", error) &&
	    (g_str_equal(gate.phase_text, "next") ||
		step_parse(gate.phase_text, &gate.step, error)) &&
	    argument_given(settings, "-c FILE", error) &&
	    argument_time(as_of, &gate.now, error)) {
		gate.bundle = bundle;
		gate.settings_path = settings;
		gate.accept_conditional = accept;
		gate.reasons = json_new_array();
		gate.notes = json_new_array();
		code = answer(&gate, trust, as_json, error);
	}
	gate_clear(&gate);
	return code;
}
