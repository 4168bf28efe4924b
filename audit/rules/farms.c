#include "audit/rules/farms.h"

#include <inttypes.h>

#include "base/clock.h"
#include "bitbucket/version.h"

/* ---- mirrors ---- */

enum { MIRROR_AWAY_S = 86400 }; /* not seen for so long: it is offline */

/* An offline mirror was offline before: shown, and no reason to stop. */
static void judge_presence(
    const struct judging *j, struct finding *f, const struct mirror *m)
{
	const char *state = NULL;

	if (!m->enabled.value)
		state = "disabled";
	else if (!m->last_seen_at.known)
		state = "never seen";
	else if (m->last_seen_at.value + MIRROR_AWAY_S < j->as_of)
		state = "not seen for more than a day";
	if (!state) {
		finding_answer(
		    f, OUTCOME_PASS, "mirror %s runs %s", m->name, m->version);
		return;
	}
	f->relation = RELATION_PRE_EXISTING;
	f->severity = SEVERITY_MEDIUM;
	finding_answer(f, OUTCOME_FAIL, "mirror %s (%s) is %s", m->name,
	    m->version, state);
	finding_remedy(f, "bring mirror %s back after the upgrade", m->name);
}

static void judge_mirror(const struct judging *j, const struct mirror *m)
{
	struct finding *f = rule_add(j, "mirror", m->name);
	const char *target = j->facts->plan.target;
	struct version own = {0}, wanted = {0};

	if (!m->version || !version_parse(m->version, &own, NULL)) {
		finding_unknown(
		    f, "mirror %s does not say what it runs", m->name);
		return;
	}
	if (!target || !version_parse(target, &wanted, NULL)) {
		finding_unknown(f,
		    "there is no target to hold mirror %s "
		    "against",
		    m->name);
		return;
	}
	finding_evidence(f, "mirrors", m->version, target);
	if (version_compare(&own, &wanted) <= 0) {
		judge_presence(j, f, m);
		return;
	}
	finding_answer(f, OUTCOME_FAIL,
	    "mirror %s runs %s, which is newer than the target %s", m->name,
	    m->version, target);
	finding_remedy(f, "choose a target of %s or later", m->version);
}

void farms_mirrors(const struct judging *j)
{
	for (guint i = 0; i < list_length(j->facts->mirrors); i++)
		judge_mirror(j, g_ptr_array_index(j->facts->mirrors, i));
	if (list_length(j->facts->mirrors) > 0)
		return;
	struct finding *f = rule_add(j, NULL, NULL);
	finding_evidence(f, "mirrors", "none", NULL);
	finding_answer(f, OUTCOME_NOT_APPLICABLE, "there are no mirrors");
}

/* ---- Mesh ---- */

bool farms_mesh_exists(const struct facts *facts, const char **why)
{
	struct version running = {0};

	*why = "releases before 8.0 have no Mesh";
	return !facts->product.version ||
	       !version_parse(facts->product.version, &running, NULL) ||
	       running.major >= 8;
}

static void judge_mesh_node(
    const struct judging *j, const struct mesh_node *node)
{
	const char *name = node->name ? node->name : node->id;
	struct finding *f = rule_add(j, "node", name);
	bool away = node->offline.known && node->offline.value;

	finding_evidence(
	    f, "mesh.nodes", away ? "offline" : node->state, "AVAILABLE");
	if (!node->state) {
		finding_unknown(f, "Mesh node %s does not say its state", name);
	} else if (!away && g_str_equal(node->state, "AVAILABLE")) {
		finding_answer(
		    f, OUTCOME_PASS, "Mesh node %s is AVAILABLE", name);
	} else {
		finding_answer(f, OUTCOME_FAIL, "Mesh node %s is %s", name,
		    away ? "offline" : node->state);
		finding_remedy(f, "bring Mesh node %s back", name);
	}
}

static void judge_migration(const struct judging *j)
{
	const struct flag *migrating = &j->facts->mesh_migrating;
	struct finding *f = rule_add(j, NULL, NULL);

	if (!migrating->known) {
		rule_unseen(j, f, "mesh.migration");
		return;
	}
	finding_evidence(
	    f, "mesh.migration", migrating->value ? "running" : "none", "none");
	if (migrating->value) {
		f->severity = SEVERITY_BLOCKER;
		finding_answer(
		    f, OUTCOME_FAIL, "repositories are being migrated to Mesh");
		finding_remedy(f, "let the migration end, or cancel it");
	} else if (!list_length(j->facts->mesh_nodes)) {
		finding_answer(
		    f, OUTCOME_NOT_APPLICABLE, "there are no Mesh nodes");
	} else {
		finding_answer(
		    f, OUTCOME_PASS, "no migration to Mesh is running");
	}
}

static void judge_connectivity(const struct judging *j)
{
	const struct number *cut = &j->facts->mesh_unreachable;
	struct finding *f = rule_add(j, "cluster", "connectivity");

	if (!cut->known) {
		rule_unseen(j, f, "mesh.connectivity");
		return;
	}
	g_autofree char *count = g_strdup_printf("%" PRId64, cut->value);
	finding_evidence(f, "mesh.connectivity", count, "0");
	if (cut->value == 0)
		finding_answer(f, OUTCOME_PASS,
		    "every Mesh and Bitbucket node reaches the others");
	else
		finding_answer(f, OUTCOME_FAIL,
		    "%s pairs of nodes do not reach each other", count);
}

void farms_mesh(const struct judging *j)
{
	judge_migration(j);
	if (!list_length(j->facts->mesh_nodes))
		return;
	for (guint i = 0; i < list_length(j->facts->mesh_nodes); i++)
		judge_mesh_node(j, g_ptr_array_index(j->facts->mesh_nodes, i));
	judge_connectivity(j);
}
