#include "copy.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bitbucket/schema.h"

enum { ROUNDS = 8 }; /* of the race; RACE_ROUNDS says another number */

/* ---- tests ---- */

static void a_quiet_home_is_copied_whole(void **state)
{
	struct copy c = {0};

	copy_whole(&c, *state);
	is_good(&c);
	is_whole(&c, *state);
	assert_int_equal(told(&c, "1")->result, REPOSITORY_PROVED);
	assert_int_equal(told(&c, "1")->tips.value, 2);
	copy_clear(&c);
	shell(*state, "diff -r home back");
}

static void what_gc_takes_between_sweep_and_harvest_is_in_the_copy(void **state)
{
	struct copy c = {0};

	copy_begin(&c, *state);
	must(home_harvest(c.home, &error));
	must(home_sweep(c.home, &error));
	shell(*state, TOOLS "git -C $r/1 update-ref -d refs/heads/old\n"
			    "git -C $r/1 gc -q --prune=now\n");
	must(home_save(c.home, &error));
	copy_commit(&c);
	is_good(&c);
	is_whole(&c, *state);
	copy_clear(&c);
	/* As it was when it was swept. */
	shell(*state, "git -C back/data/repositories/1 rev-parse -q "
		      "--verify refs/heads/old");
}

static void a_branch_that_came_and_went_is_no_damage(void **state)
{
	struct copy c = {0};

	copy_begin(&c, *state);
	must(home_harvest(c.home, &error));
	shell(*state, TOOLS "commit 1 brief");
	must(home_sweep(c.home, &error));
	shell(*state, TOOLS "git -C $r/1 update-ref -d refs/heads/brief\n"
			    "git -C $r/1 gc -q --prune=now\n");
	must(home_save(c.home, &error));
	copy_commit(&c);
	is_good(&c);
	is_whole(&c, *state);
	assert_string_equal(
	    g_ptr_array_index(told(&c, "1")->deleted, 0), "refs/heads/brief");
	copy_clear(&c);
}

static void a_ref_whose_object_is_lost_makes_the_set_degraded(void **state)
{
	struct copy c = {0};

	shell(*state, TOOLS "o=$(git -C $r/2 rev-parse master)\n"
			    "rm -f $r/2/objects/*/$(echo $o | cut -c3-)");
	copy_whole(&c, *state);
	assert_int_equal(c.set.status, SNAPSHOT_DEGRADED);
	const struct flaw *f = g_ptr_array_index(c.set.flaws, 0);
	assert_string_equal(f->subject, "2");
	assert_non_null(strstr(f->why, "not in the copy"));
	assert_int_equal(told(&c, "1")->result, REPOSITORY_PROVED);
	assert_int_equal(told(&c, "2")->result, REPOSITORY_FLAWED);
	copy_clear(&c);
}

static void a_pack_with_a_wrong_byte_is_told(void **state)
{
	struct copy c = {0};

	shell(*state, TOOLS "p=$(ls $r/1/objects/pack/*.pack); chmod u+w $p\n"
			    "b=$(od -An -tu1 -j40 -N1 $p)\n"
			    "printf \"\\\\$(printf %o $((255 - b)))\" |\n"
			    "dd of=$p bs=1 seek=40 conv=notrunc 2>/dev/null");
	copy_whole(&c, *state);
	assert_int_equal(c.set.status, SNAPSHOT_DEGRADED);
	const struct flaw *f = g_ptr_array_index(c.set.flaws, 0);
	assert_non_null(strstr(f->why, "its own checksum is wrong"));
	copy_clear(&c);
}

static void a_fork_is_proved_with_its_origin_and_not_without(void **state)
{
	struct copy c = {0};

	shell(*state,
	    TOOLS "make 3; echo \"$PWD/$r/1/objects\" > "
		  "$r/3/objects/info/alternates\n"
		  "cp -r $r/1/refs $r/1/packed-refs $r/3; commit 3 master\n");
	copy_whole(&c, *state);
	is_good(&c);
	is_whole(&c, *state);
	assert_string_equal(
	    g_ptr_array_index(told(&c, "3")->alternates, 0), "1");
	copy_clear(&c);
	c = (struct copy){0};
	shell(*state, TOOLS "mv $r/1 away");
	copy_whole(&c, *state);
	assert_int_equal(c.set.status, SNAPSHOT_DEGRADED);
	assert_int_equal(told(&c, "3")->result, REPOSITORY_FLAWED);
	copy_clear(&c);
}

