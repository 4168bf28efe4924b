/* The cluster: its nodes, and whether a rolling upgrade may begin. */
#include <inttypes.h>

#include "audit/rules/farms.h"
#include "audit/rules/rule.h"
#include "audit/rules/skew.h"

/* ---- how many ---- */

static void there_are_enough(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	struct finding *f = rule_add(j, NULL, NULL);

	if (!live->len) {
		rule_unseen(j, f, "cluster.members");
		return;
	}
	g_autofree char *now = g_strdup_printf("%u", live->len);
	g_autofree char *least =
	    g_strdup_printf("at least %" PRId64, j->policy->nodes_least);
	bool enough = live->len >= j->policy->nodes_least;
	finding_evidence(f, "cluster.members", now, least);
	finding_answer(f, enough ? OUTCOME_PASS : OUTCOME_FAIL,
	    "%s live node%s, %s asked for", now, live->len == 1 ? "" : "s",
	    least);
}

/* ---- does each work? ---- */

/* The cluster's word for it, and its own, must both be good where known. */
static void judge_state(
    const struct judging *j, struct finding *f, const struct node *node)
{
	g_autofree char *status = g_strdup_printf("node.%s.status", node->name);
	bool draws = !node->state || g_str_equal(node->state, "ACTIVE");
	bool runs = !node->status || g_str_equal(node->status, "RUNNING");

	if (node->state)
		finding_evidence(f, "cluster.zdu", node->state, "ACTIVE");
	if (node->status)
		finding_evidence(f, status, node->status, "RUNNING");
	if (!node->state && !node->status) {
		rule_unseen(j, f, "%s", status);
	} else if (draws && runs) {
		finding_answer(f, OUTCOME_PASS, "%s is %s", node->name,
		    node->state ? node->state : node->status);
	} else {
		finding_answer(f, OUTCOME_FAIL, "%s is %s", node->name,
		    draws ? node->status : node->state);
		finding_remedy(f,
		    "bring %s back (its log: atlassian-bitbucket.log), or "
		    "take it out of the cluster",
		    node->name);
	}
}

static void each_is_active(const struct judging *j)
{
	for (guint i = 0; i < list_length(j->facts->nodes); i++) {
		const struct node *node = g_ptr_array_index(j->facts->nodes, i);
		bool live = node->member.known && node->member.value;
		bool claimed =
		    node->state && !g_str_equal(node->state, "OFFLINE");

		if (live) {
			judge_state(j, rule_add(j, "node", node->name), node);
		} else if (claimed) {
			/* Two lists of one cluster that contradict. */
			finding_unknown(rule_add(j, "node", node->name),
			    "%s is %s for /rest/zdu, and admin/cluster does "
			    "not list it",
			    node->name, node->state);
		}
	}
}

/* ---- do all run the same? ---- */

/* What NODE runs, build included; NULL: not known. */
static char *runs(const struct node *node)
{
	if (!node->version)
		return NULL;
	return node->build ? g_strdup_printf(
				 "%s (build %s)", node->version, node->build)
			   : g_strdup(node->version);
}

/* The version that most run; of as many the one that TEXTS names first. */
static const char *commonest(const GPtrArray *texts, guint *count)
{
	const char *best = NULL;

	*count = 0;
	for (guint i = 0; i < texts->len; i++) {
		const char *text = g_ptr_array_index(texts, i);
		guint same = 0;
		for (guint k = 0; k < texts->len; k++)
			same += g_str_equal(
			    text, (char *)g_ptr_array_index(texts, k));
		if (same > *count) {
			*count = same;
			best = text;
		}
	}
	return best;
}

static void name_odd_node(const struct judging *j, const struct node *node,
    const char *text, const char *most, guint others)
{
	struct finding *f = rule_add(j, "node", node->name);

	finding_evidence(f, "cluster.members", text, most);
	finding_answer(f, OUTCOME_FAIL, "%s runs %s, %u other%s %s %s",
	    node->name, text, others, others == 1 ? "" : "s",
	    others == 1 ? "runs" : "run", most);
	finding_remedy(f,
	    "bring %s to %s before the upgrade begins, or take it out of the "
	    "cluster",
	    node->name, most);
}

