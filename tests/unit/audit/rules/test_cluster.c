#include "../harm.h"

static struct mirror *mirror_of(struct facts *f)
{
	return g_ptr_array_index(f->mirrors, 0);
}

static struct mesh_node *mesh_of(struct facts *f)
{
	return g_ptr_array_index(f->mesh_nodes, 1);
}

static void drop_nodes(struct facts *f, guint keep)
{
	while (f->nodes->len > keep) {
		shape_clear(&node_shape, g_ptr_array_index(f->nodes, keep));
		g_free(g_ptr_array_steal_index(f->nodes, keep));
		g_free(
		    g_ptr_array_steal_index(f->cluster.expected_nodes, keep));
	}
}

static void drop_mirrors(struct facts *f)
{
	shape_clear(&mirror_shape, mirror_of(f));
	g_free(g_ptr_array_steal_index(f->mirrors, 0));
}

static void drop_mesh(struct facts *f)
{
	while (f->mesh_nodes->len) {
		shape_clear(
		    &mesh_node_shape, g_ptr_array_index(f->mesh_nodes, 0));
		g_free(g_ptr_array_steal_index(f->mesh_nodes, 0));
	}
	f->mesh_unreachable = (struct number){0};
}

static void no_members(struct facts *f)
{
	for (guint i = 0; i < f->nodes->len; i++) {
		struct node *node = g_ptr_array_index(f->nodes, i);
		node->member = (struct flag){0};
	}
	blind(f, "cluster.members", "HTTP status 401");
}

static void no_clocks(struct facts *f)
{
	for (guint i = 0; i < f->nodes->len; i++) {
		struct node *node = g_ptr_array_index(f->nodes, i);
		node->clock_skew_ms = (struct number){0};
	}
}

static void skew(struct facts *f, int64_t one, int64_t two, int64_t three)
{
	node_of(f, "bb-1")->clock_skew_ms = number_of(one);
	node_of(f, "bb-2")->clock_skew_ms = number_of(two);
	node_of(f, "bb-3")->clock_skew_ms = number_of(three);
}

static void no_inventory(struct facts *f)
{
	while (f->cluster.expected_nodes->len)
		g_free(g_ptr_array_steal_index(f->cluster.expected_nodes, 0));
}

HARM(two_nodes, drop_nodes(f, 2))
HARM(one_node, drop_nodes(f, 1))
HARM(draining, replace(&node_of(f, "bb-2")->state, "DRAINING"))
HARM(starting, replace(&node_of(f, "bb-2")->status, "STARTING"))
HARM(firewalled, g_clear_pointer(&node_of(f, "bb-2")->status, g_free))
HARM(stateless, g_clear_pointer(&node_of(f, "bb-2")->status, g_free);
     g_clear_pointer(&node_of(f, "bb-2")->state, g_free);
     blind(f, "node.bb-2.status", "timed out"))
HARM(contradicted, node_of(f, "bb-2")->member = flag_of(false))
HARM(earlier_life, facts_node(f, "old")->state = g_strdup("OFFLINE"))
HARM(odd_version, replace(&node_of(f, "bb-3")->version, "9.4.21"))
HARM(odd_build, replace(&node_of(f, "bb-3")->build, "9004022.1"))
HARM(no_version, g_clear_pointer(&node_of(f, "bb-3")->version, g_free);
     blind(f, "node.bb-3.version", "it says 9.4.21, the cluster 9.4.22"))
HARM(mixed, replace(&f->cluster.zdu_state, "MIXED"))
HARM(ready, replace(&f->cluster.zdu_state, "READY_TO_UPGRADE"))
HARM(no_zdu, g_clear_pointer(&f->cluster.zdu_state, g_free);
     f->cluster.upgrade_mode = (struct flag){0};
     blind(f, "cluster.zdu", "HTTP status 403"))
