#include "port/pg_base.h"

#include "base/error.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

/* What was taken, as one text: "[name|folder]bytes.." and "{manifest}". */
static bool take_archive(
    const char *name, const char *folder, void *user, GError **error)
{
	(void)error;
	g_string_append_printf(user, "[%s|%s]", name, folder);
	return true;
}

static bool take_bytes(
    const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	/* Blocks are of one letter: it stands for them. */
	g_string_append_printf(
	    user, "%c%" G_GSIZE_FORMAT " ", *(const char *)bytes, length);
	return true;
}

static bool take_manifest(
    const void *bytes, size_t length, void *user, GError **error)
{
	if (length == 4 && memcmp(bytes, "stop", length) == 0)
		return fail(error, GONOGO_ERROR_SYSTEM, "disk full");
	g_string_append_printf(
	    user, "{%.*s}", (int)length, (const char *)bytes);
	return true;
}

static const struct pg_base_takers takers = {
    take_archive, take_bytes, take_manifest};

static bool sent(pg_base *b, const char *message, size_t length, GError **error)
{
	/* Of its own length, so that a reader past its end is seen. */
	g_autofree char *exact = g_memdup2(message, length);

	return pg_base_take(b, exact, length, error);
}

#define SEND(b, text, error) sent(b, text, sizeof(text) - 1, error)

static bool send_block(pg_base *b, char letter, size_t length, GError **error)
{
	g_autofree char *message = g_malloc(length + 1);

	memset(message, letter, length + 1);
	*message = 'd';
	return sent(b, message, length + 1, error);
}

static void assert_remote(GError **error, const char *words)
{
	assert_true(g_error_matches(*error, GONOGO_ERROR, GONOGO_ERROR_REMOTE));
	assert_non_null(strstr((*error)->message, words));
	g_clear_error(error);
}

static void a_backup_is_taken_apart(void **state)
{
	(void)state;
	g_autoptr(GString) got = g_string_new(NULL);
	g_autoptr(pg_base) b = pg_base_new(&takers, got);

	assert_true(SEND(b, "n16384.tar\0/srv/space\0", NULL));
	assert_true(send_block(b, 'a', 512, NULL));
	assert_true(SEND(b, "p\0\0\0\0\0\0\x02\x01", NULL));
	assert_int_equal(pg_base_progress(b), 513);
	assert_true(SEND(b, "nbase.tar\0\0", NULL));
	/* Messages end where they like, archives do not. */
	assert_true(send_block(b, 'b', 500, NULL));
	assert_true(send_block(b, 'c', 524, NULL));
	assert_true(SEND(b, "m", NULL));
	assert_true(SEND(b, "d{ \"PostgreSQL\"", NULL));
	assert_true(SEND(b, "d: 1 }", NULL));
	assert_true(pg_base_end(b, NULL));
	assert_string_equal(got->str,
	    "[16384.tar|/srv/space]a512 [base.tar|]b500 c524 "
	    "{{ \"PostgreSQL\"}{: 1 }}");
}

static void what_no_server_sends_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
		const char *words;
	} bad[] = {
#define BAD(bytes, words) {bytes, sizeof(bytes) - 1, words}
	    BAD("", "empty message"),
	    BAD("x", "unknown kind"),
	    BAD("dbytes", "bytes of no archive"),
	    BAD("p\0\0\1", "progress"),
	    BAD("p\0\0\0\0\0\0\0\0\1", "progress"),
	    BAD("mx", "manifest that can't be"),
	    BAD("n", "without a name"),
	    BAD("nbase.tar", "without a name"),
	    BAD("nbase.tar\0", "without a name"),
	    BAD("nbase.tar\0\0more", "without a name"),
	    BAD("nbase.tar\0/etc\0", "folder that can't be"),
	    BAD("n16384.tar\0\0", "folder that can't be"),
	    BAD("n16384.tar\0srv\0", "folder that can't be"),
	    BAD("n../base.tar\0\0", "name that no server gives"),
	    BAD("n\0/srv\0", "name that no server gives"),
	    BAD("n.tar\0/srv\0", "name that no server gives"),
	    BAD("n16384.tar.gz\0/srv\0", "name that no server gives"),
	    BAD("n016384.tar\0/srv\0", "name that no server gives"),
	    BAD("n12345678901.tar\0/srv\0", "name that no server gives"),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GString) got = g_string_new(NULL);
		g_autoptr(pg_base) b = pg_base_new(&takers, got);
		g_autoptr(GError) error = NULL;
		assert_false(sent(b, bad[i].bytes, bad[i].length, &error));
		assert_remote(&error, bad[i].words);
		assert_string_equal(got->str, "");
	}
}