/* Builds are told apart only where every node names one. */
static GPtrArray *texts_of(const GPtrArray *live)
{
	GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
	bool builds = true;

	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		builds = builds && node->build;
	}
	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		g_ptr_array_add(
		    texts, builds ? runs(node) : g_strdup(node->version));
	}
	return texts;
}

static void all_run_one_version(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	guint count = 0;

	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		if (node->version)
			continue;
		rule_unseen(j, rule_add(j, "node", node->name),
		    "node.%s.version", node->name);
		return;
	}
	g_autoptr(GPtrArray) texts = texts_of(live);
	const char *most = commonest(texts, &count);
	if (!most)
		return;
	for (guint i = 0; i < live->len; i++) {
		const char *text = g_ptr_array_index(texts, i);
		if (!g_str_equal(text, most))
			name_odd_node(
			    j, g_ptr_array_index(live, i), text, most, count);
	}
	if (count < live->len)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_evidence(f, "cluster.members", most, NULL);
	finding_answer(
	    f, OUTCOME_PASS, "all %u live nodes run %s", live->len, most);
}

/* ---- the upgrade mode ---- */

static void zdu_is_stable(const struct judging *j)
{
	const char *state = j->facts->cluster.zdu_state;
	struct finding *f = rule_add(j, NULL, NULL);

	if (!state) {
		rule_unseen(j, f, "cluster.zdu");
		return;
	}
	finding_evidence(f, "cluster.zdu", state, "STABLE");
	if (g_str_equal(state, "STABLE")) {
		finding_answer(f, OUTCOME_PASS, "the cluster is STABLE");
		return;
	}
	finding_answer(f, OUTCOME_FAIL, "the cluster is %s", state);
	if (g_str_equal(state, "READY_TO_UPGRADE"))
		finding_remedy(f, "cancel the upgrade mode in Administration, "
				  "Rolling upgrade, and audit again");
	else
		finding_remedy(f, "finish the upgrade that has begun: "
				  "Administration, Rolling upgrade");
}

static void upgrade_mode_is_off(const struct judging *j)
{
	const struct flag *mode = &j->facts->cluster.upgrade_mode;
	struct finding *f = rule_add(j, NULL, NULL);

	if (!mode->known) {
		rule_unseen(j, f, "cluster.zdu");
		return;
	}
	finding_evidence(f, "cluster.zdu", mode->value ? "on" : "off", "off");
	finding_answer(f, mode->value ? OUTCOME_FAIL : OUTCOME_PASS,
	    "the upgrade mode is %s", mode->value ? "on" : "off");
}

/* ---- who belongs to it ---- */

/* Gives whether NODE is as the settings say; else a finding says why not. */
static bool is_where_it_should(const struct judging *j, const struct node *node)
{
	bool live = node->member.known && node->member.value;
	struct finding *f;

	if (live && node->url && node->answers_as &&
	    !g_str_equal(node->answers_as, node->name)) {
		f = rule_add(j, "node", node->name);
		f->severity = SEVERITY_MEDIUM;
		finding_answer(f, OUTCOME_FAIL,
		    "%s leads to node %s, not to %s", node->url,
		    node->answers_as, node->name);
		finding_remedy(f, "correct [cluster] nodes in the settings");
	} else if (live && !node->url) {
		f = rule_add(j, "node", node->name);
		f->severity = SEVERITY_MEDIUM;
		finding_answer(f, OUTCOME_FAIL,
		    "%s is live, and the settings do not name it", node->name);
		finding_remedy(f, "add %s=URL to [cluster] nodes", node->name);
	} else if (node->url && node->member.known && !node->member.value) {
		f = rule_add(j, "node", node->name);
		finding_answer(f, OUTCOME_FAIL,
		    "%s is in the settings, and the cluster does not list it",
		    node->name);
		finding_remedy(f, "start %s, or take it out of [cluster] nodes",
		    node->name);
	} else {
		return true;
	}
	finding_evidence(f, "cluster.members", live ? "live" : "not listed",
	    node->url ? "live" : "not listed");
	return false;
}

