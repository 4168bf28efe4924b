#include "report/render/summary.h"

#include "base/clock.h"
#include "contract/proof.h"
#include "report/render/checklist.h"
#include "report/render/leads.h"
#include "report/render/svg.h"
#include "report/render/words.h"

enum { REASONS_SHOWN = 3 };

/* ---- may we go? ---- */

/* How many of the reasons are failures, or are not. */
static guint count_reasons(const struct verdict *v, bool failures)
{
	guint count = 0;

	for (guint i = 0; i < list_length(v->reasons); i++) {
		const struct reason *r = g_ptr_array_index(v->reasons, i);
		bool blocks =
		    r->outcome == OUTCOME_FAIL && r->severity <= SEVERITY_HIGH;
		count += !r->waived_by &&
			 (failures ? blocks : r->outcome != OUTCOME_FAIL);
	}
	return count;
}

static char *sentence(const struct verdict *v)
{
	g_autofree char *until =
	    v->valid_until.known ? clock_text(v->valid_until.value) : NULL;

	switch ((enum answer)v->answer) {
	case ANSWER_GO:
		return g_strdup_printf(
		    "Every check that is asked for passed.%s%.10s%s%.5s%s",
		    until ? " Start before " : "", until ? until : "",
		    until ? " " : "", until ? until + 11 : "",
		    until ? " UTC." : "");
	case ANSWER_CONDITIONAL:
		return words_count(list_length(v->reasons),
		    "warning is open. A person has to accept it.",
		    "warnings are open. A person has to accept them.");
	case ANSWER_NO_GO:
		return words_count(count_reasons(v, true),
		    "blocker stands in the way. Do not start.",
		    "blockers stand in the way. Do not start.");
	case ANSWER_UNKNOWN:
		break;
	}
	return words_count(count_reasons(v, false),
	    "answer is missing. Nobody can say that it is safe.",
	    "answers are missing. Nobody can say that it is safe.");
}

void summary_set_answer(json *model, const struct summary *s)
{
	const struct verdict *v = s->verdict;
	g_autofree char *text = sentence(v);

	words_set(model, "answer", words_answer(v->answer));
	json_set_string(model, "sentence", text);
	json_set_string(model, "cluster", v->cluster);
	json_set_string(model, "cluster_url", s->facts->cluster.url);
	json_set_string(model, "current", v->current);
	json_set_string(model, "target", v->target);
	json_set_string(model, "procedure", v->procedure);
	json_set_string(model, "policy", v->policy_name);
	json_set_string(model, "made_by", v->made_by);
	words_set_time(model, "as_of", v->as_of, v->as_of.value);
	words_set_time(model, "valid_until", v->valid_until, v->as_of.value);
	json_set_string(model, "facts_sha256", v->facts_sha256);
	json_set_string(model, "findings_sha256", v->findings_sha256);
	json_set_string(model, "policy_sha256", v->policy_sha256);
}

/* ---- why not? ---- */

static json *write_reason(const struct summary *s, const struct reason *r)
{
	json *object = json_new_object();
	const struct finding *f = findings_find(s->findings, r->key);
	g_autofree char *anchor = checklist_anchor(s->findings, r->key);
	const char *subject = strchr(r->key, '/');

	words_set(object, "outcome",
	    words_finding(r->outcome, r->severity,
		f ? f->relation : RELATION_BREAKS_UPGRADE));
	json_set_string(object, "key", r->key);
	json_set_string(object, "subject", subject ? subject + 1 : NULL);
	json_set_string(object, "anchor", anchor);
	json_set_string(object, "step", checklist_step(r->key));
	json_set_string(object, "title", r->title ? r->title : r->message);
	json_set_string(object, "message", r->message);
	json_set_string(object, "headline", r->message ? r->message : r->title);
	json_set_string(object, "detail", r->message ? r->title : NULL);
	json_set_string(object, "remedy", r->remedy);
	json_set_string(object, "waived_by", r->waived_by);
	return object;
}

/* Sets KEY to {count, list} when there is one. */
static void set_reasons(json *model, const char *key, const struct summary *s,
    const GPtrArray *reasons)
{
	if (list_length(reasons) == 0)
		return;
	json *outer = json_set(model, key, json_new_object());
	json *list = json_set(outer, "list", json_new_array());
	json_set_i64(outer, "count", reasons->len);
	for (guint i = 0; i < reasons->len; i++)
		json_append(
		    list, write_reason(s, g_ptr_array_index(reasons, i)));
}

