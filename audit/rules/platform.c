/*
 * What Bitbucket stands on.  The vendor's tables of supported platforms are
 * known for few lines; within one line they do not change, and a step to
 * another line asks a person.
 */
#include <inttypes.h>

#include "audit/rules/rule.h"
#include "base/clock.h"
#include "bitbucket/version.h"

static bool stays_in_line(const struct facts *facts)
{
	struct version from = {0}, to = {0};

	return facts->product.version && facts->plan.target &&
	       version_parse(facts->product.version, &from, NULL) &&
	       version_parse(facts->plan.target, &to, NULL) &&
	       version_same_line(&from, &to);
}

/*
 * WHAT runs under the present line; may the target have it?  Yes when the line
 * stays; else a person compares it with the vendor's page.
 */
static void judge_platform(
    const struct judging *j, struct finding *f, const char *what)
{
	const struct facts *facts = j->facts;
	const char *target =
	    facts->plan.target ? facts->plan.target : "the target";

	finding_evidence(f, "product", facts->product.version, target);
	if (stays_in_line(facts)) {
		finding_answer(f, OUTCOME_PASS,
		    "%s stays: the step does not leave the line of %s", what,
		    target);
		return;
	}
	finding_answer(f, OUTCOME_MANUAL,
	    "%s: does %s support it? The version pack does not say", what,
	    target);
	finding_remedy(f,
	    "compare %s with the vendor's page Supported platforms of %s", what,
	    target);
}

static void database_is_supported(const struct judging *j)
{
	const struct database *d = &j->facts->database;
	struct finding *f = rule_add(j, "db", "postgresql");

	if (!d->version || !d->in_recovery.known) {
		rule_unseen(j, f, "database.server");
		return;
	}
	finding_evidence(f, "database.server", d->version, NULL);
	if (d->in_recovery.value) {
		finding_answer(f, OUTCOME_FAIL,
		    "[database] url leads to a standby, PostgreSQL %s",
		    d->version);
		finding_remedy(f,
		    "name the primary server in the settings: [database] url");
		return;
	}
	g_autofree char *what = g_strdup_printf("PostgreSQL %s", d->version);
	judge_platform(j, f, what);
}

/* ---- connections ---- */

/* docs/sources.md#connection-pool */
enum { POOL_PER_NODE = 80 };

static void connections_suffice(const struct judging *j)
{
	const struct database *d = &j->facts->database;
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);
	struct finding *f = rule_add(j, "db", "connections");

	if (!d->max_connections.known) {
		rule_unseen(j, f, "database.server");
		return;
	}
	if (!live->len) {
		rule_unseen(j, f, "cluster.members");
		return;
	}
	int64_t wanted = (int64_t)live->len * POOL_PER_NODE;
	int64_t most = d->max_connections.value;
	g_autofree char *expected =
	    g_strdup_printf("at least %" PRId64, wanted);
	g_autofree char *observed = g_strdup_printf("%" PRId64, most);
	finding_evidence(f, "database.server", observed, expected);
	if (d->connections.known && d->connections.value >= most) {
		f->severity = SEVERITY_BLOCKER;
		finding_evidence(f, "database.activity", observed, NULL);
		finding_answer(f, OUTCOME_FAIL,
		    "all %" PRId64 " connections are in use", most);
		finding_remedy(f,
		    "find who holds them: SELECT usename, client_addr, "
		    "count(*) FROM pg_stat_activity GROUP BY 1, 2");
	} else if (wanted > most) {
		finding_answer(f, OUTCOME_FAIL,
		    "%u nodes may open %d connections each, and the server "
		    "allows %" PRId64,
		    live->len, POOL_PER_NODE, most);
		finding_remedy(f,
		    "set max_connections = %" PRId64
		    " in postgresql.conf and restart PostgreSQL",
		    wanted + POOL_PER_NODE);
	} else {
		finding_answer(f, OUTCOME_PASS,
		    "%u nodes with %d connections each, and the server allows "
		    "%" PRId64,
		    live->len, POOL_PER_NODE, most);
	}
}

static void changelog_is_free(const struct judging *j)
{
	const struct flag *locked = &j->facts->database.changelog_locked;
	struct finding *f = rule_add(j, "db", "databasechangeloglock");

	if (!locked->known) {
		rule_unseen(j, f, "database.changelog");
		return;
	}
	finding_evidence(
	    f, "database.changelog", locked->value ? "locked" : "free", "free");
	if (!locked->value) {
		finding_answer(
		    f, OUTCOME_PASS, "no node changes the schema just now");
		return;
	}
	finding_answer(f, OUTCOME_FAIL,
	    "databasechangeloglock is locked: a node that starts would wait "
	    "for it and fail");
	finding_reference(f, "issue", "BSERV-20412", NULL);
	finding_remedy(f, "make sure that no node is starting, then UPDATE "
			  "databasechangeloglock SET locked = FALSE");
}

/* ---- what the nodes have ---- */

