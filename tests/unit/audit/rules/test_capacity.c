#include "../harm.h"

static void no_logs(struct facts *f)
{
	forget(f, "capacity");
	blind(f, "capacity", "not asked");
}

static struct capacity_node *second(struct facts *f)
{
	return g_ptr_array_index(f->capacity.nodes, 1);
}

static void half_a_log(struct facts *f)
{
	second(f)->coverage_permille = number_of(500);
	second(f)->lost = number_of(250000);
}

static void another_node_s_log(struct facts *f)
{
	replace(&second(f)->name, "bb-9");
}

static void of_last_month(struct facts *f)
{
	second(f)->last = number_of(HEALTHY_AT - 30 * 86400);
}

static void by_downtime(struct facts *f)
{
	f->capacity.state = CAPACITY_UNSAFE;
	replace(&f->plan.procedure, "downtime");
}

static void say(struct facts *f, enum capacity_state state, const char *why)
{
	f->capacity.state = (int)state;
	strings_add(&f->capacity.reasons, why);
}

static void unsafe(struct facts *f)
{
	say(f, CAPACITY_UNSAFE, "Sun 03:00: 17 requests would be refused");
}

static void unsafe_but_helped(struct facts *f)
{
	unsafe(f);
	struct capacity_window *w = g_ptr_array_index(f->capacity.windows, 0);
	w->temporary_tickets = number_of(8);
}

static void marginal(struct facts *f)
{
	say(f, CAPACITY_MARGINAL, "logs of 9 days");
}

static void untold(struct facts *f)
{
	say(f, CAPACITY_UNKNOWN, "logs of 2 days");
}

static void no_window(struct facts *f)
{
	replace(&f->capacity.window, "Mon 09:00");
}

static void read_long_ago(struct facts *f)
{
	struct source *s = (void *)facts_find_source(f, "capacity");
	s->at = number_of(HEALTHY_AT - 3 * 86400);
}

static const struct harm rows[] = {
    {NULL, "CAPACITY-covered/bb-2", OUTCOME_PASS, "100.0 %", ANSWER_GO},
    {no_logs, "CAPACITY-covered/bb-2", OUTCOME_UNKNOWN, "no access log",
	ANSWER_GO},
    {half_a_log, "CAPACITY-covered/bb-2", OUTCOME_UNKNOWN, "250000 are missing",
	ANSWER_GO},
    {another_node_s_log, "CAPACITY-covered/bb-2", OUTCOME_UNKNOWN,
	"no access log of bb-2", ANSWER_GO},
    {of_last_month, "CAPACITY-covered/bb-2", OUTCOME_UNKNOWN, "30 d",
	ANSWER_GO},
    {by_downtime, "CAPACITY-covered", OUTCOME_NOT_APPLICABLE, "downtime",
	ANSWER_GO},
    {NULL, "CAPACITY-window/Sun 03:00", OUTCOME_PASS, "33 %", ANSWER_GO},
    {unsafe, "CAPACITY-window/Sun 03:00", OUTCOME_FAIL, "17 requests",
	ANSWER_NO_GO},
    {unsafe_but_helped, "CAPACITY-window/Sun 03:00", OUTCOME_FAIL,
	"17 requests", ANSWER_NO_GO},
    {marginal, "CAPACITY-window/Sun 03:00", OUTCOME_FAIL, "9 days",
	ANSWER_CONDITIONAL},
    {untold, "CAPACITY-window/Sun 03:00", OUTCOME_UNKNOWN, "2 days", ANSWER_GO},
    {no_window, "CAPACITY-window/Mon 09:00", OUTCOME_UNKNOWN, "no window",
	ANSWER_GO},
    {read_long_ago, "CAPACITY-window/Sun 03:00", OUTCOME_UNKNOWN,
	"is the limit", ANSWER_GO},
    {by_downtime, "CAPACITY-window", OUTCOME_NOT_APPLICABLE, "downtime",
	ANSWER_GO},
};

static void as_it_is(struct facts *f)
{
	(void)f;
}

/* Where the policy asks for it, silence is no pass. */
static void require(struct policy *p)
{
	p->capacity_required = true;
}

static void a_policy_may_ask_for_it(void **state)
{
	(void)state;
	assert_int_equal(answer_by(as_it_is, require), ANSWER_GO);
	assert_int_equal(answer_by(no_logs, require), ANSWER_UNKNOWN);
	assert_int_equal(answer_by(untold, require), ANSWER_UNKNOWN);
	assert_int_equal(answer_by(half_a_log, require), ANSWER_UNKNOWN);
	assert_int_equal(answer_by(read_long_ago, require), ANSWER_UNKNOWN);
	assert_int_equal(answer_by(by_downtime, require), ANSWER_GO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(a_policy_may_ask_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
