#!/bin/sh
# What stands beside the simulated cluster, and the limit on who asks it.
# shellcheck source=tests/e2e/sim.sh disable=SC2016,SC2034,SC2154,SC2317
. "${0%/*}/sim.sh"

# ---- what stands beside ----
check 'mirrors come in pages' '
	told world "{\"mirrors\": [{\"id\": \"a\"}, {\"id\": \"b\"}, {\"id\": \"c\"}]}" &&
	mirrors=$SIM_URL/rest/mirroring/latest/mirrorServers &&
	answers 200 admin GET "$mirrors?limit=2" &&
	holds ".size == 2 and .isLastPage == false and .nextPageStart == 2" &&
	answers 200 admin GET "$mirrors?limit=2&start=2" &&
	holds ".isLastPage and .nextPageStart == null and .values[0].lastSeenDate" &&
	answers 200 admin GET "$mirrors/b" && answers 404 admin GET "$mirrors/x"'
check 'Mesh nodes come in the three forms that the documents allow' '
	told world "{\"mesh\": {\"nodes\": [{\"id\": \"1\", \"name\": \"mesh-1\",
		\"state\": \"OFFLINE\"}]}}" &&
	answers 200 admin GET "$rest/admin/git/mesh/nodes" &&
	holds ".[0].offline and .[0].lastSeenDate > 1700000000000" &&
	told world "{\"mesh\": {\"form\": \"page\"}}" &&
	answers 200 admin GET "$rest/admin/git/mesh/nodes" && holds ".values[0].id" &&
	told world "{\"mesh\": {\"form\": \"object\"}}" &&
	answers 200 admin GET "$rest/admin/git/mesh/nodes" && holds ".id == \"1\"" &&
	answers 200 admin GET "$rest/admin/git/mesh/diagnostics/connectivity" &&
	holds "(.reports | length == 3) and
		.reports[0].summaries[0].summary.reachable == false"'
check 'a Mesh migration is told, or 404' '
	answers 404 admin GET "$rest/migration/mesh/summary" &&
	told world "{\"mesh\": {\"migration\": {\"state\": \"RUNNING\", \"progress\": 40}}}" &&
	answers 200 admin GET "$rest/migration/mesh/summary" && holds ".progress == 40"'
tools=$SIM_URL/rest/troubleshooting/1.0
check 'health checks run at once and in the background' '
	answers 200 admin GET "$tools/check" &&
	holds ".statuses | length == 3 and all(.isHealthy == .healthy)" &&
	told world "{\"health_process_ms\": 60000}" &&
	answers 200 admin POST "$tools/check/process" && id=$(text .processId) &&
	answers 404 admin GET "$tools/check/process/$id/results" &&
	answers 400 admin GET "$tools/check/process/x/results" &&
	told world "{\"health_process_ms\": 0}" &&
	answers 200 admin POST "$tools/check/process" && id=$(text .processId) &&
	answers 200 admin GET "$tools/check/process/$id/results" &&
	holds ".statuses[0].completeKey" && answers 200 admin GET "$tools/lastRun" &&
	told world "{\"health_run\": null}" &&
	answers 204 admin GET "$tools/lastRun"'
check 'pre-upgrade data says which versions roll, or has none' '
	answers 200 admin GET "$tools/pre-upgrade/info?zdu=true" &&
	holds "[.versions[] | select(.isZduAvailable) | .shortName] == [\"9.4.23\"]" &&
	told world "{\"pre_upgrade\": {\"available\": false}}" &&
	answers 500 admin GET "$tools/pre-upgrade/info?zdu=true"'
check 'the banner is put up and taken down' '
	answers 204 admin GET "$rest/admin/banner" &&
	answers 204 admin PUT "$rest/admin/banner" \
		-d "{\"message\": \"Upgrade tonight\", \"enabled\": true}" &&
	answers 200 admin GET "$rest/admin/banner" && holds .enabled &&
	answers 204 admin DELETE "$rest/admin/banner"'

# ---- rate limit ----
check 'over the limit there is 429 and a time to wait' '
	told world "{\"rate_limit\": {\"enabled\": true, \"capacity\": 3,
		\"fill_rate\": 0}}" &&
	for i in 1 2 3; do
		answers 200 user GET "$SIM_NODE_1/rest/api/latest/projects" || break
	done && answers 429 user GET "$SIM_NODE_1/rest/api/latest/projects" &&
	grep -qi "^retry-after: [0-9]" head'
check 'each node and user has a bucket of its own, filled by time' '
	answers 200 user GET "$SIM_NODE_2/rest/api/latest/projects" &&
	answers 200 admin GET "$SIM_NODE_1/rest/api/latest/admin/rate-limit/settings" &&
	holds ".enabled and .defaultSettings.capacity == 3" &&
	told world "{\"rate_limit\": {\"fill_rate\": 1000}}" && sleep 0.1 &&
	answers 200 user GET "$SIM_NODE_1/rest/api/latest/projects"'
told world '{"rate_limit": {"enabled": false}}'
plan
