/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>

#include "backup/rebuild.h"
#include "backup/restore/lay.h"
#include "backup/store/run.h"
#include "backup/store/set.h"
#include "base/file.h"
#include "port/fs.h"

/* A store with one set, and a folder to restore it into. */
struct place {
	char *folder, *target;
	store *store;
	run *run;
	packer *packer;
	set *set;
	manifest *manifest;
};

static int begin(void **state)
{
	struct place *p = g_new0(struct place, 1);
	p->folder = g_dir_make_tmp("rebuild.XXXXXX", NULL);
	g_autofree char *path = g_build_filename(p->folder, "store", NULL);

	p->target = g_build_filename(p->folder, "target", NULL);
	p->store = store_open(path, STORE_WRITE, NULL);
	p->run = p->store ? run_begin(p->store, NULL) : NULL;
	p->packer = p->run ? packer_new(run_groups(p->run), NULL) : NULL;
	*state = p;
	return p->packer && fs_make_folders(p->target, 0700, NULL) ? 0 : 1;
}

static int end(void **state)
{
	struct place *p = *state;
	g_clear_pointer(&p->manifest, manifest_free);
	g_clear_pointer(&p->set, set_free);
	g_clear_pointer(&p->run, run_abandon);
	g_clear_pointer(&p->store, store_close);
	bool gone = fs_remove_tree(p->folder, NULL);

	g_free(p->target);
	g_free(p->folder);
	g_free(p);
	return !gone;
}

/* ---- filling the set ---- */

static void add_small(
    struct place *p, const char *path, mode_t mode, const char *content)
{
	g_auto(entry) e = {.path = g_strdup(path),
	    .mode = mode,
	    .uid = getuid(),
	    .gid = getgid(),
	    .mtime_ns = 1234567890123456789,
	    .bytes = strlen(content)};
	g_autofree char *sha256 = hash_hex(content, strlen(content));

	g_strlcpy(e.sha256, sha256, sizeof e.sha256);
	assert_true(packer_add(p->packer, &e, content, NULL));
}

static void add_big(struct place *p, const char *path, const char *content)
{
	struct object object;
	g_auto(entry) e = {.path = g_strdup(path),
	    .mode = 0444,
	    .uid = getuid(),
	    .gid = getgid()};

	assert_true(objects_add_bytes(run_objects(p->run), content,
	    strlen(content), OBJECT_VERBATIM, &object, NULL));
	e.bytes = object.bytes;
	e.suffix = object.suffix;
	e.stored_bytes = object.stored_bytes;
	g_strlcpy(e.sha256, object.sha256, sizeof e.sha256);
	assert_true(packer_add(p->packer, &e, NULL, NULL));
}

static void add_link(struct place *p, const char *path, const char *target)
{
	g_auto(entry) e = {.path = g_strdup(path),
	    .target = g_strdup(target),
	    .kind = ENTRY_LINK,
	    .mode = 0777,
	    .uid = getuid(),
	    .gid = getgid()};

	assert_true(packer_add(p->packer, &e, NULL, NULL));
}

static void begin_group(struct place *p, enum group_class class, uint64_t id)
{
	packer_begin(p->packer, groups_get(run_groups(p->run), class, id),
	    FRAME_MUTABLE);
}

static void end_group(struct place *p)
{
	assert_true(packer_end(p->packer, NULL));
}

static void commit(struct place *p)
{
	g_autoptr(GError) error = NULL;
	g_auto(snapshot) snapshot = {.mode = g_strdup("hot")};
	g_auto(evidence) evidence = {0};

	if (!run_commit(p->run, &snapshot, &evidence, &error))
		print_message("%s\n", error->message);
	assert_null(error);
	p->set = set_find(p->store, NULL, NULL);
	assert_non_null(p->set);
	p->manifest = manifest_read(p->set->folder, NULL);
	assert_non_null(p->manifest);
}

/* ---- restoring it ---- */

static bool restore(struct place *p, const char *group, bool allow_setuid,
    struct rebuild_counts *counts, GError **error)
{
	const struct rebuild_options options = {
	    .store = p->store,
	    .manifest = p->manifest,
	    .target = p->target,
	    .allow_setuid = allow_setuid,
	};
	g_autoptr(rebuild) back = rebuild_open(&options, error);

	assert_non_null(back);
	bool good =
	    rebuild_group(back, manifest_group(p->manifest, group), error) &&
	    rebuild_links(back, error) && rebuild_folders(back, error);
	if (counts)
		*counts = *rebuild_counts(back);
	return good;
}

