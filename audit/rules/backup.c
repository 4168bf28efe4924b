/* Can we come back?  The newest set that would serve, and its proofs. */
#include <inttypes.h>

#include "audit/rules/rule.h"
#include "base/clock.h"
#include "contract/proof.h"
#include "contract/snapshot.h"

/* ---- which set ---- */

/* Bitbucket comes back from home and database: one of them alone won't do. */
static bool is_whole(const struct backup_set *set)
{
	return list_length(set->lacks) == 0;
}

static bool is_good(const struct backup_set *set)
{
	return is_whole(set) && g_strcmp0(set->status,
				    snapshot_status_names[SNAPSHOT_GOOD]) == 0;
}

/* Others have it, and the policy takes their word. */
static bool suffices(const struct backup_set *set, const struct policy *policy)
{
	return is_whole(set) && set->asserted_by && policy->backup_asserted &&
	       set->degraded.known && set->degraded.value == 0;
}

/* The place of TEXT in NAMES; -1: none, or no text. */
static int place_in(const char *const *names, const char *text)
{
	for (int i = 0; text && names[i]; i++)
		if (g_str_equal(names[i], text))
			return i;
	return -1;
}

static bool is_proved(const struct backup_set *set, const struct policy *policy)
{
	return place_in(proof_outcome_names, set->proof_outcome) ==
		   PROOF_PASSED &&
	       place_in(proof_level_names, set->proof_level) >=
		   place_in(proof_level_names, policy->backup_proof);
}

/* The newest set that is good and proved; else the newest; NULL: none. */
static const struct backup_set *chosen(const struct judging *j)
{
	const GPtrArray *sets = j->facts->backup_sets;

	for (guint i = 0; i < list_length(sets); i++) {
		const struct backup_set *set = g_ptr_array_index(sets, i);
		if (is_good(set) && is_proved(set, j->policy))
			return set;
	}
	return list_length(sets) > 0 ? g_ptr_array_index(sets, 0) : NULL;
}

/* Adds the rule's finding on the chosen set; NULL: there is none. */
static struct finding *begin(
    const struct judging *j, const struct backup_set **set)
{
	*set = chosen(j);
	if (!*set) {
		struct finding *f = rule_add(j, NULL, NULL);
		rule_unseen(j, f, "backup");
		finding_remedy(f, "gonogo backup create");
		return NULL;
	}
	return rule_add(j, "set", (*set)->id);
}

/* ---- the rules ---- */

/* Nobody here has read it, whatever the policy makes of that. */
static void answer_asserted(
    const struct judging *j, struct finding *f, const struct backup_set *set)
{
	if (suffices(set, j->policy)) {
		finding_answer(f, OUTCOME_PASS,
		    "set %s is asserted by %s, not verified by us; the policy "
		    "takes that",
		    set->id, set->asserted_by);
		return;
	}
	finding_answer(f, OUTCOME_FAIL,
	    "set %s is asserted by %s, not verified by us", set->id,
	    set->asserted_by);
	finding_remedy(f,
	    "gonogo backup create, or accept_asserted = yes in [backup] of "
	    "the policy");
}

static void set_is_good(const struct judging *j)
{
	const struct backup_set *set;
	struct finding *f = begin(j, &set);

	if (!f)
		return;
	finding_evidence(f, "backup", set->status, "GOOD");
	if (!set->status) {
		finding_unknown(f, "set %s does not say its status", set->id);
	} else if (!is_whole(set)) {
		finding_answer(f, OUTCOME_FAIL,
		    "set %s holds no %s: it was made without", set->id,
		    (const char *)g_ptr_array_index(set->lacks, 0));
		finding_remedy(f, "gonogo backup create");
	} else if (set->asserted_by && set->degraded.value == 0) {
		answer_asserted(j, f, set);
	} else if (is_good(set)) {
		finding_answer(f, OUTCOME_PASS,
		    "set %s is GOOD: %" PRId64 " repositories, %s", set->id,
		    set->repositories.value,
		    set->mode ? set->mode : "mode unknown");
	} else {
		if (j->policy->backup_degraded)
			f->severity = SEVERITY_MEDIUM;
		finding_answer(f, OUTCOME_FAIL,
		    "set %s is %s: it lacks %" PRId64 " things by name",
		    set->id, set->status, set->degraded.value);
		for (guint i = 0; i < list_length(set->flaws); i++)
			finding_evidence(f, "backup",
			    g_ptr_array_index(set->flaws, i), NULL);
		finding_remedy(f,
		    "see what it lacks with `gonogo backup list`, mend that, "
		    "and run `gonogo backup create` again");
	}
}

enum { AHEAD_S = 300 }; /* a point further ahead is of a wrong clock */

