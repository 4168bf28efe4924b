#include "backup/expire/plan.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/error.h"

enum { DAY_S = 86400 };

static void clear_row(gpointer data)
{
	g_free(((struct plan_set *)data)->why);
}

void plan_clear(struct plan *p)
{
	g_clear_pointer(&p->rows, g_array_unref);
	g_clear_pointer(&p->sets, g_ptr_array_unref);
}

static struct plan_set *row(const struct plan *p, guint number)
{
	return &g_array_index(p->rows, struct plan_set, number);
}

/* ---- what is known of each ---- */

/* Nothing here can prove it; it lacks nothing by its own words. */
static bool is_sound_word(const struct set *s)
{
	return !s->trouble && snapshot_is_asserted(&s->snapshot) &&
	       list_length(s->snapshot.flaws) == 1;
}

static bool learn(struct plan *p, const store *s, GError **error)
{
	for (guint i = 0; i < p->sets->len; i++) {
		const struct set *one = g_ptr_array_index(p->sets, i);
		g_auto(proof) proof = {0};
		bool found = false;
		if (!one->trouble &&
		    !set_best_proof(s, one, &proof, &found, error))
			return false;
		struct plan_set row = {.set = one};
		row.verified = found && proof.outcome == PROOF_PASSED &&
			       proof.level >= PROOF_FULL &&
			       one->snapshot.status == SNAPSHOT_GOOD;
		row.sound = row.verified || is_sound_word(one);
		g_array_append_val(p->rows, row);
	}
	return true;
}

static int64_t time_of(const struct set *s)
{
	return s->snapshot.started_at.value;
}

/* The newest set that can be read; NULL: none. */
static const struct set *newest(const struct plan *p)
{
	for (guint i = p->sets->len; i-- > 0;) {
		const struct set *one = g_ptr_array_index(p->sets, i);
		if (!one->trouble)
			return one;
	}
	return NULL;
}

static bool check_clock(const struct plan *p, int64_t now, GError **error)
{
	static const char hint[] =
	    "hint: set the clock right; a set that was made while it was wrong "
	    "can be named: `expire SET`";
	const struct set *before = NULL;

	for (guint i = 0; i < p->sets->len; i++) {
		const struct set *one = g_ptr_array_index(p->sets, i);
		if (one->trouble)
			continue;
		if (time_of(one) > now)
			return fail(error, GONOGO_ERROR_DATA,
			    "set %s lies in the future: nothing expires by "
			    "this clock\n%s",
			    one->id, hint);
		if (before && time_of(one) < time_of(before))
			return fail(error, GONOGO_ERROR_DATA,
			    "set %s was made after set %s, and its clock was "
			    "behind: nothing expires by such times\n%s",
			    one->id, before->id, hint);
		before = one;
	}
	return true;
}

/* A set of the home alone is no second copy of a database. */
static bool same_kind(const struct set *a, const struct set *b)
{
	const struct snapshot *x = &a->snapshot, *y = &b->snapshot;
	const char *home = snapshot_home_part(x);
	bool ours = g_strcmp0(home, SNAPSHOT_PART_HOME) == 0;

	return g_strcmp0(home, snapshot_home_part(y)) == 0 &&
	       snapshot_has(x, SNAPSHOT_PART_DATABASE) ==
		   snapshot_has(y, SNAPSHOT_PART_DATABASE) &&
	       snapshot_is_asserted(x) == snapshot_is_asserted(y) &&
	       (ours || (g_strcmp0(x->node, y->node) == 0 &&
			    g_strcmp0(x->home.path, y->home.path) == 0));
}

static guint sound_newer(const struct plan *p, guint number)
{
	guint count = 0;

	for (guint i = number + 1; i < p->rows->len; i++)
		count += row(p, i)->sound &&
			 same_kind(row(p, i)->set, row(p, number)->set);
	return count;
}