/* Sets KEY_top to those that lead, KEY_more to the others. */
static void set_split(json *model, const char *key, const struct summary *s,
    const GPtrArray *reasons)
{
	g_autoptr(GPtrArray) top = leads_of(reasons, REASONS_SHOWN);
	g_autoptr(GPtrArray) more = g_ptr_array_new();
	g_autofree char *top_key = g_strconcat(key, "_top", NULL);
	g_autofree char *more_key = g_strconcat(key, "_more", NULL);

	for (guint i = 0; i < list_length(reasons); i++) {
		gpointer reason = g_ptr_array_index(reasons, i);
		if (!g_ptr_array_find(top, reason, NULL))
			g_ptr_array_add(more, reason);
	}
	set_reasons(model, top_key, s, top);
	set_reasons(model, more_key, s, more);
}

void summary_set_reasons(json *model, const struct summary *s)
{
	const struct verdict *v = s->verdict;

	set_split(model, "reasons", s, v->reasons);
	set_split(model, "unanswered", s, v->not_checked);
	set_reasons(model, "unanswered", s, v->not_checked);
	set_reasons(model, "pre_existing", s, v->pre_existing);
}

/* ---- can we come back? ---- */

static const struct backup_set *find_set(const struct summary *s)
{
	const GPtrArray *sets = s->facts->backup_sets;

	for (guint i = 0; i < list_length(sets); i++) {
		const struct backup_set *set = g_ptr_array_index(sets, i);
		if (!s->verdict->backup_set ||
		    g_strcmp0(set->id, s->verdict->backup_set) == 0)
			return set;
	}
	return NULL;
}

/*
 * The gravest of the BACKUP findings is the answer, and nothing is a Yes
 * without a set that the verdict names and a proof of it.
 */
static struct word answer_of_backup(
    const struct findings *findings, bool named, bool proved, bool asserted)
{
	bool open = !named || (!proved && !asserted), failed = false;

	for (guint i = 0; i < list_length(findings->list); i++) {
		const struct finding *f = g_ptr_array_index(findings->list, i);
		if (g_strcmp0(f->area, "backup") != 0)
			continue;
		failed |= f->outcome == OUTCOME_FAIL &&
			  f->severity <= SEVERITY_MEDIUM;
		open |= f->outcome == OUTCOME_UNKNOWN ||
			f->outcome == OUTCOME_MANUAL;
	}
	if (failed)
		return (struct word){"stop", "Not as the policy asks"};
	if (open)
		return (struct word){"open", "Nobody knows"};
	return asserted ? (struct word){"open", "Asserted, not verified by us"}
			: (struct word){"good", "Yes"};
}

static bool is_proved(const struct backup_set *set)
{
	return g_strcmp0(
		   set->proof_outcome, proof_outcome_names[PROOF_PASSED]) == 0;
}

static void set_proof(json *object, const struct backup_set *set, int64_t now)
{
	if (!set->proof_level)
		return;
	json *proof = json_set(object, "proof", json_new_object());
	words_set(proof, "outcome",
	    is_proved(set) ? (struct word){"good", "passed"}
			   : (struct word){"stop", "not passed"});
	json_set_string(proof, "level", set->proof_level);
	words_set_time(proof, "at", set->proved_at, now);
}

void summary_set_return(json *model, const struct summary *s)
{
	const struct backup_set *set = find_set(s);
	int64_t now = s->verdict->as_of.value;
	json *object = json_set(model, "return", json_new_object());

	words_set(object, "answer",
	    answer_of_backup(s->findings, set && s->verdict->backup_set,
		set && is_proved(set), set && set->asserted_by));
	if (!set)
		return;
	object = json_set(object, "set", json_new_object());
	json_set_string(object, "id", set->id);
	json_set_string(object, "mode", set->mode);
	json_set_string(object, "status", set->status);
	json_set_string(object, "store", set->store);
	json_set_string(object, "version", set->version);
	json_set_string(object, "asserted_by", set->asserted_by);
	words_set_time(object, "restore_tested", set->restore_tested_at, now);
	if (set->repositories.known)
		json_set_i64(object, "repositories", set->repositories.value);
	if (set->degraded.known && set->degraded.value > 0)
		json_set_i64(object, "degraded", set->degraded.value);
	words_set_time(object, "point", set->point_at, now);
	words_set_time(object, "rehearsed", set->rehearsed_at, now);
	set_proof(object, set, now);
	if (set->point_at.known) {
		g_autofree char *limit =
		    clock_span(s->policy->backup_max_age_s);
		int64_t age_s = now - set->point_at.value;
		g_autofree char *age = clock_span(age_s);
		g_autofree char *picture =
		    svg_age(age_s, s->policy->backup_max_age_s);
		json_set_string(object, "limit", limit);
		json_set_string(object, "age", age);
		json_set_string(object, "picture", picture);
	}
}

