#include "report/rollout.h"

#include "base/exits.h"
#include "report/drift.h"

/* ---- nodes ---- */

static bool is(const char *a, const char *b)
{
	return g_strcmp0(a, b) == 0;
}

/* Where the plan has a node, by what the gate let through. */
enum place {
	PLACE_WAITING, /* it has to be as it was */
	PLACE_LEAVING, /* asked for a second time: its drain has begun */
	PLACE_JOINING, /* is it back? */
	PLACE_GONE_ON, /* it has to be on the target */
};

static enum place place_of(const struct rollout *r, const char *name)
{
	bool asked = r->phase.node && is(r->phase.node, name);
	bool drained = ledger_has(r->ledger->drained, name);

	if (r->phase.kind == STEP_FINALIZE || r->phase.kind == STEP_CLOSE)
		return PLACE_GONE_ON;
	if (asked && r->phase.kind == STEP_NODE_JOINED)
		return PLACE_JOINING;
	if (asked && drained)
		return PLACE_LEAVING;
	return drained ? PLACE_GONE_ON : PLACE_WAITING;
}

static void judge_waiting(
    GPtrArray *list, const struct node *was, const struct node *now)
{
	if (!now)
		drift_add(list, EXITS_DRIFT,
		    "node %s: is gone, and nobody "
		    "let it go",
		    was->name);
	else if (!now->version || !now->state)
		drift_add(list, EXITS_UNKNOWN,
		    "node %s: its state or version was not seen", was->name);
	else if (!is(now->version, was->version))
		drift_add(list, EXITS_DRIFT,
		    "node %s version: was %s, is %s, and nobody let it go",
		    was->name, was->version, now->version);
	else if (drift_passes(now->state))
		drift_add(
		    list, EXITS_HOLD, "node %s: is %s", was->name, now->state);
	else if (!is(now->state, "ACTIVE"))
		drift_add(
		    list, EXITS_DRIFT, "node %s: is %s", was->name, now->state);
}

/* It was let go before; how far it came is told, whatever it is. */
static void judge_leaving(GPtrArray *list, const struct rollout *r,
    const struct node *was, const struct node *now)
{
	if (now && now->version && !is(now->version, was->version) &&
	    !is(now->version, r->approved->plan.target))
		drift_add(list, EXITS_DRIFT,
		    "node %s: runs %s, neither %s nor the target %s", was->name,
		    now->version, was->version, r->approved->plan.target);
}

static void judge_on_target(GPtrArray *list, const struct rollout *r,
    const struct node *was, const struct node *now)
{
	const char *target = r->approved->plan.target;

	if (!now || is(now->state, "OFFLINE"))
		drift_add(list, EXITS_HOLD, "node %s: is not back", was->name);
	else if (is(now->state, "ERROR") || is(now->status, "ERROR"))
		drift_add(list, EXITS_DRIFT,
		    "node %s: is in ERROR, with version %s", was->name,
		    now->version ? now->version : "unknown");
	else if (!now->version || !now->state)
		drift_add(list, EXITS_UNKNOWN,
		    "node %s: its state or version was not seen", was->name);
	else if (!is(now->version, target))
		drift_add(list, EXITS_DRIFT,
		    "node %s: runs %s, the target is %s", was->name,
		    now->version, target);
	else if (drift_passes(now->state))
		drift_add(
		    list, EXITS_HOLD, "node %s: is %s", was->name, now->state);
	else if (!is(now->state, "ACTIVE"))
		drift_add(
		    list, EXITS_DRIFT, "node %s: is %s", was->name, now->state);
}

static void judge_joining(GPtrArray *list, const struct rollout *r,
    const struct node *was, const struct node *now)
{
	if (!ledger_has(r->ledger->drained, was->name))
		drift_add(list, EXITS_UNKNOWN,
		    "node %s: the gate did not let it go", was->name);
	judge_on_target(list, r, was, now);
	if (now && is(now->state, "ACTIVE") && !now->status)
		drift_add(list, EXITS_UNKNOWN,
		    "node %s: its own status was not seen", was->name);
	else if (now && is(now->state, "ACTIVE") && !is(now->status, "RUNNING"))
		drift_add(list, EXITS_HOLD, "node %s: its status is %s",
		    was->name, now->status);
}

