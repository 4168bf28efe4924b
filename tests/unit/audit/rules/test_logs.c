#include "../harm.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

/* COUNT entries of a hit on NODE, so many hours ago. */
static void seen(
    struct logs_hit *h, const char *node, int64_t hours_ago, int64_t count)
{
	struct logs_slot *slot = shape_add(&logs_slot_shape, &h->hours);
	int64_t at = HEALTHY_AS_OF - hours_ago * HOUR_S;

	slot->node = g_strdup(node);
	slot->at = number_of(at - at % HOUR_S);
	slot->count = number_of(count);
	h->entries.value += count;
	h->last = number_of(slot->at.value + 60);
}

/* A known problem that was seen twice on bb-1, an hour ago. */
static struct logs_hit *hit(struct facts *f, const char *rule, int severity)
{
	struct logs_hit *h = shape_add(&logs_hit_shape, &f->logs.hits);

	h->rule = g_strdup(rule);
	h->title = g_strdup("Alternate object path broken");
	h->hint = g_strdup("mend it");
	h->severity = severity;
	h->mark = g_strdup("doc");
	h->sense = g_strdup("trouble");
	h->anchored = h->reached = flag_of(true);
	h->entries = number_of(0);
	seen(h, "bb-1", 1, 2);
	return h;
}

static struct logs_hit *blocker(struct facts *f)
{
	return hit(f, "G02", SEVERITY_BLOCKER);
}

/* Anna let it be, as many entries on as many nodes. */
static void word(
    struct facts *f, const char *what, int64_t count, const char *node)
{
	struct logs_acknowledged *a =
	    shape_add(&logs_acknowledged_shape, &f->logs.acknowledged);

	a->what = g_strdup(what);
	a->by = g_strdup("Anna");
	a->why = g_strdup("repaired");
	a->at = number_of(HEALTHY_AS_OF - DAY_S);
	a->count = number_of(count);
	strings_add(&a->nodes, node);
}

static struct logs_error *unknown(
    struct facts *f, enum logs_state state, int64_t count)
{
	struct logs_error *e = shape_add(&logs_error_shape, &f->logs.errors);
	static const char *const nodes[] = {"bb-1", "bb-2"};

	e->f1 = g_strdup("f1:0123456789abcdef");
	e->level = g_strdup("ERROR");
	e->state = state;
	e->entries = number_of(count);
	for (size_t i = 0; i < G_N_ELEMENTS(nodes); i++) {
		struct logs_slot *day = shape_add(&logs_slot_shape, &e->days);
		day->node = g_strdup(nodes[i]);
		day->at = number_of(HEALTHY_AS_OF - HEALTHY_AS_OF % DAY_S);
		day->count = number_of(count / 2);
	}
	return e;
}

static struct logs_node *log_node(struct facts *f, guint i)
{
	return g_ptr_array_index(f->logs.nodes, i);
}

static void add_gap(struct facts *f)
{
	struct logs_gap *gap =
	    shape_add(&logs_gap_shape, &log_node(f, 1)->gaps);

	gap->from = number_of(HEALTHY_AS_OF - DAY_S);
	gap->until = number_of(HEALTHY_AS_OF - DAY_S + 3 * HOUR_S);
}

static void lose_a_file(struct facts *f)
{
	struct logs_file *file = shape_add(&logs_file_shape, &f->logs.files);

	file->path = g_strdup("/mnt/bb-1/a.log.gz");
	file->lost = g_strdup("cut short");
}

HARM(no_logs, forget(f, "logs");
     shape_clear(&pack_shape, g_ptr_array_index(f->packs, 1));
     g_free(g_ptr_array_steal_index(f->packs, 1));
     blind(f, "logs", "no logs were read"))
HARM(no_log_of_a_node, replace(&log_node(f, 1)->name, "elsewhere"))
HARM(undated, log_node(f, 1)->last = (struct number){0})
HARM(of_yesterday, log_node(f, 1)->last.value -= DAY_S)
HARM(of_another_zone, log_node(f, 1)->last.value += 2 * HOUR_S)
HARM(old_reading, {
	for (guint i = 0; i < f->sources->len; i++) {
		struct source *s = g_ptr_array_index(f->sources, i);
		if (g_str_equal(s->what, "logs"))
			s->at.value -= 2 * DAY_S;
	}
})
HARM(too_many_steps, blocker(f)->undecided = number_of(3);
     word(f, "G02", 2, "bb-1"))

HARM(blocks, blocker(f))
HARM(recalled, replace(&blocker(f)->mark, "recalled"))
HARM(unanchored, blocker(f)->anchored = flag_of(false))
HARM(never_said_anchored, blocker(f)->anchored = (struct flag){0})
HARM(below_threshold, blocker(f)->reached = flag_of(false))
HARM(of_another_version, blocker(f)->affects = flag_of(false))
HARM(good_news, replace(&blocker(f)->sense, "good"))
HARM(
    four_days_ago, struct logs_hit *h = blocker(f);
    ((struct logs_slot *)g_ptr_array_index(h->hours, 0))->at.value -= 4 * DAY_S)
