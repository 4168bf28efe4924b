/* Patterns: one scan tells of each, nothing is missed, nothing runs away. */
#include "port/patterns.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "tests/unit/unit.h"

static enum pattern_way way_of(const char *text)
{
	const struct pattern p = {.text = text};
	enum pattern_way way = PATTERN_ALONE;
	GError *error = NULL;

	if (!pattern_judge(&p, NULL, &way, &error))
		assert_string_equal(error->message, "");
	return way;
}

static void each_pattern_knows_who_finds_it(void **state)
{
	(void)state;
	assert_int_equal(way_of("foo.*bar[0-9]+"), PATTERN_SCANNED);
	assert_int_equal(way_of("(?<=x)foo(?!bar)"), PATTERN_FILTERED);
	assert_int_equal(way_of("(a+)-\\1"), PATTERN_FILTERED);
	assert_int_equal(way_of("a(*SKIP)b|c"), PATTERN_ALONE);
}

static void refused(const char *text, const char *why)
{
	const struct pattern p = {.text = text};
	enum pattern_way way;
	g_autoptr(GError) error = NULL;

	assert_false(pattern_judge(&p, NULL, &way, &error));
	assert_true(g_error_matches(error, GONOGO_ERROR, GONOGO_ERROR_DATA));
	if (!strstr(error->message, why))
		assert_string_equal(error->message, why);
}

static void what_runs_away_is_refused(void **state)
{
	(void)state;
	refused("(a+)+$", "runs away");
	refused("Failed: ([a-z]+)*!", "runs away");
	refused("^(([a-z])+.)+[A-Z]([a-z])+$", "runs away");
	refused("(x|x)*y", "runs away");
	refused("(", "at 1");
	refused("a*", "empty");
}

static void a_sample_shows_what_runs_away_behind_alternatives(void **state)
{
	(void)state;
	char *samples[] = {"beta 7 zzz!", NULL};
	const struct pattern p = {.text = "(alpha|beta \\d) (z+)+!"};
	enum pattern_way way;
	g_autoptr(GError) error = NULL;

	assert_false(pattern_judge(&p, samples, &way, &error));
}

static void what_only_squares_is_kept(void **state)
{
	(void)state;
	way_of("ERROR .*Foo.*(open|close).*done");
	way_of("Failed to open a in.*remote b is full");
}

struct seen {
	unsigned counts[8];
	size_t last;
};

static void see(unsigned id, size_t end, void *user)
{
	struct seen *s = user;

	assert_true(end >= s->last);
	s->counts[id]++;
	s->last = end;
}

static const struct pattern list[] = {
    {.text = "^one$"},
    {.text = "a.b", .literal = true},
    {.text = "x[^y]z"},
    {.text = "(?<=k)ey"},
    {.text = "unseen", .only_match = true},
};

static void one_scan_tells_of_all(void **state)
{
	(void)state;
	static const char text[] = "one\na.b axb\nx\nz key\nunseen ey";
	GError *error = NULL;
	g_autoptr(patterns) p =
	    patterns_compile(list, G_N_ELEMENTS(list), NULL, &error);
	assert_non_null(p);
	g_autoptr(patterns_tools) t = patterns_tools_new(p);
	struct seen s = {0};

	patterns_scan(t, text, strlen(text), see, &s);
	assert_int_equal(s.counts[0], 1);
	assert_int_equal(s.counts[1], 1);
	assert_int_equal(s.counts[2], 1); /* across a line: must be asked */
	assert_true(patterns_must_confirm(p, 2));
	assert_true(patterns_must_confirm(p, 3));
	assert_false(patterns_must_confirm(p, 0));
	assert_int_equal(s.counts[4], 0);
	assert_int_equal(patterns_match(t, 2, "x", 1, NULL), PATTERN_NO);
	assert_int_equal(patterns_match(t, 3, "key", 3, NULL), PATTERN_YES);
	assert_int_equal(patterns_match(t, 3, "ey", 2, NULL), PATTERN_NO);
	assert_int_equal(patterns_match(t, 4, "unseen", 6, NULL), PATTERN_YES);
}

static void the_first_group_tells_where(void **state)
{
	(void)state;
	const struct pattern one = {.text = "n=([0-9]+);"};
	struct pattern_span span = {0};
	GError *error = NULL;
	g_autoptr(patterns) p = patterns_compile(&one, 1, NULL, &error);
	g_autoptr(patterns_tools) t = patterns_tools_new(p);

	assert_int_equal(patterns_match(t, 0, "an=42;", 6, &span), PATTERN_YES);
	assert_int_equal(span.start, 3);
	assert_int_equal(span.end, 5);
}

/* ---- the cache ---- */

static char *only_file(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

	return g_build_filename(folder, g_dir_read_name(dir), NULL);
}

static unsigned hits_with(const char *folder)
{
	GError *error = NULL;
	g_autoptr(patterns) p =
	    patterns_compile(list, G_N_ELEMENTS(list), folder, &error);
	struct seen s = {0};

	assert_non_null(p);
	g_autoptr(patterns_tools) t = patterns_tools_new(p);
	patterns_scan(t, "a.b", 3, see, &s);
	return s.counts[1];
}

static void what_was_kept_is_used_and_a_damaged_one_made_anew(void **state)
{
	(void)state;
	g_autofree char *folder = g_dir_make_tmp("gngXXXXXX", NULL);
	struct stat before, after;
	size_t length = 0;

	assert_int_equal(hits_with(folder), 1);
	g_autofree char *file = only_file(folder);
	assert_int_equal(stat(file, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0600);
	assert_int_equal(hits_with(folder), 1);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);

	g_autofree char *bytes = file_read(file, 1 << 20, &length, NULL);
	bytes[length / 2] ^= 1;
	assert_true(file_write(file, 0600, bytes, length, NULL));
	assert_int_equal(hits_with(folder), 1);
	g_autofree char *again = file_read(file, 1 << 20, &length, NULL);
	assert_memory_not_equal(again, bytes, length);

	/* Anybody could have written this one. */
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(stat(file, &before), 0);
	assert_int_equal(hits_with(folder), 1);
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(after.st_mode & 0777, 0600);
	g_unlink(file);
	g_rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_pattern_knows_who_finds_it),
	    cmocka_unit_test(what_runs_away_is_refused),
	    cmocka_unit_test(a_sample_shows_what_runs_away_behind_alternatives),
	    cmocka_unit_test(what_only_squares_is_kept),
	    cmocka_unit_test(one_scan_tells_of_all),
	    cmocka_unit_test(the_first_group_tells_where),
	    cmocka_unit_test(what_was_kept_is_used_and_a_damaged_one_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