static void judge_node(
    GPtrArray *list, const struct rollout *r, const struct node *was)
{
	const struct node *now = facts_find_node(r->live, was->name);
	bool at_end =
	    r->phase.kind == STEP_FINALIZE || r->phase.kind == STEP_CLOSE;

	if (at_end && !ledger_has(r->ledger->drained, was->name)) {
		drift_add(list, EXITS_HOLD, "node %s: its turn is to come",
		    was->name);
		judge_waiting(list, was, now);
		return;
	}
	switch (place_of(r, was->name)) {
	case PLACE_WAITING:
		judge_waiting(list, was, now);
		break;
	case PLACE_LEAVING:
		judge_leaving(list, r, was, now);
		break;
	case PLACE_JOINING:
		judge_joining(list, r, was, now);
		break;
	case PLACE_GONE_ON:
		judge_on_target(list, r, was, now);
		if (r->phase.kind != STEP_NODE_JOINED &&
		    r->phase.kind != STEP_CLOSE &&
		    !ledger_has(r->ledger->joined, was->name))
			drift_add(list, EXITS_HOLD,
			    "node %s: node-joined:%s was not passed yet",
			    was->name, was->name);
		break;
	}
}

static void judge_nodes(GPtrArray *list, const struct rollout *r)
{
	if (list_length(r->live->nodes) == 0) {
		drift_unseen(list, r->live, "nodes", "cluster.members");
		return;
	}
	for (guint i = 0; i < list_length(r->approved->nodes); i++)
		judge_node(list, r, g_ptr_array_index(r->approved->nodes, i));
	for (guint i = 0; i < r->live->nodes->len; i++) {
		const struct node *now = g_ptr_array_index(r->live->nodes, i);
		if (!facts_find_node(r->approved, now->name) &&
		    !is(now->state, "OFFLINE"))
			drift_add(list, EXITS_DRIFT,
			    "node %s: was not there when approved", now->name);
	}
}

/* ---- the cluster ---- */

/* What each phase says to each state of the cluster; NULL: it may be. */
static void judge_state(GPtrArray *list, enum step_kind kind, const char *state)
{
	static const struct {
		enum step_kind kind;
		const char *state;
		int code;
	} rows[] = {
	    {STEP_NODE_DRAIN, "READY_TO_UPGRADE", EXITS_DONE},
	    {STEP_NODE_DRAIN, "MIXED", EXITS_DONE},
	    {STEP_NODE_DRAIN, "STABLE", EXITS_HOLD},
	    {STEP_NODE_JOINED, "READY_TO_UPGRADE", EXITS_DONE},
	    {STEP_NODE_JOINED, "MIXED", EXITS_DONE},
	    {STEP_NODE_JOINED, "READY_TO_RUN_UPGRADE_TASKS", EXITS_DONE},
	    {STEP_FINALIZE, "READY_TO_RUN_UPGRADE_TASKS", EXITS_DONE},
	    {STEP_FINALIZE, "UPGRADE_TASKS_FAILED", EXITS_DONE},
	    {STEP_FINALIZE, "RUNNING_UPGRADE_TASKS", EXITS_HOLD},
	    {STEP_FINALIZE, "MIXED", EXITS_HOLD},
	    {STEP_FINALIZE, "READY_TO_UPGRADE", EXITS_HOLD},
	    {STEP_CLOSE, "STABLE", EXITS_DONE},
	    {STEP_CLOSE, "RUNNING_UPGRADE_TASKS", EXITS_HOLD},
	    {STEP_CLOSE, "READY_TO_RUN_UPGRADE_TASKS", EXITS_HOLD},
	    {STEP_CLOSE, "MIXED", EXITS_HOLD},
	};
	int code = EXITS_DRIFT;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].kind == kind && is(rows[i].state, state))
			code = rows[i].code;
	if (code != EXITS_DONE)
		drift_add(list, code, "upgrade state: is %s", state);
}

static void judge_cluster(GPtrArray *list, const struct rollout *r)
{
	const struct cluster *now = &r->live->cluster;
	const char *version = r->live->product.version;
	bool close = r->phase.kind == STEP_CLOSE;

	if (!now->zdu_state)
		drift_unseen(list, r->live, "upgrade state", "cluster.zdu");
	else
		judge_state(list, r->phase.kind, now->zdu_state);
	if (!now->upgrade_mode.known)
		drift_unseen(list, r->live, "upgrade mode", "cluster.zdu");
	else if (now->upgrade_mode.value == close)
		drift_add(list, EXITS_HOLD, "upgrade mode: is %s",
		    close ? "on" : "off");
	if (!version)
		drift_unseen(list, r->live, "version", "product");
	else if (!is(version, r->approved->plan.target) &&
		 (close || !is(version, r->approved->product.version)))
		drift_add(list, EXITS_DRIFT, "version: is %s", version);
	if (now->maintenance.known && now->maintenance.value)
		drift_add(list, EXITS_HOLD,
		    "maintenance lock: Bitbucket is locked now");
}

void rollout_judge(GPtrArray *list, const struct rollout *r)
{
	judge_cluster(list, r);
	judge_nodes(list, r);
}