static void all_expected_are_there(const struct judging *j)
{
	const struct facts *facts = j->facts;
	g_autoptr(GPtrArray) live = rule_live_nodes(facts);
	bool good = true;

	if (!live->len)
		return;
	if (!list_length(facts->cluster.expected_nodes)) {
		struct finding *f = rule_add(j, NULL, NULL);
		finding_unknown(f,
		    "the settings name no nodes, so a dead one would not be "
		    "missed");
		finding_remedy(
		    f, "name every node in the settings: [cluster] nodes");
		return;
	}
	for (guint i = 0; i < list_length(facts->nodes); i++)
		good &=
		    is_where_it_should(j, g_ptr_array_index(facts->nodes, i));
	if (!good)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_evidence(f, "cluster.members", NULL, NULL);
	finding_answer(f, OUTCOME_PASS,
	    "the %u nodes of the settings are the live ones", live->len);
}

/* ---- clocks ---- */

static void judge_clock(
    const struct judging *j, const struct node *node, int64_t common)
{
	struct finding *f = rule_add(j, "node", node->name);
	g_autofree char *status = g_strdup_printf("node.%s.status", node->name);

	if (!node->clock_skew_ms.known) {
		rule_unseen(j, f, "%s", status);
		return;
	}
	int64_t off = node->clock_skew_ms.value - common;
	g_autofree char *observed = g_strdup_printf("%" PRId64 " ms", off);
	g_autofree char *expected = g_strdup_printf(
	    "within %" PRId64 " ms", j->policy->clock_skew_max_ms);
	bool good = ABS(off) <= j->policy->clock_skew_max_ms;
	finding_evidence(f, status, observed, expected);
	finding_answer(f, good ? OUTCOME_PASS : OUTCOME_FAIL,
	    "the clock of %s is %s off from the others", node->name, observed);
	if (!good)
		finding_remedy(
		    f, "set the clock of %s: chronyc makestep", node->name);
}

static void judge_zones(const struct judging *j, const GPtrArray *live)
{
	const struct node *first = NULL;

	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		if (!node->timezone)
			continue;
		if (!first)
			first = node;
		if (g_str_equal(node->timezone, first->timezone))
			continue;
		g_autofree char *id =
		    g_strconcat(node->name, ".timezone", NULL);
		g_autofree char *machine =
		    g_strdup_printf("node.%s.machine", node->name);
		struct finding *f = rule_add(j, "node", id);
		finding_evidence(f, machine, node->timezone, first->timezone);
		finding_answer(f, OUTCOME_FAIL, "%s is in %s, %s in %s",
		    node->name, node->timezone, first->name, first->timezone);
		finding_remedy(f,
		    "set one time zone: timedatectl "
		    "set-timezone %s on %s",
		    first->timezone, node->name);
	}
}

static void clocks_agree(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	struct number common = skew_common(live);

	for (guint i = 0; i < live->len; i++)
		judge_clock(j, g_ptr_array_index(live, i), common.value);
	judge_zones(j, live);
}

/* ---- the lock ---- */

/* A live node whose own word for its state is STATE; NULL: none. */
static const struct node *node_in(const struct facts *facts, const char *state)
{
	for (guint i = 0; i < list_length(facts->nodes); i++) {
		const struct node *node = g_ptr_array_index(facts->nodes, i);
		if (node->member.known && node->member.value &&
		    g_strcmp0(node->status, state) == 0)
			return node;
	}
	return NULL;
}

/* That no lock is found there is little: a node's own state bears it out. */
static void judge_unlocked(const struct judging *j, struct finding *f)
{
	const struct node *locked = node_in(j->facts, "MAINTENANCE");
	const struct node *open = node_in(j->facts, "RUNNING");
	const struct node *node = locked ? locked : open;

	if (!node) {
		finding_unknown(f,
		    "no lock was found, but no live node says RUNNING, which "
		    "would bear that out");
		return;
	}
	g_autofree char *status = g_strdup_printf("node.%s.status", node->name);
	finding_evidence(f, status, node->status, "RUNNING");
	if (locked)
		finding_answer(f, OUTCOME_FAIL,
		    "no lock was found, and yet %s is in MAINTENANCE",
		    locked->name);
	else
		finding_answer(f, OUTCOME_PASS,
		    "Bitbucket is not locked, and %s is RUNNING", open->name);
}

