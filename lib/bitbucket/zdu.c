#include "bitbucket/zdu.h"

#include <glib.h>

const struct zdu_condition zdu_go = {
    .cluster_state = "STABLE",
    .node_state = "ACTIVE",
    .versions = 1,
    .upgrade_mode = false,
};

bool zdu_is_cluster_state(const char *name)
{
	static const char *const states[] = {"STABLE", "READY_TO_UPGRADE",
	    "MIXED", "READY_TO_RUN_UPGRADE_TASKS", "RUNNING_UPGRADE_TASKS",
	    "UPGRADE_TASKS_FAILED", NULL};

	return g_strv_contains(states, name);
}

bool zdu_is_node_state(const char *name)
{
	static const char *const states[] = {"STARTING", "ACTIVE", "DRAINING",
	    "TERMINATING", "OFFLINE", "ERROR", "RUNNING_FINALIZE_UPGRADE_TASKS",
	    "UPGRADE_TASKS_FAILED", NULL};

	return g_strv_contains(states, name);
}
