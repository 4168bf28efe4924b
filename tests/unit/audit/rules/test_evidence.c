#include "../harm.h"

static struct pack *pack_of(struct facts *f)
{
	return g_ptr_array_index(f->packs, 0);
}

static void skew(struct facts *f, int64_t ms)
{
	for (guint i = 0; i < f->nodes->len; i++) {
		struct node *node = g_ptr_array_index(f->nodes, i);
		node->clock_skew_ms = number_of(ms);
	}
}

static void no_home_collector(struct facts *f)
{
	static const char *const names[] = {"home.check", "home.space",
	    "home.properties", "home.stores", "home.repositories", "home.apps"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		blind(f, names[i], "not asked");
}

HARM(health_unseen, blind(f, "health", "HTTP status 503"))
HARM(rate_limit_unseen, blind(f, "rate-limit", "HTTP status 500"))
HARM(no_mesh_yet,
    facts_add_unseen(f, "mesh.connectivity", "404")->kind = UNSEEN_NOT_HERE)
HARM(node_unseen, blind_machine(f, "bb-2"))
HARM(licence_in_doubt, facts_add_unseen(f, "licence.users", "negative"))
HARM(coverage_in_doubt, facts_add_unseen(f, "apps.installed.x", "odd"))
HARM(old, f->made_at = number_of(HEALTHY_AS_OF - 86401))
HARM(of_tomorrow, f->made_at = number_of(HEALTHY_AS_OF + 1))
HARM(undated, f->made_at = (struct number){0})
HARM(stale_pack, pack_of(f)->stale_after = number_of(HEALTHY_AS_OF))
HARM(endless_pack, pack_of(f)->stale_after = (struct number){0})
HARM(
    no_pack, while (f->packs->len) {
	    shape_clear(&pack_shape, pack_of(f));
	    g_free(g_ptr_array_steal_index(f->packs, 0));
    } blind(f, "pack.versions", "no version pack in the bundle"))
HARM(other_database, replace(&f->database.server_id, "BSRV-2"))
HARM(nameless_database, g_clear_pointer(&f->database.server_id, g_free);
     blind(f, "database.identity", "no such table"))
HARM(another_host, replace(&f->product.version, "9.4.20"))
HARM(clock_off, skew(f, 60000))

static const struct harm rows[] = {
    {NULL, "EVIDENCE-collectors/bitbucket", OUTCOME_PASS, "answered all",
	ANSWER_GO},
    {NULL, "EVIDENCE-collectors/postgres", OUTCOME_PASS, "answered all",
	ANSWER_GO},
    {licence_in_doubt, "EVIDENCE-collectors/bitbucket", OUTCOME_UNKNOWN,
	"licence.users: negative", ANSWER_UNKNOWN},
    {coverage_in_doubt, "EVIDENCE-collectors/apps", OUTCOME_UNKNOWN, "odd",
	ANSWER_UNKNOWN},
    {no_home_collector, "EVIDENCE-collectors/home", OUTCOME_UNKNOWN,
	"home.space: not asked", ANSWER_UNKNOWN},

    {NULL, "EVIDENCE-answered", OUTCOME_PASS, "got an answer", ANSWER_GO},
    {health_unseen, "EVIDENCE-answered/health", OUTCOME_UNKNOWN,
	"health: HTTP status 503", ANSWER_UNKNOWN},
    {rate_limit_unseen, "EVIDENCE-answered/rate-limit", OUTCOME_UNKNOWN,
	"HTTP status 500", ANSWER_UNKNOWN},
    {no_mesh_yet, "EVIDENCE-answered", OUTCOME_PASS, "got an answer",
	ANSWER_GO},

    {NULL, "EVIDENCE-unseen", OUTCOME_PASS, "nothing was left out", ANSWER_GO},
    {no_mesh_yet, "EVIDENCE-unseen/mesh.connectivity", OUTCOME_UNKNOWN, "404",
	ANSWER_GO},
    {node_unseen, "EVIDENCE-unseen/node.bb-2.machine", OUTCOME_UNKNOWN,
	"not asked", ANSWER_GO},

    {NULL, "EVIDENCE-fresh", OUTCOME_PASS, "10 min old", ANSWER_GO},
    {old, "EVIDENCE-fresh", OUTCOME_UNKNOWN, "1 d is the limit",
	ANSWER_UNKNOWN},
    {of_tomorrow, "EVIDENCE-fresh", OUTCOME_UNKNOWN,
	"after the moment that is judged", ANSWER_UNKNOWN},
    {undated, "EVIDENCE-fresh", OUTCOME_UNKNOWN, "when they were made",
	ANSWER_UNKNOWN},

    {NULL, "EVIDENCE-pack-fresh/bitbucket-versions", OUTCOME_PASS,
	"good until 2027-02-22", ANSWER_GO},
    {stale_pack, "EVIDENCE-pack-fresh/bitbucket-versions", OUTCOME_UNKNOWN,
	"was good until 2026-09-21", ANSWER_UNKNOWN},
    {endless_pack, "EVIDENCE-pack-fresh/bitbucket-versions", OUTCOME_UNKNOWN,
	"until when it holds", ANSWER_UNKNOWN},
    {no_pack, "EVIDENCE-pack-fresh", OUTCOME_UNKNOWN, "no version pack",
	ANSWER_UNKNOWN},

    {NULL, "EVIDENCE-same-instance/server-id", OUTCOME_PASS, "BSRV-1",
	ANSWER_GO},
    {other_database, "EVIDENCE-same-instance/server-id", OUTCOME_FAIL,
	"the cluster is server BSRV-1, the database is of BSRV-2",
	ANSWER_NO_GO},
    {nameless_database, "EVIDENCE-same-instance/server-id", OUTCOME_UNKNOWN,
	"no such table", ANSWER_UNKNOWN},
    {NULL, "EVIDENCE-same-instance/version", OUTCOME_PASS,
	"is 9.4.22, as bb-1 is", ANSWER_GO},
    {another_host, "EVIDENCE-same-instance/version", OUTCOME_FAIL,
	"runs 9.4.20, and no node", ANSWER_NO_GO},

    {NULL, "EVIDENCE-clock", OUTCOME_PASS, "0 ms", ANSWER_GO},
    {clock_off, "EVIDENCE-clock", OUTCOME_FAIL, "60000 ms off",
	ANSWER_CONDITIONAL},
};

static void excuse(struct policy *p)
{
	p->optional = g_strsplit("EVIDENCE-answered/health", ";", -1);
}

static void a_policy_excuses_one_question_by_name(void **state)
{
	(void)state;
	assert_int_equal(answer_by(health_unseen, excuse), ANSWER_GO);
	assert_int_equal(answer_by(rate_limit_unseen, excuse), ANSWER_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	    cmocka_unit_test(a_policy_excuses_one_question_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
