/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "backup/store/manifest.h"
#include "backup/store/run.h"
#include "backup/store/set.h"
#include "backup/store/sums.h"
#include "base/file.h"
#include "port/fs.h"

static int begin(void **state)
{
	*state = g_dir_make_tmp("run.XXXXXX", NULL);
	return *state == NULL;
}

static int end(void **state)
{
	bool gone = fs_remove_tree(*state, NULL);

	g_free(*state);
	return !gone;
}

static void add_files(run *r, const char *content)
{
	g_autoptr(GError) error = NULL;
	packer *p = packer_new(run_groups(r), &error);
	struct object object;
	g_auto(entry) big = {.path = g_strdup("data/big"), .mode = 0444};
	g_auto(entry) e = {.path = g_strdup("data/small"), .mode = 0640};

	assert_non_null(p);
	assert_true(objects_add_bytes(run_objects(r), content, strlen(content),
	    OBJECT_PROBE, &object, &error));
	big.bytes = object.bytes;
	big.suffix = object.suffix;
	big.stored_bytes = object.stored_bytes;
	g_strlcpy(big.sha256, object.sha256, sizeof big.sha256);
	e.bytes = strlen(content);
	g_strlcpy(e.sha256, object.sha256, sizeof e.sha256);
	packer_begin(
	    p, groups_get(run_groups(r), GROUP_FILES, 1), FRAME_MUTABLE);
	assert_true(packer_add(p, &e, content, &error));
	assert_true(packer_add(p, &big, NULL, &error));
	assert_true(packer_end(p, &error));
}

static void commit(const char *path, const char *content)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(store) s = store_open(path, STORE_WRITE, &error);
	assert_non_null(s);
	g_autoptr(run) r = run_begin(s, &error);
	assert_non_null(r);
	g_auto(snapshot) snapshot = {.mode = g_strdup("hot")};
	g_auto(evidence) evidence = {0};

	add_files(r, content);
	if (!run_commit(r, &snapshot, &evidence, &error))
		print_message("%s\n", error->message);
	assert_null(error);
	assert_int_equal(snapshot.status, SNAPSHOT_GOOD);
}

static void what_was_committed_is_listed_and_read_back(void **state)
{
	commit(*state, "hello");
	g_autoptr(store) s = store_open(*state, STORE_READ, NULL);
	g_autoptr(set) one = set_find(s, NULL, NULL);
	assert_non_null(one);
	assert_int_equal(one->snapshot.home.files.value, 2);
	g_autoptr(GError) error = NULL;
	g_autoptr(manifest) m = manifest_read(one->folder, &error);
	assert_null(error);
	const struct manifest_group *g = manifest_group(m, "files/1");
	g_autoptr(GPtrArray) entries = manifest_entries(m, g, &error);
	assert_null(error);
	assert_int_equal(entries->len, 2);
	const struct entry *big = g_ptr_array_index(entries, 0);
	assert_string_equal(big->path, "data/big");
	assert_string_equal(big->suffix, "");
	g_autofree char *sums_path =
	    g_build_filename(one->folder, "SHA256SUMS", NULL);
	g_auto(sums) sums = {0};
	assert_true(sums_read(&sums, sums_path, &error));
	g_autofree char *object = object_path(big->sha256, "");
	assert_non_null(sums_find(&sums, object));
	assert_non_null(sums_find(&sums, "restore.sh"));
}

static void sets_form_a_chain(void **state)
{
	commit(*state, "one");
	commit(*state, "two");
	g_autoptr(store) s = store_open(*state, STORE_READ, NULL);
	g_autoptr(set) first = set_find(s, "1", NULL);
	g_autoptr(set) second = set_find(s, "latest", NULL);

	assert_string_equal(second->snapshot.parent, first->id);
	assert_string_equal(second->snapshot.parent_sha256, first->sha256);
	assert_string_not_equal(second->snapshot.root, first->snapshot.root);
}