HARM(long_ago, struct logs_hit *h = blocker(f);
     ((struct logs_slot *)g_ptr_array_index(h->hours, 0))->at.value -=
     15 * DAY_S)
HARM(of_a_node_that_left, struct logs_hit *h = blocker(f); replace(
    &((struct logs_slot *)g_ptr_array_index(h->hours, 0))->node, "bb-9");
     facts_node(f, "bb-9")->member = flag_of(false))
HARM(while_starting, blocker(f)->starting = number_of(2))
HARM(a_start_up_blocker, struct logs_hit *h = blocker(f);
     h->starting = number_of(2); h->at_start = flag_of(true))
HARM(without_times, struct logs_hit *h = blocker(f); h->entries.value = 7;
     shape_clear(&logs_slot_shape, g_ptr_array_index(h->hours, 0));
     g_free(g_ptr_array_steal_index(h->hours, 0)))
HARM(acknowledged, blocker(f); word(f, "G02", 2, "bb-1"))
HARM(one_more, seen(blocker(f), "bb-1", 0, 1); word(f, "G02", 2, "bb-1"))
HARM(another_node, struct logs_hit *h = blocker(f); seen(h, "bb-2", 0, 1);
     word(f, "G02", 3, "bb-1"))
HARM(another_word, blocker(f); word(f, "G03", 2, "bb-1"))
HARM(warning, hit(f, "T07", SEVERITY_MEDIUM))
HARM(note, hit(f, "T03", SEVERITY_INFO))
HARM(acknowledged_warning, hit(f, "T07", SEVERITY_MEDIUM);
     word(f, "T07", 2, "bb-1"))
HARM(recalled_and_acknowledged, replace(&blocker(f)->mark, "recalled");
     word(f, "G02", 2, "bb-1"))

HARM(a_new_error, unknown(f, LOGS_NEW, 6))
HARM(a_loud_one, unknown(f, LOGS_SURGING, 600))
HARM(a_known_one, unknown(f, LOGS_KNOWN, 600))
HARM(new_while_starting, struct logs_error *e = unknown(f, LOGS_NEW, 600);
     e->starting = e->entries)
HARM(new_and_acknowledged, unknown(f, LOGS_NEW, 600);
     word(f, "f1:0123456789abcdef", 600, "bb-1");
     strings_add(&((struct logs_acknowledged *)g_ptr_array_index(
		       f->logs.acknowledged, 0))
		      ->nodes,
	 "bb-2"))
HARM(no_baseline, g_clear_pointer(&f->logs.baseline, g_free))