static void refused(struct place *p, const char *group, enum gonogo_error code,
    const char *text)
{
	g_autoptr(GError) error = NULL;

	assert_false(restore(p, group, false, NULL, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, code));
	if (!strstr(error->message, text))
		print_message("%s\n", error->message);
	assert_non_null(strstr(error->message, text));
}

static char *inside(const struct place *p, const char *name)
{
	return g_build_filename(p->target, name, NULL);
}

static void assert_holds(
    const struct place *p, const char *name, const char *content)
{
	g_autofree char *path = inside(p, name);
	g_autofree char *found = file_read(path, 1 << 20, NULL, NULL);

	assert_non_null(found);
	assert_string_equal(found, content);
}

static void assert_mode(const struct place *p, const char *name, mode_t mode)
{
	g_autofree char *path = inside(p, name);
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, mode);
}

/* Writes over one byte of the only object in the store. */
static void harm_object(const struct place *p, const char *content)
{
	g_autofree char *sha256 = hash_hex(content, strlen(content));
	g_autofree char *name = object_path(sha256, "");
	g_autofree char *path = store_file(p->store, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "X", 1, 0), 1);
	assert_int_equal(close(fd), 0);
}

/* ---- what it shows ---- */

static void files_come_back_with_their_modes_and_times(void **state)
{
	struct place *p = *state;
	struct rebuild_counts counts;
	struct stat status;

	begin_group(p, GROUP_FILES, 1);
	add_small(p, "data/deep/er/small", 0640, "small");
	add_small(p, "data/line\nbreak \377", 0600, "odd");
	add_big(p, "data/big", "big enough");
	add_link(p, "data/link", "deep/er/small");
	end_group(p);
	commit(p);
	assert_true(restore(p, "files/1", false, &counts, NULL));
	assert_int_equal(counts.files, 3);
	assert_int_equal(counts.bytes, strlen("small"
					      "odd"
					      "big enough"));
	assert_holds(p, "data/deep/er/small", "small");
	assert_holds(p, "data/line\nbreak \377", "odd");
	assert_holds(p, "data/big", "big enough");
	assert_holds(p, "data/link", "small");
	assert_mode(p, "data/deep/er/small", 0640);
	assert_mode(p, "data/big", 0444);
	g_autofree char *path = inside(p, "data/deep/er/small");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mtim.tv_sec, 1234567890);
	assert_int_equal(status.st_mtim.tv_nsec, 123456789);
}

static void a_link_of_the_set_leads_nothing_out_of_the_target(void **state)
{
	struct place *p = *state;
	bool vacant = false;
	g_autofree char *outside = g_build_filename(p->folder, "out", NULL);

	assert_true(fs_make_folders(outside, 0700, NULL));
	begin_group(p, GROUP_FILES, 1);
	add_link(p, "data/trap", outside);
	end_group(p);
	begin_group(p, GROUP_FILES, 2);
	add_small(p, "data/trap/caught", 0600, "x");
	end_group(p);
	begin_group(p, GROUP_FILES, 3);
	add_big(p, "data/trap/caught too", "y");
	end_group(p);
	commit(p);
	assert_true(restore(p, "files/1", false, NULL, NULL));
	refused(p, "files/2", GONOGO_ERROR_SYSTEM, "data/trap");
	refused(p, "files/3", GONOGO_ERROR_SYSTEM, "data/trap");
	assert_true(fs_is_vacant(outside, &vacant, NULL));
	assert_true(vacant);
}

static void a_path_out_of_the_home_is_refused(void **state)
{
	static const char *const paths[] = {
	    "../escaped", "data/../../escaped", "/escaped"};
	struct place *p = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		begin_group(p, GROUP_FILES, i + 1);
		add_small(p, paths[i], 0600, "x");
		end_group(p);
	}
	commit(p);
	refused(p, "files/1", GONOGO_ERROR_DATA, "");
	refused(p, "files/2", GONOGO_ERROR_DATA, "");
	refused(p, "files/3", GONOGO_ERROR_DATA, "");
	g_autofree char *escaped = g_build_filename(p->folder, "escaped", NULL);
	assert_int_equal(access(escaped, F_OK), -1);
}

