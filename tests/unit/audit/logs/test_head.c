/* The first lines of entries: what is taken apart, and what users write. */
#include "audit/logs/head.h"
#include "tests/unit/unit.h"

#define STAMP "2026-02-03 14:05:09,118 "

static const char *logger_of(const char *line)
{
	static char logger[80];
	struct head h;

	assert_true(head_is(LOG_APP, line, strlen(line)));
	head_read(LOG_APP, line, strlen(line), &h);
	assert_true(h.message <= strlen(line));
	g_strlcpy(
	    logger, line + h.logger, MIN(sizeof logger, h.logger_length + 1));
	return logger;
}

static void the_logger_is_found_behind_whatever_asked(void **state)
{
	(void)state;
	static const char *const asked[] = {" ", "jdoe ",
	    "jdoe *7QK2MXx845x1203x4 9f3kz1 192.0.2.10 \"GET /a HTTP/1.1\" ",
	    "john.Smith @PZQFBCx921x19253x0 1.2.3.4,5.6.7.8 \"POST /b c\" ",
	    "*N65BDNx354x326903x0 9f3kz1 \"SSH - git-upload-pack '/a/b.git'\" ",
	    "885x2150x0 192.0.2.1 ", "@PZQFBCx921x19253x0 fe80::1 ",
	    "79FBEU8Sx407x7x3 192.0.2.22 \"ManagementService/Sideband\" "
	    "(>5 <5) ",
	    "u *7QK2MXx845x1203x4 \"GET /?q=c.a.s.Evil+x HTTP/1.1\" "};

	for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
		g_autofree char *line = g_strconcat(STAMP "WARN  [t:1] ",
		    asked[i], "c.a.s.i.GitExit DEMO/a[42]: text", NULL);
		assert_string_equal(logger_of(line), "c.a.s.i.GitExit");
	}
}

static void a_line_without_logger_has_a_message(void **state)
{
	(void)state;
	assert_string_equal(logger_of(STAMP "INFO  [a] nothing like one"), "");
	assert_string_equal(logger_of(STAMP "INFO  [a]"), "");
	assert_string_equal(logger_of(STAMP "INFO  [a"), "");
	assert_string_equal(logger_of(STAMP "INFO  no thread at all"), "");
}

static void not_every_line_is_a_head(void **state)
{
	(void)state;
	static const char *const lines[] = {"", "java.io.IOException: x",
	    "\tat a.b.C.d(E.java:1)", "2026-02-03 14:05:09,118",
	    "2026-02-03 14:05:09.118 INFO [a] x", STAMP "NOTE  [a] x",
	    "2026-02-03T14:05:09,118 INFO  [a] x", "x" STAMP "INFO  [a] x"};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		assert_false(head_is(LOG_APP, lines[i], strlen(lines[i])));
}

static void dates_are_those_of_the_calendar(void **state)
{
	(void)state;
	assert_int_equal(head_days(1970, 1, 1), 0);
	for (int64_t day = 1; day < 60000; day += 13) {
		g_autoptr(GDateTime) at =
		    g_date_time_new_from_unix_utc(day * 86400);
		assert_int_equal(head_days(g_date_time_get_year(at),
				     g_date_time_get_month(at),
				     g_date_time_get_day_of_month(at)),
		    day);
	}
	static const char bad[] = "2026-13-03 14:05:09,118 INFO  [a] x";
	assert_int_equal(head_stamp(LOG_APP, bad, strlen(bad)), -1);
}

static void requests_have_an_id(void **state)
{
	(void)state;
	static const char *const good[] = {"@PZQFBCx921x19253x0",
	    "*1Y8NA7Ox764x406x0", "79FBEU8Sx407x7x3", "885x2150x0"};
	static const char *const bad[] = {"", "@", "x", "885x2150", "jdoe",
	    "@PZQFBCx921x19253x", "1x2x3x4x5", "192.0.2.1", "ABCxDEFxGHI"};

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		assert_true(head_is_request(good[i], strlen(good[i])));
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(head_is_request(bad[i], strlen(bad[i])));
}

/* Any bytes at all, and good lines with some of them turned: never out of
 * bounds (each is copied to its own place, for the sanitizers). */
static void no_bytes_lead_astray(void **state)
{
	(void)state;
	static const char good[] =
	    STAMP "WARN  [t:1] j *7QK2MXx845x1203x4 9 192.0.2.1 \"GET /\" "
		  "(>1 <2) c.a.s.Exit text";
	static const char access[] =
	    "192.0.2.1 | https | o@A1B2C3x1x2x3 | bot | 2026-02-03 "
	    "10:00:00,000 | \"GET / HTTP/1.1\" | \"\" \"\" | 200 | 0 | 1 |";
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (int i = 0; i < 200000; i++) {
		const char *from = i % 2 ? good : access;
		size_t length =
		    (size_t)g_rand_int_range(random, 0, (gint)strlen(from) + 1);
		g_autofree char *line = g_memdup2(from, length);
		for (int k = i % 7; length && k > 0; k--)
			line[g_rand_int_range(random, 0, (gint)length)] =
			    (char)g_rand_int_range(random, 0, 256);
		for (enum log_kind kind = 0; kind < LOG_KINDS; kind++) {
			struct head h;
			if (!head_is(kind, line, length))
				continue;
			head_read(kind, line, length, &h);
			head_level(kind, line, length);
			assert_true(h.logger + h.logger_length <= length);
			assert_true(h.message <= length);
			assert_true(h.thread + h.thread_length <= length);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_logger_is_found_behind_whatever_asked),
	    cmocka_unit_test(a_line_without_logger_has_a_message),
	    cmocka_unit_test(not_every_line_is_a_head),
	    cmocka_unit_test(dates_are_those_of_the_calendar),
	    cmocka_unit_test(requests_have_an_id),
	    cmocka_unit_test(no_bytes_lead_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
