#include "tests/unit/unit.h"

#include "base/exits.h"
#include "report/drift.h"
#include "report/plan.h"
#include "report/rollout.h"

/* A cluster of three; NODES and STATE stand for what moves. */
static void read_cluster(
    const char *state, bool mode, const char *const *nodes, struct facts *out)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text,
	    "{\"schema\":\"gonogo.facts/"
	    "1\",\"made_at\":\"2026-08-01T12:00:00Z\""
	    ",\"plan\":{\"target\":\"9.4.23\"},\"product\":{\"version\":"
	    "\"9.4.22\"},\"cluster\":{\"zdu_state\":\"%s\",\"upgrade_mode\":%s}"
	    ","
	    "\"nodes\":[",
	    state, mode ? "true" : "false");
	for (int i = 0; nodes[i]; i++) {
		g_auto(GStrv) words = g_strsplit(nodes[i], " ", 3);
		g_string_append_printf(text,
		    "%s{\"name\":\"%s\",\"version\":\"%s\",\"state\":\"%s\","
		    "\"status\":\"RUNNING\"}",
		    i ? "," : "", words[0], words[1], words[2]);
	}
	g_string_append(text, "]}");
	g_autoptr(json) value = json_parse(text->str, text->len, "x", &error);
	assert_non_null(value);
	assert_true(document_read(&facts_shape, value, out, &error));
}

static const char *const old[] = {
    "a 9.4.22 ACTIVE", "b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE", NULL};

/* The steps that were let through, as words. */
static void let_through(struct ledger *l, char **words)
{
	l->drained = g_ptr_array_new();
	l->joined = g_ptr_array_new();
	for (; *words; words++)
		g_ptr_array_add(
		    **words == '-' ? l->drained : l->joined, *words + 1);
}

/* The worst code that PHASE gets. */
static int asked(const char *phase, const char *passed, const char *state,
    const char *const *nodes, const char *says)
{
	g_auto(facts) approved = {0};
	g_auto(facts) live = {0};
	g_auto(GStrv) words = g_strsplit(passed, " ", -1);
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(drift_free);
	struct ledger ledger = {0};
	struct rollout r = {&approved, &live, &ledger, {0}};
	int code = 0;
	bool said = !says;

	read_cluster("STABLE", false, old, &approved);
	read_cluster(state, !g_str_equal(state, "STABLE"), nodes, &live);
	g_clear_pointer(&live.product.version, g_free);
	live.product.version = g_strdup("9.4.23");
	let_through(&ledger, *passed ? words : words + 1);
	assert_true(step_parse(phase, &r.phase, NULL));
	rollout_judge(list, &r);
	for (guint i = 0; i < list->len; i++) {
		const struct drift *d = g_ptr_array_index(list, i);
		code = exits_worse(code, d->code);
		said |= says && strstr(d->text, says);
	}
	assert_true(said);
	g_ptr_array_unref(ledger.drained);
	g_ptr_array_unref(ledger.joined);
	return code;
}

#define NODES(...)                                                             \
	(const char *const[])                                                  \
	{                                                                      \
		__VA_ARGS__, NULL                                              \
	}

static void a_node_goes_when_all_others_are_as_they_should(void **state)
{
	(void)state;
	assert_int_equal(
	    asked("node-drain:a", "", "READY_TO_UPGRADE", old, NULL), 0);
	assert_int_equal(
	    asked("node-drain:a", "", "STABLE", old, "upgrade mode: is off"),
	    EXITS_HOLD);
	assert_int_equal(
	    asked("node-drain:b", "-a +a", "MIXED",
		NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE"),
		NULL),
	    0);
	assert_int_equal(
	    asked("node-drain:b", "-a", "MIXED",
		NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE"),
		"node-joined:a was not passed"),
	    EXITS_HOLD);
	assert_int_equal(asked("node-drain:b", "-a +a", "MIXED",
			     NODES("a 9.4.23 STARTING", "b 9.4.22 ACTIVE",
				 "c 9.4.22 ACTIVE"),
			     "node a: is STARTING"),
	    EXITS_HOLD);
	assert_int_equal(asked("node-drain:b", "-a +a", "MIXED",
			     NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE",
				 "c 9.4.22 DRAINING"),
			     "node c: is DRAINING"),
	    EXITS_HOLD);
	assert_int_equal(
	    asked("node-drain:b", "-a +a", "MIXED",
		NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE", "c 9.4.23 ACTIVE"),
		"nobody let it go"),
	    EXITS_DRIFT);
	assert_int_equal(
	    asked("node-drain:b", "-a +a", "MIXED",
		NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE"), "node c: is gone"),
	    EXITS_DRIFT);
	assert_int_equal(asked("node-drain:b", "-a +a", "MIXED",
			     NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE",
				 "c 9.4.22 ACTIVE", "d 9.4.23 ACTIVE"),
			     "node d: was not there"),
	    EXITS_DRIFT);
}