HARM(mode_on, f->cluster.upgrade_mode = flag_of(true))
HARM(dead_node, node_of(f, "bb-3")->member = flag_of(false);
     replace(&node_of(f, "bb-3")->state, "OFFLINE"))
HARM(stranger, facts_node(f, "bb-9")->member = flag_of(true))
HARM(crossed, replace(&node_of(f, "bb-2")->answers_as, "bb-1"))
HARM(fast_clock, skew(f, 0, 9000, 0))
HARM(all_fast, skew(f, 60000, 60000, 60000))
HARM(no_clock, node_of(f, "bb-2")->clock_skew_ms = (struct number){0};
     blind(f, "node.bb-2.status", "no HTTP date"))
HARM(other_zone, replace(&node_of(f, "bb-3")->timezone, "Europe/Berlin"))
HARM(locked, f->cluster.maintenance = flag_of(true);
     f->cluster.lock_owner = g_strdup("svc-backup"))
HARM(no_word_of_nodes,
    for (guint i = 0; i < f->nodes->len; i++) g_clear_pointer(
	&((struct node *)g_ptr_array_index(f->nodes, i))->status, g_free))
HARM(in_maintenance, replace(&node_of(f, "bb-2")->status, "MAINTENANCE"))
HARM(no_lock_seen, f->cluster.maintenance = (struct flag){0};
     blind(f, "cluster.lock", "HTTP status 401"))
HARM(new_mirror, replace(&mirror_of(f)->version, "10.0.1"))
HARM(mute_mirror, g_clear_pointer(&mirror_of(f)->version, g_free))
HARM(disabled_mirror, mirror_of(f)->enabled = flag_of(false))
HARM(lost_mirror, mirror_of(f)->last_seen_at = number_of(HEALTHY_AS_OF - 86401))
HARM(mirrors_unseen, drop_mirrors(f); blind(f, "mirrors", "HTTP status 500"))
HARM(mesh_down, mesh_of(f)->offline = flag_of(true))
HARM(mesh_draining, replace(&mesh_of(f)->state, "DRAINING"))
HARM(mesh_mute, g_clear_pointer(&mesh_of(f)->state, g_free))
HARM(mesh_cut, f->mesh_unreachable = number_of(2))
HARM(mesh_reach_unseen, f->mesh_unreachable = (struct number){0};
     blind(f, "mesh.connectivity", "HTTP status 500"))
HARM(mesh_moving, f->mesh_migrating = flag_of(true))
HARM(mesh_unseen, f->mesh_migrating = (struct flag){0};
     blind(f, "mesh.migration", "HTTP status 500"))
HARM(before_mesh, replace(&f->product.version, "7.21.1");
     blind(f, "mesh.nodes", "HTTP status 404"))

