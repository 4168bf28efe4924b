/*
 * When is it safest, and who goes first?
 *
 *     test_window speed    seconds for every window of a week of two nodes:
 *                          for tests/bench/part_capacity.py
 */
#include "audit/capacity/window.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

/* 2026-03-02, a Monday. */
static const int64_t MONDAY = 20514;

struct site {
	struct traffic traffic;
	struct load load;
	struct windows windows;
};

/*
 * Two nodes for WEEKS weeks: every minute of every day but for Wednesday from
 * three to five each has COUNT requests at once, node 1 twice as many.
 */
static void lay(struct site *s, int weeks, unsigned count)
{
	traffic_init(&s->traffic);
	for (int64_t m = 0; m < weeks * WEEK_MINUTES; m += 10) {
		int64_t week = m % WEEK_MINUTES;
		bool quiet = week >= 2 * 1440 + 180 && week < 2 * 1440 + 300;
		int64_t at = (MONDAY * 1440 + m) * 60000;
		for (unsigned node = 0; node < 2; node++) {
			/* So that each hour was seen. */
			traffic_hour(&s->traffic, node, at / 3600000)
			    ->requests++;
			for (unsigned i = 0; i < count * (node + 1); i++) {
				const struct request r = {.took_ms = 300000,
				    .counter = (uint32_t)(m * 100 + i),
				    .node = node & 255,
				    .class = CLASS_FETCH};
				if (!quiet)
					assert_true(
					    traffic_add(&s->traffic, at, &r));
			}
		}
	}
	traffic_settle(&s->traffic);
	load_measure(&s->traffic, 2, &s->load);
}

static void find(struct site *s, const unsigned *tickets, const char *zone,
    const unsigned *proposed)
{
	static const unsigned app[] = {0, 1};
	const unsigned cores[] = {tickets[0] * 1000, tickets[1] * 1000};
	const uint64_t weights[] = {1, 1};
	g_autoptr(GTimeZone) z = g_time_zone_new_identifier(zone);
	g_autoptr(GArray) asked = g_array_new(FALSE, FALSE, sizeof(unsigned));
	const struct window_plan plan = {
	    .pool = {&s->load, app, 2, tickets, weights},
	    .demand = &s->traffic,
	    .zone = z,
	    .cores_milli = cores,
	    .away_s = 1800,
	    .wait_ms = 5000,
	    .hours = s->traffic.hours};

	if (proposed)
		g_array_append_val(asked, *proposed);
	load_to_demand(&s->traffic, &s->load, tickets);
	windows_find(&plan, asked, &s->windows);
}

static void tear_down(struct site *s)
{
	traffic_clear(&s->traffic);
	load_clear(&s->load);
	windows_clear(&s->windows);
}

static const struct window *window(const struct site *s, guint i)
{
	assert_true(i < s->windows.list->len);
	return &g_array_index(s->windows.list, struct window, i);
}

static void the_quiet_hour_is_found(void **state)
{
	const unsigned tickets[] = {20, 20};
	unsigned monday_noon = 720;
	struct site s = {0};
	(void)state;

	lay(&s, 2, 4);
	find(&s, tickets, "UTC", &monday_noon);
	const struct window *best = window(&s, 0);
	g_autofree char *text = window_text(best->minute);
	/* The last requests are out at three; the window takes an hour. */
	assert_string_equal(text, "Wed 03:00");
	assert_int_equal(best->permille, 0);
	assert_int_equal(best->weeks, 2);
	assert_int_equal(best->state, WINDOW_SAFE);
	const struct window *noon = window(&s, s.windows.list->len - 1);
	assert_true(noon->proposed);
	/* 4 + 8 at one node of 20. */
	assert_int_equal(noon->permille, 600);
	assert_int_equal(noon->low, 600);
	assert_int_equal(noon->high, 600);
	assert_int_equal(noon->state, WINDOW_SAFE);
	assert_int_equal(s.windows.heat[12], 600);
	assert_int_equal(s.windows.heat[2 * 24 + 4], 0);
	tear_down(&s);
}

