/*
 * One home through several sets: each test goes on where the one before ended.
 */
#include "copy.h"

#include <sys/stat.h>

#include "base/file.h"

enum { SETTLE_S = 4 }; /* until a change is older than a set, for sure */

static void settle(void)
{
	g_usleep(SETTLE_S * G_USEC_PER_SEC);
}

/* Bytes that this process has read so far, from files and pipes. */
static uint64_t bytes_read(void)
{
	g_autofree char *text = file_read("/proc/self/io", 4096, NULL, NULL);

	return g_ascii_strtoull(strstr(text, "rchar: ") + 7, NULL, 10);
}

/* What a set has of GROUP; NULL: nothing. */
static GPtrArray *frames_of(const struct copy *c, const char *group)
{
	g_autoptr(set) one = set_find(c->store, c->set.id, NULL);
	g_autoptr(manifest) m = manifest_read(one->folder, NULL);
	const struct manifest_group *g = manifest_group(m, group);
	GPtrArray *frames = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; g && i < g->frames->len; i++) {
		const struct manifest_frame *f =
		    g_ptr_array_index(g->frames, i);
		g_ptr_array_add(
		    frames, g_strdup_printf("%c %s %" G_GUINT64_FORMAT,
				frame_letters[f->kind], f->segment, f->offset));
	}
	return frames;
}

static bool has(const GPtrArray *frames, const char *one)
{
	return g_ptr_array_find_with_equal_func(
	    (GPtrArray *)frames, one, g_str_equal, NULL);
}

/* Copies the home, which must come back as it is. */
static void copy_well(struct copy *c, void **state)
{
	*c = (struct copy){0};
	copy_whole(c, *state);
	is_good(c);
	is_whole(c, *state);
	shell(*state, "diff -r -x alternates home back");
}

static GPtrArray *first[2]; /* frames of the first set's repositories */

static void the_first_set_reads_all(void **state)
{
	struct copy c;

	shell(*state,
	    TOOLS "head -c 3000000 /dev/urandom > home/data/attachments/big\n"
		  "for i in 1 2 3 4 5; do echo $i > "
		  "home/data/attachments/$i; done\n"
		  "make 3; echo \"$PWD/$r/1/objects\" > "
		  "$r/3/objects/info/alternates\n"
		  "cp -r $r/1/refs $r/1/packed-refs $r/3; commit 3 master\n");
	settle();
	copy_well(&c, state);
	first[0] = frames_of(&c, "repository/1");
	first[1] = frames_of(&c, "repository/2");
	assert_true(first[0]->len >= 3);
	copy_clear(&c);
}

static void a_set_of_what_has_not_changed_adds_and_reads_nothing(void **state)
{
	struct copy c;
	uint64_t before = bytes_read();

	c = (struct copy){0};
	copy_whole(&c, *state);
	assert_true(bytes_read() - before < 1000000);
	is_good(&c);
	g_autoptr(GPtrArray) now = frames_of(&c, "repository/1");
	assert_int_equal(now->len, first[0]->len);
	for (guint i = 0; i < now->len; i++)
		assert_true(has(first[0], g_ptr_array_index(now, i)));
	assert_int_equal(objects_added(run_objects(c.run)), 0);
	assert_int_equal(told(&c, "1")->result, REPOSITORY_PROVED);
	assert_int_equal(told(&c, "1")->tips.value, 2);
	assert_string_equal(
	    g_ptr_array_index(told(&c, "3")->alternates, 0), "1");
	is_whole(&c, *state);
	shell(*state, "diff -r -x alternates home back");
	copy_clear(&c);
	shell(*state, "[ $(ls store/segments | wc -l) = 1 ] || [ $(ls "
		      "store/segments | wc -l) = 2 ]");
}

static void a_push_adds_frames_to_its_repository_alone(void **state)
{
	struct copy c;

	shell(*state, TOOLS "commit 1 master more\n");
	copy_well(&c, state);
	g_autoptr(GPtrArray) one = frames_of(&c, "repository/1");
	g_autoptr(GPtrArray) two = frames_of(&c, "repository/2");
	for (guint i = 0; i < first[0]->len; i++) {
		const char *frame = g_ptr_array_index(first[0], i);
		/* Objects stay, what can change is written anew. */
		assert_int_equal(has(one, frame), *frame == 'L');
	}
	assert_true(one->len > first[0]->len);
	for (guint i = 0; i < first[1]->len; i++)
		assert_true(has(two, g_ptr_array_index(first[1], i)));
	copy_clear(&c);
}

