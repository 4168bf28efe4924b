/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "port/fs.h"

struct place {
	char *root;
	int fd;
};

static char *at(const struct place *p, const char *name)
{
	return g_build_filename(p->root, name, NULL);
}

static void put(const struct place *p, const char *name)
{
	g_autofree char *path = at(p, name);

	assert_true(file_write(path, 0600, "x", 1, NULL));
}

static void folder(const struct place *p, const char *name)
{
	g_autofree char *path = at(p, name);

	assert_true(fs_make_folders(path, 0700, NULL));
}

static int begin(void **state)
{
	struct place *p = g_new0(struct place, 1);

	p->root = g_dir_make_tmp("fs.XXXXXX", NULL);
	p->fd = fs_open_folder(p->root, NULL);
	*state = p;
	return p->fd < 0;
}

static int end(void **state)
{
	struct place *p = *state;
	bool gone = fs_remove_tree(p->root, NULL);

	close(p->fd);
	g_free(p->root);
	g_free(p);
	return !gone;
}

static void nothing_leads_out_of_the_root(void **state)
{
	const struct place *p = *state;
	g_autofree char *link = at(p, "in/link");

	folder(p, "in");
	put(p, "in/file");
	assert_int_equal(symlink("/etc", link), 0);
	int fd = fs_open_beneath(p->fd, "in/file", O_RDONLY, 0);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(fs_open_beneath(p->fd, "../x", O_RDONLY, 0), -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(fs_open_beneath(p->fd, "/etc", O_RDONLY, 0), -1);
	assert_int_equal(
	    fs_open_beneath(p->fd, "in/link/passwd", O_RDONLY, 0), -1);
	assert_int_equal(errno, ELOOP);
}

static enum fs_step note(
    const struct fs_entry *entry, void *user, GError **error)
{
	(void)error;
	g_string_append_printf(user, "%s ", entry->path);
	return g_str_equal(entry->name, "skipped") ? FS_SKIP : FS_ON;
}

static void a_walk_is_sorted_and_follows_no_link(void **state)
{
	const struct place *p = *state;
	g_autofree char *link = at(p, "b/link");
	g_autoptr(GString) seen = g_string_new(NULL);

	folder(p, "b/inner");
	folder(p, "a/skipped");
	put(p, "a/skipped/unseen");
	put(p, "b/inner/file");
	put(p, "a.txt");
	assert_int_equal(symlink("..", link), 0);
	assert_true(fs_walk(p->fd, note, NULL, seen, NULL));
	assert_string_equal(
	    seen->str, "a a/skipped a.txt b b/inner b/inner/file b/link ");
}

static void removing_a_tree_keeps_what_a_link_names(void **state)
{
	const struct place *p = *state;
	g_autofree char *tree = at(p, "tree"), *link = at(p, "tree/link");
	g_autofree char *kept = at(p, "kept");

	folder(p, "tree/deep");
	folder(p, "kept");
	put(p, "kept/file");
	assert_int_equal(symlink("../kept", link), 0);
	assert_true(fs_remove_tree(tree, NULL));
	assert_int_equal(access(tree, F_OK), -1);
	g_autofree char *file = at(p, "kept/file");
	assert_int_equal(access(file, F_OK), 0);
	assert_true(fs_remove_tree(tree, NULL)); /* gone already: done */
}

static void a_place_with_an_entry_is_not_vacant(void **state)
{
	const struct place *p = *state;
	g_autofree char *missing = at(p, "missing"), *file = at(p, "file");
	bool vacant = false;

	assert_true(fs_is_vacant(p->root, &vacant, NULL));
	assert_true(vacant);
	assert_true(fs_is_vacant(missing, &vacant, NULL));
	assert_true(vacant);
	put(p, "file");
	assert_true(fs_is_vacant(p->root, &vacant, NULL));
	assert_false(vacant);
	g_autoptr(GError) error = NULL;
	assert_false(fs_is_vacant(file, &vacant, &error));
}

static void attributes_travel_as_one_block(void **state)
{
	const struct place *p = *state;
	g_autofree char *from = at(p, "from"), *to = at(p, "to");
	char value[8];

	put(p, "from");
	put(p, "to");
	if (setxattr(from, "user.a", "one\0x", 5, 0) != 0)
		skip(); /* a file system without attributes */
	assert_int_equal(setxattr(from, "user.b", "", 0, 0), 0);
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_RDONLY | O_CLOEXEC);
	g_autoptr(GBytes) block = fs_xattrs(in);
	assert_true(fs_set_xattrs(out, block, NULL));
	assert_int_equal(getxattr(to, "user.a", value, sizeof value), 5);
	assert_memory_equal(value, "one\0x", 5);
	assert_int_equal(getxattr(to, "user.b", value, sizeof value), 0);
	close(in);
	close(out);
}

static void a_cut_block_of_attributes_ends_early(void **state)
{
	(void)state;
	g_autoptr(GBytes) cut = g_bytes_new_static("user.a\0\xff\0\0\0x", 12);
	struct fs_xattr x;
	size_t place = 0;

	assert_false(fs_xattr_next(cut, &place, &x));
	assert_false(fs_xattr_next(NULL, &place, &x));
}

static void the_mount_of_a_path_is_named(void **state)
{
	const struct place *p = *state;
	g_auto(fs_mount) mount = {0};
	struct fs_space space;
	struct stat here, there;

	assert_true(fs_mount_of(p->root, &mount, NULL));
	assert_true(mount.filesystem[0]);
	if (mount.point) { /* else we are in a chroot that hides it */
		assert_int_equal(stat(p->root, &here), 0);
		assert_int_equal(stat(mount.point, &there), 0);
		assert_int_equal(here.st_dev, there.st_dev);
		assert_non_null(strstr(mount.options, "rw"));
	}
	assert_true(fs_space(p->root, &space, NULL));
	assert_true(space.size_bytes >= space.free_bytes);
	assert_true(space.filesystem[0]);
}

static void room_is_asked_for_where_the_folder_will_be(void **state)
{
	const struct place *p = *state;
	g_autofree char *later = g_build_filename(p->root, "a/b", NULL);
	g_autoptr(GError) error = NULL;

	assert_true(fs_has_room(later, 1, "a byte", &error));
	assert_null(error);
	assert_false(fs_has_room(later, UINT64_MAX, "all", &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM));
	assert_non_null(strstr(error->message, "no space: all needs"));
	assert_non_null(strstr(error->message, "hint: make room"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	    WITH_PLACE(nothing_leads_out_of_the_root),
	    WITH_PLACE(a_walk_is_sorted_and_follows_no_link),
	    WITH_PLACE(removing_a_tree_keeps_what_a_link_names),
	    WITH_PLACE(a_place_with_an_entry_is_not_vacant),
	    WITH_PLACE(attributes_travel_as_one_block),
	    WITH_PLACE(the_mount_of_a_path_is_named),
	    WITH_PLACE(room_is_asked_for_where_the_folder_will_be),
	    cmocka_unit_test(a_cut_block_of_attributes_ends_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
