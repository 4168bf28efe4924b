/* The backup's record and proofs, as they lie in a bundle. */
#include "audit/collect/evidence.h"
#include "base/hash.h"
#include "contract/proof.h"
#include "contract/snapshot.h"
#include "tests/unit/audit/collect/made_bundle.h"

/* Puts backup/snapshot.json; gives its SHA-256. */
static char *put_set(const struct made_bundle *b)
{
	g_auto(snapshot) s = {.id = g_strdup("7-20260817"),
	    .sequence = number_of(7),
	    .mode = g_strdup("hot"),
	    .status = SNAPSHOT_GOOD,
	    .ended_at = number_of(1000),
	    .version = g_strdup("9.4.22"),
	    .manifest_sha256 = g_strnfill(64, '0'),
	    .sums_sha256 = g_strnfill(64, '0')};
	g_autofree char *folder = g_build_filename(b->path, "backup", NULL);
	g_autofree char *path = g_build_filename(folder, "snapshot.json", NULL);
	size_t length = 0;

	snapshot_add_flaw(&s, "file", "x", "gone");
	assert_true(fs_make_folders(folder, 0700, NULL));
	assert_true(document_save(&snapshot_shape, &s, path, NULL));
	g_autofree char *text = file_read(path, 1 << 20, &length, NULL);
	return hash_hex(text, length);
}

static void put_proof(const struct made_bundle *b, const char *name,
    const char *sha256, enum proof_level level, enum proof_outcome outcome,
    int64_t ended_at)
{
	g_auto(proof) p = {.set = g_strdup("7-20260817"),
	    .snapshot_sha256 = g_strdup(sha256),
	    .level = level,
	    .outcome = outcome,
	    .ended_at = number_of(ended_at)};
	g_autofree char *path = g_build_filename(b->path, "backup", name, NULL);

	assert_true(document_save(&proof_shape, &p, path, NULL));
}

static void read_set(
    const struct made_bundle *b, struct facts *f, struct backup_set **set)
{
	g_autoptr(GError) error = NULL;

	if (!evidence_backup(b->path, f, &error))
		fail_msg("%s", error->message);
	*set = g_ptr_array_index(f->backup_sets, 0);
}

static void no_set_is_said(void **state)
{
	g_auto(facts) f = {0};

	assert_true(
	    evidence_backup(((struct made_bundle *)*state)->path, &f, NULL));
	unseen(&f, "backup", "no backup set");
	assert_int_equal(list_length(f.backup_sets), 0);
}

static void a_set_without_a_proof_has_none(void **state)
{
	g_auto(facts) f = {0};
	struct backup_set *set = NULL;
	g_autofree char *sha256 = put_set(*state);

	read_set(*state, &f, &set);
	assert_string_equal(set->id, "7-20260817");
	assert_string_equal(set->mode, "hot");
	assert_int_equal(set->degraded.value, 1);
	assert_int_equal(set->made_at.value, 1000);
	assert_null(set->proof_level);
	unseen(&f, "backup.proof", "nobody");
}

struct given {
	const char *name;
	enum proof_level level;
	enum proof_outcome outcome;
	int64_t ended_at;
};

/* What counts of the LENGTH proofs is this. */
static void proofs_say(const struct made_bundle *b, const struct given *given,
    size_t length, const struct given *counts)
{
	g_auto(facts) f = {0};
	struct backup_set *set = NULL;
	g_autofree char *sha256 = put_set(b);

	for (size_t i = 0; i < length; i++)
		put_proof(b, given[i].name, sha256, given[i].level,
		    given[i].outcome, given[i].ended_at);
	read_set(b, &f, &set);
	assert_string_equal(set->proof_level, proof_level_names[counts->level]);
	assert_string_equal(
	    set->proof_outcome, proof_outcome_names[counts->outcome]);
	assert_int_equal(set->proved_at.value, counts->ended_at);
}

static void a_quick_look_takes_nothing_from_a_deep_one(void **state)
{
	static const struct given given[] = {
	    {"proof-1.json", PROOF_RESTORE, PROOF_PASSED, 2000},
	    {"proof-2.json", PROOF_QUICK, PROOF_PASSED, 3000}};

	proofs_say(*state, given, G_N_ELEMENTS(given), &given[0]);
}

static void a_failure_outlives_what_passed_before(void **state)
{
	static const struct given given[] = {
	    {"proof-b.json", PROOF_FULL, PROOF_PASSED, 2000},
	    {"proof-a.json", PROOF_QUICK, PROOF_FAILED, 3000}};

	proofs_say(*state, given, G_N_ELEMENTS(given), &given[1]);
}

static void after_a_failure_only_what_passed_since_counts(void **state)
{
	static const struct given given[] = {
	    {"proof-1.json", PROOF_DEEP, PROOF_PASSED, 1},
	    {"proof-2.json", PROOF_FULL, PROOF_FAILED, 2},
	    {"proof-3.json", PROOF_FULL, PROOF_PASSED, 3}};

	proofs_say(*state, given, G_N_ELEMENTS(given), &given[2]);
}

static void refused(const struct made_bundle *b, const char *why)
{
	g_auto(facts) f = {0};
	g_autoptr(GError) error = NULL;

	assert_false(evidence_backup(b->path, &f, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	if (!strstr(error->message, why))
		fail_msg("%s: not '%s'", error->message, why);
}

static void a_proof_of_another_set_is_refused(void **state)
{
	g_autofree char *sha256 = put_set(*state);
	g_autofree char *other = g_strnfill(64, 'a');

	put_proof(*state, "proof-1.json", other, PROOF_FULL, PROOF_PASSED, 1);
	refused(*state, "of another backup set");
}

static void a_proof_that_never_ended_is_refused(void **state)
{
	g_autofree char *sha256 = put_set(*state);
	g_autofree char *path = g_build_filename(
	    ((struct made_bundle *)*state)->path, "backup/proof.json", NULL);
	g_auto(proof) p = {.set = g_strdup("7-20260817"),
	    .snapshot_sha256 = g_strdup(sha256),
	    .outcome = PROOF_PASSED};

	assert_true(document_save(&proof_shape, &p, path, NULL));
	refused(*state, "never ended");
}

int main(void)
{
#define each(test)                                                             \
	cmocka_unit_test_setup_teardown(                                       \
	    test, made_bundle_open, made_bundle_close)
	const struct CMUnitTest tests[] = {
	    each(no_set_is_said),
	    each(a_set_without_a_proof_has_none),
	    each(a_quick_look_takes_nothing_from_a_deep_one),
	    each(a_failure_outlives_what_passed_before),
	    each(after_a_failure_only_what_passed_since_counts),
	    each(a_proof_of_another_set_is_refused),
	    each(a_proof_that_never_ended_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
