#include "audit/collect/read_cluster.h"

#include <inttypes.h>

#include "audit/collect/nodes.h"
#include "audit/collect/take.h"
#include "base/clock.h"
#include "base/error.h"
#include "bitbucket/zdu.h"

/* ---- product ---- */

bool read_version(
    const json *body, char **version, char **build, GError **error)
{
	g_autofree char *name = NULL;

	if (!must_string(body, "displayName", &name, error))
		return false;
	if (!g_str_equal(name, "Bitbucket"))
		return fail(error, GONOGO_ERROR_DATA,
		    "it answers as '%s', not as Bitbucket", name);
	return must_string(body, "version", version, error) &&
	       must_string(body, "buildNumber", build, error);
}

static bool read_product(const struct reading *r, GError **error)
{
	struct product *p = &r->facts->product;

	if (!read_version(r->body, &p->version, &p->build, error))
		return false;
	p->name = g_strdup("Bitbucket");
	return true;
}

/* ---- one node, asked itself ---- */

static bool asked_node(
    const struct reading *r, struct node **node, GError **error)
{
	*node = nodes_asked(r->facts, r->subject);
	if (!*node)
		return fail(error, GONOGO_ERROR_DATA,
		    "node %s is not in the settings",
		    r->subject ? r->subject : "without a name");
	return nodes_trust(r->facts, *node, error);
}

/*
 * HTTP dates are whole seconds, and the server may write its own at any moment
 * of the request: within it the clocks agree.
 */
static struct number skew_of(const struct raw_meta *meta)
{
	int64_t date = 0;

	if (!meta->date || !meta->at.known || !meta->elapsed_ms.known ||
	    !clock_parse_http(meta->date, &date, NULL))
		return (struct number){0};
	int64_t first = meta->at.value;
	int64_t last = first + 1 + meta->elapsed_ms.value / 1000;
	if (date < first)
		return number_of((date - first) * 1000);
	return number_of(date > last ? (date - last) * 1000 : 0);
}

static bool read_status(const struct reading *r, GError **error)
{
	struct node *node = NULL;

	if (!asked_node(r, &node, error) ||
	    !must_string(r->body, "state", &node->status, error))
		return false;
	node->clock_skew_ms = skew_of(r->meta);
	if (!node->clock_skew_ms.known)
		facts_add_unseen(r->facts, r->name,
		    "the answer has no HTTP date to compare clocks with");
	return true;
}

static bool read_node_version(const struct reading *r, GError **error)
{
	struct node *node = NULL;

	return asked_node(r, &node, error) &&
	       read_version(r->body, &node->version, &node->build, error);
}

/* A node that answers is a member, so its list has its own id. */
static bool lists_itself(const json *body, const char *id, GError **error)
{
	const json *members = NULL;

	if (!json_array(body, "nodes", &members, error))
		return false;
	json_each (member, members)
		if (g_strcmp0(json_text(member, "id"), id) == 0)
			return true;
	return fail(
	    error, GONOGO_ERROR_DATA, "its list of nodes lacks itself: %s", id);
}

static bool read_node_members(const struct reading *r, GError **error)
{
	g_autofree char *name = NULL;
	g_autoptr(GError) stranger = NULL;
	struct node *node = NULL;

	if (!asked_node(r, &node, error) ||
	    !must_string(r->body, "localNode.name", &name, error) ||
	    !must_string(r->body, "localNode.id", &node->id, error) ||
	    !lists_itself(r->body, node->id, error))
		return false;
	/* Who answers is a fact even where it is the wrong one. */
	if (!nodes_identify(r->facts, node, name, &stranger))
		facts_add_unseen(r->facts, r->name, "%s", stranger->message);
	return true;
}

/* ---- the cluster's own lists ---- */

/* Two witnesses must not contradict each other. */
static void witness(struct facts *f, struct node *node, char **member,
    const char *key, const char *value)
{
	if (*member && !g_str_equal(*member, value)) {
		g_autofree char *what =
		    g_strdup_printf("node.%s.%s", node->name, key);
		facts_add_unseen(
		    f, what, "it says %s, the cluster %s", *member, value);
		g_clear_pointer(member, g_free);
	} else if (!*member) {
		*member = g_strdup(value);
	}
}

static bool read_member(struct facts *f, const json *member, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *id = NULL;
	g_autofree char *host = NULL;
	g_autofree char *version = NULL;
	struct number port = {0};

	if (!must_string(member, "name", &name, error) ||
	    !must_string(member, "id", &id, error) ||
	    !take_string(member, "address.address", &host, error) ||
	    !take_number(member, "address.port", &port, error) ||
	    !must_string(member, "buildVersion", &version, error))
		return false;
	struct node *node = nodes_listed(f, name, host);
	if (node->member.known)
		return fail(error, GONOGO_ERROR_DATA, "node %s is listed twice",
		    node->name);
	node->member = flag_of(true);
	g_free(node->id);
	node->id = g_steal_pointer(&id);
	if (host && port.known)
		node->address =
		    g_strdup_printf("%s:%" PRId64, host, port.value);
	witness(f, node, &node->version, "version", version);
	return true;
}