static void a_node_asked_for_again_may_be_on_its_way(void **state)
{
	(void)state;
	static const char *const ways[] = {"a 9.4.22 ACTIVE",
	    "a 9.4.22 DRAINING", "a 9.4.23 STARTING", "a 9.4.23 ACTIVE", NULL};

	for (int i = 0; ways[i]; i++)
		assert_int_equal(
		    asked("node-drain:a", "-a", "MIXED",
			NODES(ways[i], "b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE"),
			NULL),
		    0);
	assert_int_equal(asked("node-drain:a", "-a", "MIXED",
			     NODES("b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE"), NULL),
	    0);
	assert_int_equal(
	    asked("node-drain:a", "-a", "MIXED",
		NODES("a 9.4.24 ACTIVE", "b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE"),
		"neither 9.4.22 nor the target"),
	    EXITS_DRIFT);
}

static void a_node_is_back_when_it_runs_the_target(void **state)
{
	(void)state;
	static const struct {
		const char *node, *says;
		int code;
	} rows[] = {
	    {"a 9.4.23 ACTIVE", NULL, 0},
	    {"a 9.4.23 STARTING", "is STARTING", EXITS_HOLD},
	    {"a 9.4.22 OFFLINE", "is not back", EXITS_HOLD},
	    {"a 9.4.22 ACTIVE", "runs 9.4.22", EXITS_DRIFT},
	    {"a 9.4.24 ACTIVE", "runs 9.4.24", EXITS_DRIFT},
	    {"a 9.4.23 ERROR", "is in ERROR", EXITS_DRIFT},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_int_equal(asked("node-joined:a", "-a", "MIXED",
				     NODES(rows[i].node, "b 9.4.22 ACTIVE",
					 "c 9.4.22 ACTIVE"),
				     rows[i].says),
		    rows[i].code);
	assert_int_equal(
	    asked("node-joined:a", "", "MIXED",
		NODES("a 9.4.23 ACTIVE", "b 9.4.22 ACTIVE", "c 9.4.22 ACTIVE"),
		"did not let it go"),
	    EXITS_UNKNOWN);
}

static void it_ends_when_all_are_on_the_target(void **state)
{
	(void)state;
	static const char *const new[] = {
	    "a 9.4.23 ACTIVE", "b 9.4.23 ACTIVE", "c 9.4.23 ACTIVE", NULL};
	static const char all[] = "-a +a -b +b -c +c";

	assert_int_equal(
	    asked("finalize", all, "READY_TO_RUN_UPGRADE_TASKS", new, NULL), 0);
	assert_int_equal(
	    asked("finalize", "-a +a -b +b -c", "READY_TO_RUN_UPGRADE_TASKS",
		new, "node-joined:c was not passed"),
	    EXITS_HOLD);
	assert_int_equal(
	    asked("finalize", "-a +a -b +b", "MIXED",
		NODES("a 9.4.23 ACTIVE", "b 9.4.23 ACTIVE", "c 9.4.22 ACTIVE"),
		"node c: its turn is to come"),
	    EXITS_HOLD);
	assert_int_equal(asked("close", all, "STABLE", new, NULL), 0);
	assert_int_equal(
	    asked("close", all, "RUNNING_UPGRADE_TASKS", new, "RUNNING"),
	    EXITS_HOLD);
	assert_int_equal(
	    asked("close", all, "UPGRADE_TASKS_FAILED", new, "FAILED"),
	    EXITS_DRIFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_node_goes_when_all_others_are_as_they_should),
	    cmocka_unit_test(a_node_asked_for_again_may_be_on_its_way),
	    cmocka_unit_test(a_node_is_back_when_it_runs_the_target),
	    cmocka_unit_test(it_ends_when_all_are_on_the_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