static void set_is_young(const struct judging *j)
{
	const struct backup_set *set;
	struct finding *f = begin(j, &set);

	if (!f)
		return;
	if (!set->point_at.known) {
		finding_unknown(
		    f, "set %s does not say its point in time", set->id);
		return;
	}
	g_autofree char *point = clock_text(set->point_at.value);
	g_autofree char *most = clock_span(j->policy->backup_max_age_s);
	int64_t age = j->as_of - set->point_at.value;
	g_autofree char *span = clock_span(age);
	finding_evidence(f, "backup", point, most);
	if (age < -AHEAD_S) {
		finding_unknown(f,
		    "set %s is of %s, which is still to come: a clock is "
		    "wrong",
		    set->id, point);
	} else if (age <= j->policy->backup_max_age_s) {
		finding_answer(f, OUTCOME_PASS, "set %s is of %s, %s ago",
		    set->id, point, span);
	} else {
		finding_answer(f, OUTCOME_FAIL,
		    "set %s is of %s, %s ago; %s is the limit", set->id, point,
		    span, most);
		finding_remedy(f, "gonogo backup create");
	}
}

/* What can't be read here was restored elsewhere, by their word. */
static void asserted_is_tested(
    const struct judging *j, struct finding *f, const struct backup_set *set)
{
	int64_t most_s = j->policy->restore_test_max_age_s;
	g_autofree char *most = clock_span(most_s);

	if (!suffices(set, j->policy)) {
		finding_unknown(f,
		    "set %s is asserted by %s, not verified by us", set->id,
		    set->asserted_by);
		finding_remedy(f, "gonogo backup create");
		return;
	}
	if (!set->restore_tested_at.known) {
		finding_unknown(f,
		    "%s does not say when such a backup was last restored",
		    set->asserted_by);
		finding_remedy(f,
		    "restore one for a try, and let the prove command say "
		    "restore_tested_at");
		return;
	}
	int64_t age_s = j->as_of - set->restore_tested_at.value;
	g_autofree char *at = clock_text(set->restore_tested_at.value);
	g_autofree char *age = clock_span(age_s);
	finding_evidence(f, "backup", at, most);
	if (age_s < -AHEAD_S) {
		finding_unknown(f, "a restore test of %s is still to come", at);
	} else if (age_s <= most_s) {
		finding_answer(f, OUTCOME_PASS,
		    "%s says that it restored such a backup %s ago; not "
		    "verified by us",
		    set->asserted_by, age);
	} else {
		finding_answer(f, OUTCOME_FAIL,
		    "the last restore test of %s is %s ago; %s is the limit",
		    set->asserted_by, age, most);
		finding_remedy(f, "restore one for a try");
	}
}

static void set_is_verified(const struct judging *j)
{
	const struct backup_set *set;
	struct finding *f = begin(j, &set);
	const char *wanted = j->policy->backup_proof;

	if (!f)
		return;
	if (set->asserted_by) {
		asserted_is_tested(j, f, set);
		return;
	}
	int outcome = place_in(proof_outcome_names, set->proof_outcome);
	if (outcome < 0) {
		rule_unseen(j, f, "backup.proof");
	} else if (outcome == PROOF_PASSED && is_proved(set, j->policy)) {
		finding_evidence(f, "backup.proof", set->proof_level, wanted);
		finding_answer(f, OUTCOME_PASS, "set %s passed the %s proof",
		    set->id, set->proof_level);
		return;
	} else if (outcome == PROOF_FAILED) {
		finding_evidence(f, "backup.proof", set->proof_outcome, NULL);
		finding_answer(f, OUTCOME_FAIL, "set %s failed its %s proof",
		    set->id, set->proof_level);
		finding_remedy(f, "gonogo backup create");
		return;
	} else {
		finding_evidence(f, "backup.proof", set->proof_level, wanted);
		finding_unknown(f,
		    "the %s proof of set %s %s; the policy asks for %s",
		    set->proof_level ? set->proof_level : "unnamed", set->id,
		    outcome == PROOF_PASSED ? "passed" : "is unfinished",
		    wanted);
	}
	finding_remedy(
	    f, "gonogo backup verify %s --level %s", set->id, wanted);
}

static void set_is_ours(const struct judging *j)
{
	const struct backup_set *set;
	struct finding *f = begin(j, &set);
	const struct facts *facts = j->facts;
	bool licensed = facts->licence.server_id != NULL;
	const char *own =
	    licensed ? facts->licence.server_id : facts->database.server_id;

	if (!f)
		return;
	if (!own || !facts->product.version) {
		rule_unseen(j, f, own ? "product" : "licence");
	} else if (!set->server_id || !set->version) {
		finding_unknown(f,
		    "set %s does not say of which server and version it is",
		    set->id);
	} else if (!g_str_equal(set->server_id, own)) {
		finding_answer(f, OUTCOME_FAIL,
		    "set %s is of server %s, this is %s", set->id,
		    set->server_id, own);
	} else if (!g_str_equal(set->version, facts->product.version)) {
		finding_answer(f, OUTCOME_FAIL,
		    "set %s holds version %s, and %s runs", set->id,
		    set->version, facts->product.version);
	} else {
		finding_answer(f, OUTCOME_PASS,
		    "set %s is of this server, version %s", set->id,
		    set->version);
	}
	if (own)
		finding_evidence(f, licensed ? "licence" : "database.identity",
		    set->server_id, own);
	finding_evidence(f, "backup", set->version, facts->product.version);
}

