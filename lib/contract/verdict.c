#include "contract/verdict.h"

#include "base/cli.h"
#include "base/clock.h"

const char *const answer_names[] = {
    "UNKNOWN", "NO_GO", "CONDITIONAL", "GO", NULL};

/* Nothing is GO while one of these was not judged at all. */
static const char *const areas[] = {"PATH", "NOTES", "CLUSTER", "LICENCE",
    "APPS", "FREEZE", "CONFIG", "PLATFORM", "LOGS", "CAPACITY", "BACKUP",
    "EVIDENCE", NULL};

static const struct field reason_fields[] = {
    {"key", FIELD_STRING, offsetof(struct reason, key), .must = true},
    {"severity", FIELD_CHOICE, offsetof(struct reason, severity),
	.choices = severity_names},
    {"outcome", FIELD_CHOICE, offsetof(struct reason, outcome),
	.choices = outcome_names},
    {"title", FIELD_STRING, offsetof(struct reason, title)},
    {"message", FIELD_STRING, offsetof(struct reason, message)},
    {"remedy", FIELD_STRING, offsetof(struct reason, remedy)},
    {"waived_by", FIELD_STRING, offsetof(struct reason, waived_by)},
    {0},
};
const struct shape reason_shape = {
    "reason", sizeof(struct reason), reason_fields};

static const struct field tally_fields[] = {
    {"pass", FIELD_NUMBER, offsetof(struct tally, pass)},
    {"fail", FIELD_NUMBER, offsetof(struct tally, fail)},
    {"unknown", FIELD_NUMBER, offsetof(struct tally, unknown)},
    {"manual", FIELD_NUMBER, offsetof(struct tally, manual)},
    {"not_applicable", FIELD_NUMBER, offsetof(struct tally, not_applicable)},
    {"blocker", FIELD_NUMBER, offsetof(struct tally, blocker)},
    {"high", FIELD_NUMBER, offsetof(struct tally, high)},
    {"medium", FIELD_NUMBER, offsetof(struct tally, medium)},
    {"low", FIELD_NUMBER, offsetof(struct tally, low)},
    {"info", FIELD_NUMBER, offsetof(struct tally, info)},
    {0},
};
static const struct shape tally_shape = {
    "tally", sizeof(struct tally), tally_fields};

static const struct field verdict_fields[] = {
    {"made_by", FIELD_STRING, offsetof(struct verdict, made_by)},
    {"verdict", FIELD_CHOICE, offsetof(struct verdict, answer),
	.choices = answer_names},
    {"verdict_without_waivers", FIELD_CHOICE,
	offsetof(struct verdict, answer_without_waivers),
	.choices = answer_names},
    {"cluster", FIELD_STRING, offsetof(struct verdict, cluster)},
    {"current", FIELD_STRING, offsetof(struct verdict, current)},
    {"target", FIELD_STRING, offsetof(struct verdict, target)},
    {"procedure", FIELD_STRING, offsetof(struct verdict, procedure)},
    {"as_of", FIELD_TIME, offsetof(struct verdict, as_of), .must = true},
    {"valid_until", FIELD_TIME, offsetof(struct verdict, valid_until)},
    {"facts_sha256", FIELD_STRING, offsetof(struct verdict, facts_sha256)},
    {"findings_sha256", FIELD_STRING,
	offsetof(struct verdict, findings_sha256)},
    {"policy_sha256", FIELD_STRING, offsetof(struct verdict, policy_sha256)},
    {"policy_name", FIELD_STRING, offsetof(struct verdict, policy_name)},
    {"backup_set", FIELD_STRING, offsetof(struct verdict, backup_set)},
    {"taken_as_is", FIELD_STRINGS, offsetof(struct verdict, taken_as_is)},
    {"waivers", FIELD_LIST, offsetof(struct verdict, waivers),
	.shape = &waiver_shape},
    {"tally", FIELD_STRUCT, offsetof(struct verdict, tally),
	.shape = &tally_shape},
    {"reasons", FIELD_LIST, offsetof(struct verdict, reasons),
	.shape = &reason_shape},
    {"pre_existing", FIELD_LIST, offsetof(struct verdict, pre_existing),
	.shape = &reason_shape},
    {"not_checked", FIELD_LIST, offsetof(struct verdict, not_checked),
	.shape = &reason_shape},
    {0},
};
const struct shape verdict_shape = {
    "verdict", sizeof(struct verdict), verdict_fields};

