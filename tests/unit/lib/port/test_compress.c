/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "port/compress.h"

static bool keep(const void *bytes, size_t length, void *user, GError **error)
{
	(void)error;
	g_byte_array_append(user, bytes, (guint)length);
	return true;
}

static GByteArray *unpack(
    const guint8 *bytes, size_t length, uint64_t limit, GError **error)
{
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(decompress) d = decompress_new(limit, keep, plain);

	/* In small pieces, as they come from a disk. */
	for (size_t at = 0; at < length; at += 7)
		if (!decompress_add(d, bytes + at, MIN(7, length - at), error))
			return NULL;
	return decompress_end(d, error) ? g_steal_pointer(&plain) : NULL;
}

static GByteArray *two_frames(uint64_t *second)
{
	g_autofree char *many = g_strnfill(300000, 'x');
	GByteArray *pressed = g_byte_array_new();
	g_autoptr(compress) c = compress_new(1, keep, pressed);

	assert_true(compress_add(c, many, 300000, NULL));
	assert_true(compress_end_frame(c, NULL));
	*second = compress_written(c);
	assert_true(compress_end_frame(c, NULL)); /* an empty one is none */
	assert_int_equal(compress_written(c), *second);
	assert_true(compress_add(c, "tail", 4, NULL));
	assert_true(compress_end_table(c, NULL));
	assert_int_equal(compress_written(c), pressed->len);
	return pressed;
}

static void each_frame_is_decoded_without_the_others(void **state)
{
	(void)state;
	uint64_t second;
	g_autoptr(GByteArray) pressed = two_frames(&second);
	g_autoptr(GByteArray) all =
	    unpack(pressed->data, pressed->len, 1 << 20, NULL);
	g_autoptr(GByteArray) tail =
	    unpack(pressed->data + second, pressed->len - second, 4, NULL);

	assert_int_equal(all->len, 300004);
	assert_memory_equal(all->data + 300000, "tail", 4);
	assert_int_equal(tail->len, 4);
}

static void the_table_at_the_end_counts_the_frames(void **state)
{
	(void)state;
	uint64_t second;
	g_autoptr(GByteArray) pressed = two_frames(&second);
	const guint8 *foot = pressed->data + pressed->len - 9;

	assert_memory_equal(foot, "\2\0\0\0\0\xb1\xea\x92\x8f", 9);
	/* The second frame's two sizes; the table itself counts nowhere. */
	guint8 sizes[8] = {
	    (guint8)(pressed->len - second - 8 - 16 - 9), 0, 0, 0, 4, 0, 0, 0};
	assert_memory_equal(foot - 8, sizes, 8);
}

static void more_than_the_limit_is_refused(void **state)
{
	(void)state;
	uint64_t second;
	g_autoptr(GByteArray) pressed = two_frames(&second);
	g_autoptr(GError) error = NULL;

	assert_null(unpack(pressed->data, pressed->len, 300003, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
}

static void damage_and_cuts_are_noticed(void **state)
{
	(void)state;
	uint64_t second;
	g_autoptr(GByteArray) pressed = two_frames(&second);

	for (size_t at = 0; at < second; at++) {
		g_autoptr(GError) error = NULL;
		assert_null(unpack(pressed->data,
		    at + 1 == second ? at : at + 1, 1 << 20, &error));
		assert_non_null(error);
	}
	for (size_t at = 0; at < second; at++) {
		g_autoptr(GByteArray) harmed = g_byte_array_new();
		g_byte_array_append(harmed, pressed->data, (guint)second);
		harmed->data[at] ^= 0x10;
		g_autoptr(GByteArray) plain =
		    unpack(harmed->data, second, 300000, NULL);
		/* Some header bits do not matter; a wrong byte never comes. */
		if (plain && plain->len)
			for (guint i = 0; i < plain->len; i++)
				assert_int_equal(plain->data[i], 'x');
	}
}

static void only_what_shrinks_pays(void **state)
{
	(void)state;
	g_autofree char *same = g_strnfill(65536, 'a');
	g_autofree guint8 *random = g_malloc(65536);
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);

	for (int i = 0; i < 65536; i++)
		random[i] = (guint8)g_rand_int(rand);
	assert_true(compress_pays(same, 65536));
	assert_false(compress_pays(random, 65536));
}

static GByteArray *patched(
    const char *base, size_t length, const GByteArray *patch, GError **error)
{
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(decompress) d =
	    decompress_new_patch(1 << 20, base, length, keep, plain);

	return decompress_add(d, patch->data, patch->len, error) &&
		       decompress_end(d, error)
		   ? g_steal_pointer(&plain)
		   : NULL;
}

static void a_patch_is_small_and_gives_the_bytes_with_its_base_alone(
    void **state)
{
	(void)state;
	enum { LENGTH = 400000 };
	g_autofree char *base = g_malloc(LENGTH), *other = g_malloc(LENGTH);
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	g_autoptr(GByteArray) patch = g_byte_array_new();

	for (size_t i = 0; i < LENGTH; i++)
		base[i] = other[i] = (char)g_rand_int(random);
	/* A new beginning, and what was there behind it. */
	memmove(other + 1000, base, LENGTH - 1000);
	for (size_t i = 0; i < 1000; i++)
		other[i] = (char)g_rand_int(random);
	g_byte_array_set_size(patch, LENGTH);
	size_t made = compress_patch(
	    base, LENGTH, other, LENGTH, patch->data, patch->len);
	assert_in_range(made, 1000, 1200);
	g_byte_array_set_size(patch, (guint)made);
	g_autoptr(GByteArray) plain = patched(base, LENGTH, patch, NULL);
	assert_non_null(plain);
	assert_int_equal(plain->len, LENGTH);
	assert_memory_equal(plain->data, other, LENGTH);
	base[LENGTH / 2] ^= 1;
	g_autoptr(GByteArray) wrong = patched(base, LENGTH, patch, NULL);
	assert_null(wrong);
	/* Of nothing alike nothing is gained. */
	for (size_t i = 0; i < LENGTH; i++)
		other[i] = (char)g_rand_int(random);
	assert_int_equal(compress_patch(base, LENGTH, other, LENGTH,
			     patch->data, LENGTH / 2),
	    0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_frame_is_decoded_without_the_others),
	    cmocka_unit_test(
		a_patch_is_small_and_gives_the_bytes_with_its_base_alone),
	    cmocka_unit_test(the_table_at_the_end_counts_the_frames),
	    cmocka_unit_test(more_than_the_limit_is_refused),
	    cmocka_unit_test(damage_and_cuts_are_noticed),
	    cmocka_unit_test(only_what_shrinks_pays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