static void an_order_that_cannot_be_is_refused(void **state)
{
	(void)state;
	g_autoptr(GString) got = g_string_new(NULL);
	g_autoptr(pg_base) b = pg_base_new(&takers, got);
	g_autoptr(GError) error = NULL;

	assert_true(SEND(b, "n16384.tar\0/srv/space\0", NULL));
	assert_false(SEND(b, "nbase.tar\0\0", &error));
	assert_remote(&error, "16384.tar: 0 bytes are no whole archive");
	assert_true(send_block(b, 'a', 511, NULL));
	assert_false(SEND(b, "m", &error));
	assert_remote(&error, "16384.tar: 511 bytes");
	assert_true(send_block(b, 'a', 1, NULL));
	assert_false(SEND(b, "n16384.tar\0/srv/space\0", &error));
	assert_remote(&error, "two archives of one name");
	assert_false(pg_base_end(b, &error));
	assert_remote(&error, "data folder is not in it");
	assert_true(SEND(b, "nbase.tar\0\0", NULL));
	assert_true(send_block(b, 'b', 1024, NULL));
	assert_false(pg_base_end(b, &error));
	assert_remote(&error, "no manifest");
	assert_true(SEND(b, "m", NULL));
	assert_false(pg_base_end(b, &error));
	assert_remote(&error, "no manifest");
	assert_false(SEND(b, "m", &error));
	assert_remote(&error, "manifest that can't be");
	assert_false(SEND(b, "n7.tar\0/srv\0", &error));
	assert_remote(&error, "behind the manifest");
}

static void a_path_and_a_number_of_archives_have_limits(void **state)
{
	(void)state;
	g_autoptr(GString) got = g_string_new(NULL);
	g_autoptr(pg_base) b = pg_base_new(&takers, got);
	g_autoptr(GString) path = g_string_new("n7.tar");
	g_autoptr(GError) error = NULL;

	g_string_append_c(path, '\0');
	for (unsigned i = 0; i <= LIMIT_FOLDER; i++)
		g_string_append_c(path, '/');
	assert_false(sent(b, path->str, path->len + 1, &error));
	assert_remote(&error, "too long");
	g_string_truncate(path, path->len - 1);
	assert_true(sent(b, path->str, path->len + 1, NULL));

	g_string_truncate(got, 0);
	for (unsigned i = 1; i < LIMIT_TABLESPACES; i++) {
		g_autoptr(GString) name = g_string_new(NULL);
		assert_true(send_block(b, 'a', 512, NULL));
		g_string_printf(name, "n%u.tar", 100 + i);
		g_string_append_len(name, "\0/s", 4);
		assert_true(sent(b, name->str, name->len, NULL));
	}
	assert_true(send_block(b, 'a', 512, NULL));
	assert_false(SEND(b, "nbase.tar\0\0", &error));
	assert_remote(&error, "too many archives");
}

static void a_taker_s_own_error_is_told(void **state)
{
	(void)state;
	g_autoptr(GString) got = g_string_new(NULL);
	g_autoptr(pg_base) b = pg_base_new(&takers, got);
	g_autoptr(GError) error = NULL;

	assert_true(SEND(b, "m", NULL));
	assert_false(SEND(b, "dstop", &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_SYSTEM));
	assert_string_equal(error->message, "disk full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_backup_is_taken_apart),
	    cmocka_unit_test(what_no_server_sends_is_refused),
	    cmocka_unit_test(an_order_that_cannot_be_is_refused),
	    cmocka_unit_test(a_path_and_a_number_of_archives_have_limits),
	    cmocka_unit_test(a_taker_s_own_error_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