static void what_a_repack_removes_is_not_in_the_next_set(void **state)
{
	struct copy c;

	shell(*state, TOOLS "git -C $r/3 update-ref -d refs/heads/old\n"
			    "git -C $r/1 update-ref -d refs/heads/old\n"
			    "git -C $r/1 gc -q --prune=now\n");
	copy_well(&c, state);
	copy_clear(&c);
}

static void files_come_change_and_go(void **state)
{
	struct copy c;

	settle();
	copy_well(&c, state);
	copy_clear(&c);
	shell(*state, "cd home/data/attachments; ln 1 1b; ln -s 1 1c");
	settle();
	copy_well(&c, state);
	copy_clear(&c);
	shell(*state, "cd home/data/attachments; rm 2; echo x > 3; echo 6 > 6\n"
		      "mv 4 four; mkdir new; ln -s ../5 new/link\n");
	uint64_t before = bytes_read();
	c = (struct copy){0};
	copy_whole(&c, *state);
	/* The big one beside them is not read. */
	assert_true(bytes_read() - before < 1000000);
	is_good(&c);
	is_whole(&c, *state);
	copy_clear(&c);
	shell(*state, "diff -r -x alternates home back");
}

static void a_file_that_looks_the_same_but_for_its_change_is_read(void **state)
{
	struct copy c;

	settle();
	copy_well(&c, state);
	copy_clear(&c);
	shell(*state, "cd home/data/attachments; touch -r 5 stamp; echo 7 > 5\n"
		      "touch -r stamp 5; rm stamp\n");
	copy_well(&c, state);
	copy_clear(&c);
}

static void what_the_store_has_lost_is_read_again(void **state)
{
	struct copy c;

	settle();
	copy_well(&c, state);
	copy_clear(&c);
	shell(*state, "rm store/objects/*/*\n");
	copy_well(&c, state);
	copy_clear(&c);
	shell(*state, "rm store/segments/*\n");
	copy_well(&c, state);
	copy_clear(&c);
}

static void after_a_failed_proof_nothing_is_taken_on_trust(void **state)
{
	struct copy c;
	struct proof proof = {0};

	settle();
	copy_well(&c, state);
	g_autoptr(set) one = set_find(c.store, NULL, NULL);
	proof.set = g_strdup(one->id);
	proof.snapshot_sha256 = g_strdup(one->sha256);
	proof.made_by = g_strdup("test");
	proof.level = PROOF_FULL;
	proof.outcome = PROOF_FAILED;
	proof.started_at = proof.ended_at = number_of(1);
	g_autofree char *path = NULL;
	must(path = set_add_proof(c.store, one, &proof, &error));
	proof_clear(&proof);
	copy_clear(&c);
	/* Each of the right length, and harmed. */
	shell(*state, "for f in store/objects/*/* store/segments/*; do\n"
		      "printf XYZ | dd of=$f bs=1 seek=50 conv=notrunc "
		      "2>/dev/null; done\n");
	c = (struct copy){0};
	copy_whole(&c, *state);
	is_good(&c);
	is_whole(&c, *state);
	assert_int_equal(list_length(c.how.notes), 1);
	copy_clear(&c);
	shell(*state, "diff -r -x alternates home back");
}

static void a_harmed_frame_is_read_from_the_home(void **state)
{
	struct copy c;

	settle();
	copy_well(&c, state);
	copy_clear(&c);
	/* What changes makes its frame be written anew, from the store. */
	shell(*state, "for f in store/segments/*; do\n"
		      "dd if=/dev/zero of=$f bs=1 seek=0 count=60 conv=notrunc "
		      "2>/dev/null; done\n"
		      "rm -f home/data/attachments/3; rm -rf "
		      "home/data/repositories/1/refs/heads/master.x\n");
	shell(*state, TOOLS "git -C $r/2 repack -adq\n");
	c = (struct copy){0};
	copy_whole(&c, *state);
	is_good(&c);
	copy_clear(&c);
	/* Sound again: what was taken over unread may be harmed. */
	shell(*state, "rm store/segments/*\n");
	copy_well(&c, state);
	copy_clear(&c);
}

