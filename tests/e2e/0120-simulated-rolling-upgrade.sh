#!/bin/sh
# The simulated rolling upgrade: a state machine whose steps have their order.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

# ---- rolling upgrade ----
zdu=$SIM_NODE_1/rest/zdu
state_is() { answers 200 admin GET "$zdu/cluster" && holds ".state == \"$1\""; }
back() {
	told node "{\"node\": \"$1\", \"action\": \"upgrade\",
		\"version\": \"$2\", \"drain_ms\": 10, \"stop_ms\": 10,
		\"down_ms\": 10, \"start_ms\": 10}"
}
check 'a cluster is STABLE with the mode off' '
	state_is STABLE && holds ".upgradeModeEnabled == false and
	.originalVersion == \"9.4.22\" and (.nodes | map(.state) == [\"ACTIVE\",
	\"ACTIVE\", \"ACTIVE\"]) and .nodes[0].buildNumber == \"9004022\""'
check 'a plain administrator has no part in it' '
	answers 401 - GET "$zdu/cluster" && answers 403 auditor GET "$zdu/cluster"'
check 'each step starts from its own state only' '
	answers 409 admin POST "$zdu/cancel" && answers 409 admin POST "$zdu/approve" &&
	answers 409 admin POST "$zdu/retryUpgrade"'
check 'a node of another version may not join with the mode off' '
	back bb-node-2 9.4.23 && eventually ".nodes[1].state == \"ERROR\"" &&
	answers 500 - GET "$SIM_NODE_2/status" && holds ".state == \"ERROR\"" &&
	answers 503 admin GET "$SIM_NODE_2/rest/zdu/cluster"'
back bb-node-2 9.4.22 && eventually '.nodes[1].state == "ACTIVE"'
check 'the mode is switched on and off, also by the old paths' '
	answers 200 admin POST "$zdu/cluster/start" &&
	holds ".state == \"READY_TO_UPGRADE\" and .upgradeModeEnabled" &&
	answers 409 admin POST "$zdu/start" && answers 200 admin POST "$zdu/cancel" &&
	state_is STABLE && answers 200 admin POST "$zdu/start"'
old=$(simctl state '.nodes[0].id')
walk() { # NUMBER of the node: through its upgrade
	back "bb-node-$1" 9.4.23 && eventually ".nodes[$1 - 1] |
		.version == \"9.4.23\" and .state == \"ACTIVE\""
}
check 'a draining node finishes its tasks, then it is gone' '
	zdu=$SIM_NODE_2/rest/zdu &&
	told node "{\"node\": \"bb-node-1\", \"action\": \"stop\",
		\"drain_ms\": 1500, \"stop_ms\": 10}" &&
	answers 200 admin GET "$zdu/nodes/$old" &&
	holds ".state == \"DRAINING\" and .tasksTotal > 0" &&
	eventually ".nodes[0].state == \"OFFLINE\"" &&
	breaks 7 - GET "$SIM_NODE_1/status" &&
	answers 200 admin GET "$zdu/nodes/$old" && holds ".state == \"OFFLINE\""'
check 'and comes back under a new id, the old one listed as OFFLINE' '
	told node "{\"node\": \"bb-node-1\", \"action\": \"start\",
		\"version\": \"9.4.23\"}" &&
	eventually ".nodes[0].state == \"ACTIVE\"" && state_is MIXED &&
	holds "[.nodes[] | select(.name == \"bb-node-1\") | .state] ==
		[\"ACTIVE\", \"OFFLINE\"] and (.nodes | length == 4)" &&
	[ "$(simctl state ".nodes[0].id")" != "$old" ] &&
	answers 200 admin GET "$SIM_NODE_2/rest/api/latest/admin/cluster" &&
	holds "[.nodes[].buildVersion] == [\"9.4.23\", \"9.4.22\", \"9.4.22\"]"'
check 'a mixed cluster neither cancels nor finalises' '
	answers 409 admin POST "$zdu/cancel" && answers 409 admin POST "$zdu/approve"'
check 'an older bug-fix or another line may not join' '
	back bb-node-3 9.5.2 && eventually ".nodes[2].state == \"ERROR\"" &&
	back bb-node-3 9.4.22 && eventually ".nodes[2].state == \"ACTIVE\""'
check 'with every node on the target it waits for approval' '
	walk 2 && walk 3 && state_is READY_TO_RUN_UPGRADE_TASKS &&
	holds ".originalVersion == \"9.4.22\" and .hasFinalizationTasks"'
check 'finalisation can fail, and be tried again' '
	told zdu "{\"fails\": true, \"finalise_ms\": 150}" &&
	answers 200 admin POST "$zdu/approve" &&
	holds ".state == \"RUNNING_UPGRADE_TASKS\"" && sleep 0.25 &&
	state_is UPGRADE_TASKS_FAILED && answers 409 admin POST "$zdu/approve" &&
	answers 200 admin POST "$zdu/retryUpgrade" && sleep 0.25 &&
	state_is STABLE'
check 'the end forgets former lives and the mode' '
	holds "(.nodes | length == 3) and .originalVersion == \"9.4.23\" and
		.upgradeModeEnabled == false" &&
	answers 404 admin GET "$zdu/nodes/$old"'
check 'GET /state tells of the node that answers' '
	answers 200 admin GET "$zdu/state" && holds ".state == \"STABLE\" and
		.buildInfo.local and .buildInfo.version == \"9.4.23\""'
check 'what is not clustered is refused' '
	told world "{\"license\": {\"dataCenter\": false}}" &&
	answers 403 admin GET "$zdu/cluster"'
told world '{"license": {"dataCenter": true}}'
for n in 1 2 3; do told node "{\"node\": \"bb-node-$n\", \"version\": \"9.4.22\"}"; done
plan
