/* Before cmocka.h, which has a macro of the name fail. */
#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "backup/store/run.h"
#include "port/fs.h"
#include "port/process.h"

static int begin(void **state)
{
	*state = g_dir_make_tmp("delta.XXXXXX", NULL);
	return *state == NULL;
}

static int end(void **state)
{
	bool gone = fs_remove_tree(*state, NULL);

	g_free(*state);
	return !gone;
}

static char *random_bytes(size_t length)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	uint32_t *words = g_malloc(length);

	for (size_t i = 0; i < length / sizeof *words; i++)
		words[i] = g_rand_int(random);
	return (char *)words;
}

/* Adds an object that may resemble BASE. */
static struct object add(
    objects *o, const char *bytes, size_t length, const char *base)
{
	g_autoptr(GError) error = NULL;
	struct object out = {0};
	object_draft *d = object_begin(o, OBJECT_VERBATIM, &error);

	assert_non_null(d);
	if (base)
		object_resembles(d, base);
	assert_true(object_write(d, bytes, length, &error));
	assert_true(object_end(d, &out, &error));
	assert_true(objects_settle(o, &error));
	return out;
}

static bool compare(
    const void *bytes, size_t length, void *user, GError **error)
{
	const char **at = user;
	bool same = memcmp(*at, bytes, length) == 0;

	*at += length;
	if (!same)
		g_set_error(error, GONOGO_ERROR, GONOGO_ERROR_DATA, "other");
	return same;
}

static bool pours(
    const store *s, const struct object *o, const char *bytes, GError **error)
{
	const struct object_source from = {
	    o->sha256, o->suffix, o->base, o->bytes};

	return object_pour(s, &from, compare, &bytes, error);
}

static void shell(const char *folder, const char *script)
{
	const char *const argv[] = {"sh", "-euc", script, NULL};
	const struct process child = {.argv = argv, .folder = folder};
	g_auto(process_result) result = {0};
	g_autoptr(GError) error = NULL;

	if (!process_run_ok(&child, &result, &error))
		print_message("%s\n%s\n", script, error->message);
	assert_null(error);
}

/* Beyond 128 MiB zstd refuses to look back unless it is told to. */
static void a_delta_against_a_large_base_is_read_by_us_and_by_zstd(void **state)
{
	enum { LENGTH = 140 << 20 };
	g_autoptr(store) s = store_open(*state, STORE_WRITE, NULL);
	g_autoptr(run) r = run_begin(s, NULL);
	g_autofree char *bytes = random_bytes(LENGTH);
	const struct object base = add(run_objects(r), bytes, LENGTH, NULL);

	assert_string_equal(base.suffix, "");
	/* What was at its beginning comes last. */
	g_autofree char *moved = g_malloc(LENGTH);
	memcpy(moved, bytes + 1000000, LENGTH - 1000000);
	memcpy(moved + LENGTH - 1000000, bytes, 1000000);
	memcpy(moved, "something new", 13);
	const struct object delta =
	    add(run_objects(r), moved, LENGTH, base.sha256);
	assert_string_equal(delta.suffix, ".pfd");
	assert_string_equal(delta.base, base.sha256);
	assert_in_range(delta.stored_bytes, 1, LENGTH / 1000);
	assert_true(pours(s, &delta, moved, NULL));
	g_autofree char *from = object_path(base.sha256, "");
	g_autofree char *path = object_path(delta.sha256, ".pfd");
	g_autofree char *script = g_strdup_printf(
	    "echo '%s  -' > sum\n"
	    "zstd -dcq --long=31 --patch-from=%s %s | sha256sum -c --quiet sum",
	    delta.sha256, from, path);
	shell(*state, script);
	/* A base of other bytes gives nothing. */
	g_autofree char *harm = g_strdup_printf(
	    "printf X | dd of=%s bs=1 seek=5000000 conv=notrunc 2>/dev/null",
	    from);
	shell(*state, harm);
	assert_false(pours(s, &delta, moved, NULL));
}

static void what_has_nothing_in_common_stays_whole(void **state)
{
	enum { LENGTH = 2 << 20 };
	g_autoptr(store) s = store_open(*state, STORE_WRITE, NULL);
	g_autoptr(run) r = run_begin(s, NULL);
	g_autofree char *bytes = random_bytes((size_t)2 * LENGTH);
	const struct object base = add(run_objects(r), bytes, LENGTH, NULL);
	const struct object other =
	    add(run_objects(r), bytes + LENGTH, LENGTH, base.sha256);

	assert_string_equal(other.suffix, "");
	assert_true(pours(s, &other, bytes + LENGTH, NULL));
}

int main(void)
{
	g_set_prgname("gonogo-backup create");
	g_setenv("GONOGO_SHARE", ".", TRUE);
	const struct CMUnitTest tests[] = {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	    WITH_PLACE(a_delta_against_a_large_base_is_read_by_us_and_by_zstd),
	    WITH_PLACE(what_has_nothing_in_common_stays_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