static void lists_of_packs_are_kept_only_when_they_are_whole(void **state)
{
	struct copy c = {0};

	shell(*state, TOOLS "git -C $r/1 multi-pack-index write\n"
			    "git -C $r/1 commit-graph write --reachable\n");
	copy_whole(&c, *state);
	is_whole(&c, *state);
	copy_clear(&c);
	shell(*state, "diff -r home back");
	c = (struct copy){0};
	/* A graph that names a commit which is pruned. */
	shell(*state,
	    TOOLS "git -C $r/1 update-ref -d refs/heads/old\n"
		  "git -C $r/1 -c core.commitGraph=false \\\n"
		  "	-c gc.writeCommitGraph=false gc -q --prune=now\n"
		  "rm -f $r/1/objects/pack/multi-pack-index\n"
		  "test -e $r/1/objects/info/commit-graph");
	copy_whole(&c, *state);
	is_good(&c);
	is_whole(&c, *state);
	copy_clear(&c);
	shell(*state, "! test -e back/data/repositories/1/objects/info/"
		      "commit-graph");
}

static bool never_there(uint64_t id, bool *there, void *user, GError **error)
{
	(void)user, (void)error;
	*there = id == 99;
	return true;
}

static void rows_and_folders_are_held_against_each_other(void **state)
{
	struct copy c = {0};
	struct repository_row rows[] = {
	    {.id = 1, .project = (char *)"P", .slug = (char *)"a"},
	    {.id = 98, .project = (char *)"P", .slug = (char *)"deleted"},
	    {.id = 99, .project = (char *)"P", .slug = (char *)"lost"},
	    {.id = 100,
		.project = (char *)"P",
		.slug = (char *)"far",
		.place = PLACE_MESH},
	};
	g_autoptr(GPtrArray) list = g_ptr_array_new();

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		g_ptr_array_add(list, &rows[i]);
	copy_begin(&c, *state);
	must(home_harvest(c.home, &error));
	must(home_sweep(c.home, &error));
	must(home_save(c.home, &error));
	must(home_prove(c.home, &error));
	const struct home_rows asked = {.rows = list, .live = never_there};
	must(home_cross_check(c.home, &asked, &error));
	home_tell(c.home, &c.set, &c.how);
	assert_int_equal(list_length(c.set.flaws), 2);
	const struct flaw *lost = g_ptr_array_index(c.set.flaws, 0);
	const struct flaw *far = g_ptr_array_index(c.set.flaws, 1);
	assert_string_equal(lost->subject, "99 (P/lost)");
	assert_string_equal(far->kind, "mesh");
	assert_int_equal(list_length(c.set.deleted), 1);
	assert_string_equal(
	    g_ptr_array_index(c.set.deleted, 0), "98 (P/deleted)");
	assert_string_equal(
	    g_ptr_array_index(c.how.check.folders_without_row, 0), "2");
	copy_clear(&c);
}

static void a_repository_that_went_meanwhile_is_left_out(void **state)
{
	struct copy c = {0};

	copy_begin(&c, *state);
	must(home_harvest(c.home, &error));
	must(home_sweep(c.home, &error));
	shell(*state, TOOLS "rm -rf $r/2");
	must(home_save(c.home, &error));
	copy_commit(&c);
	is_good(&c);
	is_whole(&c, *state);
	assert_int_equal(told(&c, "2")->result, REPOSITORY_DELETED);
	copy_clear(&c);
	shell(*state, "! test -e back/data/repositories/2");
}

static void a_folder_of_a_swept_ref_s_name_does_not_displace_it(void **state)
{
	struct copy c = {0};

	/* Loose, and another value packed behind it. */
	shell(*state, TOOLS "commit 1 a; git -C $r/1 pack-refs --all\n"
			    "commit 1 a; git -C $r/1 rev-parse a > swept\n");
	copy_begin(&c, *state);
	must(home_harvest(c.home, &error));
	must(home_sweep(c.home, &error));
	shell(*state, TOOLS "git -C $r/1 update-ref -d refs/heads/a\n"
			    "commit 1 a/b; test -d $r/1/refs/heads/a\n");
	must(home_save(c.home, &error));
	copy_commit(&c);
	is_good(&c);
	is_whole(&c, *state);
	copy_clear(&c);
	shell(*state, "git -C back/data/repositories/1 rev-parse a |\n"
		      "cmp - swept");
}