static void local_time_is_the_zones(void **state)
{
	const unsigned tickets[] = {20, 20};
	struct site s = {0};
	(void)state;

	lay(&s, 2, 4);
	find(&s, tickets, "Europe/Berlin", NULL);
	g_autofree char *text = window_text(window(&s, 0)->minute);
	assert_string_equal(text, "Wed 04:00");
	tear_down(&s);
}

static void too_few_tickets_need_another_node(void **state)
{
	const unsigned tickets[] = {9, 9};
	unsigned monday_noon = 720;
	struct site s = {0};
	(void)state;

	lay(&s, 1, 4);
	find(&s, tickets, "UTC", &monday_noon);
	const struct window *noon = window(&s, s.windows.list->len - 1);
	assert_int_equal(noon->state, WINDOW_UNSAFE);
	assert_true(noon->permille > 1000);
	assert_true(noon->pessimistic.p99_ms > 5000);
	assert_true(noon->helped);
	/* Of the four that come from node 0 one fits beside the eight of node
	 * 1: the new one takes three parts of four with 27 tickets. */
	assert_int_equal(noon->temporary, 27);
	tear_down(&s);
}

static void hours_that_no_node_logged_are_no_quiet_ones(void **state)
{
	const unsigned tickets[] = {20, 20};
	struct site s = {0};
	(void)state;

	lay(&s, 1, 4);
	for (guint i = 0; i < s.traffic.hours->len; i++) {
		struct hour *h =
		    &g_array_index(s.traffic.hours, struct hour, i);
		if (h->node == 1 && h->number % 168 != 0 &&
		    (h->number + 72) % 168 / 24 == 2)
			h->requests = 0;
	}
	find(&s, tickets, "UTC", NULL);
	for (guint i = 0; i < s.windows.list->len; i++)
		assert_int_not_equal(window(&s, i)->minute / 1440, 2);
	assert_false(s.windows.seen[2 * 24 + 3]);
	tear_down(&s);
}

static void windows_are_written_as_people_do(void **state)
{
	static const char *const none[] = {"Sat", "Sat 24:00", "Sat 2:00",
	    "sat 02:00", "Sat 02:00-", "Sat 02:00x", ""};
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
	unsigned minute = 0;
	(void)state;

	assert_true(window_parse("Sun 23:59", &minute));
	assert_int_equal(minute, WEEK_MINUTES - 1);
	assert_true(window_parse("Sat 02:00-06:00", &minute));
	assert_int_equal(minute, 5 * 1440 + 120);
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
		assert_false(window_parse(none[i], &minute));
	/* Saturday 02:00 is 01:00 UTC in winter, 00:00 in summer. */
	assert_int_equal(window_next(zone, 5 * 1440 + 120, MONDAY * 86400),
	    (MONDAY + 5) * 86400 + 3600);
	assert_int_equal(
	    window_next(zone, 5 * 1440 + 120, (MONDAY + 28) * 86400),
	    (MONDAY + 33) * 86400);
}

static int speed(void)
{
	const unsigned tickets[] = {20, 20};
	struct site s = {0};

	lay(&s, 1, 5);
	int64_t begun = g_get_monotonic_time();
	find(&s, tickets, "UTC", NULL);
	printf("%.3f\n",
	    (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC);
	tear_down(&s);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_quiet_hour_is_found),
	    cmocka_unit_test(local_time_is_the_zones),
	    cmocka_unit_test(too_few_tickets_need_another_node),
	    cmocka_unit_test(hours_that_no_node_logged_are_no_quiet_ones),
	    cmocka_unit_test(windows_are_written_as_people_do),
	};

	if (argc > 1 && strcmp(argv[1], "speed") == 0)
		return speed();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