void verdict_clear(struct verdict *v)
{
	shape_clear(&verdict_shape, v);
}

const char *answer_text(enum answer a)
{
	return a == ANSWER_NO_GO ? "NO-GO" : answer_names[a];
}

int answer_exit(enum answer a)
{
	static const int codes[] = {
	    EXITS_UNKNOWN, EXITS_NO_GO, EXITS_CONDITIONAL, EXITS_DONE};

	return codes[a];
}

/* ---- what one finding means ---- */

enum weight { WEIGHT_NONE, WEIGHT_WARNS, WEIGHT_UNANSWERED, WEIGHT_BLOCKS };

static bool unanswered(const struct finding *f)
{
	return f->outcome == OUTCOME_UNKNOWN || f->outcome == OUTCOME_MANUAL;
}

/* A finding that does not say whether it is required is. */
static bool is_required(const struct finding *f, const struct policy *policy)
{
	return (!f->required.known || f->required.value) &&
	       !policy_is_optional(policy, f->check, f->key);
}

static enum weight weigh(const struct finding *f, const struct policy *policy)
{
	if (unanswered(f))
		return is_required(f, policy) ? WEIGHT_UNANSWERED : WEIGHT_NONE;
	if (f->outcome != OUTCOME_FAIL || f->relation == RELATION_PRE_EXISTING)
		return WEIGHT_NONE;
	if (f->severity <= SEVERITY_HIGH)
		return WEIGHT_BLOCKS;
	return f->severity == SEVERITY_MEDIUM ? WEIGHT_WARNS : WEIGHT_NONE;
}

static enum answer answer_of(enum weight heaviest)
{
	static const enum answer answers[] = {
	    ANSWER_GO, ANSWER_CONDITIONAL, ANSWER_UNKNOWN, ANSWER_NO_GO};

	return answers[heaviest];
}

/* ---- reasons ---- */

static struct reason *add_reason(GPtrArray **list, const struct finding *f)
{
	struct reason *r = shape_add(&reason_shape, list);

	r->key = g_strdup(f->key);
	r->severity = f->severity;
	r->outcome = f->outcome;
	r->title = g_strdup(f->title);
	/* What was found no longer counts where nobody can answer. */
	bool doubted = f->outcome == OUTCOME_UNKNOWN && f->why;
	r->message = g_strdup(doubted ? f->why : f->message);
	if (list_length(f->remediation) > 0)
		r->remedy = g_strdup(g_ptr_array_index(f->remediation, 0));
	return r;
}

/* Adds a reason to be UNKNOWN that is no finding's. */
static void add_doubt(struct verdict *v, const char *key, const char *remedy,
    const char *format, ...) G_GNUC_PRINTF(4, 5);

static void add_doubt(struct verdict *v, const char *key, const char *remedy,
    const char *format, ...)
{
	struct reason *r = shape_add(&reason_shape, &v->reasons);
	va_list arguments;

	va_start(arguments, format);
	r->key = g_strdup(key);
	r->message = g_strdup_vprintf(format, arguments);
	r->remedy = g_strdup(remedy);
	va_end(arguments);
}

/* Blockers, what nobody answered, warnings, what is waived. */
static int rank(const struct reason *r)
{
	if (r->waived_by)
		return 3;
	if (r->outcome != OUTCOME_FAIL)
		return 1;
	return r->severity <= SEVERITY_HIGH ? 0 : 2;
}

static gint by_weight(gconstpointer a, gconstpointer b)
{
	const struct reason *const *x = a, *const *y = b;

	if (rank(*x) != rank(*y))
		return rank(*x) - rank(*y);
	if ((*x)->severity != (*y)->severity)
		return (*x)->severity - (*y)->severity;
	return strcmp((*x)->key, (*y)->key);
}

static void sort(GPtrArray *reasons)
{
	if (reasons)
		g_ptr_array_sort(reasons, by_weight);
}

/* ---- counting ---- */

static void count(struct number *n)
{
	n->value++;
}

static void count_finding(struct tally *t, const struct finding *f)
{
	struct number *outcomes[] = {
	    &t->unknown, &t->fail, &t->pass, &t->not_applicable, &t->manual};
	struct number *severities[] = {
	    &t->blocker, &t->high, &t->medium, &t->low, &t->info};

	count(outcomes[f->outcome]);
	if (f->outcome == OUTCOME_FAIL)
		count(severities[f->severity]);
}

