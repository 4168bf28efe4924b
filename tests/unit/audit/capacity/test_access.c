/* Access logs in pieces and in any order; the hour that comes twice. */
#include "audit/capacity/access.h"

#include <string.h>

#include "tests/unit/audit/capacity/lines.h"
#include "tests/unit/unit.h"

static const char log_text[] =
    "half a line\n" CAME("14:05:08,000", "@A1B2C3x845x1x0")
	CAME("14:05:08,100", "@A1B2C3x845x2x1")
	    WENT("14:05:09,000", "@A1B2C3x845x1x0", "clone", "1000")
		WENT("14:05:09,500", "@A1B2C3x845x2x1", "fetch", "1400")
		    WENT("14:05:09,500", "@A1B2C3x845x2x1", "fetch", "1400")
			CAME("14:06:00,000", "@A1B2C3x845x5x0")
			    WENT("23:59:59,990", "@Z9Y8X7x1x3x0", "push",
				"5") "\n1 | https | o@Z9Y8X7x1x4x0 | u";

static void read_pieces(struct traffic *t, size_t piece, GTimeZone *zone)
{
	g_autoptr(access_reader) a = access_new(zone, t);
	size_t length = strlen(log_text);

	access_begin(a, 0, 0, 0, G_MAXUINT64);
	for (size_t at = 0; at < length; at += piece)
		access_add(a, log_text + at, MIN(piece, length - at));
	access_end(a);
	access_close(a);
}

static void holds(const struct traffic *t)
{
	struct coverage c;

	assert_int_equal(t->days->len, 1);
	const struct day *d = g_ptr_array_index(t->days, 0);
	assert_int_equal(d->length, 3);
	assert_int_equal(t->repeated, 1);
	assert_int_equal(d->list[0].start_ms, 50708000);
	assert_int_equal(d->list[0].class, CLASS_CLONE);
	assert_int_equal(d->list[1].start_ms, 50708100);
	assert_int_equal(d->list[1].in_flight, 1);
	assert_int_equal(t->odd[ODD_LINE], 1);
	assert_int_equal(t->odd[ODD_CUT], 1);
	assert_int_equal(t->compared, 2);
	assert_int_equal(t->odd[ODD_APART], 0);
	counters_tell(&t->counters, 0, &c);
	assert_int_equal(c.runs, 2);
	assert_int_equal(c.seen, 4);
	/* 1, 2, 5 of the first start; of the next 1, 2, 3, of which 3 came. */
	assert_int_equal(c.expected, 5 + 3);
	assert_int_equal(c.unanswered, 1);
	assert_int_equal(c.repeated, 1);
}

static void any_pieces_are_the_whole(void **state)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	(void)state;

	for (size_t piece = 1; piece <= strlen(log_text); piece++) {
		g_auto(traffic) t = {0};
		traffic_init(&t);
		read_pieces(&t, piece, utc);
		traffic_settle(&t);
		holds(&t);
	}
}

static void cut_anywhere_the_parts_are_the_whole(void **state)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	size_t length = strlen(log_text);
	(void)state;

	for (size_t cut = 1; cut < length; cut++) {
		g_auto(traffic) t = {0};
		traffic_init(&t);
		/* The later part first: order means nothing. */
		for (int part = 1; part >= 0; part--) {
			g_autoptr(access_reader) a = access_new(utc, &t);
			size_t at = part ? cut - 1 : 0;
			access_begin(
			    a, 0, at, part ? cut : 0, part ? G_MAXUINT64 : cut);
			access_add(a, log_text + at, length - at);
			access_end(a);
			access_close(a);
		}
		traffic_settle(&t);
		/* Came and went may be apart: then they are not compared. */
		t.compared = 2;
		holds(&t);
	}
}

#define AUTUMN(time, number, took)                                             \
	"192.0.2.10 | https | o@A1B2C3x1x" number "x0 | - | 2026-10-25 " time  \
	" | \"POST /scm/a/b.git/git-upload-pack "                              \
	"HTTP/1.1\" | \"\" \"\" | 200 | 1 | 2 | fetch | " took " | 1 |\n"

