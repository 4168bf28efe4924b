#include "../harm.h"

static struct backup_set *set_of(struct facts *f)
{
	return g_ptr_array_index(f->backup_sets, 0);
}

static void no_set(struct facts *f)
{
	shape_clear(&backup_set_shape, set_of(f));
	g_free(g_ptr_array_steal_index(f->backup_sets, 0));
	blind(f, "backup", "no backup set in the bundle");
	blind(f, "backup.proof", "not asked");
}

/* A newer set that is not proved stands before the good one. */
static void newer_unproved(struct facts *f)
{
	struct backup_set *set = g_new0(struct backup_set, 1);

	set->id = g_strdup("8-x");
	set->status = g_strdup("GOOD");
	g_ptr_array_insert(f->backup_sets, 0, set);
}

/* Others have it, restored it once, and say so. */
static void asserted(struct facts *f)
{
	struct backup_set *set = set_of(f);
	struct source *source = shape_add(&source_shape, &f->sources);

	source->what = g_strdup("backup.assertion");
	replace(&set->status, "DEGRADED");
	replace(&set->mode, "adopt");
	replace(&set->asserted_by, "a filer");
	g_clear_pointer(&set->proof_level, g_free);
	g_clear_pointer(&set->proof_outcome, g_free);
	set->restore_tested_at = number_of(HEALTHY_AS_OF - 864000);
}

static void asserted_untested(struct facts *f)
{
	asserted(f);
	set_of(f)->restore_tested_at = (struct number){0};
}

static void asserted_stale(struct facts *f)
{
	asserted(f);
	set_of(f)->restore_tested_at = number_of(HEALTHY_AS_OF - 91 * 86400);
}

static void asserted_flawed(struct facts *f)
{
	asserted(f);
	set_of(f)->degraded = number_of(1);
}

static void asserted_half(struct facts *f)
{
	asserted(f);
	strings_add(&set_of(f)->lacks, "database");
}

HARM(degraded, replace(&set_of(f)->status, "DEGRADED");
     set_of(f)->degraded = number_of(2))
HARM(homes_alone, strings_add(&set_of(f)->lacks, "database"))
HARM(statusless, g_clear_pointer(&set_of(f)->status, g_free))
HARM(old, set_of(f)->point_at = number_of(HEALTHY_AS_OF - 86401))
HARM(of_tomorrow, set_of(f)->point_at = number_of(HEALTHY_AS_OF + 301))
HARM(pointless, set_of(f)->point_at = (struct number){0})
HARM(weak_proof, replace(&set_of(f)->proof_level, "quick"))
HARM(strong_proof, replace(&set_of(f)->proof_level, "restore"))
HARM(failed_proof, replace(&set_of(f)->proof_outcome, "failed"))
HARM(unfinished_proof, replace(&set_of(f)->proof_outcome, "unfinished"))
HARM(odd_proof, replace(&set_of(f)->proof_outcome, "splendid"))
HARM(unproved, g_clear_pointer(&set_of(f)->proof_level, g_free);
     g_clear_pointer(&set_of(f)->proof_outcome, g_free);
     blind(f, "backup.proof", "nobody has verified the set"))
HARM(of_another, replace(&set_of(f)->server_id, "BSRV-2"))
HARM(of_earlier_version, replace(&set_of(f)->version, "9.4.21"))
HARM(of_nobody, g_clear_pointer(&set_of(f)->server_id, g_free))
HARM(no_store, g_clear_pointer(&f->plan.store, g_free))
HARM(store_inside, replace(&f->plan.store, "/srv/home/shared/backup"))
HARM(store_around, replace(&f->plan.store, "/srv/home"))
HARM(store_beside, replace(&f->plan.store, "/srv/home/shared-store"))
HARM(no_home, g_clear_pointer(&f->home.path, g_free);
     blind(f, "home.check", "no such folder"))
HARM(missing_folder, f->home.rows_without_folder = number_of(1))
HARM(extra_folder, f->home.folders_without_row = number_of(1))
HARM(broken, f->home.broken_alternates = number_of(1))
HARM(locks, f->home.stale_locks = number_of(3))
HARM(rows_unseen, f->home.rows_without_folder = (struct number){0};
     facts_add_unseen(f, "home.repositories.rows", "the rows were not seen"))
HARM(home_unseen, f->home.broken_alternates = (struct number){0};
     blind(f, "home.repositories", "took too long"))

