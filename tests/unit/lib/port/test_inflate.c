/* gzip in pieces of any size: all of it, or an error that says what. */
#include "port/inflate.h"

#include <isa-l/igzip_lib.h>

#include "base/error.h"
#include "tests/unit/unit.h"

/* Gives the gzip of TEXT. */
static GByteArray *pressed(const char *text, size_t length)
{
	static struct isal_zstream z;
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_set_size(bytes, (guint)length + 1000);
	isal_deflate_stateless_init(&z);
	z.gzip_flag = IGZIP_GZIP;
	z.end_of_stream = 1;
	z.next_in = (unsigned char *)text;
	z.avail_in = (uint32_t)length;
	z.next_out = bytes->data;
	z.avail_out = bytes->len;
	assert_int_equal(isal_deflate_stateless(&z), COMP_OK);
	g_byte_array_set_size(bytes, z.total_out);
	return bytes;
}

static bool collect(
    const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	g_string_append_len(user, bytes, (gssize)length);
	return true;
}

static bool unpack(const GByteArray *bytes, size_t piece, uint64_t limit,
    GString *out, GError **error)
{
	g_autoptr(inflate) i = inflate_new(limit, collect, out);

	for (size_t at = 0; at < bytes->len; at += piece)
		if (!inflate_add(i, bytes->data + at,
			MIN(piece, bytes->len - at), error))
			return false;
	return inflate_end(i, error);
}

static GString *long_text(void)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < 60000; i++)
		g_string_append_printf(text, "line %d of a log\n", i * 7919);
	return text;
}

static void any_pieces_give_the_same_text(void **state)
{
	(void)state;
	g_autoptr(GString) text = long_text();
	g_autoptr(GByteArray) bytes = pressed(text->str, text->len);
	static const size_t pieces[] = {1, 7, 4096, 1 << 20};

	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		GError *error = NULL;
		assert_true(unpack(bytes, pieces[i], 1 << 30, out, &error));
		assert_true(g_string_equal(text, out));
	}
}

static void members_follow_one_another_and_zeros_end_it(void **state)
{
	(void)state;
	g_autoptr(GByteArray) a = pressed("one\n", 4);
	g_autoptr(GByteArray) b = pressed("two\n", 4);
	static const guint8 zeros[700];

	g_byte_array_append(a, b->data, b->len);
	g_byte_array_append(a, zeros, sizeof zeros);
	for (size_t piece = 1; piece < 80; piece++) {
		g_autoptr(GString) out = g_string_new(NULL);
		assert_true(unpack(a, piece, 100, out, NULL));
		assert_string_equal(out->str, "one\ntwo\n");
	}
}

static void refused(const GByteArray *bytes, uint64_t limit, const char *why)
{
	g_autoptr(GString) out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	assert_false(unpack(bytes, 1000, limit, out, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	if (!strstr(error->message, why))
		assert_string_equal(error->message, why);
}

static void damage_and_bombs_are_said(void **state)
{
	(void)state;
	g_autoptr(GString) text = long_text();
	g_autoptr(GByteArray) bytes = pressed(text->str, text->len);

	refused(bytes, 1000, "unpacked");
	bytes->data[bytes->len - 6] ^= 1;
	refused(bytes, 1 << 30, "checksum");
	bytes->data[bytes->len - 6] ^= 1;
	g_byte_array_set_size(bytes, bytes->len - 9);
	refused(bytes, 1 << 30, "cut short");
	bytes->data[0] = 'x';
	refused(bytes, 1 << 30, "not gzip");
	g_byte_array_set_size(bytes, 0);
	refused(bytes, 1 << 30, "empty");
}

static void what_comes_before_a_cut_is_had(void **state)
{
	(void)state;
	g_autoptr(GString) text = long_text();
	g_autoptr(GByteArray) bytes = pressed(text->str, text->len);
	g_autoptr(GString) out = g_string_new(NULL);

	g_byte_array_set_size(bytes, bytes->len / 2);
	assert_false(unpack(bytes, 4096, 1 << 30, out, NULL));
	assert_true(out->len > text->len / 3);
	assert_memory_equal(out->str, text->str, out->len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_pieces_give_the_same_text),
	    cmocka_unit_test(members_follow_one_another_and_zeros_end_it),
	    cmocka_unit_test(damage_and_bombs_are_said),
	    cmocka_unit_test(what_comes_before_a_cut_is_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