static void is_not_locked(const struct judging *j)
{
	const struct cluster *c = &j->facts->cluster;
	struct finding *f = rule_add(j, NULL, NULL);

	if (!c->maintenance.known) {
		rule_unseen(j, f, "cluster.lock");
		return;
	}
	finding_evidence(f, "cluster.lock",
	    c->maintenance.value ? "locked" : "not locked", "not locked");
	if (c->maintenance.value)
		finding_answer(f, OUTCOME_FAIL,
		    "Bitbucket is locked for maintenance by %s",
		    c->lock_owner ? c->lock_owner : "nobody knows whom");
	else
		judge_unlocked(j, f);
}

const struct rule cluster_rules[] = {
    {.id = "CLUSTER-nodes-enough",
	.ask = "Are there enough nodes to take one away?",
	.mend = "start another node, or set [target] procedure = downtime",
	.source = "docs/sources.md#rolling-upgrade",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.members"},
	.applies = rule_when_rolling,
	.judge = there_are_enough},
    {.id = "CLUSTER-nodes-active",
	.ask = "Is each live node active?",
	.mend = "bring the node back, or take it out of the cluster",
	.source = "docs/sources.md#zdu",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.members", "cluster.zdu|node.*.status"},
	.applies = rule_when_rolling,
	.judge = each_is_active},
    {.id = "CLUSTER-one-version",
	.ask = "Do all live nodes run one version?",
	.mend = "bring all nodes to one version before the upgrade begins",
	.source = "docs/sources.md#cluster",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.members"},
	.judge = all_run_one_version},
    {.id = "CLUSTER-zdu-stable",
	.ask = "Is no other rolling upgrade under way?",
	.mend = "finish or cancel the upgrade that has begun",
	.source = "docs/sources.md#zdu",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.zdu"},
	.applies = rule_when_rolling,
	.judge = zdu_is_stable},
    {.id = "CLUSTER-upgrade-mode-off",
	.ask = "Is the upgrade mode off?",
	.mend = "cancel the upgrade mode in Administration, Rolling upgrade",
	.source = "docs/sources.md#zdu",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.zdu"},
	.applies = rule_when_rolling,
	.judge = upgrade_mode_is_off},
    {.id = "CLUSTER-inventory",
	.ask = "Are the live nodes those of the settings?",
	.mend = "start the missing node, or correct [cluster] nodes",
	.source = "docs/sources.md#cluster",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"settings", "cluster.members"},
	.judge = all_expected_are_there},
    {.id = "CLUSTER-clocks",
	.ask = "Do the nodes' clocks and time zones agree?",
	.mend = "let all nodes follow one NTP source",
	.source = "docs/sources.md#cluster",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"cluster.members", "node.*.status"},
	.judge = clocks_agree},
    {.id = "CLUSTER-not-locked",
	.ask = "Is Bitbucket open to its users?",
	.mend = "gonogo backup unlock",
	.source = "docs/sources.md#maintenance",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.lock", "cluster.members", "node.*.status"},
	.judge = is_not_locked},
    {.id = "CLUSTER-balancer",
	.ask = "Can each node be taken out of the load balancer, and does "
	       "somebody know how?",
	.mend = "try it with one node: it is drained before it is stopped",
	.source = "docs/sources.md#rolling-upgrade",
	.severity = SEVERITY_MEDIUM,
	.resolve_by = PHASE_BEFORE_NODE,
	.required = true,
	.applies = rule_when_rolling,
	.judge = rule_ask_person},
    {.id = "CLUSTER-mirrors",
	.ask = "Does each mirror fit the target?",
	.mend = "upgrade the mirror in step with the cluster, or take it off",
	.source = "docs/sources.md#mirrors",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"mirrors"},
	.judge = farms_mirrors},
    {.id = "CLUSTER-mesh",
	.ask = "Is the Mesh whole and at rest?",
	.mend = "bring the Mesh node back, or let the migration end",
	.source = "docs/sources.md#mesh",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"mesh.nodes", "mesh.migration"},
	.applies = farms_mesh_exists,
	.judge = farms_mesh},
    {0},
};
