#include "tests/sim/dispatch.h"

#include "tests/sim/control.h"
#include "tests/sim/marketplace.h"
#include "tests/sim/routes.h"

/* The next node in turn that takes new work; NULL: none does. */
static struct node *balance(sim *s)
{
	for (guint i = 0; i < s->cluster->nodes->len; i++) {
		struct node *node = g_ptr_array_index(
		    s->cluster->nodes, s->turn++ % s->cluster->nodes->len);
		if (node->state == NODE_ACTIVE &&
		    !faults_refuse(s->faults, node->name))
			return node;
	}
	return NULL;
}

static void serve(enum role role, struct request *r, struct reply *reply)
{
	if (role == ROLE_MARKETPLACE)
		marketplace_serve(r, reply);
	else if (r->node)
		routes_serve(r, reply);
	else
		reply_html(reply, 503, "No node", "No node is available.");
}

/* A request to the product or the Marketplace, under the faults. */
static const struct fault *serve_spoiled(sim *s, enum role role,
    struct request *r, struct reply *reply, struct delivery *delivery)
{
	const char *where = role == ROLE_MARKETPLACE ? "marketplace"
			    : r->node                ? r->node->name
						     : NULL;
	const struct fault *fault =
	    faults_take(s->faults, where, r->method, r->path);

	if (!fault) {
		serve(role, r, reply);
		return NULL;
	}
	*delivery = (struct delivery){fault->kind, fault->ms, fault->bytes};
	if (fault_instead(fault, reply))
		return fault;
	if (fault->kind == FAULT_OTHER_HOST && r->node) {
		r->cluster = s->stranger;
		r->node = g_ptr_array_index(s->stranger->nodes, 0);
	}
	serve(role, r, reply);
	fault_bend(fault, reply);
	return fault;
}

static void stamp(const struct request *r, struct reply *reply, int64_t skew_s)
{
	g_autoptr(GDateTime) now =
	    g_date_time_new_from_unix_utc(cluster_time(r->node) + skew_s);
	g_autofree char *text =
	    g_date_time_format(now, "%a, %d %b %Y %H:%M:%S GMT");

	reply_header(reply, "Date", text);
	if (reply->json) {
		reply->text = json_compact(reply->json);
		g_clear_pointer(&reply->json, json_free);
	}
}

void dispatch(sim *s, enum role role, const char *node, struct request *r,
    struct reply *reply, struct delivery *delivery)
{
	const struct fault *fault = NULL;

	g_mutex_lock(&s->lock);
	sim_settle(s);
	r->cluster = s->cluster;
	r->node =
	    role == ROLE_BALANCER ? balance(s) : cluster_node(s->cluster, node);
	delivery->kind = FAULT_KINDS;
	if (!r->path) {
		reply_html(reply, 404, "Not found", "Nothing is here.");
	} else if (role == ROLE_CONTROL) {
		control_serve(s, r, reply);
	} else {
		const struct node *asked = r->node;
		fault = serve_spoiled(s, role, r, reply, delivery);
		r->cluster = s->cluster;
		r->node = (struct node *)asked;
		journal_add(&s->journal, r, reply,
		    fault ? fault_names[fault->kind] : NULL);
	}
	stamp(r, reply, fault && fault->kind == FAULT_SKEW ? fault->skew_s : 0);
	g_mutex_unlock(&s->lock);
}