/* ---- what expires next? ---- */

struct expiry {
	char *what;
	struct number at;
};

static void expiry_free(gpointer data)
{
	struct expiry *e = data;

	g_free(e->what);
	g_free(e);
}

/* Takes WHAT. */
static void add_expiry(GPtrArray *list, char *what, struct number at)
{
	struct expiry *e = g_new0(struct expiry, 1);

	e->what = what;
	e->at = at;
	g_ptr_array_add(list, e);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const struct expiry *const *x = a, *const *y = b;

	return ((*x)->at.value > (*y)->at.value) -
	       ((*x)->at.value < (*y)->at.value);
}

static GPtrArray *collect_expiries(const struct summary *s)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(expiry_free);
	const struct backup_set *set = find_set(s);
	const struct facts *facts = s->facts;

	add_expiry(list, g_strdup("This verdict"), s->verdict->valid_until);
	if (set && set->point_at.known)
		add_expiry(list, g_strdup("Backup, by the policy"),
		    number_of(
			set->point_at.value + s->policy->backup_max_age_s));
	add_expiry(list, g_strdup("Licence"), facts->licence.expires_at);
	add_expiry(list, g_strdup("Licence maintenance"),
	    facts->licence.maintenance_expires_at);
	add_expiry(list,
	    g_strdup_printf("Support of Bitbucket %s",
		facts->knowledge.target.line ? facts->knowledge.target.line
					     : "(target's line)"),
	    facts->knowledge.line_ends_at);
	for (guint i = 0; i < list_length(facts->packs); i++) {
		const struct pack *pack = g_ptr_array_index(facts->packs, i);
		add_expiry(list,
		    g_strdup_printf("Knowledge pack %s",
			pack->name ? pack->name : "without a name"),
		    pack->stale_after);
	}
	g_ptr_array_sort(list, by_time);
	return list;
}

void summary_set_expiries(json *model, const struct summary *s)
{
	g_autoptr(GPtrArray) list = collect_expiries(s);
	int64_t now = s->verdict->as_of.value;
	json *array = json_set(model, "expiries", json_new_array());

	for (guint i = 0; i < list->len; i++) {
		const struct expiry *e = g_ptr_array_index(list, i);
		if (!e->at.known)
			continue;
		json *object = json_append(array, json_new_object());
		json_set_string(object, "what", e->what);
		words_set_time(object, "at", e->at, now);
		if (e->at.value < now)
			json_set_bool(object, "past", true);
	}
}

/* ---- the cluster ---- */

/* The version that most nodes run; the first of equals. */
static const char *common_version(const struct facts *facts)
{
	const char *best = NULL;
	guint most = 0;

	for (guint i = 0; i < list_length(facts->nodes); i++) {
		const struct node *a = g_ptr_array_index(facts->nodes, i);
		guint count = 0;
		for (guint j = 0; a->version && j < facts->nodes->len; j++) {
			const struct node *b =
			    g_ptr_array_index(facts->nodes, j);
			count += g_strcmp0(a->version, b->version) == 0;
		}
		if (count > most) {
			most = count;
			best = a->version;
		}
	}
	return best;
}

static json *write_node(const struct node *node, const char *version)
{
	json *object = json_new_object();
	bool active = g_strcmp0(node->state, "ACTIVE") == 0;
	bool differs = node->version && g_strcmp0(node->version, version) != 0;

	json_set_string(object, "name", node->name);
	json_set_string(object, "version",
	    node->version ? node->version : "version not seen");
	words_set(object, "state",
	    (struct word){active && !differs ? "good"
			  : node->state      ? "stop"
					     : "open",
		node->state ? node->state : "state not seen"});
	if (differs)
		json_set_bool(object, "differs", true);
	return object;
}

void summary_set_nodes(json *model, const struct summary *s)
{
	const GPtrArray *nodes = s->facts->nodes;
	const char *version = common_version(s->facts);

	if (list_length(nodes) == 0)
		return;
	g_autofree char *count = words_count(nodes->len, "node", "nodes");
	json *outer = json_set(model, "nodes", json_new_object());
	json *list = json_set(outer, "list", json_new_array());
	json_set_string(outer, "count", count);
	json_set_string(outer, "zdu", s->facts->cluster.zdu_state);
	for (guint i = 0; i < nodes->len; i++)
		json_append(
		    list, write_node(g_ptr_array_index(nodes, i), version));
}
