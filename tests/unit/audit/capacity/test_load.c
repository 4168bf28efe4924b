/* What was in progress, who overtook whom, and what is taken off. */
#include "audit/capacity/load.h"

#include "tests/unit/unit.h"

static void add(struct traffic *t, int64_t start_ms, uint32_t took_ms,
    unsigned node, unsigned in_flight, enum request_class class)
{
	const struct request r = {.took_ms = took_ms,
	    .counter = (uint32_t)start_ms,
	    .node = node & 255,
	    .class = (unsigned)class & 15,
	    .in_flight = in_flight & 1023};

	assert_true(traffic_add(t, start_ms, &r));
}

static const int64_t NOON = 20000 * 86400000ll + 43200000;

static void what_is_in_progress_is_counted(void **state)
{
	g_auto(traffic) t = {0};
	g_auto(load) l = {0};
	(void)state;

	traffic_init(&t);
	add(&t, NOON, 5000, 0, 0, CLASS_CLONE);
	add(&t, NOON + 1000, 1000, 0, 1, CLASS_PAGE);
	add(&t, NOON + 1500, 4500, 0, 2, CLASS_FETCH);
	/* One that ends as another begins is not there any more. */
	add(&t, NOON + 2000, 10, 0, 2, CLASS_API);
	add(&t, NOON + 2000, 10, 1, 0, CLASS_API);
	/* It says that three others are there, and none is. */
	add(&t, NOON + 60000, 10, 1, 3, CLASS_API);
	/* Over midnight. */
	add(&t, NOON + 43199000, 3000, 0, 0, CLASS_PUSH);
	add(&t, NOON + 43201000, 10, 0, 1, CLASS_PAGE);
	traffic_settle(&t);
	load_measure(&t, 2, &l);

	assert_int_equal(l.begin_s, 20000 * 86400ll);
	assert_int_equal(l.end_s, 20002 * 86400ll);
	const struct node_load *n = &l.node[0];
	assert_int_equal(n->peak, 3);
	assert_int_equal(n->hosting_peak, 2);
	assert_int_equal(n->checked, 6);
	assert_int_equal(n->far, 0);
	assert_int_equal(node_load_median(n), 0);
	assert_int_equal(n->buckets_off, 0);
	assert_true(n->buckets >= 3);
	assert_int_equal(n->series[43200], 1);
	assert_int_equal(n->series[43201], 2);
	assert_int_equal(n->series[43204], 2);
	assert_int_equal(n->series[43205], 1);
	assert_int_equal(n->series[43206], 0);
	assert_int_equal(n->series[86400 + 1], 1);
	assert_int_equal(n->series[86400 + 2], 0);
	/* At noon and a minute nobody is left; at midnight one, for two s. */
	assert_int_equal(n->drain_s[721], 0);
	assert_int_equal(n->drain_s[1440], 2);
	assert_int_equal(l.node[1].far, 1);
	assert_int_equal(l.node[1].residuals[RESIDUALS + 3], 1);
}

static void a_line_of_a_wrong_year_moves_nothing(void **state)
{
	g_auto(traffic) t = {0};
	g_auto(load) l = {0};
	(void)state;

	traffic_init(&t);
	for (int i = 0; i < 5000; i++)
		add(&t, NOON + i * 1000, 10, 0, 0, CLASS_PAGE);
	add(&t, NOON + 900 * 86400000ll, 10, 0, 0, CLASS_PAGE);
	traffic_settle(&t);
	load_measure(&t, 1, &l);
	assert_int_equal(l.begin_s, 20000 * 86400ll);
	assert_int_equal(l.left_out, 1);
}

/* Two tickets: the third and fourth wait, and end in the order they came. */
static void a_queue_is_no_ticket(void **state)
{
	const unsigned tickets[] = {2};
	g_auto(traffic) t = {0};
	g_auto(load) l = {0};
	(void)state;

	traffic_init(&t);
	for (int k = 0; k < 5; k++) {
		int64_t at = NOON + k * 100000;
		add(&t, at, 10000, 0, 0, CLASS_CLONE);
		add(&t, at + 1, 5000, 0, 1, CLASS_CLONE);
		/* waits until 5,001, then takes 1,000 */
		add(&t, at + 2, 5999, 0, 2, CLASS_CLONE);
		/* waits until 6,001, then takes 2,000 */
		add(&t, at + 3, 7998, 0, 3, CLASS_CLONE);
	}
	traffic_settle(&t);
	load_measure(&t, 1, &l);
	assert_int_equal(l.node[0].hosting_peak, 4);
	assert_int_equal(l.node[0].demonstrated, 2);
	assert_int_equal(load_to_demand(&t, &l, tickets), 10);
	const struct day *d = g_ptr_array_index(t.days, 0);
	assert_int_equal(d->length, 20);
	assert_int_equal(d->list[0].took_ms, 10000);
	assert_int_equal(d->list[1].took_ms, 5000);
	assert_int_equal(d->list[2].took_ms, 1000);
	assert_int_equal(d->list[3].took_ms, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_in_progress_is_counted),
	    cmocka_unit_test(a_line_of_a_wrong_year_moves_nothing),
	    cmocka_unit_test(a_queue_is_no_ticket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
