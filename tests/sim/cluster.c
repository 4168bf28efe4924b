#include "tests/sim/cluster.h"

const char *const node_state_names[] = {
    [NODE_ACTIVE] = "ACTIVE",
    [NODE_STARTING] = "STARTING",
    [NODE_DRAINING] = "DRAINING",
    [NODE_TERMINATING] = "TERMINATING",
    [NODE_OFFLINE] = "OFFLINE",
    [NODE_ERROR] = "ERROR",
};

static void node_free(struct node *node)
{
	g_free(node->name);
	g_free(node->id);
	g_free(node->address);
	g_free(node->version);
	g_free(node->next_version);
	g_free(node);
}

static void ghost_free(struct ghost *ghost)
{
	g_free(ghost->id);
	g_free(ghost->name);
	g_free(ghost->address);
	g_free(ghost->version);
	g_free(ghost);
}

char *cluster_draw(cluster *c)
{
	g_autofree char *text =
	    g_strdup_printf("%" PRIu64 " %" PRIu64, c->seed, ++c->drawn);

	return g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
}

cluster *cluster_new(unsigned count, const char *version, const char *context,
    uint64_t seed, json *world)
{
	cluster *c = g_new0(cluster, 1);

	c->context = context;
	c->world = world;
	c->seed = seed;
	c->nodes = g_ptr_array_new_with_free_func((GDestroyNotify)node_free);
	for (unsigned i = 1; i <= count; i++) {
		struct node *node = g_new0(struct node, 1);
		node->name = g_strdup_printf("bb-node-%u", i);
		node->id = cluster_draw(c);
		node->address = g_strdup_printf("10.0.0.%u", 10 + i);
		node->version = g_strdup(version);
		g_ptr_array_add(c->nodes, node);
	}
	c->maintenance.git_operations = 6;
	c->maintenance.git_drain_ms = 200;
	c->maintenance.database_drain_ms = 100;
	c->maintenance.fail_after_ms = -1;
	c->upgrade.ghosts =
	    g_ptr_array_new_with_free_func((GDestroyNotify)ghost_free);
	c->upgrade.keeps_ghosts = true;
	c->upgrade.finalise_ms = 100;
	c->buckets =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	c->now_ms = g_get_monotonic_time() / 1000;
	return c;
}

void cluster_free(cluster *c)
{
	if (!c)
		return;
	json_free(c->world);
	g_ptr_array_unref(c->nodes);
	g_free(c->maintenance.unlock_token);
	g_free(c->maintenance.owner);
	g_free(c->maintenance.task.id);
	g_free(c->upgrade.original_version);
	g_ptr_array_unref(c->upgrade.ghosts);
	g_hash_table_unref(c->buckets);
	g_free(c->check_id);
	g_free(c);
}

struct node *cluster_node(const cluster *c, const char *name)
{
	for (guint i = 0; name && i < c->nodes->len; i++) {
		struct node *node = g_ptr_array_index(c->nodes, i);
		if (g_str_equal(node->name, name))
			return node;
	}
	return NULL;
}

json *cluster_world(const cluster *c, const char *path)
{
	/* The world is ours: what is found in it may be changed. */
	return (json *)json_find(c->world, path);
}

json *cluster_list(cluster *c, const char *section)
{
	json *list = cluster_world(c, section);

	return list && json_kind(list) == JSON_ARRAY
		   ? list
		   : json_set(c->world, section, json_new_array());
}

int64_t number_at(const json *value, const char *path, int64_t fallback)
{
	int64_t number;

	return json_i64(value, path, &number, NULL) ? number : fallback;
}

bool flag_at(const json *value, const char *path, bool fallback)
{
	bool flag;

	return json_bool(value, path, &flag, NULL) ? flag : fallback;
}

int64_t cluster_number(const cluster *c, const char *path, int64_t fallback)
{
	return number_at(c->world, path, fallback);
}

bool cluster_flag(const cluster *c, const char *path, bool fallback)
{
	return flag_at(c->world, path, fallback);
}

void world_merge(json *target, const json *changes)
{
	json_each (change, changes) {
		const char *key = json_key(change);
		const json *old = json_member(target, key);
		if (json_kind(change) == JSON_NULL)
			json_remove(target, key);
		else if (old && json_kind(old) == JSON_OBJECT &&
			 json_kind(change) == JSON_OBJECT)
			world_merge((json *)old, change);
		else
			json_set(target, key, json_copy(change));
	}
}

int64_t cluster_time(const struct node *node)
{
	return g_get_real_time() / G_USEC_PER_SEC + (node ? node->skew_s : 0);
}

bool node_serves(const struct node *node)
{
	return node->state == NODE_ACTIVE || node->state == NODE_DRAINING;
}

bool node_is_member(const struct node *node)
{
	return node_serves(node) || node->state == NODE_TERMINATING;
}

int64_t version_build(const char *version)
{
	g_auto(GStrv) parts = g_strsplit(version ? version : "", ".", -1);
	int64_t build = 0;

	for (size_t i = 0; i < 3; i++) {
		uint64_t number = 0;
		if (i < g_strv_length(parts) &&
		    !g_ascii_string_to_unsigned(
			parts[i], 10, 0, 999, &number, NULL))
			return 0;
		build = build * 1000 + (int64_t)number;
	}
	return build;
}