static void start_tally(struct tally *t)
{
	*t = (struct tally){.pass = number_of(0),
	    .fail = number_of(0),
	    .unknown = number_of(0),
	    .manual = number_of(0),
	    .not_applicable = number_of(0),
	    .blocker = number_of(0),
	    .high = number_of(0),
	    .medium = number_of(0),
	    .low = number_of(0),
	    .info = number_of(0)};
}

/* ---- waivers ---- */

/* What a person takes upon himself no longer decides; it warns. */
static enum weight waive(
    struct verdict *v, const struct finding *f, enum weight weight)
{
	struct reason *r;
	const struct waiver *w;

	if (weight == WEIGHT_NONE)
		return weight;
	r = add_reason(&v->reasons, f);
	w = waivers_use(v->waivers, f);
	if (!w)
		return weight;
	r->waived_by = g_strdup(w->id);
	return WEIGHT_WARNS;
}

/* Somebody meant a waiver to hold that nobody may rely on: gives whether. */
static bool doubts_waivers(struct verdict *v)
{
	bool found = false;

	for (guint i = 0; i < list_length(v->waivers); i++) {
		const struct waiver *w = g_ptr_array_index(v->waivers, i);
		if (w->state != WAIVER_INVALID && w->state != WAIVER_TOO_BROAD)
			continue;
		struct reason *r = shape_add(&reason_shape, &v->reasons);
		r->key = g_strconcat("WAIVER/", w->id, NULL);
		r->severity = SEVERITY_MEDIUM;
		r->outcome = OUTCOME_FAIL;
		r->title = g_strdup("Each waiver is signed, and narrow");
		r->message = g_strdup(w->why);
		r->remedy = g_strdup_printf(
		    "take it away, or have it signed: waivers/%s.conf", w->id);
		found = true;
	}
	return found;
}

/* ---- how long it holds ---- */

static void sooner(struct number *until, int64_t time)
{
	if (!until->known || time < until->value)
		*until = number_of(time);
}

static const struct backup_set *find_set(
    const struct facts *facts, const char *id)
{
	for (guint i = 0; id && i < list_length(facts->backup_sets); i++) {
		const struct backup_set *set =
		    g_ptr_array_index(facts->backup_sets, i);
		if (g_strcmp0(set->id, id) == 0)
			return set;
	}
	return NULL;
}

/*
 * The first moment at which an input no longer answers.  What did not pass
 * gives no answer now, so its age limits nothing.
 */
static void set_valid_until(struct verdict *v, const struct facts *facts,
    const struct findings *findings, const struct policy *policy)
{
	struct number *until = &v->valid_until;
	const struct backup_set *set = find_set(facts, v->backup_set);

	for (guint i = 0; i < list_length(findings->list); i++) {
		const struct finding *f = g_ptr_array_index(findings->list, i);
		if (f->outcome != OUTCOME_PASS || !is_required(f, policy))
			continue;
		int64_t from = f->data_as_of.known ? f->data_as_of.value
						   : findings->as_of.value;
		sooner(until,
		    from + (f->data_max_age_s.known ? f->data_max_age_s.value
						    : policy->facts_max_age_s));
	}
	for (guint i = 0; i < list_length(facts->packs); i++) {
		const struct pack *pack = g_ptr_array_index(facts->packs, i);
		if (pack->stale_after.known)
			sooner(until, pack->stale_after.value);
	}
	if (set && set->point_at.known && policy->backup_required)
		sooner(until, set->point_at.value + policy->backup_max_age_s);
	for (guint i = 0; i < list_length(v->waivers); i++) {
		const struct waiver *w = g_ptr_array_index(v->waivers, i);
		if (w->state == WAIVER_ACTIVE)
			sooner(until, w->until.value);
	}
	if (facts->licence.expires_at.known &&
	    facts->licence.expires_at.value > v->as_of.value)
		sooner(until, facts->licence.expires_at.value);
}

/* ---- what it believes ---- */

/*
 * Raw replies, packs and the backup's record lie in the bundle, so whoever
 * doubts the facts makes them anew.  What was computed of logs does not.
 */
