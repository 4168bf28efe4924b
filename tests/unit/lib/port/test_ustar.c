#include "port/ustar.h"

#include "base/error.h"
#include "tests/unit/unit.h"

enum { BLOCK = 512 };

/* What was taken, as one text: "name|target|bytes[content]; ". */
static bool take_member(
    const struct ustar_member *m, void *user, GError **error)
{
	(void)error;
	g_string_append_printf(user, "%d %s|%s|%" G_GUINT64_FORMAT "[",
	    (int)m->kind, m->name, m->target, m->bytes);
	return true;
}

static bool take_content(
    const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	g_string_append_len(user, bytes, (gssize)length);
	return true;
}

static bool take_end(void *user, GError **error)
{
	(void)error;
	g_string_append(user, "]; ");
	return true;
}

static const struct ustar_takers takers = {
    take_member, take_content, take_end, NULL};

static void add_sum(char *header)
{
	unsigned sum = 0;

	memset(header + 148, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	g_snprintf(header + 148, 8, "%06o", sum);
}

static void add_header(GByteArray *tar, const char *name, char kind,
    const char *size, const char *target)
{
	char header[BLOCK] = {0};

	g_strlcpy(header, name, 100);
	g_strlcpy(header + 100, "0000600", 8);
	g_strlcpy(header + 108, "0000001", 8);
	g_strlcpy(header + 116, "0000002", 8);
	g_strlcpy(header + 124, size, 12);
	g_strlcpy(header + 136, "00000000003", 12);
	header[156] = kind;
	g_strlcpy(header + 157, target, 100);
	memcpy(header + 257, "ustar\00000", 8);
	add_sum(header);
	g_byte_array_append(tar, (const guint8 *)header, BLOCK);
}

static void add_block(GByteArray *tar, const char *text)
{
	char block[BLOCK] = {0};

	g_strlcpy(block, text, BLOCK);
	g_byte_array_append(tar, (const guint8 *)block, BLOCK);
}

static GByteArray *new_archive(void)
{
	GByteArray *tar = g_byte_array_new();

	add_header(tar, "./base/", '5', "00000000000", "");
	add_header(tar, "base/1", '0', "00000000005", "");
	add_block(tar, "hello");
	add_header(tar, "pg_tblspc/7", '2', "00000000000", "/far");
	add_header(tar, "PG_VERSION", '0', "00000000000", "");
	add_block(tar, "");
	add_block(tar, "");
	return tar;
}

static void pieces_of_any_length_are_one_archive(void **state)
{
	(void)state;
	g_autoptr(GByteArray) tar = new_archive();

	for (guint step = 1; step <= tar->len; step = step * 3 + 1) {
		g_autoptr(GString) said = g_string_new(NULL);
		g_autoptr(ustar) u = ustar_new(&takers, said);
		for (guint at = 0; at < tar->len; at += step)
			assert_true(ustar_add(
			    u, tar->data + at, MIN(step, tar->len - at), NULL));
		assert_true(ustar_end(u, NULL));
		assert_string_equal(said->str,
		    "1 base||0[]; 0 base/1||5[hello]; 2 pg_tblspc/7|/far|0[]; "
		    "0 PG_VERSION||0[]; ");
	}
}

static void one_that_is_cut_short_is_none(void **state)
{
	(void)state;
	g_autoptr(GByteArray) tar = new_archive();

	for (guint length = 0; length < tar->len; length += 128) {
		g_autoptr(GString) said = g_string_new(NULL);
		g_autoptr(ustar) u = ustar_new(&takers, said);
		g_autoptr(GError) error = NULL;
		assert_true(ustar_add(u, tar->data, length, NULL));
		assert_false(ustar_end(u, &error));
		assert_true(
		    g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	}
}

static void content_may_be_had_elsewhere(void **state)
{
	(void)state;
	g_autoptr(GByteArray) tar = new_archive();
	g_autoptr(GString) said = g_string_new(NULL);
	g_autoptr(ustar) u = ustar_new(&takers, said);

	assert_true(ustar_add(u, tar->data, 2 * BLOCK, NULL));
	assert_int_equal(ustar_left(u), 5);
	assert_true(ustar_pass(u, NULL));
	assert_true(ustar_add(
	    u, tar->data + 2 * BLOCK + 5, tar->len - 2 * BLOCK - 5, NULL));
	assert_true(ustar_end(u, NULL));
	assert_non_null(strstr(said->str, "base/1||5[]; 2 pg_tblspc"));
}

static bool takes(const GByteArray *tar)
{
	g_autoptr(GString) said = g_string_new(NULL);
	g_autoptr(ustar) u = ustar_new(&takers, said);

	return ustar_add(u, tar->data, tar->len, NULL);
}

static void what_is_no_header_is_refused(void **state)
{
	(void)state;
	g_autoptr(GByteArray) tar = new_archive();

	/* Each byte of the header is under its sum. */
	for (guint i = 0; i < BLOCK; i++) {
		if (i >= 148 && i < 156)
			continue;
		tar->data[i] ^= 1;
		assert_false(takes(tar));
		tar->data[i] ^= 1;
	}
	assert_true(takes(tar));
	static const struct {
		char kind;
		const char *size;
	} bad[] = {{'1', "00000000000"}, {'x', "00000000000"},
	    {'0', "0000000000z"}, {'5', "00000000001"},
	    {'0', "\x80zzzzzzzzzz"}};
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GByteArray) one = g_byte_array_new();
		add_header(one, "a", bad[i].kind, bad[i].size, "");
		assert_false(takes(one));
	}
	g_autoptr(GByteArray) behind = new_archive();
	add_header(behind, "a", '0', "00000000000", "");
	assert_false(takes(behind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_of_any_length_are_one_archive),
	    cmocka_unit_test(one_that_is_cut_short_is_none),
	    cmocka_unit_test(content_may_be_had_elsewhere),
	    cmocka_unit_test(what_is_no_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
