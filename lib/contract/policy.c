#include "contract/policy.h"

#include "base/hash.h"

static const char *const proofs[] = {"quick", "full", "deep", "restore", NULL};

#define AT(member) offsetof(struct policy, member)

const struct config_key policy_keys[] = {
    {"policy", .what = "Which policy this is."},
    {"policy", "name", CONFIG_TEXT, AT(name), .standard = "default",
	.what = "name that stands in the verdict"},

    {"evidence", .what = "How old evidence may be."},
    {"evidence", "facts_max_age", CONFIG_SECONDS, AT(facts_max_age_s),
	.standard = "24h",
	.what = "facts older than this answer nothing: UNKNOWN"},

    {"cluster", .what = "What the cluster has to show."},
    {"cluster", "nodes_least", CONFIG_NUMBER, AT(nodes_least), .standard = "2",
	.least = 1, .most = 1000,
	.what = "fewest live nodes that a rolling upgrade may begin with"},
    {"cluster", "clock_skew_max", CONFIG_MILLIS, AT(clock_skew_max_ms),
	.standard = "5s",
	.what = "how far a node's clock may be off; HTTP shows whole seconds "
		"only, so less than 2s finds what is not there"},

    {"backup", .what = "The backup that has to stand behind the upgrade."},
    {"backup", "required", CONFIG_FLAG, AT(backup_required), .standard = "yes",
	.what = "no: the backup rules are told, but not asked for"},
    {"backup", "max_age", CONFIG_SECONDS, AT(backup_max_age_s),
	.standard = "24h", .what = "oldest set to come back to"},
    {"backup", "accept_degraded", CONFIG_FLAG, AT(backup_degraded),
	.standard = "no",
	.what = "yes: a set that lacks something by name is a warning only"},
    {"backup", "accept_asserted", CONFIG_FLAG, AT(backup_asserted),
	.standard = "no",
	.what = "yes: a backup that others made, and that nobody here has "
		"read, suffices by their word"},
    {"backup", "restore_test_max_age", CONFIG_SECONDS,
	AT(restore_test_max_age_s), .standard = "90d",
	.what = "oldest restore test, by their word, of such a backup"},
    {"backup", "proof", CONFIG_CHOICE, AT(backup_proof), .standard = "full",
	.words = proofs,
	.what = "least proof of the set: sizes; every stored byte; every "
		"repository checked; home and database really restored"},

    {"home", .what = "The shared home and the nodes' own homes."},
    {"home", "free_permille", CONFIG_NUMBER, AT(free_permille),
	.standard = "100", .most = 1000,
	.what = "free space that is asked for, in thousandths of the volume"},

    {"licence", .what = "The licence."},
    {"licence", "days_left", CONFIG_NUMBER, AT(licence_days), .standard = "14",
	.most = 3650,
	.what = "a licence that ends within so many days is a warning"},

    {"path", .what = "The step from the running version to the target."},
    {"path", "newest_bugfix", CONFIG_FLAG, AT(newest_bugfix), .standard = "no",
	.what = "yes: a target that is not the newest bug-fix of its line is "
		"a warning"},

    {"logs", .what = "What the logs say."},
    {"logs", "look_back", CONFIG_SECONDS, AT(logs_look_back_s),
	.standard = "14d", .what = "older entries count for nothing"},
    {"logs", "block_within", CONFIG_SECONDS, AT(logs_block_s),
	.standard = "72h",
	.what = "a known problem that stops an upgrade does so when it was "
		"seen within this time; older ones are warnings"},

    {"capacity", .what = "Whether the other nodes carry the load while one is "
			 "away."},
    {"capacity", "required", CONFIG_FLAG, AT(capacity_required),
	.standard = "no",
	.what = "yes: no GO without access logs that show it; no: what they "
		"show counts, but they need not be there"},

    {"waivers", .what = "What people may take upon themselves, by a signed "
			"waiver: gonogo-report(1)."},
    {"waivers", "highest", CONFIG_CHOICE, AT(waiver_highest),
	.standard = "high", .words = severity_names,
	.what = "the gravest finding that a waiver may cover"},
    {"waivers", "max_time", CONFIG_SECONDS, AT(waiver_max_time_s),
	.standard = "30d", .what = "longest time that one may hold for"},
    {"waivers", "signatures", CONFIG_NUMBER, AT(waiver_signatures),
	.standard = "1", .least = 1, .most = 10,
	.what = "how many people have to sign each"},

    {"approval", .what = "Who lets the upgrade begin."},
    {"approval", "signatures", CONFIG_NUMBER, AT(approvals), .standard = "0",
	.most = 10,
	.what = "how many people have to approve the sealed bundle before the "
		"gate opens"},
    {"approval", "independent", CONFIG_FLAG, AT(approval_independent),
	.standard = "yes",
	.what = "yes: who signed a waiver that is in force does not count"},

    {"answers", .what = "What people have answered."},
    {"answers", "max_age", CONFIG_SECONDS, AT(answers_max_age_s),
	.standard = "30d",
	.what = "an answer that is older no longer counts, and the question "
		"is open again"},

    {"checks", .what = "Which rules may stay without an answer."},
    {"checks", "optional", CONFIG_LIST, AT(optional), .standard = "",
	.what = "rules, findings or whole areas that may be UNKNOWN, "
		"separated by semicolons: PLATFORM-disk is a rule, "
		"EVIDENCE-answered/rate-limit a finding, LICENCE an area"},
    {0},
};

