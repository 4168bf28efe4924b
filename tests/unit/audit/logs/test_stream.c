/* Logs in pieces: wherever they are cut, the same is found. */
#include "audit/logs/stream.h"

#include "audit/logs/mask.h"
#include "base/error.h"
#include "tests/unit/unit.h"

static const char pack_text[] =
    "schema: gonogo.logrules/1\npack: t\nversion: 1\nas_of: 2026-01-01\n"
    "stale_after: 2027-01-01\nrules:\n"
    "- {id: A, title: a, files: [app], levels: [ERROR], regex: 'dis[ck] "
    "full'}\n"
    "- {id: B, title: b, files: [app], unit: event, regex: 'one.*two'}\n"
    "- {id: C, title: c, files: [app], regex: 'x[^y]z'}\n"
    "- {id: D, title: d, files: [app], regex: 'gone(*SKIP)', unless: no}\n";

#define HEAD(second, level)                                                    \
	"2026-02-03 14:05:" second ",118 " level                               \
	" [t] jdoe *7QK2MXx845x1203x4 9 192.0.2.1 \"GET /disk full\" "         \
	"c.a.s.Exit "

static const char log_text[] = "\tat lost.Tail(T.java:1)\n" HEAD(
    "00", "ERROR") "disk full\n" HEAD("01", "INFO ") "disk full\n" HEAD("02",
    "ERROR") "failed\njava.io.IOException: disc full\n"
	     "\tat com.example.A.b(A.java:7)\nCaused by: java.io.X: one\n\tat "
	     "c.D.e(F:1)\n"
	     "two\n" HEAD("03", "WARN ") "one\n" HEAD(
		 "03", "WARN ") "two\n" HEAD("04", "ERROR") "x\nz\n" HEAD("05",
		 "ERROR") "x-z\n" HEAD("06", "ERROR") "gone\n" HEAD("07",
		 "ERROR") "gone, no\n" HEAD("08",
		 "WARN ") "unknown 17 of 9\n" HEAD("09",
		 "WARN ") "unknown 4 of 8";

struct set {
	GPtrArray *packs;
	log_search *search;
};

static int set_up(void **state)
{
	struct set *set = g_new0(struct set, 1);
	GError *error = NULL;

	set->packs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)log_pack_free);
	struct log_pack *pack =
	    log_pack_read(pack_text, strlen(pack_text), "t", &error);
	if (!pack)
		g_error("%s", error->message);
	g_ptr_array_add(set->packs, pack);
	set->search = log_search_new(set->packs, NULL, &error);
	*state = set;
	return set->search ? 0 : -1;
}

static int tear_down(void **state)
{
	struct set *set = *state;

	log_search_free(set->search);
	g_ptr_array_unref(set->packs);
	g_free(set);
	return 0;
}

static void holds(const struct found *f)
{
	static const uint64_t entries[] = {2, 1, 1, 1};

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(f->hits[i].seen.entries, entries[i]);
	assert_int_equal(f->files[0].entries, 11);
	assert_int_equal(f->files[0].orphans, 1);
	assert_int_equal(f->files[0].lines, 18);
	assert_true(f->files[0].unfinished);
	assert_int_equal(f->files[0].bytes, strlen(log_text));
	/* one; two; x z; "gone, no"; and the two that differ by numbers */
	assert_int_equal(g_hash_table_size(f->unknown), 5);
}

static void any_pieces_find_the_same(void **state)
{
	const struct set *set = *state;
	size_t length = strlen(log_text);
	g_autoptr(stream) s = stream_new(set->search, true);

	for (size_t piece = 1; piece <= length; piece++) {
		g_auto(found) f = {0};
		found_init(&f, 4, 1);
		stream_begin(s, &f, 0, 0, LOG_APP, 0, 0, G_MAXUINT64);
		for (size_t at = 0; at < length; at += piece)
			stream_add(s, log_text + at, MIN(piece, length - at));
		stream_end(s);
		holds(&f);
	}
}

/* One part of the log, as one thread reads it. */
static void read_part(
    const struct set *set, struct found *f, size_t from, size_t to)
{
	g_autoptr(stream) s = stream_new(set->search, true);
	size_t at = from ? from - 1 : 0;

	stream_begin(s, f, 0, 0, LOG_APP, at, from, to);
	for (; at < strlen(log_text) && !stream_is_done(s); at++)
		stream_add(s, log_text + at, 1);
	stream_end(s);
}

static void cut_anywhere_the_parts_make_the_whole(void **state)
{
	const struct set *set = *state;
	size_t length = strlen(log_text);

	for (size_t cut = 1; cut < length; cut++) {
		g_auto(found) one = {0}, two = {0};
		found_init(&one, 4, 1);
		found_init(&two, 4, 1);
		read_part(set, &one, 0, cut);
		read_part(set, &two, cut, G_MAXUINT64 / 2);
		/* In either order. */
		found_merge(cut % 2 ? &one : &two, cut % 2 ? &two : &one);
		holds(cut % 2 ? &one : &two);
	}
}

static void any_bytes_are_taken(void **state)
{
	const struct set *set = *state;
	g_autoptr(GRand) random = g_rand_new_with_seed(11);
	g_autoptr(stream) s = stream_new(set->search, true);

	for (int i = 0; i < 3000; i++) {
		g_autofree char *text = g_strdup(log_text);
		size_t length = strlen(log_text);
		for (int k = i % 40; k > 0; k--)
			text[g_rand_int_range(random, 0, (gint)length)] =
			    (char)g_rand_int_range(random, 0, 256);
		g_auto(found) f = {0};
		found_init(&f, 4, 1);
		stream_begin(s, &f, 0, 0, i % LOG_KINDS, 0, 0, G_MAXUINT64);
		stream_add(s, text, length);
		stream_end(s);
		assert_int_equal(f.files[0].bytes, length);
	}
}

static void masked(const char *text, const char *wanted)
{
	g_autoptr(GString) out = g_string_new(NULL);

	mask_message(out, text, strlen(text));
	assert_string_equal(out->str, wanted);
}

static void what_varies_is_named(void **state)
{
	(void)state;
	masked("took 17 ms for PRJ9/repo-12", "took <n> ms for <path>");
	masked("at 192.0.2.1:80 of bob@example.com.", "at <ip> of <mail>.");
	masked("object 0123abcdef0123 in '/a b/c'", "object <hex> in <q>");
	masked(
	    "id 123e4567-e89b-12d3-a456-426614174000 can't", "id <uuid> can't");
	masked("of *7QK2MXx845x1203x4 [~TEST/x[2]]", "of <id> [<path>[<n>]]");
}

static void shown(const char *text, const char *wanted)
{
	g_autoptr(GString) out = g_string_new(NULL);

	mask_private(out, text, strlen(text));
	assert_string_equal(out->str, wanted);
}

static void what_is_private_is_not_shown(void **state)
{
	(void)state;
	shown("password=hunter2 and token: abc", "password=<secret> and token: "
						 "<secret>");
	shown("token:abc x", "token:<secret> x");
	shown("Authorization: Bearer abc.def x",
	    "Authorization: Bearer <secret> x");
	shown("from bob@example.com at 192.0.2.1", "from <mail> at <ip>");
	shown("key aB3dE5gH7jK9mN1pQ3sT5vX7 end", "key <token> end");
	shown("a\001b", "a?b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_pieces_find_the_same),
	    cmocka_unit_test(cut_anywhere_the_parts_make_the_whole),
	    cmocka_unit_test(any_bytes_are_taken),
	    cmocka_unit_test(what_varies_is_named),
	    cmocka_unit_test(what_is_private_is_not_shown),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