/* Node NODE's program WHAT, of VERSION, or why nobody saw it. */
static void judge_program(const struct judging *j, const struct node *node,
    const char *what, const char *version)
{
	struct finding *f = rule_add(j, "node", node->name);
	g_autofree char *machine =
	    g_strdup_printf("node.%s.machine", node->name);
	g_autofree char *text = NULL;

	if (!version && stays_in_line(j->facts)) {
		g_autofree char *unseen =
		    g_strdup_printf("%s of %s", what, node->name);
		judge_platform(j, f, unseen);
		return;
	}
	if (!version) {
		rule_unseen(j, f, "%s", machine);
		finding_remedy(f, "run `gonogo audit node` on %s", node->name);
		return;
	}
	finding_evidence(f, machine, version, NULL);
	text = g_strdup_printf("%s %s on %s", what, version, node->name);
	judge_platform(j, f, text);
}

static void java_is_supported(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);

	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		judge_program(j, node, "Java", node->java);
	}
}

static void git_is_supported(const struct judging *j)
{
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);

	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		judge_program(j, node, "Git", node->git);
	}
}

/* ---- disks ---- */

static void judge_space(const struct judging *j, struct finding *f,
    const char *what, const char *place, const struct number *free_bytes,
    const struct number *size_bytes)
{
	if (!free_bytes->known || !size_bytes->known ||
	    size_bytes->value <= 0) {
		rule_unseen(j, f, "%s", what);
		return;
	}
	/* Thousandths of thousandths would overflow for no disk of today. */
	int64_t permille = free_bytes->value / (size_bytes->value / 1000 + 1);
	g_autofree char *size = g_format_size((guint64)free_bytes->value);
	g_autofree char *expected = g_strdup_printf(
	    "at least %" PRId64 " thousandths", j->policy->free_permille);
	g_autofree char *observed =
	    g_strdup_printf("%" PRId64 " thousandths", permille);
	bool good = permille >= j->policy->free_permille;
	finding_evidence(f, what, observed, expected);
	finding_answer(f, good ? OUTCOME_PASS : OUTCOME_FAIL,
	    "%s of %s are free, %" PRId64 ".%" PRId64 " %%", size, place,
	    permille / 10, permille % 10);
	if (!good)
		finding_remedy(f, "make room in %s", place);
}

static void disks_have_room(const struct judging *j)
{
	const struct home *home = &j->facts->home;
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);

	judge_space(j, rule_add(j, "home", "shared"), "home.space",
	    home->path ? home->path : "the shared home", &home->free_bytes,
	    &home->size_bytes);
	for (guint i = 0; i < live->len; i++) {
		const struct node *node = g_ptr_array_index(live, i);
		struct finding *f = rule_add(j, "node", node->name);
		g_autofree char *machine =
		    g_strdup_printf("node.%s.machine", node->name);
		g_autofree char *place =
		    g_strdup_printf("the home of %s", node->name);
		/* Few sites let one machine look at every node's disk. */
		f->required = flag_of(node->home_free_bytes.known);
		judge_space(j, f, machine, place, &node->home_free_bytes,
		    &node->home_size_bytes);
		if (!node->home_free_bytes.known)
			finding_remedy(
			    f, "look at the disk of %s: df -h", node->name);
	}
}

const struct rule platform_rules[] = {
    {.id = "PLATFORM-postgresql",
	.ask = "Does the target support the database?",
	.mend = "compare PostgreSQL with the vendor's page Supported "
		"platforms",
	.source = "docs/sources.md#platforms",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"settings", "product", "database.server"},
	.judge = database_is_supported},
    {.id = "PLATFORM-connections",
	.ask = "Does the database allow as many connections as the nodes may "
	       "open?",
	.mend = "raise max_connections in postgresql.conf",
	.source = "docs/sources.md#connection-pool",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"cluster.members", "database.server", "database.activity"},
	.judge = connections_suffice},
    {.id = "PLATFORM-changelog",
	.ask = "Is the lock on the database's schema free?",
	.mend = "free databasechangeloglock when no node is starting",
	.source = "docs/sources.md#regressions",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"database.changelog"},
	.judge = changelog_is_free},
    {.id = "PLATFORM-java",
	.ask = "Does the target support each node's Java?",
	.mend = "compare Java with the vendor's page Supported platforms",
	.source = "docs/sources.md#platforms",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"settings", "product", "cluster.members"},
	.judge = java_is_supported},
    {.id = "PLATFORM-git",
	.ask = "Does the target support each node's Git?",
	.mend = "compare Git with the vendor's page Supported platforms",
	.source = "docs/sources.md#platforms",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"settings", "product", "cluster.members"},
	.judge = git_is_supported},
    {.id = "PLATFORM-disk",
	.ask = "Is there room on the disks?",
	.mend = "make room on the disk",
	.source = "docs/sources.md#home",
	.severity = SEVERITY_MEDIUM,
	.required = true,
	.inputs = {"home.space"},
	.judge = disks_have_room},
    {0},
};