static bool read_members(const struct reading *r, GError **error)
{
	struct facts *f = r->facts;
	const json *nodes = NULL;

	if (!json_array(r->body, "nodes", &nodes, error) ||
	    !must_flag(r->body, "running", &f->cluster.running, error))
		return false;
	if (!json_first(nodes))
		return fail(error, GONOGO_ERROR_DATA,
		    "the list of nodes is empty, and yet one answered");
	json_each (member, nodes)
		if (!read_member(f, member, error))
			return false;
	/* Live members only are listed: the others of the inventory are gone.
	 */
	for (guint i = 0; i < list_length(f->nodes); i++) {
		struct node *node = g_ptr_array_index(f->nodes, i);
		if (!node->member.known)
			node->member = flag_of(false);
	}
	return true;
}

/* An entry of an earlier life stays listed as OFFLINE beside the live one. */
static bool is_earlier_life(
    const struct node *node, const char *id, const char *state)
{
	return g_str_equal(state, "OFFLINE") && node->member.known &&
	       node->member.value && g_strcmp0(node->id, id) != 0;
}

static bool read_zdu_node(struct facts *f, const json *entry, GError **error)
{
	g_autofree char *name = NULL;
	g_autofree char *id = NULL;
	g_autofree char *host = NULL;
	g_autofree char *state = NULL;
	g_autofree char *version = NULL;

	if (!must_string(entry, "name", &name, error) ||
	    !must_string(entry, "id", &id, error) ||
	    !must_string(entry, "state", &state, error) ||
	    !take_string(entry, "ipAddress", &host, error) ||
	    !take_string(entry, "version", &version, error))
		return false;
	struct node *node = nodes_listed(f, name, host);
	if (is_earlier_life(node, id, state))
		return true;
	if (node->state && !g_str_equal(node->state, "OFFLINE") &&
	    !g_str_equal(state, "OFFLINE"))
		return fail(error, GONOGO_ERROR_DATA, "node %s is listed twice",
		    node->name);
	if (!node->state || g_str_equal(node->state, "OFFLINE")) {
		g_free(node->state);
		node->state = g_steal_pointer(&state);
	}
	if (version)
		witness(f, node, &node->version, "version", version);
	return true;
}

static bool read_zdu(const struct reading *r, GError **error)
{
	struct facts *f = r->facts;
	const json *nodes = NULL;

	if (!json_array(r->body, "nodes", &nodes, error) ||
	    !must_string(r->body, "state", &f->cluster.zdu_state, error) ||
	    !must_flag(r->body, "upgradeModeEnabled", &f->cluster.upgrade_mode,
		error) ||
	    !take_string(r->body, "originalVersion",
		&f->cluster.original_version, error) ||
	    !take_flag(r->body, "hasFinalizationTasks",
		&f->cluster.finalisation_tasks, error))
		return false;
	if (!json_first(nodes))
		return fail(error, GONOGO_ERROR_DATA,
		    "the list of nodes is empty, and yet one answered");
	json_each (entry, nodes)
		if (!read_zdu_node(f, entry, error))
			return false;
	/* It answers clustered instances alone, and those are Data Center:
	 * docs/sources.md#zdu */
	f->licence.data_center = flag_of(true);
	return true;
}

static bool read_lock(const struct reading *r, GError **error)
{
	struct cluster *c = &r->facts->cluster;

	if (r->meta->http_status.value == 404) {
		c->maintenance = flag_of(false);
		return true;
	}
	if (!take_string(r->body, "owner.name", &c->lock_owner, error))
		return false;
	c->maintenance = flag_of(true);
	return true;
}

/* ---- rows: the members come first, for they say who is who ---- */

const struct row cluster_rows[] = {
    {.what = "product",
	.collector = "bitbucket",
	.request = "/rest/api/latest/application-properties",
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.read = read_product},
    {.what = "node.members",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/cluster",
	.per_node = true,
	.profiles = PROFILE_FULL,
	.read = read_node_members},
    {.what = "node.status",
	.collector = "bitbucket",
	.request = "/status",
	.per_node = true,
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.also = {503, 500},
	.reads_date = true,
	.read = read_status},
    {.what = "node.version",
	.collector = "bitbucket",
	.request = "/rest/api/latest/application-properties",
	.per_node = true,
	.profiles = PROFILE_FULL,
	.read = read_node_version},
    {.what = "cluster.members",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = "/rest/api/latest/admin/cluster",
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.read = read_members},
    {.what = "cluster.zdu",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = ZDU_CLUSTER,
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.read = read_zdu},
    {.what = "cluster.lock",
	.permission = "SYS_ADMIN",
	.collector = "bitbucket",
	.request = "/mvc/maintenance/lock",
	.people = true,
	.profiles = PROFILE_FULL | PROFILE_GATE,
	.also = {404},
	.read = read_lock},
    {0},
};
