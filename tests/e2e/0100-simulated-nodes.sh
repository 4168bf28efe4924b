#!/bin/sh
# The simulated cluster tells of itself as the product does, to who may know.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

# ---- the instance ----
check 'a node says RUNNING to anybody' '
	answers 200 - GET "$SIM_NODE_2/status" && holds ".state == \"RUNNING\""'
check 'nothing is outside the context path' '
	answers 404 - GET "${SIM_NODE_1%/bitbucket}/status"'
check 'the version is told without a login, in strings' '
	answers 200 - GET "$SIM_URL/rest/api/1.0/application-properties" &&
	holds ". == {version: \"9.4.22\", buildNumber: \"9004022\",
		buildDate: .buildDate, displayName: \"Bitbucket\"}"'
check 'the manifest is XML unless JSON is asked for' '
	answers 200 - GET "$SIM_URL/rest/applinks/1.0/manifest" &&
	grep -q "<version>9.4.22</version>" "$out" &&
	answers 200 - GET "$SIM_URL/rest/applinks/1.0/manifest" \
		-H "Accept: application/json" && holds ".version == \"9.4.22\""'
check 'three members, one of them local' '
	answers 200 admin GET "$SIM_NODE_2/rest/api/latest/admin/cluster" &&
	holds ".running and (.nodes | length == 3) and
		([.nodes[] | select(.local)] == [.localNode]) and
		.localNode.name == \"bb-node-2\""'
check 'the balancer takes the nodes in turn' '
	for i in 1 2 3; do
		ask admin GET "$rest/admin/cluster"
		text .localNode.name
	done | sort -u | wc -l | grep -qx 3'
check 'the licence comes with its secret and its days left' '
	answers 200 auditor GET "$rest/admin/license" &&
	holds ".license and .numberOfDaysBeforeMaintenanceExpiry > 100 and
		.status.serverId == .serverId and (has(\"dataCenter\") | not)"'
check 'without a licence there is 404' '
	told world "{\"license\": null}" &&
	answers 404 admin GET "$rest/admin/license"'
told world '{"license": {"serverId": "BDXV-4K2M-9QWE-77AA"}}'
check 'an unknown path is 404, a wrong method 405' '
	answers 404 admin GET "$rest/no/such" && holds ".errors[0].message" &&
	answers 405 admin DELETE "$rest/admin/cluster"'

# ---- who may ----
check 'no login and a wrong one are 401' '
	answers 401 - GET "$rest/admin/cluster" && holds ".errors[0].context == null" &&
	answers 401 admin GET "$rest/admin/cluster" -u admin:wrong &&
	holds ".errors[0].exceptionName | test(\"IncorrectPassword\")"'
check 'a missing permission is 401 on admin resources' '
	answers 401 user GET "$rest/admin/license" &&
	answers 401 auditor GET "$rest/admin/cluster" &&
	answers 401 nobody GET "$SIM_URL/dashboard" &&
	answers 200 user GET "$SIM_URL/dashboard"'
check 'a Bearer token reads projects but never as an administrator' '
	answers 200 - GET "$rest/projects" -H "Authorization: Bearer admin-token" &&
	answers 401 - GET "$rest/admin/cluster" \
		-H "Authorization: Bearer admin-token" &&
	holds ".errors[0].message | test(\"permission: ADMIN\")"'
check 'a secure session, when it is asked for, is missed' '
	told world "{\"security\": {\"websudo\": true}}" &&
	answers 401 admin GET "$upm/" -H "Accept: application/json" &&
	holds ".subCode == \"upm.websudo.error\"" &&
	answers 200 admin HEAD "$upm/?os_authType=basic" &&
	grep -qi "^upm-token: [0-9a-f]" head'
check 'Basic can be switched off' '
	told world "{\"security\": {\"websudo\": false, \"basic_auth\": false}}" &&
	answers 401 admin GET "$rest/admin/cluster" &&
	holds ".errors[0].message | test(\"Basic auth\")"'
told world '{"security": {"basic_auth": true}}'

# ---- nodes ----
check 'a crashed node is missing at once; the others go on' '
	told node "{\"node\": \"bb-node-3\", \"action\": \"crash\"}" &&
	breaks 7 - GET "$SIM_NODE_3/status" &&
	answers 200 admin GET "$rest/admin/cluster" && holds ".nodes | length == 2" &&
	answers 409 - POST "$SIM_CONTROL/control/node" \
		-d "{\"node\": \"bb-node-3\", \"action\": \"stop\"}"'
check 'while it starts only its status answers' '
	told node "{\"node\": \"bb-node-3\", \"action\": \"start\",
		\"start_ms\": 1500}" &&
	answers 503 - GET "$SIM_NODE_3/status" && holds ".state == \"STARTING\"" &&
	answers 503 admin GET "$SIM_NODE_3/rest/api/latest/admin/cluster" &&
	eventually ".nodes[2].state == \"ACTIVE\""'
check 'a node has a clock of its own' '
	told node "{\"node\": \"bb-node-2\", \"skew_s\": -900}" &&
	answers 200 - GET "$SIM_NODE_2/status" && date_off -900 &&
	answers 200 - GET "$SIM_NODE_1/status" && date_off 0'
check 'a member may say ERROR' '
	told node "{\"node\": \"bb-node-2\", \"status_error\": true}" &&
	answers 500 - GET "$SIM_NODE_2/status"'
told node '{"node": "bb-node-2", "status_error": false, "skew_s": 0}'
plan