static const struct harm rows[] = {
    {NULL, "LOGS-covered/bb-1", OUTCOME_PASS, "30000 entries", ANSWER_GO},
    {no_logs, "LOGS-covered/bb-1", OUTCOME_UNKNOWN, "no log of bb-1",
	ANSWER_UNKNOWN},
    {no_log_of_a_node, "LOGS-covered/bb-2", OUTCOME_UNKNOWN, "no log of bb-2",
	ANSWER_UNKNOWN},
    {undated, "LOGS-covered/bb-2", OUTCOME_UNKNOWN, "has times",
	ANSWER_UNKNOWN},
    {of_yesterday, "LOGS-covered/bb-2", OUTCOME_UNKNOWN, "1 d old",
	ANSWER_UNKNOWN},
    {of_another_zone, "LOGS-covered/bb-2", OUTCOME_UNKNOWN, "ahead",
	ANSWER_UNKNOWN},
    {old_reading, "LOGS-covered/bb-2", OUTCOME_UNKNOWN, "is the limit",
	ANSWER_UNKNOWN},

    {NULL, "LOGS-whole", OUTCOME_PASS, "120000 lines", ANSWER_GO},
    {no_logs, "LOGS-whole", OUTCOME_UNKNOWN, "no logs were read",
	ANSWER_UNKNOWN},
    {lose_a_file, "LOGS-whole", OUTCOME_UNKNOWN, "a.log.gz: cut short",
	ANSWER_UNKNOWN},
    {too_many_steps, "LOGS-whole", OUTCOME_UNKNOWN, "G02: 3 lines",
	ANSWER_UNKNOWN},

    {NULL, "LOGS-blockers", OUTCOME_PASS, "the last 3 d", ANSWER_GO},
    {no_logs, "LOGS-blockers", OUTCOME_UNKNOWN, "no logs were read",
	ANSWER_UNKNOWN},
    {blocks, "LOGS-blockers/G02", OUTCOME_FAIL, "2 entries", ANSWER_NO_GO},
    {recalled, "LOGS-problems/G02", OUTCOME_MANUAL, "a person", ANSWER_UNKNOWN},
    {unanchored, "LOGS-problems/G02", OUTCOME_MANUAL, "a person",
	ANSWER_UNKNOWN},
    {never_said_anchored, "LOGS-problems/G02", OUTCOME_MANUAL, "a person",
	ANSWER_UNKNOWN},
    {below_threshold, "LOGS-blockers", OUTCOME_PASS, "no known", ANSWER_GO},
    {of_another_version, "LOGS-blockers", OUTCOME_PASS, "no known", ANSWER_GO},
    {good_news, "LOGS-problems", OUTCOME_PASS, "no known", ANSWER_GO},
    {four_days_ago, "LOGS-problems/G02", OUTCOME_FAIL, "2 entries",
	ANSWER_CONDITIONAL},
    {long_ago, "LOGS-problems", OUTCOME_PASS, "the last 14 d", ANSWER_GO},
    {while_starting, "LOGS-problems/G02", OUTCOME_FAIL, "2 entries",
	ANSWER_CONDITIONAL},
    {a_start_up_blocker, "LOGS-blockers/G02", OUTCOME_FAIL, "2 entries",
	ANSWER_NO_GO},
    {without_times, "LOGS-problems/G02", OUTCOME_FAIL, "7 entries",
	ANSWER_CONDITIONAL},
    {acknowledged, "LOGS-blockers/G02", OUTCOME_PASS,
	"Anna let it be on 2026-09-20: repaired", ANSWER_GO},
    {one_more, "LOGS-blockers/G02", OUTCOME_FAIL, "3 entries", ANSWER_NO_GO},
    {another_node, "LOGS-blockers/G02", OUTCOME_FAIL, "bb-2:1", ANSWER_NO_GO},
    {another_word, "LOGS-blockers/G02", OUTCOME_FAIL, "2 entries",
	ANSWER_NO_GO},

    {NULL, "LOGS-problems", OUTCOME_PASS, "no known problem", ANSWER_GO},
    {no_logs, "LOGS-problems", OUTCOME_UNKNOWN, "no logs were read",
	ANSWER_UNKNOWN},
    {warning, "LOGS-problems/T07", OUTCOME_FAIL, "bb-1:2", ANSWER_CONDITIONAL},
    {note, "LOGS-problems/T03", OUTCOME_FAIL, "bb-1:2", ANSWER_GO},
    {acknowledged_warning, "LOGS-problems/T07", OUTCOME_PASS, "Anna",
	ANSWER_GO},
    {recalled_and_acknowledged, "LOGS-problems/G02", OUTCOME_PASS, "Anna",
	ANSWER_GO},

    {NULL, "LOGS-new-errors", OUTCOME_PASS, "no error is new", ANSWER_GO},
    {a_new_error, "LOGS-new-errors/f1:0123456789abcdef", OUTCOME_FAIL,
	"new ERROR: 6 entries", ANSWER_GO},
    {a_loud_one, "LOGS-new-errors/f1:0123456789abcdef", OUTCOME_FAIL, "surging",
	ANSWER_CONDITIONAL},
    {a_known_one, "LOGS-new-errors", OUTCOME_PASS, "no error is new",
	ANSWER_GO},
    {new_while_starting, "LOGS-new-errors/f1:0123456789abcdef", OUTCOME_FAIL,
	"while a node started", ANSWER_GO},
    {new_and_acknowledged, "LOGS-new-errors/f1:0123456789abcdef", OUTCOME_PASS,
	"Anna", ANSWER_GO},
    {no_baseline, "LOGS-new-errors", OUTCOME_UNKNOWN, "no earlier run",
	ANSWER_GO},
    {no_logs, "LOGS-new-errors", OUTCOME_UNKNOWN, "no logs were read",
	ANSWER_UNKNOWN},

    {NULL, "LOGS-silent/bb-2", OUTCOME_PASS, "all the time", ANSWER_GO},
    {add_gap, "LOGS-silent/bb-2", OUTCOME_FAIL, "logged nothing from",
	ANSWER_GO},
    {no_logs, "LOGS-silent", OUTCOME_UNKNOWN, "no logs were read",
	ANSWER_UNKNOWN},
};

static void excuse(struct policy *p)
{
	p->optional = g_strsplit("LOGS", ";", -1);
}

static void a_policy_excuses_logs_by_name(void **state)
{
	(void)state;
	assert_int_equal(answer_by(no_logs, excuse), ANSWER_GO);
	assert_int_equal(answer_by(blocks, excuse), ANSWER_NO_GO);
}

static void one_that_left_the_cluster_counts_no_more(void **state)
{
	g_auto(facts) f;
	g_auto(findings) found;

	(void)state;
	healthy(&f);
	of_a_node_that_left(&f);
	judge(&f, &found);
	assert_non_null(findings_find(&found, "LOGS-blockers"));
}

static void the_verdict_says_what_it_believes(void **state)
{
	g_auto(facts) f;
	g_auto(findings) found;
	g_auto(verdict) v = {0};
	g_autoptr(policy) policy = policy_default();

	(void)state;
	healthy(&f);
	judge(&f, &found);
	verdict_of(&v, &f, &found, policy, HEALTHY_AS_OF);
	assert_int_equal(list_length(v.taken_as_is), 2);
	assert_string_equal(
	    g_ptr_array_index(v.taken_as_is, 0), "logs/logs.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(a_policy_excuses_logs_by_name),
	    cmocka_unit_test(one_that_left_the_cluster_counts_no_more),
	    cmocka_unit_test(the_verdict_says_what_it_believes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