static void name_believed(struct verdict *v, const struct facts *facts)
{
	static const char *const folders[] = {"logs/", "capacity/"};

	for (guint i = 0; i < list_length(facts->sources); i++) {
		const struct source *s = g_ptr_array_index(facts->sources, i);
		for (size_t k = 0; s->file && k < G_N_ELEMENTS(folders); k++)
			if (g_str_has_prefix(s->file, folders[k]))
				strings_add(&v->taken_as_is, s->file);
	}
}

/* ---- the verdict ---- */

static bool has_area(const struct findings *findings, const char *area)
{
	g_autofree char *prefix = g_strconcat(area, "-", NULL);

	for (guint i = 0; i < list_length(findings->list); i++) {
		const struct finding *f = g_ptr_array_index(findings->list, i);
		if (g_str_has_prefix(f->check, prefix))
			return true;
	}
	return false;
}

/* Doubts about the findings as a whole; gives whether there is one. */
static bool doubts(struct verdict *v, const struct findings *findings,
    const struct policy *policy, int64_t as_of)
{
	guint before = list_length(v->reasons);

	for (const char *const *area = areas; *area; area++)
		if (!has_area(findings, *area) &&
		    !policy_is_optional(policy, *area, *area))
			add_doubt(v, *area,
			    g_str_equal(*area, "BACKUP") ? "gonogo run"
							 : "gonogo audit judge",
			    "no rule of the area %s was judged", *area);
	if (findings->policy_sha256 &&
	    g_strcmp0(findings->policy_sha256, policy->sha256) != 0)
		add_doubt(v, "EVIDENCE", "gonogo audit judge --policy FILE",
		    "the findings were judged by another policy than %s",
		    policy->name);
	if (v->valid_until.known && v->valid_until.value < as_of) {
		g_autofree char *text = clock_text(v->valid_until.value);
		add_doubt(v, "EVIDENCE", "gonogo audit collect",
		    "the evidence answered until %s only", text);
	}
	return list_length(v->reasons) > before;
}

static void name_inputs(struct verdict *v, const struct facts *facts,
    const struct findings *findings, const struct policy *policy, int64_t as_of)
{
	v->made_by = g_strdup("gonogo " GONOGO_VERSION);
	v->cluster = g_strdup(facts->cluster.name);
	v->current = g_strdup(facts->product.version);
	v->target = g_strdup(facts->plan.target);
	v->procedure = g_strdup(facts->plan.procedure);
	v->as_of = number_of(as_of);
	v->facts_sha256 = g_strdup(findings->facts_sha256);
	v->policy_sha256 = g_strdup(policy->sha256);
	v->policy_name = g_strdup(policy->name);
}

void verdict_of(struct verdict *v, const struct facts *facts,
    const struct findings *findings, const struct policy *policy, int64_t as_of)
{
	enum weight heaviest = WEIGHT_NONE, bare = WEIGHT_NONE;

	waivers_weigh(v->waivers, facts, policy, as_of);
	name_inputs(v, facts, findings, policy, as_of);
	name_believed(v, facts);
	start_tally(&v->tally);
	for (guint i = 0; i < list_length(findings->list); i++) {
		const struct finding *f = g_ptr_array_index(findings->list, i);
		enum weight weight = weigh(f, policy);

		count_finding(&v->tally, f);
		bare = MAX(bare, weight);
		weight = waive(v, f, weight);
		heaviest = MAX(heaviest, weight);
		if (unanswered(f))
			add_reason(&v->not_checked, f);
		if (f->outcome == OUTCOME_FAIL &&
		    f->relation == RELATION_PRE_EXISTING)
			add_reason(&v->pre_existing, f);
		if (g_str_equal(f->check, "BACKUP-set-good") && !v->backup_set)
			v->backup_set = g_strdup(f->subject.id);
	}
	set_valid_until(v, facts, findings, policy);
	enum weight doubt = doubts(v, findings, policy, as_of)
				? WEIGHT_UNANSWERED
				: WEIGHT_NONE;
	if (doubts_waivers(v))
		heaviest = MAX(heaviest, WEIGHT_WARNS);
	v->answer = (int)answer_of(MAX(heaviest, doubt));
	v->answer_without_waivers = (int)answer_of(MAX(bare, doubt));
	sort(v->reasons);
	sort(v->pre_existing);
	sort(v->not_checked);
}