static void a_tip_that_the_home_has_lost_is_in_the_set_before(void **state)
{
	struct copy c;

	settle();
	copy_well(&c, state);
	copy_clear(&c);
	shell(*state, TOOLS "o=$(git -C $r/2 rev-parse master)\n"
			    "git -C $r/2 update-ref refs/heads/other $o\n"
			    "git -C $r/2 unpack-objects -q < "
			    "/dev/null || :\n"
			    "rm -rf $r/2/objects/pack/* $r/2/objects/??\n");
	c = (struct copy){0};
	copy_whole(&c, *state);
	is_good(&c);
	is_whole(&c, *state);
	assert_int_equal(list_length(c.how.notes), 1);
	copy_clear(&c);
	shell(
	    *state, TOOLS "rm -rf $r/2; cp -a back/data/repositories/2 $r/2\n");
}

/* Each blob of it is random: nothing shrinks but by its likeness. */
static void a_repack_is_told_by_its_difference(void **state)
{
	struct copy c;

	shell(*state, TOOLS
	    "make 9; for i in 1 2 3 4 5 6 7 8; do\n"
	    "	commit 9 b$i \"$(head -c 300000 /dev/urandom | base64)\"\n"
	    "done; git -C $r/9 repack -adq\n");
	settle();
	copy_well(&c, state);
	copy_clear(&c);
	for (int i = 0; i < 2; i++) {
		shell(*state, TOOLS "commit 9 b3 more; commit 9 new\n"
				    "git -C $r/9 repack -adfq\n");
		copy_well(&c, state);
		assert_true(objects_added(run_objects(c.run)) < 200000);
		copy_clear(&c);
		shell(*state,
		    "ls store/objects/*/*.pfd\n"
		    "cd store; sha256sum --quiet -c \"$(ls -d "
		    "snapshots/* | tail -n 1)/SHA256SUMS\"\n"
		    "sums=$(ls -d snapshots/* | tail -n 1)/SHA256SUMS\n"
		    "zstd -dcq ${sums%/*}/OBJECTS.tsv.zst | grep -c pfd\n"
		    "base=$(zstd -dcq ${sums%/*}/OBJECTS.tsv.zst |\n"
		    "	awk '$2 == \".pfd\" { print $3 }')\n"
		    "grep -q \"/$base$\" $sums\n");
	}
	settle();
	copy_well(&c, state);
	assert_int_equal(objects_added(run_objects(c.run)), 0);
	copy_clear(&c);
	shell(*state,
	    "rm -rf stock; cd store\n"
	    "sh restore.sh $(ls -d snapshots/* | tail -n 1) ../stock\n"
	    "diff -r -x alternates ../home ../stock\n");
}

static void paranoid_reads_all(void **state)
{
	const struct place *p = *state;
	struct copy c = {0};
	const struct home_options options = {
	    .path = p->home, .jobs = 2, .paranoid = true};
	uint64_t before = bytes_read();

	must(c.store = store_open(p->store, STORE_WRITE, &error));
	must(c.run = run_begin(c.store, &error));
	must(c.home = home_open(c.run, &options, &error));
	must(home_harvest(c.home, &error));
	must(home_sweep(c.home, &error));
	must(home_save(c.home, &error));
	copy_commit(&c);
	assert_true(bytes_read() - before > 6000000); /* and the store's own */
	copy_clear(&c);
}

int main(void)
{
	g_set_prgname("gonogo-backup create");
	g_setenv("GONOGO_SHARE", ".", TRUE);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_set_reads_all),
	    cmocka_unit_test(
		a_set_of_what_has_not_changed_adds_and_reads_nothing),
	    cmocka_unit_test(a_push_adds_frames_to_its_repository_alone),
	    cmocka_unit_test(what_a_repack_removes_is_not_in_the_next_set),
	    cmocka_unit_test(files_come_change_and_go),
	    cmocka_unit_test(
		a_file_that_looks_the_same_but_for_its_change_is_read),
	    cmocka_unit_test(what_the_store_has_lost_is_read_again),
	    cmocka_unit_test(after_a_failed_proof_nothing_is_taken_on_trust),
	    cmocka_unit_test(a_harmed_frame_is_read_from_the_home),
	    cmocka_unit_test(a_tip_that_the_home_has_lost_is_in_the_set_before),
	    cmocka_unit_test(a_repack_is_told_by_its_difference),
	    cmocka_unit_test(paranoid_reads_all),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
