/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "backup/home/home.h"
#include "backup/rebuild.h"
#include "backup/store/set.h"
#include "base/file.h"
#include "bitbucket/schema.h"
#include "port/fs.h"
#include "port/git.h"
#include "port/process.h"

enum { ROUNDS = 8 }; /* of the race; RACE_ROUNDS says another number */

struct place {
	char *root, *home, *store;
};

/* What a copy of the home came to. */
struct copy {
	store *store;
	run *run;
	home *home;
	struct snapshot set;
	struct evidence how;
};

/* ---- places ---- */

static char *at(const struct place *p, const char *name)
{
	return g_build_filename(p->root, name, NULL);
}

/* Runs SCRIPT in the place; its exit must be 0. */
static void shell(const struct place *p, const char *script)
{
	static const char *const env[] = {"GIT_CONFIG_GLOBAL=/dev/null",
	    "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a",
	    "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a",
	    "GIT_COMMITTER_EMAIL=a@example.com", NULL};
	const char *const argv[] = {"sh", "-euc", script, NULL};
	const struct process child = {
	    .argv = argv, .env = env, .folder = p->root};
	g_auto(process_result) result = {0};
	g_autoptr(GError) error = NULL;

	if (!process_run_ok(&child, &result, &error))
		print_message("%s\n%s\n", script, error->message);
	assert_null(error);
}

/* Functions of the scripts: `commit REPOSITORY BRANCH [TEXT]` and so on. */
#define TOOLS                                                                  \
	"r=home/data/repositories\n"                                           \
	"make() { git init -q --bare $r/$1; git -C $r/$1 config gc.auto 0; "   \
	"}\n"                                                                  \
	"commit() {\n"                                                         \
	"	b=$(echo \"$2 ${3-$$ $(date +%N)}\" |\n"                             \
	"		git -C $r/$1 hash-object -w --stdin)\n"                             \
	"	t=$(printf '100644 blob %s\\tfile\\n' $b |\n"                        \
	"		git -C $r/$1 mktree)\n"                                             \
	"	p=$(git -C $r/$1 rev-parse -q --verify refs/heads/$2 || :)\n"        \
	"	c=$(git -C $r/$1 commit-tree -m x ${p:+-p $p} $t)\n"                 \
	"	git -C $r/$1 update-ref refs/heads/$2 $c; }\n"

static int begin(void **state)
{
	struct place *p = g_new0(struct place, 1);

	p->root = g_dir_make_tmp("home.XXXXXX", NULL);
	p->home = at(p, "home");
	p->store = at(p, "store");
	*state = p;
	shell(p, TOOLS "mkdir -p $r home/config home/data/attachments\n"
		       "echo jdbc.password=x > home/bitbucket.properties\n"
		       "make 1; commit 1 master; commit 1 old; commit 1 old\n"
		       "git -C $r/1 repack -adq; git -C $r/1 pack-refs --all\n"
		       "commit 1 master\n"
		       "make 2; commit 2 master\n");
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;
	bool gone = fs_remove_tree(p->root, NULL);

	g_free(p->root);
	g_free(p->home);
	g_free(p->store);
	g_free(p);
	return !gone;
}

/* ---- copies ---- */

#define must(call)                                                             \
	do {                                                                   \
		g_autoptr(GError) error = NULL;                                \
		if (!(call))                                                   \
			print_message("%s\n", error->message);                 \
		assert_null(error);                                            \
	} while (0)

static void copy_begin(struct copy *c, const struct place *p)
{
	const struct home_options options = {.path = p->home, .jobs = 2};

	must(c->store = store_open(p->store, STORE_WRITE, &error));
	must(c->run = run_begin(c->store, &error));
	must(c->home = home_open(c->run, &options, &error));
}

static void copy_commit(struct copy *c)
{
	must(home_prove(c->home, &error));
	home_tell(c->home, &c->set, &c->how);
	c->set.mode = g_strdup("hot");
	must(run_commit(c->run, &c->set, &c->how, &error));
}

static void copy_clear(struct copy *c)
{
	home_close(c->home);
	run_abandon(c->run);
	store_close(c->store);
	snapshot_clear(&c->set);
	evidence_clear(&c->how);
}

static void copy_whole(struct copy *c, const struct place *p)
{
	copy_begin(c, p);
	must(home_harvest(c->home, &error));
	must(home_sweep(c->home, &error));
	must(home_save(c->home, &error));
	copy_commit(c);
}

static void show_flaws(const struct copy *c)
{
	for (guint i = 0; i < list_length(c->set.flaws); i++) {
		const struct flaw *f = g_ptr_array_index(c->set.flaws, i);
		print_message("%s %s: %s\n", f->kind, f->subject, f->why);
	}
}

static void is_good(const struct copy *c)
{
	show_flaws(c);
	assert_int_equal(c->set.status, SNAPSHOT_GOOD);
}

static const struct evidence_repository *told(
    const struct copy *c, const char *id)
{
	for (guint i = 0; i < list_length(c->how.repositories); i++) {
		const struct evidence_repository *r =
		    g_ptr_array_index(c->how.repositories, i);
		if (g_str_equal(r->id, id))
			return r;
	}
	return NULL;
}

/* Lays the set into PLACE/back, where git finds every repository whole. */
static void is_whole(const struct copy *c, const struct place *p)
{
	g_autofree char *back = at(p, "back");
	g_autoptr(set) one = NULL;
	g_autoptr(manifest) m = NULL;

	must(fs_remove_tree(back, &error));
	must(fs_make_folders(back, 0700, &error));
	must(one = set_find(c->store, c->set.id, &error));
	must(m = manifest_read(one->folder, &error));
	const struct rebuild_options options = {
	    .store = c->store, .manifest = m, .target = back, .new_home = back};
	g_autoptr(rebuild) r = NULL;
	must(r = rebuild_open(&options, &error));
	for (guint i = 0; i < m->groups->len; i++)
		must(rebuild_group(r, g_ptr_array_index(m->groups, i), &error));
	must(rebuild_links(r, &error));
	must(rebuild_folders(r, &error));
	for (guint i = 0; i < m->groups->len; i++) {
		const struct manifest_group *g =
		    g_ptr_array_index(m->groups, i);
		g_autofree char *found = NULL;
		if (!g->repository)
			continue;
		g_autofree char *path = g_strdup_printf(
		    "%s/data/repositories/%u", back, (unsigned)g->repository);
		must(git_fsck(path, true, &found, &error));
		if (found)
			print_message("%s: %s\n", g->name, found);
		assert_null(found);
	}
}

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
			    "printf X | dd of=$p bs=1 seek=40 conv=notrunc "
			    "2>/dev/null");
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
	must(home_cross_check(c.home, list, NULL, never_there, NULL, &error));
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
	    WITH_PLACE(copies_under_pushes_repack_and_prune_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