/* The harvest before the sweep has none of the branch; the one after it meets
 * its tip, and no more what is below. */
static void a_tip_copied_while_its_parent_is_pruned_is_no_proof(void **state)
{
	struct copy c = {0};

	copy_begin(&c, *state);
	must(home_harvest(c.home, &error));
	shell(*state, TOOLS "commit 1 fresh; commit 1 fresh");
	must(home_sweep(c.home, &error));
	shell(*state, TOOLS "o=$(git -C $r/1 rev-parse fresh^)\n"
			    "rm -f $r/1/objects/*/$(echo $o | cut -c3-)\n"
			    "git -C $r/1 update-ref -d refs/heads/fresh\n");
	must(home_save(c.home, &error));
	copy_commit(&c);
	/* So it is swept anew, and the branch is gone. */
	is_good(&c);
	is_whole(&c, *state);
	assert_string_equal(
	    g_ptr_array_index(told(&c, "1")->deleted, 0), "refs/heads/fresh");
	copy_clear(&c);
}

/*
 * One goes on committing to seven branches, deleting them, packing refs and
 * pruning at once all that nothing names; the other copies.
 */
static const char writer[] =
    TOOLS "set +e; i=0; exec 2>/dev/null\n"
	  "while [ -d home ]; do i=$((i + 1)); b=b$((i % 7)); commit 1 $b; "
	  "commit 2 $b\n"
	  "	case $((i % 9)) in\n"
	  "	2) git -C $r/1 update-ref -d refs/heads/b$((i % 5));;\n"
	  "	4) git -C $r/1 pack-refs --all;;\n"
	  "	6) git -C $r/2 repack -adq;;\n"
	  "	8) git -C $r/1 gc -q --prune=now;;\n"
	  "	esac\n"
	  "done\n";

static void copies_under_pushes_repack_and_prune_are_whole(void **state)
{
	const struct place *p = *state;
	const char *wanted = g_getenv("RACE_ROUNDS");
	int rounds = wanted ? (int)g_ascii_strtoll(wanted, NULL, 10) : ROUNDS;
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (chdir(p->root) == 0)
			execlp("env", "env", "GIT_CONFIG_GLOBAL=/dev/null",
			    "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a",
			    "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a",
			    "sh", "-c", writer, NULL);
		_exit(127);
	}
	setpgid(pid, pid);
	int degraded = 0;
	for (int i = 0; i < rounds; i++) {
		struct copy c = {0};
		copy_whole(&c, p);
		show_flaws(&c);
		degraded += c.set.status != SNAPSHOT_GOOD;
		if (c.set.status == SNAPSHOT_GOOD)
			is_whole(&c, p);
		copy_clear(&c);
	}
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(degraded, 0);
}

int main(void)
{
	g_set_prgname("gonogo-backup create");
	g_setenv("GONOGO_SHARE", ".", TRUE);
	const struct CMUnitTest tests[] = {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	    WITH_PLACE(a_quiet_home_is_copied_whole),
	    WITH_PLACE(what_gc_takes_between_sweep_and_harvest_is_in_the_copy),
	    WITH_PLACE(a_branch_that_came_and_went_is_no_damage),
	    WITH_PLACE(a_ref_whose_object_is_lost_makes_the_set_degraded),
	    WITH_PLACE(a_pack_with_a_wrong_byte_is_told),
	    WITH_PLACE(a_fork_is_proved_with_its_origin_and_not_without),
	    WITH_PLACE(lists_of_packs_are_kept_only_when_they_are_whole),
	    WITH_PLACE(rows_and_folders_are_held_against_each_other),
	    WITH_PLACE(a_repository_that_went_meanwhile_is_left_out),
	    WITH_PLACE(a_folder_of_a_swept_ref_s_name_does_not_displace_it),
	    WITH_PLACE(a_tip_copied_while_its_parent_is_pruned_is_no_proof),
	    WITH_PLACE(copies_under_pushes_repack_and_prune_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