static bool is_inside(const char *path, const char *folder)
{
	g_autofree char *slash = g_str_has_suffix(folder, "/")
				     ? g_strdup(folder)
				     : g_strconcat(folder, "/", NULL);

	return g_str_equal(path, folder) || g_str_has_prefix(path, slash);
}

static void store_is_elsewhere(const struct judging *j)
{
	const char *store = j->facts->plan.store;
	const char *home = j->facts->home.path;
	struct finding *f = rule_add(j, NULL, NULL);

	if (!store) {
		finding_unknown(f, "the settings name no store");
		finding_remedy(f, "name the store: [store] path");
		return;
	}
	if (!home) {
		rule_unseen(j, f, "home.check");
		return;
	}
	finding_evidence(f, "settings", store, NULL);
	finding_evidence(f, "home.check", home, NULL);
	if (is_inside(store, home) || is_inside(home, store))
		finding_answer(f, OUTCOME_FAIL,
		    "the store %s and the shared home %s lie in one folder",
		    store, home);
	else
		finding_answer(f, OUTCOME_PASS,
		    "the store %s lies outside the shared home", store);
}

/* ---- rows against folders ---- */

static void cross_check_is_clean(const struct judging *j)
{
	const struct home *h = &j->facts->home;
	const struct {
		const char *id;
		const struct number *count;
		enum severity severity;
		const char *says, *remedy;
	} rows[] = {
	    {"rows-without-folder", &h->rows_without_folder, SEVERITY_MEDIUM,
		"repositories of the database have no folder",
		"find each with `gonogo backup list`, and restore or delete "
		"it in Bitbucket"},
	    {"folders-without-row", &h->folders_without_row, SEVERITY_LOW,
		"repository folders have no row in the database",
		"leave them where they are; ask the vendor's support before "
		"removing one"},
	    {"broken-alternates", &h->broken_alternates, SEVERITY_HIGH,
		"repositories borrow objects from a folder that is not there",
		"run git fsck in each; restore what it borrows from"},
	    {"stale-locks", &h->stale_locks, SEVERITY_LOW,
		"lock files are left in repositories",
		"remove them while no git process runs there"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct finding *f = rule_add(j, "home", rows[i].id);
		f->severity = (int)rows[i].severity;
		if (!rows[i].count->known) {
			rule_unseen(j, f,
			    i < 2 ? "home.repositories.rows"
				  : "home.repositories");
			continue;
		}
		int64_t count = rows[i].count->value;
		g_autofree char *text = g_strdup_printf("%" PRId64, count);
		finding_evidence(f, "home.repositories", text, "0");
		finding_answer(f, count == 0 ? OUTCOME_PASS : OUTCOME_FAIL,
		    "%s %s", count == 0 ? "no" : text, rows[i].says);
		if (count)
			finding_remedy(f, "%s", rows[i].remedy);
	}
}

const struct rule backup_rules[] = {
    {.id = "BACKUP-set-good",
	.ask = "Is there a backup set that lacks nothing?",
	.mend = "gonogo backup create",
	.source = "docs/sources.md#backup",
	.severity = SEVERITY_BLOCKER,
	.relation = RELATION_BREAKS_RETURN,
	.required = true,
	.inputs = {"backup"},
	.judge = set_is_good},
    {.id = "BACKUP-young",
	.ask = "Is it young enough?",
	.mend = "gonogo backup create",
	.source = "docs/sources.md#backup",
	.severity = SEVERITY_BLOCKER,
	.relation = RELATION_BREAKS_RETURN,
	.required = true,
	.inputs = {"backup"},
	.judge = set_is_young},
    {.id = "BACKUP-verified",
	.ask = "Was it read back and found whole?",
	.mend = "gonogo backup verify",
	.source = "docs/sources.md#backup",
	.severity = SEVERITY_BLOCKER,
	.relation = RELATION_BREAKS_RETURN,
	.required = true,
	.inputs = {"backup", "backup.proof|backup.assertion"},
	.judge = set_is_verified},
    {.id = "BACKUP-of-this-cluster",
	.ask = "Is it of this cluster as it runs now?",
	.mend = "gonogo backup create",
	.source = "docs/sources.md#backup",
	.severity = SEVERITY_BLOCKER,
	.relation = RELATION_BREAKS_RETURN,
	.required = true,
	.inputs = {"backup", "product", "licence|database.identity"},
	.judge = set_is_ours},
    {.id = "BACKUP-store-elsewhere",
	.ask = "Does the store lie outside the home that it saves?",
	.mend = "put the store on another volume: [store] path",
	.source = "docs/sources.md#backup",
	.severity = SEVERITY_HIGH,
	.relation = RELATION_BREAKS_RETURN,
	.required = true,
	.inputs = {"settings", "home.check"},
	.judge = store_is_elsewhere},
    {.id = "BACKUP-cross-check",
	.ask = "Do the database's repositories and the folders agree?",
	.mend = "mend the repositories that are named",
	.source = "docs/sources.md#home",
	.severity = SEVERITY_MEDIUM,
	.relation = RELATION_BREAKS_RETURN,
	.required = true,
	.inputs = {"home.repositories", "database.repositories"},
	.judge = cross_check_is_clean},
    {0},
};
