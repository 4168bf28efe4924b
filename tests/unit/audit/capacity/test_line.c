/* One line of an access log, and what is left of one that was cut. */
#include "audit/capacity/line.h"

#include <string.h>

#include <glib.h>

#include "tests/unit/audit/capacity/lines.h"
#include "tests/unit/unit.h"

static enum line_kind read_text(const char *text, size_t length, struct line *l)
{
	/* What stands behind a line must not matter. */
	static char room[4096];

	memset(room, '|', sizeof room);
	memcpy(room, text, length);
	*l = (struct line){0};
	return line_read(room, length, l);
}

static enum line_kind read_line(const char *text, struct line *l)
{
	return read_text(text, strcspn(text, "\n"), l);
}

static bool text_is(struct text t, const char *wanted)
{
	return t.length == strlen(wanted) &&
	       memcmp(t.at, wanted, t.length) == 0;
}

static void an_answer_is_read(void **state)
{
	struct line l;
	struct text slug;
	(void)state;

	assert_int_equal(read_line(WENT("14:05:25,802", "*7QK2MXx845x1207x9",
				       "cache:miss, clone, refs", "69"),
			     &l),
	    LINE_OUT);
	assert_int_equal(l.counter, 1207);
	assert_int_equal(l.in_flight, 9);
	assert_int_equal(l.took_ms, 69);
	assert_int_equal(l.status, 200);
	assert_int_equal(l.written, 4398);
	assert_int_equal(l.class, CLASS_CLONE);
	assert_int_equal(l.cache, CACHE_MISS);
	assert_true(text_is(l.user, "jdoe"));
	assert_true(text_is(l.address, "192.0.2.10,198.51.100.7"));
	assert_true(text_is(line_repository(l.action, &slug), "demo"));
	assert_true(text_is(slug, "alpha"));
	assert_memory_equal(l.stamp, "2026-02-03 14:05:25,802", 23);
}

static void ids_of_every_release(void **state)
{
	static const struct {
		const char *id;
		uint64_t counter;
		uint32_t in_flight;
		bool token;
	} ids[] = {
	    {"@PZQFBCx921x19253x0", 19253, 0, true},
	    {"*N65BDNx354x326903x17", 326903, 17, true},
	    {"79FBEU8Sx407x7x3", 7, 3, true},
	    {"885x2150x0", 2150, 0, false},
	};
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		g_autofree char *text = g_strdup_printf(
		    "192.0.2.1 | http | i%s | - | 2026-02-03 14:05:08,431 | "
		    "\"GET / HTTP/1.1\" | \"\" \"\" | - | - | - | - | - | 1 |",
		    ids[i].id);
		struct line l;
		assert_int_equal(read_line(text, &l), LINE_IN);
		assert_int_equal(l.counter, ids[i].counter);
		assert_int_equal(l.in_flight, ids[i].in_flight);
		assert_int_equal(l.token != 0, ids[i].token);
	}
}

#define SHAPE(tail)                                                            \
	"192.0.2.44 | ssh | o@A1B2C3x1x7x0 | bot | 2026-02-03 14:05:25,802 "   \
	"| " tail