static const struct harm rows[] = {
    {NULL, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_PASS,
	"is GOOD: 120 repositories, hot", ANSWER_GO},
    {newer_unproved, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_PASS,
	"is GOOD", ANSWER_GO},
    {no_set, "BACKUP-set-good", OUTCOME_UNKNOWN, "no backup set",
	ANSWER_UNKNOWN},
    {degraded, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_FAIL,
	"lacks 2 things", ANSWER_NO_GO},
    {homes_alone, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_FAIL,
	"holds no database", ANSWER_NO_GO},
    {statusless, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"its status", ANSWER_UNKNOWN},

    {asserted, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_FAIL,
	"asserted by a filer, not verified by us", ANSWER_NO_GO},
    {asserted_flawed, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_FAIL,
	"lacks 1 things", ANSWER_NO_GO},
    {asserted_half, "BACKUP-set-good/7-20260921T133000Z", OUTCOME_FAIL,
	"holds no database", ANSWER_NO_GO},

    {NULL, "BACKUP-young/7-20260921T133000Z", OUTCOME_PASS, "43 min",
	ANSWER_GO},
    {old, "BACKUP-young/7-20260921T133000Z", OUTCOME_FAIL, "1 d is the limit",
	ANSWER_NO_GO},
    {of_tomorrow, "BACKUP-young/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"a clock is wrong", ANSWER_UNKNOWN},
    {pointless, "BACKUP-young/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"point in time", ANSWER_UNKNOWN},
    {no_set, "BACKUP-young", OUTCOME_UNKNOWN, "no backup set", ANSWER_UNKNOWN},

    {NULL, "BACKUP-verified/7-20260921T133000Z", OUTCOME_PASS,
	"passed the full proof", ANSWER_GO},
    {strong_proof, "BACKUP-verified/7-20260921T133000Z", OUTCOME_PASS,
	"passed the restore proof", ANSWER_GO},
    {weak_proof, "BACKUP-verified/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"the policy asks for full", ANSWER_UNKNOWN},
    {failed_proof, "BACKUP-verified/7-20260921T133000Z", OUTCOME_FAIL,
	"failed its full proof", ANSWER_NO_GO},
    {unfinished_proof, "BACKUP-verified/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"unfinished", ANSWER_UNKNOWN},
    {odd_proof, "BACKUP-verified/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"backup.proof", ANSWER_UNKNOWN},
    {unproved, "BACKUP-verified/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"nobody has verified", ANSWER_UNKNOWN},

    {asserted, "BACKUP-verified/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"not verified by us", ANSWER_NO_GO},

    {NULL, "BACKUP-of-this-cluster/7-20260921T133000Z", OUTCOME_PASS,
	"of this server, version 9.4.22", ANSWER_GO},
    {of_another, "BACKUP-of-this-cluster/7-20260921T133000Z", OUTCOME_FAIL,
	"of server BSRV-2, this is BSRV-1", ANSWER_NO_GO},
    {of_earlier_version, "BACKUP-of-this-cluster/7-20260921T133000Z",
	OUTCOME_FAIL, "holds version 9.4.21", ANSWER_NO_GO},
    {of_nobody, "BACKUP-of-this-cluster/7-20260921T133000Z", OUTCOME_UNKNOWN,
	"does not say", ANSWER_UNKNOWN},
    {no_set, "BACKUP-of-this-cluster", OUTCOME_UNKNOWN, "no backup set",
	ANSWER_UNKNOWN},

    {NULL, "BACKUP-store-elsewhere", OUTCOME_PASS, "/srv/store lies outside",
	ANSWER_GO},
    {store_beside, "BACKUP-store-elsewhere", OUTCOME_PASS, "lies outside",
	ANSWER_GO},
    {store_inside, "BACKUP-store-elsewhere", OUTCOME_FAIL, "in one folder",
	ANSWER_NO_GO},
    {store_around, "BACKUP-store-elsewhere", OUTCOME_FAIL, "in one folder",
	ANSWER_NO_GO},
    {no_store, "BACKUP-store-elsewhere", OUTCOME_UNKNOWN, "name no store",
	ANSWER_UNKNOWN},
    {no_home, "BACKUP-store-elsewhere", OUTCOME_UNKNOWN, "no such folder",
	ANSWER_UNKNOWN},

    {NULL, "BACKUP-cross-check/rows-without-folder", OUTCOME_PASS,
	"no repositories", ANSWER_GO},
    {missing_folder, "BACKUP-cross-check/rows-without-folder", OUTCOME_FAIL,
	"1 repositories of the database", ANSWER_CONDITIONAL},
    {extra_folder, "BACKUP-cross-check/folders-without-row", OUTCOME_FAIL,
	"have no row", ANSWER_GO},
    {broken, "BACKUP-cross-check/broken-alternates", OUTCOME_FAIL,
	"borrow objects", ANSWER_NO_GO},
    {locks, "BACKUP-cross-check/stale-locks", OUTCOME_FAIL, "3 lock files",
	ANSWER_GO},
    {rows_unseen, "BACKUP-cross-check/rows-without-folder", OUTCOME_UNKNOWN,
	"the rows were not seen", ANSWER_UNKNOWN},
    {home_unseen, "BACKUP-cross-check/broken-alternates", OUTCOME_UNKNOWN,
	"took too long", ANSWER_UNKNOWN},
};

static void accept_degraded(struct policy *p)
{
	p->backup_degraded = true;
}

static void a_policy_can_take_a_degraded_set(void **state)
{
	(void)state;
	assert_int_equal(
	    answer_by(degraded, accept_degraded), ANSWER_CONDITIONAL);
}

/* That is no flaw of the set, and what a policy says of flaws is not it. */
static void no_policy_takes_half_of_a_cluster(void **state)
{
	(void)state;
	assert_int_equal(answer_by(homes_alone, accept_degraded), ANSWER_NO_GO);
}

static void accept_asserted(struct policy *p)
{
	p->backup_asserted = true;
}

static void a_policy_can_take_the_word_of_others(void **state)
{
	(void)state;
	assert_int_equal(answer_by(asserted, accept_asserted), ANSWER_GO);
	assert_int_equal(
	    answer_by(asserted_untested, accept_asserted), ANSWER_UNKNOWN);
	assert_int_equal(
	    answer_by(asserted_stale, accept_asserted), ANSWER_NO_GO);
	assert_int_equal(
	    answer_by(asserted_flawed, accept_asserted), ANSWER_NO_GO);
	assert_int_equal(
	    answer_by(asserted_half, accept_asserted), ANSWER_NO_GO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(a_policy_can_take_a_degraded_set),
	    cmocka_unit_test(no_policy_takes_half_of_a_cluster),
	    cmocka_unit_test(a_policy_can_take_the_word_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
