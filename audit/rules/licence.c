/* The licence: may this cluster run the target? */
#include <inttypes.h>

#include "audit/rules/rule.h"
#include "base/clock.h"
#include "bitbucket/version.h"

/* Is there a licence to judge?  false: F says why not. */
static bool installed(const struct judging *j, struct finding *f)
{
	const struct flag *there = &j->facts->licence.installed;

	if (!there->known)
		rule_unseen(j, f, "licence");
	else if (!there->value)
		finding_answer(f, OUTCOME_FAIL, "no licence is installed");
	return there->known && there->value;
}

/* docs/sources.md#licence */
static const struct version data_center_alone = {8, 15, 0};

/* Does what runs take a Data Center licence only? */
static bool takes_no_other(const struct facts *facts)
{
	struct version running = {0};

	return facts->product.version &&
	       version_parse(facts->product.version, &running, NULL) &&
	       version_compare(&running, &data_center_alone) >= 0;
}

/*
 * The licence does not say what kind it is, and that /rest/zdu answers
 * clustered instances alone is one witness: it takes a second.
 */
static void is_data_center(const struct judging *j)
{
	const struct flag *flag = &j->facts->licence.data_center;
	struct finding *f = rule_add(j, "licence", "data-center");
	g_autoptr(GPtrArray) live = rule_live_nodes(j->facts);

	if (!flag->known) {
		rule_unseen(j, f, "cluster.zdu");
		return;
	}
	finding_evidence(
	    f, "cluster.zdu", flag->value ? "answers" : "refuses", "answers");
	if (!flag->value) {
		finding_answer(f, OUTCOME_FAIL, "it is no Data Center licence");
	} else if (takes_no_other(j->facts)) {
		finding_evidence(
		    f, "product", j->facts->product.version, "8.15 or later");
		finding_answer(f, OUTCOME_PASS,
		    "it runs clustered, and %s takes no other licence",
		    j->facts->product.version);
	} else if (live->len >= 2) {
		finding_evidence(f, "cluster.members", NULL, NULL);
		finding_answer(f, OUTCOME_PASS,
		    "%u live nodes run clustered, as Data Center alone does",
		    live->len);
	} else {
		finding_unknown(f,
		    "/rest/zdu answers, as it does for Data Center; nothing "
		    "else that was seen says so");
	}
}

static void is_valid(const struct judging *j)
{
	const struct number *end = &j->facts->licence.expires_at;
	struct finding *f = rule_add(j, "licence", "expiry");

	if (!installed(j, f))
		return;
	if (!end->known) {
		finding_unknown(f, "the licence names no day of expiry");
		return;
	}
	g_autofree char *day = clock_text(end->value);
	int64_t left = end->value - j->as_of;
	finding_evidence(f, "licence", day, NULL);
	if (left <= 0) {
		finding_answer(
		    f, OUTCOME_FAIL, "the licence expired on %.10s", day);
	} else if (left < j->policy->licence_days * 86400) {
		g_autofree char *span = clock_span(left);
		f->severity = SEVERITY_MEDIUM;
		finding_answer(f, OUTCOME_FAIL,
		    "the licence expires in %s, on %.10s", span, day);
	} else {
		finding_answer(
		    f, OUTCOME_PASS, "the licence is valid until %.10s", day);
	}
}

/*
 * That a release built after the end of maintenance may not be entitled is an
 * inference, so it asks a person and condemns nothing.
 */
static void maintenance_covers_target(const struct judging *j)
{
	const struct number *end = &j->facts->licence.maintenance_expires_at;
	const struct release *target = &j->facts->knowledge.target;
	struct finding *f = rule_add(j, "licence", "maintenance");

	if (!installed(j, f))
		return;
	if (!end->known) {
		finding_unknown(
		    f, "the licence names no end of its maintenance");
		return;
	}
	if (!target->released_at.known) {
		finding_unknown(f, "when %s was released is not known",
		    j->facts->plan.target ? j->facts->plan.target
					  : "the target");
		return;
	}
	g_autofree char *day = clock_text(end->value);
	g_autofree char *released = clock_text(target->released_at.value);
	finding_evidence(f, "licence", day, released);
	finding_evidence(f, "pack.versions", released, NULL);
	if (end->value >= target->released_at.value)
		finding_answer(f, OUTCOME_PASS,
		    "maintenance lasts until %.10s, %s is of %.10s", day,
		    target->version, released);
	else
		finding_answer(f, OUTCOME_MANUAL,
		    "maintenance ended on %.10s, before %s was released on "
		    "%.10s: may it be installed?",
		    day, target->version, released);
}

static void users_are_within(const struct judging *j)
{
	const struct licence *l = &j->facts->licence;
	struct finding *f = rule_add(j, "licence", "users");

	if (!installed(j, f))
		return;
	if (l->unlimited_users.known && l->unlimited_users.value) {
		finding_evidence(f, "licence", "unlimited", NULL);
		finding_answer(f, OUTCOME_PASS, "users are not limited");
		return;
	}
	if (!l->users.known || !l->users_max.known) {
		finding_unknown(f, "the licence does not say how many users "
				   "there are and may be");
		return;
	}
	g_autofree char *now = g_strdup_printf("%" PRId64, l->users.value);
	g_autofree char *most = g_strdup_printf("%" PRId64, l->users_max.value);
	finding_evidence(f, "licence", now, most);
	finding_answer(f,
	    l->users.value <= l->users_max.value ? OUTCOME_PASS : OUTCOME_FAIL,
	    "%s of %s users", now, most);
}

const struct rule licence_rules[] = {
    {.id = "LICENCE-data-center",
	.ask = "Is it a Data Center licence?",
	.mend = "install a Data Center licence: a rolling upgrade needs one",
	.source = "docs/sources.md#rolling-upgrade",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"cluster.zdu"},
	.applies = rule_when_rolling,
	.judge = is_data_center},
    {.id = "LICENCE-valid",
	.ask = "Is the licence valid, and for long enough?",
	.mend = "renew the licence in Administration, Licensing",
	.source = "docs/sources.md#licence",
	.severity = SEVERITY_BLOCKER,
	.required = true,
	.inputs = {"licence"},
	.judge = is_valid},
    {.id = "LICENCE-maintenance-covers-target",
	.ask = "Does the licence's maintenance cover the target?",
	.mend = "renew the maintenance, or ask the vendor whether this "
		"release is included",
	.source = "docs/sources.md#licence",
	.severity = SEVERITY_HIGH,
	.required = true,
	.inputs = {"licence", "pack.versions"},
	.judge = maintenance_covers_target},
    {.id = "LICENCE-users",
	.ask = "Are there no more users than the licence allows?",
	.mend = "take the permission to use Bitbucket from users who left, or "
		"buy more",
	.source = "docs/sources.md#licence",
	.severity = SEVERITY_HIGH,
	.relation = RELATION_PRE_EXISTING,
	.required = true,
	.inputs = {"licence"},
	.judge = users_are_within},
    {0},
};