static const struct harm rows[] = {
    {NULL, "CLUSTER-nodes-enough", OUTCOME_PASS, "3 live nodes", ANSWER_GO},
    {two_nodes, "CLUSTER-nodes-enough", OUTCOME_PASS, "2 live nodes",
	ANSWER_GO},
    {one_node, "CLUSTER-nodes-enough", OUTCOME_FAIL, "1 live node, at least 2",
	ANSWER_NO_GO},
    {no_members, "CLUSTER-nodes-enough", OUTCOME_UNKNOWN,
	"cluster.members: HTTP status 401", ANSWER_UNKNOWN},

    {NULL, "CLUSTER-nodes-active/bb-2", OUTCOME_PASS, "bb-2 is ACTIVE",
	ANSWER_GO},
    {draining, "CLUSTER-nodes-active/bb-2", OUTCOME_FAIL, "bb-2 is DRAINING",
	ANSWER_NO_GO},
    {starting, "CLUSTER-nodes-active/bb-2", OUTCOME_FAIL, "bb-2 is STARTING",
	ANSWER_NO_GO},
    {firewalled, "CLUSTER-nodes-active/bb-2", OUTCOME_PASS, "bb-2 is ACTIVE",
	ANSWER_GO},
    {stateless, "CLUSTER-nodes-active/bb-2", OUTCOME_UNKNOWN, "timed out",
	ANSWER_UNKNOWN},
    {contradicted, "CLUSTER-nodes-active/bb-2", OUTCOME_UNKNOWN,
	"admin/cluster does not list it", ANSWER_NO_GO},
    {earlier_life, "CLUSTER-nodes-active/bb-1", OUTCOME_PASS, "ACTIVE",
	ANSWER_GO},
    {no_members, "CLUSTER-nodes-active/bb-2", OUTCOME_UNKNOWN,
	"does not list it", ANSWER_UNKNOWN},

    {NULL, "CLUSTER-one-version", OUTCOME_PASS, "all 3 live nodes run 9.4.22",
	ANSWER_GO},
    {odd_version, "CLUSTER-one-version/bb-3", OUTCOME_FAIL,
	"bb-3 runs 9.4.21 (build 9004022), 2 others run 9.4.22", ANSWER_NO_GO},
    {odd_build, "CLUSTER-one-version/bb-3", OUTCOME_FAIL, "9004022.1",
	ANSWER_NO_GO},
    {no_version, "CLUSTER-one-version/bb-3", OUTCOME_UNKNOWN, "it says 9.4.21",
	ANSWER_UNKNOWN},
    {no_members, "CLUSTER-one-version", OUTCOME_UNKNOWN, "HTTP status 401",
	ANSWER_UNKNOWN},

    {NULL, "CLUSTER-zdu-stable", OUTCOME_PASS, "STABLE", ANSWER_GO},
    {mixed, "CLUSTER-zdu-stable", OUTCOME_FAIL, "MIXED", ANSWER_NO_GO},
    {ready, "CLUSTER-zdu-stable", OUTCOME_FAIL, "READY_TO_UPGRADE",
	ANSWER_NO_GO},
    {no_zdu, "CLUSTER-zdu-stable", OUTCOME_UNKNOWN, "HTTP status 403",
	ANSWER_UNKNOWN},
    {NULL, "CLUSTER-upgrade-mode-off", OUTCOME_PASS, "off", ANSWER_GO},
    {mode_on, "CLUSTER-upgrade-mode-off", OUTCOME_FAIL, "on", ANSWER_NO_GO},
    {no_zdu, "CLUSTER-upgrade-mode-off", OUTCOME_UNKNOWN, "HTTP status 403",
	ANSWER_UNKNOWN},

    {NULL, "CLUSTER-inventory", OUTCOME_PASS, "3 nodes of the settings",
	ANSWER_GO},
    {dead_node, "CLUSTER-inventory/bb-3", OUTCOME_FAIL,
	"bb-3 is in the settings", ANSWER_NO_GO},
    {stranger, "CLUSTER-inventory/bb-9", OUTCOME_FAIL,
	"the settings do not name it", ANSWER_UNKNOWN},
    {crossed, "CLUSTER-inventory/bb-2", OUTCOME_FAIL,
	"leads to node bb-1, not to bb-2", ANSWER_CONDITIONAL},
    {no_inventory, "CLUSTER-inventory", OUTCOME_UNKNOWN,
	"a dead one would not be missed", ANSWER_UNKNOWN},
    {no_members, "CLUSTER-inventory", OUTCOME_UNKNOWN, "HTTP status 401",
	ANSWER_UNKNOWN},

    {NULL, "CLUSTER-clocks/bb-2", OUTCOME_PASS, "0 ms", ANSWER_GO},
    {fast_clock, "CLUSTER-clocks/bb-2", OUTCOME_FAIL, "9000 ms off",
	ANSWER_CONDITIONAL},
    {all_fast, "CLUSTER-clocks/bb-2", OUTCOME_PASS, "0 ms", ANSWER_CONDITIONAL},
    {no_clock, "CLUSTER-clocks/bb-2", OUTCOME_UNKNOWN, "no HTTP date",
	ANSWER_UNKNOWN},
    {other_zone, "CLUSTER-clocks/bb-3.timezone", OUTCOME_FAIL,
	"bb-3 is in Europe/Berlin, bb-1 in Etc/UTC", ANSWER_CONDITIONAL},

    {NULL, "CLUSTER-not-locked", OUTCOME_PASS, "not locked", ANSWER_GO},
    {locked, "CLUSTER-not-locked", OUTCOME_FAIL, "by svc-backup", ANSWER_NO_GO},
    {no_word_of_nodes, "CLUSTER-not-locked", OUTCOME_UNKNOWN,
	"no live node says RUNNING", ANSWER_UNKNOWN},
    {in_maintenance, "CLUSTER-not-locked", OUTCOME_FAIL,
	"bb-2 is in MAINTENANCE", ANSWER_NO_GO},
    {no_lock_seen, "CLUSTER-not-locked", OUTCOME_UNKNOWN, "HTTP status 401",
	ANSWER_UNKNOWN},

    {NULL, "CLUSTER-mirrors/EU", OUTCOME_PASS, "EU runs 9.4.22", ANSWER_GO},
    {drop_mirrors, "CLUSTER-mirrors", OUTCOME_NOT_APPLICABLE, "no mirrors",
	ANSWER_GO},
    {mirrors_unseen, "CLUSTER-mirrors", OUTCOME_UNKNOWN, "HTTP status 500",
	ANSWER_UNKNOWN},
    {new_mirror, "CLUSTER-mirrors/EU", OUTCOME_FAIL,
	"newer than the target 9.4.23", ANSWER_NO_GO},
    {mute_mirror, "CLUSTER-mirrors/EU", OUTCOME_UNKNOWN, "what it runs",
	ANSWER_UNKNOWN},
    {disabled_mirror, "CLUSTER-mirrors/EU", OUTCOME_FAIL, "is disabled",
	ANSWER_GO},
    {lost_mirror, "CLUSTER-mirrors/EU", OUTCOME_FAIL,
	"not seen for more than a day", ANSWER_GO},

    {NULL, "CLUSTER-mesh/mesh-2", OUTCOME_PASS, "AVAILABLE", ANSWER_GO},
    {NULL, "CLUSTER-mesh/connectivity", OUTCOME_PASS, "reaches the others",
	ANSWER_GO},
    {drop_mesh, "CLUSTER-mesh", OUTCOME_NOT_APPLICABLE, "no Mesh nodes",
	ANSWER_GO},
    {before_mesh, "CLUSTER-mesh", OUTCOME_NOT_APPLICABLE, "before 8.0",
	ANSWER_NO_GO},
    {mesh_down, "CLUSTER-mesh/mesh-2", OUTCOME_FAIL, "offline", ANSWER_NO_GO},
    {mesh_draining, "CLUSTER-mesh/mesh-2", OUTCOME_FAIL, "DRAINING",
	ANSWER_NO_GO},
    {mesh_mute, "CLUSTER-mesh/mesh-2", OUTCOME_UNKNOWN, "its state",
	ANSWER_UNKNOWN},
    {mesh_cut, "CLUSTER-mesh/connectivity", OUTCOME_FAIL, "2 pairs",
	ANSWER_NO_GO},
    {mesh_reach_unseen, "CLUSTER-mesh/connectivity", OUTCOME_UNKNOWN,
	"HTTP status 500", ANSWER_UNKNOWN},
    {mesh_moving, "CLUSTER-mesh", OUTCOME_FAIL, "being migrated", ANSWER_NO_GO},
    {mesh_unseen, "CLUSTER-mesh", OUTCOME_UNKNOWN, "HTTP status 500",
	ANSWER_UNKNOWN},

    {no_clocks, "EVIDENCE-clock", OUTCOME_UNKNOWN, "no node shows",
	ANSWER_UNKNOWN},
};

int main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH_HARM(rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