static void files_from_elsewhere_go_below_the_target(void **state)
{
	struct place *p = *state;

	begin_group(p, GROUP_ALSO, 1);
	add_small(p, "/etc/unit", 0600, "x");
	end_group(p);
	commit(p);
	assert_true(restore(p, "also/1", false, NULL, NULL));
	assert_holds(p, "etc/unit", "x");
}

static void what_is_there_is_never_written_over(void **state)
{
	struct place *p = *state;
	g_autofree char *path = inside(p, "mine");

	assert_true(file_write(path, 0600, "mine", 4, NULL));
	begin_group(p, GROUP_FILES, 1);
	add_small(p, "mine", 0600, "theirs");
	end_group(p);
	commit(p);
	refused(p, "files/1", GONOGO_ERROR_DATA, "two entries of this name");
	assert_holds(p, "mine", "mine");
}

static void other_bytes_than_the_manifest_says_are_refused(void **state)
{
	struct place *p = *state;

	begin_group(p, GROUP_FILES, 1);
	add_big(p, "data/big", "big enough");
	end_group(p);
	commit(p);
	harm_object(p, "big enough");
	refused(p, "files/1", GONOGO_ERROR_DATA, "objects/");
}

static void no_more_than_the_manifest_says_is_written(void **state)
{
	struct place *p = *state;
	g_autofree char *sha256 = hash_hex("big enough", 10);
	g_autofree char *path = inside(p, "out");
	const struct object_source from = {sha256, "", NULL, 4};
	g_autoptr(GError) error = NULL;
	struct stat status;

	begin_group(p, GROUP_FILES, 1);
	add_big(p, "data/big", "big enough");
	end_group(p);
	commit(p);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	struct lay to = {.fd = fd, .name = path};
	assert_false(lay_object(p->store, &from, &to, &error));
	assert_false(to.refused);
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	assert_int_equal(fstat(fd, &status), 0);
	assert_true(status.st_size <= 4);
	assert_int_equal(close(fd), 0);
}

static void a_program_loses_its_owners_rights_unless_asked(void **state)
{
	struct place *p = *state;

	begin_group(p, GROUP_FILES, 1);
	add_small(p, "one", 06755, "x");
	end_group(p);
	begin_group(p, GROUP_FILES, 2);
	add_small(p, "two", 06755, "x");
	end_group(p);
	commit(p);
	assert_true(restore(p, "files/1", false, NULL, NULL));
	assert_true(restore(p, "files/2", true, NULL, NULL));
	assert_mode(p, "one", 0755);
	assert_mode(p, "two", 06755);
}

static void stale_locks_of_repositories_are_left_out(void **state)
{
	static const char *const locks[] = {"data/repositories/7/HEAD.lock",
	    "data/repositories/7/refs/heads/x.lock",
	    "data/repositories/7/gc.pid"};
	struct place *p = *state;
	struct rebuild_counts counts;

	begin_group(p, GROUP_REPOSITORY, 7);
	for (size_t i = 0; i < G_N_ELEMENTS(locks); i++)
		add_small(p, locks[i], 0600, "");
	add_small(p, "data/repositories/7/HEAD", 0600, "ref: refs/heads/a\n");
	end_group(p);
	begin_group(p, GROUP_FILES, 1);
	add_small(p, "plugins/a.lock", 0600, "not git's");
	end_group(p);
	commit(p);
	assert_true(restore(p, "repository/7", false, &counts, NULL));
	assert_true(restore(p, "files/1", false, NULL, NULL));
	assert_int_equal(counts.left_out, G_N_ELEMENTS(locks));
	assert_int_equal(counts.files, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(locks); i++) {
		g_autofree char *path = inside(p, locks[i]);
		assert_int_equal(access(path, F_OK), -1);
	}
	assert_holds(p, "plugins/a.lock", "not git's");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	    WITH_PLACE(files_come_back_with_their_modes_and_times),
	    WITH_PLACE(a_link_of_the_set_leads_nothing_out_of_the_target),
	    WITH_PLACE(a_path_out_of_the_home_is_refused),
	    WITH_PLACE(files_from_elsewhere_go_below_the_target),
	    WITH_PLACE(what_is_there_is_never_written_over),
	    WITH_PLACE(other_bytes_than_the_manifest_says_are_refused),
	    WITH_PLACE(no_more_than_the_manifest_says_is_written),
	    WITH_PLACE(a_program_loses_its_owners_rights_unless_asked),
	    WITH_PLACE(stale_locks_of_repositories_are_left_out),
	};

	g_setenv("GONOGO_SHARE", ".", TRUE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