void policy_free(struct policy *p)
{
	if (!p)
		return;
	config_clear(policy_keys, p);
	g_free(p->sha256);
	g_free(p);
}

static void add_hash(struct policy *p)
{
	g_autoptr(json) document = policy_write(p);
	g_autofree char *text = json_compact(document);

	p->sha256 = hash_hex(text, strlen(text));
}

struct policy *policy_default(void)
{
	struct policy *p = g_new0(struct policy, 1);

	config_defaults(policy_keys, p);
	add_hash(p);
	return p;
}

struct policy *policy_read(const char *path, GError **error)
{
	g_autoptr(policy) p = g_new0(struct policy, 1);
	g_autoptr(config) c = config_read(policy_keys, path, p, error);

	if (!c)
		return NULL;
	add_hash(p);
	return g_steal_pointer(&p);
}

struct policy *policy_of(const char *file, const char *bundle, GError **error)
{
	g_autofree char *own =
	    bundle ? g_build_filename(bundle, "policy.conf", NULL) : NULL;

	if (!file && own && g_file_test(own, G_FILE_TEST_EXISTS))
		file = own;
	return file ? policy_read(file, error) : policy_default();
}

bool policy_is_optional(
    const struct policy *p, const char *check, const char *key)
{
	g_autofree char *area = g_strndup(check, strcspn(check, "-"));

	for (char **name = p->optional; name && *name; name++)
		if (g_str_equal(*name, key) || g_str_equal(*name, check) ||
		    g_str_equal(*name, area))
			return true;
	return (!p->backup_required && g_str_equal(area, "BACKUP")) ||
	       (!p->capacity_required && g_str_equal(area, "CAPACITY"));
}

json *policy_write(const struct policy *p)
{
	json *document = config_write(policy_keys, p);

	json_set_string(document, "schema", "gonogo.policy/1");
	return document;
}

json *policy_schema(void)
{
	json *schema = config_schema(policy_keys);
	json *name = json_new_object();

	json_set_string(name, "const", "gonogo.policy/1");
	json_set((json *)json_member(schema, "properties"), "schema", name);
	json_append_string(
	    json_set(schema, "required", json_new_array()), "schema");
	json_set_string(
	    schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_set_string(schema, "title", "gonogo.policy/1");
	return schema;
}