static void the_hour_that_comes_twice_is_told_by_numbers(void **state)
{
	/* Not in the order of the numbers, as after an export. */
	static const char text[] = AUTUMN("02:50:00,000", "6", "1000")
	    AUTUMN("02:10:00,000", "2", "1000")
		AUTUMN("02:50:00,000", "3", "1000")
		    AUTUMN("02:05:00,000", "4", "1200000")
			AUTUMN("02:10:00,000", "5", "1000")
			    AUTUMN("01:50:00,000", "1", "1000")
				AUTUMN("03:10:00,000", "7", "4200000");
	/* Minutes UTC: 02:10 is 00:10 first, 01:10 then. */
	static const struct {
		uint32_t counter, minute;
	} wanted[] = {{1, 23 * 60 + 49}, {2, 9}, {4, 45}, {3, 49}, {7, 60},
	    {5, 69}, {6, 109}};
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
	g_auto(traffic) t = {0};
	size_t at = 0;
	(void)state;

	assert_non_null(zone);
	traffic_init(&t);
	g_autoptr(access_reader) a = access_new(zone, &t);
	access_begin(a, 0, 0, 0, G_MAXUINT64);
	access_add(a, text, strlen(text));
	access_end(a);
	access_close(a);
	traffic_settle(&t);
	for (guint i = 0; i < t.days->len; i++) {
		const struct day *d = g_ptr_array_index(t.days, i);
		for (size_t k = 0; k < d->length; k++, at++) {
			assert_int_equal(
			    d->list[k].counter, wanted[at].counter);
			assert_int_equal(
			    d->list[k].start_ms / 60000, wanted[at].minute);
		}
	}
	assert_int_equal(at, G_N_ELEMENTS(wanted));
}

static void what_is_lost_is_counted(void **state)
{
	struct counters c = {0};
	struct coverage got;
	(void)state;

	/* 40 % are never logged; then 10,000 numbers are lost altogether. */
	for (uint64_t i = 1; i <= 100000; i++)
		if (i % 5 < 3 && !(i > 50000 && i <= 60000)) {
			run_came(counters_run(&c, 3, 17), i);
			run_went(counters_run(&c, 3, 17), i);
		}
	counters_sort(&c);
	counters_tell(&c, 3, &got);
	assert_in_range(got.usual_gap_permille, 399, 401);
	assert_in_range(got.permille, 895, 905);
	assert_int_equal(got.unanswered, 0);
	counters_tell(&c, 4, &got);
	assert_int_equal(got.permille, 0);
	run_came(counters_run(&c, 3, 17), 1ull << 60);
	assert_int_equal(counters_run(&c, 3, 17)->strange, 0);
	counters_clear(&c);
}

static void names_beyond_the_most_depend_on_names_alone(void **state)
{
	struct names forth = {0}, back = {0};
	enum { COUNT = NAMES_MOST + NAMES_MOST / 2 };
	(void)state;

	for (int i = 0; i < COUNT; i++)
		for (int way = 0; way < 2; way++) {
			char text[32] = {0};
			g_snprintf(
			    text, sizeof text, "n%d", way ? COUNT - 1 - i : i);
			names_add(way ? &back : &forth, text, strlen(text));
		}
	assert_true(forth.used <= NAMES_MOST);
	assert_int_equal(forth.used, back.used);
	assert_int_equal(forth.halvings, back.halvings);
	/* Half of it and all of it are all of it. */
	size_t used = forth.used;
	names_merge(&back, &forth);
	assert_int_equal(back.used, used);
	assert_null(forth.table);
	names_clear(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(any_pieces_are_the_whole),
	    cmocka_unit_test(cut_anywhere_the_parts_are_the_whole),
	    cmocka_unit_test(the_hour_that_comes_twice_is_told_by_numbers),
	    cmocka_unit_test(what_is_lost_is_counted),
	    cmocka_unit_test(names_beyond_the_most_depend_on_names_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
