#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/clock.h"

#include <cmocka.h>

static void times_are_read_and_written_in_utc(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2026-08-01T12:00:00Z", 1785585600},
	    {"2026-08-01T14:00:00+02:00", 1785585600},
	    {"2026-08-01", 1785542400},
	    {"2026-08-01T12:00:00.900Z", 1785585600},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		int64_t seconds = -1;
		assert_true(clock_parse(rows[i].text, &seconds, NULL));
		assert_int_equal(seconds, rows[i].seconds);
	}
	g_autofree char *text = clock_text(1785585600);
	g_autofree char *stamp = clock_stamp(1785585600);
	assert_string_equal(text, "2026-08-01T12:00:00Z");
	assert_string_equal(stamp, "20260801T120000Z");
	/* What nobody means is read again as it was written, too. */
	g_autofree char *early = clock_text(-62135596799);
	assert_string_equal(early, "0001-01-01T00:00:01Z");
}

static void what_is_no_time_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "", "yesterday", "2026-13-01", "2026-08-01T25:00:00Z", "12:00"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		int64_t seconds = 7;
		assert_false(clock_parse(texts[i], &seconds, &error));
		assert_non_null(strstr(error->message, "not a time like"));
		assert_int_equal(seconds, 7);
	}
}

static void http_dates_are_read(void **state)
{
	(void)state;
	static const char *const bad[] = {"Sat, 01 Agu 2026 12:00:00 GMT",
	    "Sat, 32 Aug 2026 12:00:00 GMT", "2026-08-01T12:00:00Z", "",
	    "Sat, 01 anF 2026 12:00:00 GMT"};
	int64_t seconds = 0;

	assert_true(
	    clock_parse_http("Sat, 01 Aug 2026 12:00:00 GMT", &seconds, NULL));
	assert_int_equal(seconds, 1785585600);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(clock_parse_http(bad[i], &seconds, NULL));
}

static void spans_have_two_units_at_most(void **state)
{
	(void)state;
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {{0, "0 s"}, {-5, "0 s"}, {59, "59 s"}, {60, "1 min"},
	    {61, "1 min 1 s"}, {3600, "1 h"}, {3661, "1 h 1 min"},
	    {86400, "1 d"}, {86400 * 3 + 4 * 3600 + 5, "3 d 4 h"}};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = clock_span(rows[i].seconds);
		assert_string_equal(text, rows[i].text);
	}
}

static void a_time_beyond_all_calendars_is_no_crash(void **state)
{
	(void)state;
	g_autofree char *text = clock_text(INT64_MAX);

	assert_string_equal(text, "(no such time)");
	assert_true(clock_now() > 1785585600);
	assert_true(clock_monotonic() > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_read_and_written_in_utc),
	    cmocka_unit_test(what_is_no_time_is_refused),
	    cmocka_unit_test(http_dates_are_read),
	    cmocka_unit_test(spans_have_two_units_at_most),
	    cmocka_unit_test(a_time_beyond_all_calendars_is_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
