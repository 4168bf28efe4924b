#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "contract/policy.h"

/* Behind base/error.h: it has a macro fail(). */
#include <cmocka.h>

/* Reads TEXT as a policy file. */
static struct policy *read_text(const char *text, GError **error)
{
	g_autofree char *folder = g_dir_make_tmp("gonogo-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, "p.conf", NULL);

	assert_true(file_write(path, 0600, text, strlen(text), NULL));
	struct policy *p = policy_read(path, error);
	assert_int_equal(g_unlink(path), 0);
	assert_int_equal(g_rmdir(folder), 0);
	return p;
}

static void the_shipped_file_is_the_compiled_in_policy(void **state)
{
	(void)state;
	g_autofree char *text =
	    file_read("templates/policy.conf", 1 << 20, NULL, NULL);
	g_autoptr(GRegex) row =
	    g_regex_new("^#([a-z_]+ =)", G_REGEX_MULTILINE, 0, NULL);
	g_autofree char *set =
	    g_regex_replace(row, text, -1, 0, "\\1", 0, NULL);
	g_autoptr(policy) built_in = policy_default();
	g_autoptr(policy) shipped = policy_read("templates/policy.conf", NULL);
	g_autoptr(policy) spelt = read_text(set, NULL);

	assert_non_null(shipped);
	assert_non_null(spelt);
	assert_string_equal(shipped->sha256, built_in->sha256);
	assert_string_equal(spelt->sha256, built_in->sha256);
}

static void each_shipped_policy_is_read_and_asks_for_more(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool capacity;
		int64_t approvals;
		const char *proof;
	} rows[] = {{"starter", false, 0, "full"},
	    {"standard", true, 1, "full"}, {"strict", true, 2, "restore"},
	    {"emergency", false, 2, "full"}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path =
		    g_strdup_printf("templates/policies/%s.conf", rows[i].name);
		g_autoptr(GError) error = NULL;
		g_autoptr(policy) p = policy_read(path, &error);

		assert_null(error);
		assert_string_equal(p->name, rows[i].name);
		assert_int_equal(p->capacity_required, rows[i].capacity);
		assert_int_equal(p->approvals, rows[i].approvals);
		assert_string_equal(p->backup_proof, rows[i].proof);
		assert_true(p->backup_required);
	}
}

static void every_key_changes_the_hash(void **state)
{
	(void)state;
	static const char *const changes[] = {"[policy]\nname = x",
	    "[evidence]\nfacts_max_age = 1h", "[cluster]\nnodes_least = 3",
	    "[cluster]\nclock_skew_max = 1s", "[backup]\nrequired = no",
	    "[backup]\nmax_age = 1h", "[backup]\naccept_degraded = yes",
	    "[backup]\nproof = restore", "[home]\nfree_permille = 1",
	    "[licence]\ndays_left = 1", "[path]\nnewest_bugfix = yes",
	    "[logs]\nlook_back = 7d", "[logs]\nblock_within = 1h",
	    "[capacity]\nrequired = yes", "[backup]\naccept_asserted = yes",
	    "[backup]\nrestore_test_max_age = 1d", "[checks]\noptional = X",
	    "[waivers]\nhighest = low", "[waivers]\nmax_time = 1d",
	    "[waivers]\nsignatures = 2", "[approval]\nsignatures = 1",
	    "[approval]\nindependent = no", "[answers]\nmax_age = 1d"};
	g_autoptr(GHashTable) hashes =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(policy) built_in = policy_default();
	size_t keys = 0;

	g_hash_table_add(hashes, g_strdup(built_in->sha256));
	for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
		g_autoptr(policy) p = read_text(changes[i], NULL);
		assert_non_null(p);
		assert_true(hash_is_hex(p->sha256));
		assert_true(g_hash_table_add(hashes, g_strdup(p->sha256)));
	}
	for (const struct config_key *k = policy_keys; k->group; k++)
		keys += k->key != NULL;
	assert_int_equal(keys, G_N_ELEMENTS(changes));
}

static void a_mistake_is_named_with_its_line(void **state)
{
	(void)state;
	g_autoptr(GError) error = NULL;

	assert_null(read_text("[backup]\nmax_age = soon\n", &error));
	assert_non_null(strstr(error->message,
	    "p.conf:2: [backup] max_age: 'soon' is no span of time"));
}

static void what_is_optional_is_named_by_key_rule_or_area(void **state)
{
	(void)state;
	g_autoptr(policy) p = read_text(
	    "[checks]\noptional = APPS-unknown/a; PLATFORM-disk; LICENCE\n",
	    NULL);
	g_autoptr(policy) no_backup =
	    read_text("[backup]\nrequired = no\n", NULL);

	assert_true(policy_is_optional(p, "APPS-unknown", "APPS-unknown/a"));
	assert_false(policy_is_optional(p, "APPS-unknown", "APPS-unknown/b"));
	assert_true(policy_is_optional(p, "PLATFORM-disk", "PLATFORM-disk/n"));
	assert_false(policy_is_optional(p, "PLATFORM-git", "PLATFORM-git"));
	assert_true(policy_is_optional(p, "LICENCE-valid", "LICENCE-valid"));
	assert_false(policy_is_optional(p, "BACKUP-young", "BACKUP-young"));
	assert_true(
	    policy_is_optional(no_backup, "BACKUP-young", "BACKUP-young"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_shipped_file_is_the_compiled_in_policy),
	    cmocka_unit_test(every_key_changes_the_hash),
	    cmocka_unit_test(each_shipped_policy_is_read_and_asks_for_more),
	    cmocka_unit_test(a_mistake_is_named_with_its_line),
	    cmocka_unit_test(what_is_optional_is_named_by_key_rule_or_area),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
