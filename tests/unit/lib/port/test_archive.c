/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>

#include "base/file.h"
#include "port/archive.h"
#include "port/fs.h"

static bool to_fd(const void *bytes, size_t length, void *user, GError **error)
{
	return file_write_fd(*(int *)user, "test", bytes, length, error);
}

static int open_scratch(void)
{
	int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static const struct archive_member members[] = {
    {.path = "a/file",
	.mode = 0640,
	.uid = 7,
	.gid = 8,
	.bytes = 5,
	.mtime_ns = 1767225600123456789},
    {.path = "a/\xff\xfe", .mode = 0444, .bytes = 5, .mtime_ns = -1},
    {.path = "a/\xc3\xa4", .mode = 0444, .bytes = 0},
    {.path = "a/link", .kind = ARCHIVE_LINK, .mode = 0777, .target = "../b"},
    {.path = "a/hard",
	.kind = ARCHIVE_HARD_LINK,
	.mode = 0640,
	.target = "a/file"},
    {.path = "a", .kind = ARCHIVE_FOLDER, .mode = 0750},
};

static int write_all(bool ended)
{
	static int fd;
	fd = open_scratch();
	g_autoptr(archive_writer) w = archive_writer_new(to_fd, &fd);

	for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
		assert_true(archive_writer_add(w, &members[i], "hello", NULL));
		/* All of the member is with the sink now. */
		assert_int_equal(lseek(fd, 0, SEEK_CUR) % 512, 0);
	}
	if (ended)
		assert_true(archive_writer_end(w, NULL));
	return fd;
}

static void what_was_written_is_read_back(int fd)
{
	g_autoptr(archive_reader) r =
	    archive_open(fd, 0, 0, "t.tar", NULL, NULL);
	const struct archive_member *m;
	const void *bytes;
	size_t length;

	for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
		const struct archive_member *wanted = &members[i];
		assert_true(archive_next(r, &m, NULL));
		g_autofree char *slash = g_strconcat(wanted->path, "/", NULL);
		assert_string_equal(m->path,
		    wanted->kind == ARCHIVE_FOLDER ? slash : wanted->path);
		assert_int_equal(m->kind, wanted->kind);
		assert_int_equal(m->mode, wanted->mode);
		assert_int_equal(m->uid, wanted->uid);
		assert_int_equal(m->gid, wanted->gid);
		assert_true(m->mtime_ns == wanted->mtime_ns);
		if (wanted->target)
			assert_string_equal(m->target, wanted->target);
		assert_int_equal(m->bytes, wanted->bytes);
		assert_true(archive_read_bytes(r, &bytes, &length, NULL));
		assert_int_equal(length, wanted->bytes);
		if (length)
			assert_memory_equal(bytes, "hello", 5);
	}
	assert_true(archive_next(r, &m, NULL));
	assert_null(m);
	close(fd);
}

static void a_tar_comes_back_as_it_was(void **state)
{
	(void)state;
	what_was_written_is_read_back(write_all(true));
}

static void a_group_cut_out_needs_no_end_blocks(void **state)
{
	(void)state;
	what_was_written_is_read_back(write_all(false));
}

static bool refuse(const void *bytes, size_t length, void *user, GError **error)
{
	(void)bytes, (void)length, (void)user;
	g_set_error_literal(
	    error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM, "no space");
	return false;
}

static void the_sinks_error_is_the_writers(void **state)
{
	(void)state;
	g_autoptr(archive_writer) w = archive_writer_new(refuse, NULL);
	g_autoptr(GError) error = NULL;

	assert_false(archive_writer_add(w, &members[0], "hello", &error));
	assert_string_equal(error->message, "no space");
}

static void limits_hold(void **state)
{
	(void)state;
	static const struct archive_limits limits[] = {
	    {.members = 2}, {.member_bytes = 4}, {.total_bytes = 9}};
	int fd = write_all(true);

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		g_autoptr(archive_reader) r =
		    archive_open(fd, 0, 0, "t.tar", &limits[i], NULL);
		g_autoptr(GError) error = NULL;
		const struct archive_member *m;
		const void *bytes;
		size_t length;
		bool good = true;
		while (good && (good = archive_next(r, &m, &error)) && m)
			while (good &&
			       (good = archive_read_bytes(
				    r, &bytes, &length, &error)) &&
			       length)
				;
		assert_false(good);
		assert_non_null(strstr(error->message, "over the limit"));
	}
	close(fd);
}

static void what_is_no_archive_is_refused(void **state)
{
	(void)state;
	int fd = open_scratch();
	g_autoptr(GError) error = NULL;
	const struct archive_member *m;
	static const char page[] = "<html>not an archive, whatever its name "
				   "says, but long enough to look at</html>";

	assert_true(file_write_fd(fd, "x", page, sizeof page, NULL));
	g_autoptr(archive_reader) r =
	    archive_open(fd, 0, 0, "support.zip", NULL, &error);
	assert_false(r && archive_next(r, &m, &error));
	assert_non_null(strstr(error->message, "support.zip: "));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_tar_comes_back_as_it_was),
	    cmocka_unit_test(a_group_cut_out_needs_no_end_blocks),
	    cmocka_unit_test(the_sinks_error_is_the_writers),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(what_is_no_archive_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