guint plan_verified_after(const struct plan *p, uint64_t sequence)
{
	guint count = 0;

	for (guint i = 0; i < p->rows->len; i++)
		count +=
		    row(p, i)->verified && row(p, i)->set->sequence > sequence;
	return count;
}

/* ---- by rule ---- */

static void judge(const struct plan *p, const struct keep *keep, guint number)
{
	struct plan_set *one = row(p, number);
	int64_t wanted = MAX(keep->last, keep->verified);

	if (one->set->trouble) {
		one->why = g_strdup("its record can't be read");
		return;
	}
	guint newer = sound_newer(p, number);
	const char *are =
	    snapshot_is_asserted(&one->set->snapshot) ? "sound" : "proved";
	int64_t age = time_of(newest(p)) - time_of(one->set);
	if ((int64_t)newer < wanted) {
		one->why = g_strdup_printf("%u newer ones are %s, %" PRId64
					   " are wanted",
		    newer, are, wanted);
	} else if (age < keep->days * DAY_S) {
		g_autofree char *span = clock_span(age);
		one->why = g_strdup_printf("%s older than the newest, %" PRId64
					   " d are wanted",
		    span, keep->days);
	} else {
		one->goes = true;
		one->why = g_strdup_printf("%u newer ones are %s", newer, are);
	}
}

/* ---- by name ---- */

static bool is_named(const struct set *s, char **names)
{
	for (char **name = names; *name; name++) {
		char *end;
		uint64_t number = g_ascii_strtoull(*name, &end, 10);
		if (g_str_equal(s->id, *name) ||
		    (g_ascii_isdigit(**name) && !*end && number == s->sequence))
			return true;
	}
	return false;
}

static bool all_are_there(
    const struct plan *p, const struct keep *keep, GError **error)
{
	for (char **name = keep->only; *name; name++) {
		char *one[] = {*name, NULL};
		bool found = false;
		for (guint i = 0; i < p->sets->len && !found; i++)
			found = is_named(g_ptr_array_index(p->sets, i), one);
		if (!found)
			return fail(error, GONOGO_ERROR_USAGE,
			    "no set '%s'\nhint: `backup list` shows them",
			    *name);
	}
	return true;
}

/* Enough proved ones stay, of the kind of each that goes. */
static bool enough_stay(
    const struct plan *p, const struct keep *keep, GError **error)
{
	for (guint i = 0; i < p->rows->len; i++) {
		int64_t stay = 0;
		if (!row(p, i)->goes)
			continue;
		for (guint j = 0; j < p->rows->len; j++)
			stay += row(p, j)->sound && !row(p, j)->goes &&
				same_kind(row(p, j)->set, row(p, i)->set);
		if (stay < keep->verified)
			return fail(error, GONOGO_ERROR_USAGE,
			    "without set %s only %" PRId64
			    " proved ones would stay, %" PRId64
			    " are wanted\nhint: `verify` proves others; "
			    "--keep-verified says how many are wanted",
			    row(p, i)->set->id, stay, keep->verified);
	}
	return true;
}

static bool choose_named(
    const struct plan *p, const struct keep *keep, GError **error)
{
	if (!all_are_there(p, keep, error))
		return false;
	for (guint i = 0; i < p->rows->len; i++) {
		row(p, i)->goes = is_named(row(p, i)->set, keep->only);
		row(p, i)->why =
		    g_strdup(row(p, i)->goes ? "named" : "not named");
	}
	return enough_stay(p, keep, error);
}

bool plan_make(struct plan *p, const store *s, const struct keep *keep,
    int64_t now, GError **error)
{
	p->rows = g_array_new(FALSE, FALSE, sizeof(struct plan_set));
	g_array_set_clear_func(p->rows, clear_row);
	p->sets = sets_list(s, error);
	if (!p->sets || !learn(p, s, error))
		return false;
	if (keep->only)
		return choose_named(p, keep, error);
	if (!check_clock(p, now, error))
		return false;
	for (guint i = 0; i < p->rows->len; i++)
		judge(p, keep, i);
	return true;
}