static void columns_vary(void **state)
{
	static const struct {
		const char *text;
		enum request_class class;
		int64_t took_ms;
		int status;
	} lines[] = {
	    {SHAPE("SSH - git-upload-pack '/demo/alpha.git' | "
		   "\"SSH-2.0-OpenSSH_9.6\" | 0 | 101 | 4398 | refs, "
		   "ssh:id:2754, ssh:label:'ci key' | 69 | y3r3kf |"),
		CLASS_REFS, 69, 0},
	    /* no details */
	    {SHAPE("SSH - git-upload-pack '/demo/alpha.git' | 0 | 101 | 4398 "
		   "| fetch | 69 | y3r3kf |"),
		CLASS_FETCH, 69, 0},
	    /* no duration */
	    {SHAPE("SSH - git-receive-pack '/demo/alpha.git' | - | 0 | 101 | "
		   "4398 | push | y3r3kf |"),
		CLASS_PUSH, TOOK_UNKNOWN, 0},
	    /* users' words: bars, commas, what looks like a label */
	    {SHAPE("\"SSH - git-upload-pack '/demo/alpha.git'\" | \"x\" | 0 | "
		   "101 | 4398 | shallow clone, ssh:label:'a | push, clone' "
		   "| 70 | y |"),
		CLASS_SHALLOW, 70, 0},
	    {SHAPE("\"GET /a HTTP/1.1\" | \"\" \"x | 1 | 2 | 3 | y\" | 404 | "
		   "0 | 10 | - | 1 | abc |"),
		CLASS_PAGE, 1, 404},
	    {SHAPE("\"GET /bitbucket/rest/api/1.0/projects HTTP/1.1\" | \"\" "
		   "\"\" | 429 | 0 | 10 | access-token:id:7 | 1 | abc |"),
		CLASS_API, 1, 429},
	    {SHAPE("\"GET /rest/ui/1.0/x HTTP/1.1\" | \"\" \"\" | 200 | 0 | "
		   "10 | - | 1 | abc |"),
		CLASS_PAGE, 1, 200},
	    {SHAPE("\"GET /status HTTP/1.1\" | \"\" \"\" | 200 | 0 | 10 | - | "
		   "- | abc |"),
		CLASS_STATUS, TOOK_UNKNOWN, 200},
	    {SHAPE("\"PUT /scm/a/b.git/info/lfs/objects/1 HTTP/1.1\" | \"\" "
		   "\"\" | 200 | 0 | 10 | - | 3 | abc |"),
		CLASS_LFS, 3, 200},
	};
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct line l;
		assert_int_equal(read_line(lines[i].text, &l), LINE_OUT);
		assert_int_equal(l.class, lines[i].class);
		assert_int_equal(l.took_ms, lines[i].took_ms);
		assert_int_equal(l.status, lines[i].status);
	}
}

/* Cut anywhere it is said to be none, and nothing behind it is read. */
static void cut_at_every_byte(void **state)
{
	static const char text[] = WENT("14:05:25,802", "*7QK2MXx845x1207x9",
	    "fetch, ssh:label:'a, b'", "69");
	size_t whole = strcspn(text, "\n");
	(void)state;

	for (size_t length = 0; length < whole; length++) {
		/* Of its own, so that a sanitizer sees what reads too far. */
		g_autofree char *copy = g_malloc(length + LINE_SLACK);
		struct line l;
		memset(copy, '|', length + LINE_SLACK);
		memcpy(copy, text, length);
		enum line_kind kind = line_read(copy, length, &l);
		assert_true(kind == LINE_CUT || kind == LINE_ODD);
	}
}

static void any_byte_may_be_another(void **state)
{
	static const char text[] = WENT(
	    "14:05:25,802", "*7QK2MXx845x1207x9", "fetch, cache:hit", "69");
	static const char others[] = {0, ' ', '|', '\'', '-', '9', 'x', '\xff'};
	size_t length = strcspn(text, "\n");
	(void)state;

	for (size_t i = 0; i < length; i++)
		for (size_t k = 0; k < sizeof others; k++) {
			char copy[512];
			struct line l;
			memcpy(copy, text, length);
			copy[i] = others[k];
			if (read_text(copy, length, &l) != LINE_OUT)
				continue;
			assert_in_range(l.class, 0, CLASSES - 1);
			assert_true(l.took_ms >= TOOK_UNKNOWN);
			assert_true(
			    l.status >= STATUS_UNKNOWN && l.status < 1000);
		}
}

static void what_is_none(void **state)
{
	static const char *const lines[] = {"", "|", " | | | | | | | |",
	    "2026-02-03 14:05:09,118 WARN  [http-nio-7990-exec-12] jdoe no",
	    "1 | http | x@Ax1x1x1 | - | 2026-02-03 14:05:08,431 | a | b | c |",
	    "1 | http | i@Ax1x1 | - | 2026-02-03 14:05:08,431 | a | b | c |",
	    "1 | http | i@Ax1x1x1 | - | 2026-02-03T14:05:08,431 | a | b | c |",
	    "1 | http | o@Ax1x1x1 | - | 2026-02-03 14:05:08,431 | a | b |"};
	(void)state;

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct line l;
		assert_true(read_line(lines[i], &l) >= LINE_CUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_answer_is_read),
	    cmocka_unit_test(ids_of_every_release),
	    cmocka_unit_test(columns_vary),
	    cmocka_unit_test(cut_at_every_byte),
	    cmocka_unit_test(any_byte_may_be_another),
	    cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
