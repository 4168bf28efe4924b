#include "tests/sim/lifecycle.h"

#include "tests/sim/zdu.h"

static void enter(struct node *node, enum node_state state, int64_t next_at_ms)
{
	node->state = state;
	node->next_at_ms = next_at_ms;
}

void lifecycle_begin(cluster *c, struct node *node, const struct journey *way)
{
	g_free(node->next_version);
	node->next_version = g_strdup(way->version);
	node->drain_ms = way->drain_ms;
	node->drain_from = c->now_ms;
	node->stop_ms = way->stop_ms;
	node->down_ms = way->down_ms;
	node->start_ms = way->start_ms;
	node->stays_down = way->stays_down;
	enter(node, NODE_DRAINING, c->now_ms + way->drain_ms);
}

static void go_offline(cluster *c, struct node *node, int64_t next_at_ms)
{
	zdu_node_left(c, node);
	enter(node, NODE_OFFLINE, next_at_ms);
}

void lifecycle_crash(cluster *c, struct node *node)
{
	if (node->state != NODE_OFFLINE)
		go_offline(c, node, 0);
}

static void begin_life(cluster *c, struct node *node, int64_t at_ms)
{
	g_free(node->id);
	node->id = cluster_draw(c);
	if (node->next_version) {
		g_free(node->version);
		node->version = g_steal_pointer(&node->next_version);
	}
	enter(node, NODE_STARTING, at_ms + node->start_ms);
}

void lifecycle_start(
    cluster *c, struct node *node, const char *version, int64_t start_ms)
{
	if (node->state != NODE_OFFLINE)
		return;
	g_free(node->next_version);
	node->next_version = g_strdup(version);
	node->start_ms = start_ms;
	begin_life(c, node, c->now_ms);
}

static void step(cluster *c, struct node *node)
{
	int64_t at_ms = node->next_at_ms;

	switch (node->state) {
	case NODE_DRAINING:
		enter(node, NODE_TERMINATING, at_ms + node->stop_ms);
		break;
	case NODE_TERMINATING:
		go_offline(
		    c, node, node->stays_down ? 0 : at_ms + node->down_ms);
		break;
	case NODE_OFFLINE:
		begin_life(c, node, at_ms);
		break;
	case NODE_STARTING:
		enter(
		    node, zdu_may_join(c, node) ? NODE_ACTIVE : NODE_ERROR, 0);
		break;
	default:
		node->next_at_ms = 0;
	}
}

void lifecycle_settle(cluster *c)
{
	for (guint i = 0; i < c->nodes->len; i++) {
		struct node *node = g_ptr_array_index(c->nodes, i);
		while (node->next_at_ms && node->next_at_ms <= c->now_ms)
			step(c, node);
	}
}