static void an_abandoned_run_leaves_no_set(void **state)
{
	g_autoptr(store) s = store_open(*state, STORE_WRITE, NULL);
	g_autoptr(run) r = run_begin(s, NULL);
	g_autofree char *tmp = store_file(s, "tmp");
	bool vacant = false;

	add_files(r, "x");
	run_abandon(g_steal_pointer(&r));
	g_autoptr(GPtrArray) sets = sets_list(s, NULL);
	assert_int_equal(sets->len, 0);
	assert_true(fs_is_vacant(tmp, &vacant, NULL));
	assert_true(vacant);
}

static void a_half_set_is_not_listed_and_swept_away(void **state)
{
	commit(*state, "one");
	g_autoptr(store) s = store_open(*state, STORE_WRITE, NULL);
	g_autofree char *half =
	    store_file(s, "snapshots/000002-20260101T000000Z");
	assert_true(fs_make_folders(half, 0700, NULL));
	g_autoptr(GPtrArray) sets = sets_list(s, NULL);
	assert_int_equal(sets->len, 1);
	g_autoptr(run) r = run_begin(s, NULL);
	assert_int_equal(access(half, F_OK), -1);
}

static void a_second_writer_is_told_who_writes(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(store) first = store_open(*state, STORE_WRITE, NULL);
	g_autoptr(store) second = store_open(*state, STORE_WRITE, &error);
	g_autofree char *me = g_strdup_printf("process %d ", (int)getpid());

	assert_null(second);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_BUSY));
	assert_non_null(strstr(error->message, me));
	g_clear_error(&error);
	g_autoptr(store) reader = store_open(*state, STORE_READ, &error);
	assert_non_null(reader);
}

static void a_folder_with_other_things_never_becomes_a_store(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *file = g_build_filename(*state, "thesis.odt", NULL);

	assert_true(file_write(file, 0600, "x", 1, NULL));
	g_autoptr(store) s = store_open(*state, STORE_WRITE, &error);
	assert_null(s);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_USAGE));
	g_autofree char *lock = g_build_filename(*state, "lock", NULL);
	assert_int_equal(access(lock, F_OK), -1);
}

static void a_store_of_a_newer_form_is_left_alone(void **state)
{
	static const char record[] =
	    "{\"schema\":\"gonogo.store/1\",\"uuid\":\"x\",\"hash\":\"sha256\","
	    "\"format\":1,\"features\":[\"age\"]}";
	g_autoptr(GError) error = NULL;
	g_autofree char *file = g_build_filename(*state, "STORE.json", NULL);

	assert_true(file_write(file, 0600, record, strlen(record), NULL));
	g_autoptr(store) s = store_open(*state, STORE_WRITE, &error);
	assert_null(s);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
}

static void a_changed_record_does_not_match_its_checksum(void **state)
{
	commit(*state, "one");
	g_autoptr(store) s = store_open(*state, STORE_READ, NULL);
	g_autoptr(set) one = set_find(s, NULL, NULL);
	g_autofree char *path =
	    g_build_filename(one->folder, "SNAPSHOT.json", NULL);
	g_autofree char *name =
	    g_strdup_printf("snapshots/%s/SNAPSHOT.json", one->id);
	size_t length;

	assert_true(record_check(path, name, NULL));
	g_autofree char *text = file_read(path, 1 << 20, &length, NULL);
	strstr(text, "\"hot\"")[1] = 'H';
	assert_true(file_write(path, 0600, text, length, NULL));
	assert_false(record_check(path, name, NULL));
}

int main(void)
{
	g_set_prgname("gonogo-backup create");
	g_setenv("GONOGO_SHARE", ".", TRUE);
	const struct CMUnitTest tests[] = {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	    WITH_PLACE(what_was_committed_is_listed_and_read_back),
	    WITH_PLACE(sets_form_a_chain),
	    WITH_PLACE(an_abandoned_run_leaves_no_set),
	    WITH_PLACE(a_half_set_is_not_listed_and_swept_away),
	    WITH_PLACE(a_second_writer_is_told_who_writes),
	    WITH_PLACE(a_folder_with_other_things_never_becomes_a_store),
	    WITH_PLACE(a_store_of_a_newer_form_is_left_alone),
	    WITH_PLACE(a_changed_record_does_not_match_its_checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
